// CheckSandbox: what `treesmith doctor` says about running scripts.
#include <unistd.h>

#include <string>
#include <utility>

#include "base/subprocess.h"
#include "sandbox/cgroup.h"
#include "sandbox/run_result.h"
#include "sandbox/sandbox.h"

namespace treesmith {
namespace {

std::string FirstLine(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

SandboxCheck CheckBubblewrap(const std::filesystem::path& program) {
  SandboxCheck check{.name = "bubblewrap",
                     .ok = false,
                     .detail = {},
                     .hint = "install the package bubblewrap"};
  if (program.empty()) {
    check.detail = "no bwrap on PATH";
    return check;
  }
  const auto answer =
      RunCommand({program.string(), "--version"}, {}, std::chrono::seconds(5));
  if (!answer.ok() || answer->end.exit_code != 0) {
    check.detail = program.string() + " does not run";
    return check;
  }
  return {.name = check.name,
          .ok = true,
          .detail = FirstLine(answer->output) + " at " + program.string(),
          .hint = {}};
}

SandboxCheck CheckUserNamespaces(const std::filesystem::path& program) {
  SandboxCheck check{
      .name = "user namespaces", .ok = false, .detail = {}, .hint = {}};
  const auto answer = RunCommand({program.string(), "--unshare-user",
                                  "--ro-bind", "/", "/", "--", "/bin/true"},
                                 {}, std::chrono::seconds(5));
  if (answer.ok() && answer->end.exit_code == 0) {
    check.ok = true;
    check.detail = "allowed";
    return check;
  }
  check.detail =
      answer.ok() ? FirstLine(answer->output) : answer.error().message;
  check.hint =
      "the system forbids them: look at sysctl kernel.unprivileged_userns_clone"
      " and user.max_user_namespaces, at AppArmor "
      "(kernel.apparmor_restrict_unprivileged_userns), and at the container's "
      "seccomp profile";
  return check;
}

std::string PlaceOf(const CgroupTree& tree, const std::string& controller) {
  for (const CgroupTree::Place& place : tree.places()) {
    if (place.controller.empty()) return "cgroup v2 " + place.parent.string();
    if (place.controller == controller) {
      return "cgroup v1 " + place.parent.string();
    }
  }
  return "watchdog, looks 20 times a second";
}

// One run that shows that all of it works together.
SandboxCheck CheckRun(const SandboxOptions& options) {
  SandboxCheck check{
      .name = "a script in the sandbox", .ok = false, .detail = {}, .hint = {}};
  auto sandbox = MakeBubblewrapSandbox(options);
  if (!sandbox.ok()) {
    check.detail = sandbox.error().message;
    check.hint = sandbox.error().hint;
    return check;
  }
  Job job;
  job.script.code = "print('ready')\n";
  const auto result = (*sandbox)->Run(job, {});
  if (!result.ok()) {
    check.detail = result.error().message;
    check.hint = "run without a sandbox by --sandbox none, if you trust it";
    return check;
  }
  check.ok = result->outcome.scored() && result->output == "ready\n";
  check.detail = check.ok ? "Python " + options.python.version + " ran in " +
                                std::to_string(result->wall.count()) + " ms"
                          : "it printed: " + FirstLine(result->output);
  return check;
}

}  // namespace

std::vector<SandboxCheck> CheckSandbox(const SandboxOptions& options) {
  std::vector<SandboxCheck> checks;
  const std::filesystem::path program =
      options.bubblewrap.empty() ? FindProgram("bwrap") : options.bubblewrap;
  checks.push_back(CheckBubblewrap(program));
  if (checks.back().ok) {
    checks.push_back(CheckUserNamespaces(program));
    checks.push_back(CheckRun(options));
  }
  const CgroupTree tree = options.accounting == Accounting::kAuto
                              ? CgroupTree::Detect()
                              : CgroupTree();
  const auto add = [&checks](const std::string& name, std::string how) {
    checks.push_back({name, true, std::move(how), ""});
  };
  add("memory limit", PlaceOf(tree, "memory") + ", RLIMIT_AS above it");
  const bool user_limit = !tree.limits_processes() && geteuid() != 0;
  add("process limit",
      PlaceOf(tree, "pids") + (user_limit ? ", RLIMIT_NPROC above it" : ""));
  add("disk limit", "sized tmpfs");
  add("time and output limits", "this program");
  return checks;
}

}  // namespace treesmith
