// The default sandbox: namespaces by bubblewrap, pid 1 by treesmith-init.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <optional>
#include <utility>

#include "base/file.h"
#include "base/leftovers.h"
#include "base/subprocess.h"
#include "sandbox/cgroup.h"
#include "sandbox/cpu_allotment.h"
#include "sandbox/run_result.h"
#include "sandbox/sandbox.h"
#include "sandbox/script_environment.h"
#include "sandbox/seccomp_filter.h"
#include "sandbox/supervise.h"

namespace treesmith {
namespace {

namespace fs = std::filesystem;

// What the script sees. A folder of its own at the top, since an interpreter
// may lie anywhere else.
constexpr const char* kJobFolder = "/job";
constexpr const char* kScriptPath = "/job/solution.py";
constexpr const char* kInitPath = "/treesmith-init";

// getpass.getuser() and many libraries want a user with a name.
constexpr std::string_view kPasswd = "user:x:1000:1000:user:/tmp:/bin/sh\n";
constexpr std::string_view kGroup = "user:x:1000:\n";
constexpr std::string_view kHosts =
    "127.0.0.1 localhost sandbox\n::1 localhost\n";

// Where no cgroup counts, init's watchdog ends a run that is over its limit of
// processes, and says why; RLIMIT_NPROC, well above that limit, only holds a
// fork bomb until the watchdog looks.
constexpr int64_t kUserProcessFactor = 4;

Result<UniqueFd> MemoryFile(std::string_view content) {
  UniqueFd fd(memfd_create("treesmith", MFD_CLOEXEC));
  if (!fd) return ErrnoError("make", "a memory file");
  while (!content.empty()) {
    const ssize_t written = write(fd.get(), content.data(), content.size());
    if (written < 0) return ErrnoError("fill", "a memory file");
    content.remove_prefix(static_cast<size_t>(written));
  }
  lseek(fd.get(), 0, SEEK_SET);
  return fd;
}

// bwrap's options and the descriptors that they speak of.
class Plan {
 public:
  Plan(UniqueFd null, const InitChannels& channels) {
    descriptors_ = {null.get(), channels.output_child.get(),
                    channels.output_child.get(), channels.control_child.get()};
    kept_.push_back(std::move(null));
  }

  void Add(std::initializer_list<std::string> options) {
    options_.insert(options_.end(), options);
  }

  // The number under which the child will have it.
  int Pass(UniqueFd fd) {
    descriptors_.push_back(fd.get());
    kept_.push_back(std::move(fd));
    return static_cast<int>(descriptors_.size()) - 1;
  }

  Status AddFile(std::string_view content, const std::string& path) {
    TRY_ASSIGN(UniqueFd fd, MemoryFile(content));
    Add({"--file", std::to_string(Pass(std::move(fd))), path});
    return {};
  }

  void AddTmpfs(const std::string& path, int64_t bytes) {
    if (bytes > 0) Add({"--size", std::to_string(bytes)});
    Add({"--tmpfs", path});
  }

  // The options go through a memory file, so that `ps` shows no variable.
  Result<Command> Finish(const fs::path& bubblewrap,
                         const std::vector<std::string>& program) {
    std::string text;
    for (const std::string& option : options_) {
      text += option;
      text += '\0';
    }
    TRY_ASSIGN(UniqueFd fd, MemoryFile(text));
    Command command;
    command.arguments = {bubblewrap.string(), "--args",
                         std::to_string(Pass(std::move(fd)))};
    command.arguments.insert(command.arguments.end(), program.begin(),
                             program.end());
    command.descriptors = descriptors_;
    return command;
  }

 private:
  std::vector<std::string> options_;
  std::vector<int> descriptors_;
  std::vector<UniqueFd> kept_;
};

// /bin and the like: links into /usr where /usr is merged, else folders.
void AddSystemFolders(Plan* plan) {
  plan->Add({"--ro-bind", "/usr", "/usr"});
  for (const char* folder : {"/bin", "/sbin", "/lib", "/lib32", "/lib64"}) {
    std::error_code code;
    const fs::path target = fs::read_symlink(folder, code);
    if (!code) {
      plan->Add({"--symlink", target.string(), folder});
    } else if (fs::is_directory(folder, code)) {
      plan->Add({"--ro-bind", folder, folder});
    }
  }
}

// Options by which the script can see nothing and reach nobody. As root, bwrap
// keeps every capability without --unshare-user and --cap-drop, and a script
// could then write to the host (bubblewrap issues 205, 287).
void AddConfinement(Plan* plan) {
  plan->Add({"--unshare-user", "--uid", "1000", "--gid", "1000",
             "--disable-userns", "--cap-drop", "ALL", "--unshare-net",
             "--unshare-pid", "--unshare-ipc", "--unshare-uts",
             "--unshare-cgroup-try", "--hostname", "sandbox",
             "--die-with-parent", "--as-pid-1"});
}

// One bind where that shows all; else entry by entry, since nothing can be
// added to a folder that is bound read-only, and links at its top would lead
// out of what the script sees.
Status AddInputs(const Job& job, Plan* plan) {
  const std::string input = std::string(kJobFolder) + "/input";
  TRY_ASSIGN(const auto entries, InputEntries(job));
  const bool links = std::ranges::any_of(entries, [](const auto& entry) {
    std::error_code ignored;
    return fs::is_symlink(entry.second, ignored);
  });
  if (!job.inputs.empty() && job.extra_inputs.empty() && !links) {
    plan->Add({"--ro-bind", job.inputs.string(), input});
    return {};
  }
  plan->Add({"--tmpfs", input});
  for (const auto& [name, host] : entries) {
    std::error_code code;
    const fs::path real = fs::canonical(host, code);
    if (code) continue;  // a link that leads nowhere shows nothing
    std::string inside = input;
    inside.append("/").append(name);
    plan->Add({"--ro-bind", real.string(), inside});
  }
  plan->Add({"--remount-ro", input});
  return {};
}

// Since Linux 5.14 RLIMIT_NPROC counts a user namespace's processes alone;
// before, all of the user's. It does not bind the host's root at all.
bool CanLimitUserProcesses() {
  utsname name{};
  if (geteuid() == 0 || uname(&name) != 0) return false;
  char* rest = nullptr;
  const auto major = std::strtol(name.release, &rest, 10);
  const auto minor = *rest == '.' ? std::strtol(rest + 1, nullptr, 10) : 0;
  return major > 5 || (major == 5 && minor >= 14);
}

class BubblewrapSandbox : public Sandbox {
 public:
  BubblewrapSandbox(SandboxOptions options, std::string seccomp_program,
                    CgroupTree cgroups)
      : options_(std::move(options)),
        seccomp_program_(std::move(seccomp_program)),
        cgroups_(std::move(cgroups)),
        cpus_(CpuAllotment::OfThisProcess()) {}

  Result<ExecutionResult> Run(const Job& job, std::stop_token stop) override {
    TRY(PrepareJob(job));
    const CpuAllotment::Lease lease = cpus_.Take(job.limits.threads);
    TRY_ASSIGN(const std::optional<Cgroup> cgroup,
               MakeRunCgroup(cgroups_, job.limits));
    TRY_ASSIGN(InitChannels channels, MakeInitChannels());
    TRY_ASSIGN(Child process, Start(job, lease.cpus(), cgroup, channels));
    channels.control_child.Reset();
    channels.output_child.Reset();
    Supervision supervision{.process = &process,
                            .control = channels.control.get(),
                            .output = channels.output.get(),
                            .limits = job.limits};
    if (cgroup) {
      supervision.counts = [&cgroup] {
        return KernelCounts{cgroup->MemoryKills(), cgroup->RefusedForks()};
      };
    }
    TRY_ASSIGN(Observation observation, Supervise(supervision, stop));
    const int folder =
        observation.folders.empty() ? -1 : observation.folders[0].get();
    return FinishRun(job, std::move(observation), folder,
                     cgroup ? &*cgroup : nullptr);
  }

 private:
  Result<Child> Start(const Job& job, const std::vector<int>& cpus,
                      const std::optional<Cgroup>& cgroup,
                      const InitChannels& channels) {
    UniqueFd null(open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!null) return ErrnoError("open", "/dev/null");
    Plan plan(std::move(null), channels);
    AddConfinement(&plan);
    AddSystemFolders(&plan);
    TRY(AddFolders(job, &plan));
    for (const std::string& variable :
         ScriptEnvironment(job, options_.python, "/tmp", cpus.size())) {
      const size_t equals = variable.find('=');
      plan.Add({"--setenv", variable.substr(0, equals),
                variable.substr(equals + 1)});
    }
    TRY_ASSIGN(UniqueFd filter, MemoryFile(seccomp_program_));
    plan.Add({"--seccomp", std::to_string(plan.Pass(std::move(filter)))});
    TRY_ASSIGN(const std::vector<std::string> program,
               Program(job, cpus, cgroup, &plan));
    TRY_ASSIGN(const Command command,
               plan.Finish(options_.bubblewrap, program));
    return starter_.Start(command);
  }

  // Every tmpfs has a size; what has none (the root, /dev) is made read-only
  // last.
  Status AddFolders(const Job& job, Plan* plan) const {
    const int64_t disk = job.limits.disk_bytes;
    plan->Add({"--dir", "/etc", "--ro-bind-try", "/etc/ld.so.cache",
               "/etc/ld.so.cache", "--ro-bind-try", "/etc/alternatives",
               "/etc/alternatives"});
    TRY(plan->AddFile(kPasswd, "/etc/passwd"));
    TRY(plan->AddFile(kGroup, "/etc/group"));
    TRY(plan->AddFile(kHosts, "/etc/hosts"));
    plan->Add({"--proc", "/proc", "--dev", "/dev"});
    plan->AddTmpfs("/dev/shm", disk);
    plan->AddTmpfs("/tmp", disk);
    plan->AddTmpfs(kJobFolder, disk);
    // After the folders above, for an interpreter that lies below one of them.
    for (const fs::path& root : options_.python.roots) {
      std::error_code code;
      const fs::path real = fs::canonical(root, code);
      if (!code) plan->Add({"--ro-bind", real.string(), root.string()});
    }
    plan->Add({"--ro-bind", options_.init.string(), kInitPath});
    TRY(AddInputs(job, plan));
    plan->Add({"--dir", std::string(kJobFolder) + "/working"});
    TRY(plan->AddFile(job.script.code, kScriptPath));
    // /proc too: the kernel lets whoever is the host's root, without any
    // capability, write /proc/sys/kernel/core_pattern, and run as root what it
    // names. bwrap 0.8 covers that only where its access(2) sees it.
    plan->Add(
        {"--remount-ro", "/proc", "--remount-ro", "/dev", "--remount-ro", "/"});
    return {};
  }

  Result<std::vector<std::string>> Program(const Job& job,
                                           const std::vector<int>& cpus,
                                           const std::optional<Cgroup>& cgroup,
                                           Plan* plan) const {
    std::vector<std::string> program = {kInitPath};
    if (cgroup) {
      TRY_ASSIGN(std::vector<UniqueFd> joins, cgroup->OpenJoins());
      for (UniqueFd& join : joins) {
        program.push_back("join=" +
                          std::to_string(plan->Pass(std::move(join))));
      }
    }
    // The first is what the host collects from.
    for (const char* folder : {kJobFolder, "/tmp", "/dev/shm"}) {
      program.push_back(std::string("folder=") + folder);
    }
    program.push_back(std::string("chdir=") + kJobFolder);
    for (std::string& argument : InitArguments(job.limits, cgroups_, cpus)) {
      program.push_back(std::move(argument));
    }
    if (!cgroups_.limits_processes() && job.limits.processes > 0 &&
        CanLimitUserProcesses()) {
      program.push_back(
          "user-processes=" +
          std::to_string(job.limits.processes * kUserProcessFactor));
    }
    program.insert(program.end(),
                   {"--", options_.python.executable.string(), kScriptPath});
    return program;
  }

  const SandboxOptions options_;
  const std::string seccomp_program_;
  const CgroupTree cgroups_;
  const CpuAllotment cpus_;
  ProcessStarter starter_;
};

}  // namespace

Result<std::unique_ptr<Sandbox>> MakeBubblewrapSandbox(SandboxOptions options) {
  if (options.bubblewrap.empty()) options.bubblewrap = FindProgram("bwrap");
  if (options.bubblewrap.empty()) {
    return Error{ErrorKind::kEnvironment,
                 "find bwrap: bubblewrap is not installed",
                 "install the package bubblewrap, or run without a sandbox by "
                 "--sandbox none"};
  }
  TRY_ASSIGN(options.init, FindInit(options.init));
  CgroupTree cgroups;
  if (options.accounting == Accounting::kAuto) cgroups = CgroupTree::Detect();
  TRY_ASSIGN(
      std::string seccomp_program,
      MakeSeccompFilter(cgroups.limits_memory() ? UnmappedMemory::kAllowed
                                                : UnmappedMemory::kRefused));
  cgroups.Sweep();
  SweepTemporaryFolders();
  return std::unique_ptr<Sandbox>(std::make_unique<BubblewrapSandbox>(
      std::move(options), std::move(seccomp_program), std::move(cgroups)));
}

}  // namespace treesmith
