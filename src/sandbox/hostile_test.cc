// What hostile and clumsy scripts may not do to the host or to a run.
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <future>
#include <thread>

#include "sandbox/fixture.h"

namespace treesmith {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

std::string Text(const fs::path& path) {
  auto text = ReadFile(path);
  return text.ok() ? *std::move(text) : "(absent)";
}

// The accountings that a script may meet; each hostile script meets both.
class HostileTest : public testing::TestWithParam<Accounting> {
 protected:
  SandboxFixture fixture_ = SandboxFixture::Bubblewrap(GetParam());
};
INSTANTIATE_TEST_SUITE_P(
    , HostileTest, testing::Values(Accounting::kAuto, Accounting::kWatchdog),
    [](const auto& instance) {
      return instance.param == Accounting::kAuto ? "Cgroups" : "Watchdog";
    });

TEST_P(HostileTest, AForkBombIsEnded) {
  const ExecutionResult result = fixture_.Run(
      "import os\n"
      "while True:\n"
      "  try: os.fork()\n"
      "  except OSError: pass\n");
  EXPECT_EQ(result.outcome.kind, OutcomeKind::kProcesses)
      << result.outcome.detail;
  EXPECT_LT(result.wall, milliseconds(15'000));
}

TEST_P(HostileTest, AnAbsurdAllocationIsMemory) {
  const ExecutionResult result = fixture_.Run("x = bytearray(10 << 30)\n");
  EXPECT_EQ(result.outcome.kind, OutcomeKind::kMemory) << result.output;
}

TEST_P(HostileTest, GrowthThatIsTouchedIsMemory) {
  const ExecutionResult result = fixture_.Run(
      "x = []\n"
      "while True: x.append(bytearray(b'x' * (8 << 20)))\n");
  EXPECT_EQ(result.outcome.kind, OutcomeKind::kMemory) << result.output;
  EXPECT_GT(result.peak_memory_bytes, int64_t{256} << 20);
}

TEST_P(HostileTest, AWorkerKilledForItsMemoryEndsTheRunThatWaitsForIt) {
  const ExecutionResult result = fixture_.Run(
      "import os, time\n"
      "if os.fork() == 0:\n"
      "  x = []\n"
      "  while True: x.append(bytearray(b'x' * (8 << 20)))\n"
      "time.sleep(600)\n");
  EXPECT_EQ(result.outcome.kind, OutcomeKind::kMemory) << result.output;
  EXPECT_LT(result.wall, milliseconds(15'000));
}

TEST_P(HostileTest, SharedPagesOfForkedWorkersCountOnce) {
  const ExecutionResult result = fixture_.Run(
      "import os, time\n"
      "x = bytearray(b'x' * (200 << 20))\n"
      "pids = []\n"
      "for i in range(4):\n"
      "  pid = os.fork()\n"
      "  if pid == 0:\n"
      "    time.sleep(0.3)\n"
      "    os._exit(0)\n"
      "  pids.append(pid)\n"
      "for pid in pids: os.waitpid(pid, 0)\n");
  EXPECT_TRUE(result.outcome.scored()) << result.outcome.detail;
}

TEST_P(HostileTest, ABigFileFillsItsOwnDiskOnly) {
  const ExecutionResult result = fixture_.Run(
      "with open('working/big', 'wb') as f:\n"
      "  while True: f.write(b'x' * (1 << 20))\n");
  EXPECT_EQ(result.outcome.kind, OutcomeKind::kDisk) << result.output;
}

TEST_P(HostileTest, FilesInMemoryCountAsMemory) {
  fixture_.job.limits.disk_bytes = int64_t{4} << 30;
  const ExecutionResult result = fixture_.Run(
      "with open('/dev/shm/big', 'wb') as f:\n"
      "  while True: f.write(b'x' * (1 << 20))\n");
  EXPECT_EQ(result.outcome.kind, OutcomeKind::kMemory) << result.output;
}

TEST_P(HostileTest, ManyFilesEndWithTheRun) {
  fixture_.job.limits.memory_bytes = int64_t{96} << 20;
  fixture_.job.limits.disk_bytes = 0;
  const ExecutionResult result = fixture_.Run(
      "import itertools\n"
      "for i in itertools.count(): open(f'working/{i}', 'w').close()\n");
  EXPECT_FALSE(result.outcome.scored());
  EXPECT_NE(result.outcome.kind, OutcomeKind::kTimeout)
      << result.outcome.detail;
}

// Memory that no process maps: no look at processes would find it.
TEST_P(HostileTest, AFileInMemoryWithoutANameDoesNotEscapeTheLimit) {
  const ExecutionResult result = fixture_.Run(
      "import os\n"
      "memory = os.memfd_create('x')\n"
      "for i in range(1500): os.write(memory, b'x' * (1 << 20))\n");
  EXPECT_FALSE(result.outcome.scored());
}

TEST_P(HostileTest, DetachedSharedSegmentsDoNotEscapeTheLimit) {
  const ExecutionResult result = fixture_.Run(
      "import ctypes\n"
      "c = ctypes.CDLL(None, use_errno=True)\n"
      "c.shmat.restype = ctypes.c_void_p\n"
      "c.shmdt.argtypes = [ctypes.c_void_p]\n"
      "for i in range(30):\n"
      "  segment = c.shmget(0, 50 << 20, 0o1600)\n"
      "  if segment < 0: raise OSError(ctypes.get_errno(), 'shmget')\n"
      "  place = c.shmat(segment, None, 0)\n"
      "  ctypes.memset(place, 1, 50 << 20)\n"
      "  c.shmdt(place)\n");
  EXPECT_FALSE(result.outcome.scored());
}

TEST_P(HostileTest, ProcessesMayShareMemory) {
  const ExecutionResult result = fixture_.Run(
      "from multiprocessing import shared_memory\n"
      "memory = shared_memory.SharedMemory(create=True, size=1 << 20)\n"
      "memory.buf[0] = 7\n"
      "print(memory.buf[0])\n"
      "memory.close()\n"
      "memory.unlink()\n");
  EXPECT_TRUE(result.outcome.scored()) << result.output;
}

class SandboxTest : public testing::Test {
 protected:
  SandboxFixture fixture_ = SandboxFixture::Bubblewrap();
};

TEST_F(SandboxTest, AFloodOfOutputIsEnded) {
  const ExecutionResult result = fixture_.Run(
      "import os\n"
      "while True: os.write(1, b'y' * 65536)\n");
  EXPECT_EQ(result.outcome.kind, OutcomeKind::kOutput);
  EXPECT_LT(result.output.size(), size_t{70'000});
}

TEST_F(SandboxTest, TwoHundredMegabytesOfOutputNeitherStallNorStay) {
  fixture_.job.limits.output_bytes = 0;
  const ExecutionResult result = fixture_.Run(
      "import os\n"
      "for i in range(3200): os.write(1, b'y' * 65536)\n"
      "print('the end')\n");
  EXPECT_TRUE(result.outcome.scored()) << result.outcome.detail;
  EXPECT_LT(result.output.size(), size_t{70'000});
  EXPECT_TRUE(result.output.ends_with("the end\n"));
  EXPECT_NE(result.output.find(" bytes left out ..."), std::string::npos);
}

TEST_F(SandboxTest, AScriptOverItsTimeIsATimeout) {
  fixture_.job.limits.wall = milliseconds(300);
  const ExecutionResult result =
      fixture_.Run("import time\nprint('before')\ntime.sleep(600)\n");
  EXPECT_EQ(result.outcome.kind, OutcomeKind::kTimeout);
  EXPECT_EQ(result.outcome.detail, "over the time limit of 0.3 s");
  EXPECT_EQ(result.output, "before\n");
  EXPECT_LT(result.wall, milliseconds(1300));
}

TEST_F(SandboxTest, A6_AScriptThatIgnoresSignalsIsEndedAndItsOutputKept) {
  fixture_.job.limits.wall = milliseconds(500);
  const auto start = std::chrono::steady_clock::now();
  const ExecutionResult result = fixture_.Run(
      "import signal, time\n"
      "for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):\n"
      "  signal.signal(s, signal.SIG_IGN)\n"
      "print('last chunk', end='')\n"
      "time.sleep(600)\n");
  EXPECT_EQ(result.outcome.kind, OutcomeKind::kTimeout);
  EXPECT_EQ(result.output, "last chunk");
  EXPECT_LT(std::chrono::steady_clock::now() - start, milliseconds(1500));
}

TEST_F(SandboxTest, A4_ADaemonDiesWithItsScript) {
  const ExecutionResult result = fixture_.Run(
      "import os, sys\n"
      "if os.fork() == 0:\n"
      "  os.setsid()\n"
      "  if os.fork() == 0:\n"
      "    os.execv(sys.executable, [sys.executable, '-c',\n"
      "        'import time; time.sleep(600)', 'a4-daemon-mark'])\n"
      "  os._exit(0)\n"
      "os.wait()\n");
  EXPECT_TRUE(result.outcome.scored()) << result.output;
  EXPECT_EQ(CountProcesses("a4-daemon-mark"), 0);
}

TEST_F(SandboxTest, KillingAllReachesNobodyOutside) {
  const ExecutionResult result = fixture_.Run(
      "import os, signal\n"
      "try: os.kill(-1, signal.SIGKILL)\n"
      "except ProcessLookupError: pass\n"
      "try: os.kill(1, signal.SIGKILL)\n"
      "except OSError as e: print(e)\n"
      "print('still here')\n");
  EXPECT_TRUE(result.outcome.scored()) << result.outcome.detail;
  EXPECT_TRUE(result.output.ends_with("still here\n"));
}

TEST_F(SandboxTest, A5_ExitsOfTheHardKindAreCrashes) {
  const ExecutionResult result = fixture_.Run("import os\nos._exit(3)\n");
  EXPECT_EQ(result.outcome.kind, OutcomeKind::kCrash);
  EXPECT_EQ(result.outcome.detail, "exit code 3");
  EXPECT_EQ(result.exit_code, 3);
}

TEST_F(SandboxTest, A5_ASegmentationFaultIsACrash) {
  const ExecutionResult result =
      fixture_.Run("import ctypes\nctypes.string_at(0)\n");
  EXPECT_EQ(result.outcome.kind, OutcomeKind::kCrash);
  EXPECT_EQ(result.outcome.detail, "ended by SIGSEGV (bad memory access)");
  EXPECT_EQ(result.signal, SIGSEGV);
}

TEST_F(SandboxTest, A5_AnExitCodeThatLooksLikeASignalIsACrash) {
  const ExecutionResult result = fixture_.Run("import os\nos._exit(137)\n");
  EXPECT_EQ(result.outcome.kind, OutcomeKind::kCrash);
  EXPECT_EQ(result.exit_code, 137);
}

TEST_F(SandboxTest, A7_TheMainGuardRuns) {
  const ExecutionResult result = fixture_.Run(
      "import sys\n"
      "if __name__ == '__main__': print('guarded', len(sys.argv))\n");
  EXPECT_EQ(result.output, "guarded 1\n");
}

TEST_F(SandboxTest, A8_OutputOfCAndOfSubprocessesIsCaughtInOrder) {
  const ExecutionResult result = fixture_.Run(
      "import ctypes, os, subprocess, sys\n"
      "print('one')\n"
      "libc = ctypes.CDLL(None)\n"
      "libc.puts(b'two')\n"
      "libc.fflush(None)\n"
      "subprocess.run(['/bin/sh', '-c', 'echo three; echo four >&2'])\n"
      "print('five', file=sys.stderr)\n"
      "os.write(1, b'six')\n");
  EXPECT_EQ(result.output, "one\ntwo\nthree\nfour\nfive\nsix");
}

TEST_F(SandboxTest, A9_AScriptMayChangeItsDirectory) {
  const ExecutionResult result = fixture_.Run(
      "import os\n"
      "open('working/submission.csv', 'w').write('id,x\\n')\n"
      "os.chdir('/tmp')\n"
      "raise KeyError('hour')\n");
  EXPECT_EQ(result.outcome.detail, "KeyError: 'hour'");
  EXPECT_NE(result.output.find("line 4, in <module>"), std::string::npos);
  EXPECT_NE(result.output.find("raise KeyError('hour')"), std::string::npos);
  EXPECT_EQ(Text(fixture_.outbox() / "submission.csv"), "id,x\n");
}

TEST_F(SandboxTest, A29_SysExitZeroIsFine) {
  EXPECT_TRUE(fixture_.Run("import sys\nsys.exit(0)\n").outcome.scored());
}

TEST_F(SandboxTest, OutputIsNoTerminalAndInputIsEmpty) {
  const ExecutionResult result = fixture_.Run(
      "import sys\n"
      "print(sys.stdout.isatty(), sys.stderr.isatty(), sys.stdin.read())\n");
  EXPECT_EQ(result.output, "False False \n");
}

TEST_F(SandboxTest, A16_InputsCannotBeChanged) {
  ASSERT_TRUE(WriteFile(fixture_.inputs() / "train.csv", "id\n1\n").ok());
  const ExecutionResult result = fixture_.Run(
      "import os, shutil\n"
      "shutil.rmtree('input', ignore_errors=True)\n"
      "for act in (lambda: open('input/train.csv', 'a'),\n"
      "            lambda: open('input/new', 'w'),\n"
      "            lambda: os.chmod('input/train.csv', 0o777)):\n"
      "  try: act(); print('done')\n"
      "  except OSError as e: print(e.errno)\n"
      "print(open('input/train.csv').read(), end='')\n");
  EXPECT_EQ(result.output, "30\n30\n30\nid\n1\n");
  EXPECT_EQ(Text(fixture_.inputs() / "train.csv"), "id\n1\n");
}

TEST_F(SandboxTest, A3_NoFileOfTheHostAndNoKeyIsSeen) {
  ASSERT_EQ(setenv("OPENAI_API_KEY", "secret", 1), 0);
  const fs::path secret = fixture_.inputs().parent_path() / "labels.csv";
  ASSERT_TRUE(WriteFile(secret, "hidden").ok());
  const ExecutionResult result = fixture_.Run(
      "import os, sys\n"
      "for path in ('/etc/shadow', '/root/.bashrc', '/sys', '/var',\n"
      "             '" +
      secret.string() +
      "', '/proc/1/root/etc',\n"
      "             '/proc/1/environ', '/proc/1/fd/0'):\n"
      "  try:\n"
      "    if os.path.isdir(path): print('there', path, os.listdir(path))\n"
      "    else: print('there', path, open(path).read())\n"
      "  except OSError: pass\n"
      // Of a home the way to an interpreter that lies there, and no more.
      "shown = (sys.prefix, sys.base_prefix)\n"
      "for top, folders, files in os.walk('/home'):\n"
      "  folders[:] = [f for f in folders if os.path.join(top, f) not in "
      "shown]\n"
      "  if files: print('there', top, files)\n"
      "print([k for k in os.environ if 'KEY' in k or 'TOKEN' in k])\n");
  EXPECT_EQ(result.output, "[]\n");
}

TEST_F(SandboxTest, NothingOfTheSystemCanBeWritten) {
  const ExecutionResult result = fixture_.Run(
      "import os\n"
      "for path in ('/x', '/usr/x', '/etc/x', '/dev/x', '/job/input/x',\n"
      "             '/proc/x'):\n"
      "  try: open(path, 'w'); print(path)\n"
      "  except OSError: pass\n"
      "for path in ('/etc/passwd', '/treesmith-init', '/proc/1/mem',\n"
      "             '/proc/sys/kernel/core_pattern', '/proc/sysrq-trigger',\n"
      "             '/proc/sys/vm/overcommit_memory',\n"
      "             '/proc/1/oom_score_adj'):\n"
      "  try: os.open(path, os.O_WRONLY); print(path)\n"
      "  except OSError: pass\n"
      "print('end')\n");
  EXPECT_EQ(result.output, "end\n");
}

TEST_F(SandboxTest, A3_ThereIsNoNetworkButTheLoop) {
  const ExecutionResult result = fixture_.Run(
      "import socket\n"
      "print([name for _, name in socket.if_nameindex()])\n"
      "try: socket.create_connection(('192.0.2.1', 80), timeout=5)\n"
      "except OSError as e: print('refused')\n"
      "try: socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)\n"
      "except OSError as e: print('no vsock')\n"
      "server = socket.create_server(('localhost', 0))\n"
      "socket.create_connection(server.getsockname())\n"
      "print('loop works')\n");
  EXPECT_EQ(result.output, "['lo']\nrefused\nno vsock\nloop works\n");
}

TEST_F(SandboxTest, NamespacesMountsAndTracingAreRefused) {
  const ExecutionResult result = fixture_.Run(
      "import ctypes, subprocess\n"
      "libc = ctypes.CDLL(None, use_errno=True)\n"
      "print(libc.unshare(0x10000000), ctypes.get_errno())\n"
      "print(libc.mount(b'none', b'/tmp', b'tmpfs', 0, None),\n"
      "      ctypes.get_errno())\n"
      "print(libc.ptrace(16, 1, 0, 0), ctypes.get_errno())\n"
      "print(libc.syscall(56, 0x10000011, 0, 0, 0, 0), ctypes.get_errno())\n"
      "print([l.split()[1] for l in open('/proc/self/status')\n"
      "       if l.startswith(('CapEff', 'CapBnd', 'NoNewPrivs'))])\n");
  EXPECT_EQ(result.output,
            "-1 1\n-1 1\n-1 1\n-1 1\n"
            "['0000000000000000', '0000000000000000', '1']\n");
}

TEST_F(SandboxTest, ASymbolicLinkIsNotFetched) {
  const ExecutionResult result = fixture_.Run(
      "import os\nos.symlink('/etc/passwd', 'working/submission.csv')\n");
  EXPECT_FALSE(fs::exists(fixture_.outbox() / "submission.csv"));
  EXPECT_EQ(result.output,
            "[treesmith] working/submission.csv was not taken: it lies behind "
            "a symbolic link\n");
}

TEST_F(SandboxTest, ALinkedWorkingFolderLeadsNowhere) {
  fixture_.Run(
      "import os\nos.rmdir('working')\nos.symlink('/etc', 'working')\n");
  EXPECT_FALSE(fs::exists(fixture_.outbox() / "submission.csv"));
}

TEST_F(SandboxTest, AFifoDoesNotHoldTheHost) {
  const ExecutionResult result =
      fixture_.Run("import os\nos.mkfifo('working/submission.csv')\n");
  EXPECT_FALSE(fs::exists(fixture_.outbox() / "submission.csv"));
  EXPECT_NE(result.output.find("it is no regular file"), std::string::npos);
}

TEST_F(SandboxTest, AFileOverItsCapIsNotFetched) {
  const ExecutionResult result =
      fixture_.Run("open('working/submission.csv', 'wb').truncate(1 << 40)\n");
  EXPECT_FALSE(fs::exists(fixture_.outbox() / "submission.csv"));
  EXPECT_NE(result.output.find("over the cap of 1048576"), std::string::npos)
      << result.output;
}

TEST_F(SandboxTest, ARemadeWorkingFolderIsCollectedFrom) {
  fixture_.Run(
      "import os, shutil\n"
      "shutil.rmtree('working')\n"
      "os.makedirs('working')\n"
      "open('working/submission.csv', 'w').write('new')\n");
  EXPECT_EQ(Text(fixture_.outbox() / "submission.csv"), "new");
}

TEST_F(SandboxTest, A15_AStaleSubmissionNeverPassesForANewOne) {
  fixture_.Run("open('working/submission.csv', 'w').write('old')\n");
  ASSERT_EQ(Text(fixture_.outbox() / "submission.csv"), "old");
  const ExecutionResult result = fixture_.Run(
      "import os\nprint(os.listdir('working'), os.listdir('/tmp'))\n");
  EXPECT_EQ(result.output, "[] []\n");
  EXPECT_FALSE(fs::exists(fixture_.outbox() / "submission.csv"));
}

TEST_F(SandboxTest, StopEndsTheScriptWithinASecond) {
  std::stop_source source;
  auto run = std::async(std::launch::async, [&] {
    return fixture_.Run("import time\ntime.sleep(600)\n", source.get_token());
  });
  const auto asked = std::chrono::steady_clock::now();
  source.request_stop();
  const ExecutionResult result = run.get();
  EXPECT_EQ(result.outcome.kind, OutcomeKind::kKilled);
  EXPECT_LT(std::chrono::steady_clock::now() - asked, milliseconds(1000));
}

TEST_F(SandboxTest, ExtraInputsStandBesideTheInputs) {
  ASSERT_TRUE(WriteFile(fixture_.inputs() / "train.csv", "fold").ok());
  const fs::path other = fixture_.inputs().parent_path() / "other.csv";
  ASSERT_TRUE(WriteFile(other, "more").ok());
  fixture_.job.extra_inputs = {{other, "b.csv"}, {other, "more/a.csv"}};
  const ExecutionResult result = fixture_.Run(
      "import os\n"
      "for name in ('train.csv', 'b.csv', 'more/a.csv'):\n"
      "  print(open('input/' + name).read())\n"
      "print(sorted(os.listdir('input')))\n");
  EXPECT_EQ(result.output,
            "fold\nmore\nmore\n"
            "['b.csv', 'more', 'train.csv']\n");
}

TEST_F(SandboxTest, AnExtraInputMayStandInAFolderOfTheInputs) {
  ASSERT_TRUE(MakeFolders(fixture_.inputs() / "data").ok());
  ASSERT_TRUE(WriteFile(fixture_.inputs() / "data/train.csv", "fold").ok());
  const fs::path other = fixture_.inputs().parent_path() / "other.csv";
  ASSERT_TRUE(WriteFile(other, "more").ok());
  fixture_.job.extra_inputs = {{other, "data/b.csv"}};
  const ExecutionResult result = fixture_.Run(
      "for name in ('train.csv', 'b.csv'):\n"
      "  print(open('input/data/' + name).read())\n");
  EXPECT_EQ(result.output, "fold\nmore\n");
}

TEST_F(SandboxTest, AnExtraInputNeverReplacesAnInput) {
  ASSERT_TRUE(WriteFile(fixture_.inputs() / "train.csv", "fold").ok());
  const fs::path whole = fixture_.inputs().parent_path() / "train.csv";
  ASSERT_TRUE(WriteFile(whole, "hidden rows").ok());
  Job job;
  job.inputs = fixture_.inputs();
  job.extra_inputs = {{whole, "train.csv"}};
  const auto result = fixture_.sandbox().Run(job, {});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind, ErrorKind::kBadInput);
  EXPECT_EQ(result.error().message,
            "show train.csv: input/ has a file of that name already");
}

TEST_F(SandboxTest, ALinkAtTheTopOfTheInputsIsFollowed) {
  const fs::path data = fixture_.inputs().parent_path() / "data.csv";
  ASSERT_TRUE(WriteFile(data, "far away").ok());
  fs::create_symlink(data, fixture_.inputs() / "train.csv");
  EXPECT_EQ(fixture_.Run("print(open('input/train.csv').read())\n").output,
            "far away\n");
}

TEST_F(SandboxTest, ThreadsAreBoundByAffinityAndVariables) {
  fixture_.job.limits.threads = 1;
  fixture_.job.environment = {{"MINE", "a b=c"}};
  const ExecutionResult result = fixture_.Run(
      "import getpass, os\n"
      "print(len(os.sched_getaffinity(0)), os.environ['OMP_NUM_THREADS'],\n"
      "      os.environ['LOKY_MAX_CPU_COUNT'], os.environ['PYTHONHASHSEED'],\n"
      "      os.environ['MINE'], getpass.getuser())\n");
  EXPECT_EQ(result.output, "1 1 1 0 a b=c user\n");
}

TEST_F(SandboxTest, ManyThreadsMayRunAtOnce) {
  std::vector<std::future<Result<ExecutionResult>>> runs;
  Job job;
  job.limits = fixture_.job.limits;
  for (int i = 0; i < 8; ++i) {
    job.script.code = "print(" + std::to_string(i) + ")\n";
    runs.push_back(std::async(std::launch::async, [this, job] {
      return fixture_.sandbox().Run(job, {});
    }));
  }
  for (int i = 0; i < 8; ++i) {
    const auto result = runs[static_cast<size_t>(i)].get();
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(result->output, std::to_string(i) + "\n");
  }
}

TEST_F(SandboxTest, InputsThatAreNotThereAreBadInput) {
  Job job;
  job.inputs = "/nowhere";
  const auto result = fixture_.sandbox().Run(job, {});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind, ErrorKind::kBadInput);
  EXPECT_EQ(result.error().message,
            "read input /nowhere: No such file or directory");
}

TEST_F(SandboxTest, InputsThatAreNoFolderAreBadInput) {
  Job job;
  job.inputs = "/etc/passwd";
  const auto result = fixture_.sandbox().Run(job, {});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().kind, ErrorKind::kBadInput);
  EXPECT_EQ(result.error().message, "read input /etc/passwd: not a folder");
}

TEST_F(SandboxTest, AWantedNameOutsideWorkingIsBadInput) {
  Job job;
  job.wanted = {{.name = "../solution.py"}};
  EXPECT_FALSE(fixture_.sandbox().Run(job, {}).ok());
}

}  // namespace
}  // namespace treesmith
