// `--sandbox none`: limits, a clean environment and a folder of its own, but no
// wall. treesmith-init is the subreaper of all that the script starts.
#include <fcntl.h>
#include <unistd.h>

#include <optional>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "base/leftovers.h"
#include "base/subprocess.h"
#include "sandbox/cgroup.h"
#include "sandbox/cpu_allotment.h"
#include "sandbox/run_result.h"
#include "sandbox/sandbox.h"
#include "sandbox/script_environment.h"
#include "sandbox/supervise.h"

namespace treesmith {
namespace {

namespace fs = std::filesystem;

// Links, so that nothing is copied: the script could reach the files anyway.
Status LinkInputs(const Job& job, const fs::path& input) {
  TRY_ASSIGN(const auto entries, InputEntries(job));
  std::error_code code;
  for (const auto& [name, host] : entries) {
    const fs::path link = input / name;
    TRY(MakeFolders(link.parent_path()));
    fs::create_symlink(fs::absolute(host), link, code);
    if (code) return ErrnoError("link", link.string(), code.value());
  }
  return {};
}

class PlainSandbox : public Sandbox {
 public:
  PlainSandbox(SandboxOptions options, CgroupTree cgroups)
      : options_(std::move(options)),
        cgroups_(std::move(cgroups)),
        cpus_(CpuAllotment::OfThisProcess()) {}

  Result<ExecutionResult> Run(const Job& job, std::stop_token stop) override {
    TRY(PrepareJob(job));
    TRY_ASSIGN(const TemporaryFolder folder, TemporaryFolder::Make("job"));
    TRY(FillFolder(job, folder.path()));
    const CpuAllotment::Lease lease = cpus_.Take(job.limits.threads);
    TRY_ASSIGN(const std::optional<Cgroup> cgroup,
               MakeRunCgroup(cgroups_, job.limits));
    TRY_ASSIGN(InitChannels channels, MakeInitChannels());
    TRY_ASSIGN(Child process,
               Start(job, folder.path(), lease.cpus(), cgroup, channels));
    channels.control_child.Reset();
    channels.output_child.Reset();
    Supervision supervision{.process = &process,
                            .control = channels.control.get(),
                            .output = channels.output.get(),
                            .confinement = Confinement::kSubreaper,
                            .limits = job.limits};
    if (cgroup) {
      supervision.counts = [&cgroup] {
        return KernelCounts{cgroup->MemoryKills(), cgroup->RefusedForks()};
      };
    }
    TRY_ASSIGN(Observation observation, Supervise(supervision, stop));
    const UniqueFd opened(
        open(folder.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return FinishRun(job, std::move(observation), opened.get(),
                     cgroup ? &*cgroup : nullptr);
  }

 private:
  static Status FillFolder(const Job& job, const fs::path& folder) {
    TRY(MakeFolders(folder / "input"));
    TRY(MakeFolders(folder / "working"));
    TRY(MakeFolders(folder / "tmp"));
    TRY(LinkInputs(job, folder / "input"));
    return WriteFile(folder / "solution.py", job.script.code);
  }

  Result<Child> Start(const Job& job, const fs::path& folder,
                      const std::vector<int>& cpus,
                      const std::optional<Cgroup>& cgroup,
                      const InitChannels& channels) {
    const UniqueFd null(open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!null) return ErrnoError("open", "/dev/null");
    Command command;
    command.descriptors = {null.get(), channels.output_child.get(),
                           channels.output_child.get(),
                           channels.control_child.get()};
    command.environment = ScriptEnvironment(
        job, options_.python, (folder / "tmp").string(), cpus.size());
    command.arguments = {options_.init.string(), "namespace=no",
                         "chdir=" + folder.string()};
    std::vector<UniqueFd> joins;
    if (cgroup) {
      TRY_ASSIGN(joins, cgroup->OpenJoins());
      for (const UniqueFd& join : joins) {
        command.arguments.push_back("join=" +
                                    std::to_string(command.descriptors.size()));
        command.descriptors.push_back(join.get());
      }
    }
    for (std::string& argument : InitArguments(job.limits, cgroups_, cpus)) {
      command.arguments.push_back(std::move(argument));
    }
    // A folder on the host's disk has no size of its own: bound each file.
    if (job.limits.disk_bytes > 0) {
      command.arguments.push_back("file-size=" +
                                  std::to_string(job.limits.disk_bytes));
    }
    command.arguments.insert(command.arguments.end(),
                             {"--", options_.python.executable.string(),
                              (folder / "solution.py").string()});
    return starter_.Start(command);
  }

  const SandboxOptions options_;
  const CgroupTree cgroups_;
  const CpuAllotment cpus_;
  ProcessStarter starter_;
};

}  // namespace

Result<std::unique_ptr<Sandbox>> MakePlainSandbox(SandboxOptions options) {
  TRY_ASSIGN(options.init, FindInit(options.init));
  CgroupTree cgroups;
  if (options.accounting == Accounting::kAuto) cgroups = CgroupTree::Detect();
  cgroups.Sweep();
  SweepTemporaryFolders();
  return std::unique_ptr<Sandbox>(
      std::make_unique<PlainSandbox>(std::move(options), std::move(cgroups)));
}

}  // namespace treesmith
