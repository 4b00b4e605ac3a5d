#include "sandbox/run_result.h"

#include <sys/statfs.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/plain_name.h"
#include "sandbox/collect.h"

namespace treesmith {
namespace {

namespace fs = std::filesystem;

// treesmith-init counts among the processes.
constexpr int64_t kInitProcesses = 1;
// Address space beyond memory that is in use: libraries map and reserve much
// more than they touch. This bound only turns an absurd allocation into a
// MemoryError with a traceback; the real limit is on memory.
constexpr int64_t kAddressSpaceFactor = 4;
constexpr int64_t kAddressSpaceExtraBytes = int64_t{4} << 30;

// Before what we say ourselves at the end of a script's output.
constexpr std::string_view kNote = "[treesmith] ";

bool IsFull(int folder) {
  struct statfs info{};
  if (fstatfs(folder, &info) != 0 || info.f_blocks == 0) return false;
  return info.f_bfree == 0 || (info.f_files > 0 && info.f_ffree == 0);
}

Status CheckInput(const fs::path& path) {
  if (access(path.c_str(), R_OK) == 0) return {};
  const Error cause = ErrnoError("read input", path.string());
  return BadInput(cause.message);
}

using Entries = std::map<std::string, fs::path>;

Status AddFolder(const fs::path& folder, const fs::path& name,
                 Entries& entries) {
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(folder, code)) {
    entries[(name / entry.path().filename()).string()] = entry.path();
  }
  if (code) return ErrnoError("read", folder.string(), code.value());
  return {};
}

}  // namespace

Status PrepareJob(const Job& job) {
  for (const WantedFile& file : job.wanted) {
    if (!IsPlainName(file.name)) {
      return BadInput("fetch " + file.name + ": not a name below working/");
    }
  }
  if (!job.inputs.empty()) {
    TRY(CheckInput(job.inputs));
    std::error_code ignored;
    if (!fs::is_directory(job.inputs, ignored)) {
      return BadInput("read input " + job.inputs.string() + ": not a folder");
    }
  }
  for (const InputFile& file : job.extra_inputs) {
    if (!IsPlainName(file.name)) {
      return BadInput("show " + file.name + ": not a name below input/");
    }
    std::error_code ignored;
    if (!job.inputs.empty() &&
        fs::exists(fs::symlink_status(job.inputs / file.name, ignored))) {
      return BadInput("show " + file.name +
                      ": input/ has a file of that name already");
    }
    TRY(CheckInput(file.host));
  }
  if (job.outbox.empty()) return {};
  return ClearOutbox(job.wanted, job.outbox);
}

Result<Entries> InputEntries(const Job& job) {
  Entries entries;
  if (!job.inputs.empty()) TRY(AddFolder(job.inputs, "", entries));
  for (const InputFile& file : job.extra_inputs) {
    fs::path folder;
    for (const fs::path& part : fs::path(file.name).parent_path()) {
      folder /= part;
      const auto node = entries.extract(folder.string());
      if (!node.empty()) TRY(AddFolder(node.mapped(), folder, entries));
    }
    entries[file.name] = file.host;
  }
  return entries;
}

Result<std::optional<Cgroup>> MakeRunCgroup(const CgroupTree& tree,
                                            const Limits& limits) {
  if (tree.places().empty()) return std::optional<Cgroup>();
  const CgroupLimits cgroup_limits{
      .memory_bytes = limits.memory_bytes,
      .processes =
          limits.processes > 0 ? limits.processes + kInitProcesses : 0};
  TRY_ASSIGN(Cgroup cgroup, tree.Make(cgroup_limits));
  return std::optional<Cgroup>(std::move(cgroup));
}

std::vector<std::string> InitArguments(const Limits& limits,
                                       const CgroupTree& tree,
                                       const std::vector<int>& cpus) {
  std::vector<std::string> arguments;
  const auto add = [&arguments](const std::string& name, int64_t value) {
    if (value > 0) arguments.push_back(name + "=" + std::to_string(value));
  };
  std::string list;
  for (const int cpu : cpus) {
    if (!list.empty()) list += ',';
    list += std::to_string(cpu);
  }
  if (!list.empty()) arguments.push_back("cpus=" + list);
  if (limits.memory_bytes > 0) {
    add("address-space",
        limits.memory_bytes * kAddressSpaceFactor + kAddressSpaceExtraBytes);
  }
  if (!tree.limits_memory()) add("watched-memory", limits.memory_bytes);
  if (!tree.limits_processes()) add("watched-threads", limits.processes);
  return arguments;
}

Result<ExecutionResult> FinishRun(const Job& job, Observation observation,
                                  int folder, const Cgroup* cgroup) {
  Evidence evidence{.ended_by = observation.ended_by,
                    .exit_code = observation.exit_code,
                    .signal = observation.signal,
                    .output = observation.output};
  ExecutionResult result;
  result.cpu =
      std::chrono::duration_cast<std::chrono::milliseconds>(observation.cpu);
  result.peak_memory_bytes = observation.peak_memory_bytes;
  if (cgroup != nullptr) {
    evidence.memory_kills = cgroup->MemoryKills();
    evidence.refused_forks = cgroup->RefusedForks();
    result.peak_memory_bytes =
        std::max(result.peak_memory_bytes, cgroup->PeakMemoryBytes());
    result.cpu = std::max(
        result.cpu,
        std::chrono::duration_cast<std::chrono::milliseconds>(cgroup->Cpu()));
  }
  evidence.disk_full = std::ranges::any_of(
      observation.folders,
      [](const UniqueFd& watched) { return IsFull(watched.get()); });
  result.outcome = Classify(evidence, job.limits);
  result.exit_code = observation.exit_code;
  result.signal = observation.signal;
  result.wall = observation.wall;
  result.output = std::move(observation.output);
  if (folder < 0 || job.outbox.empty()) return result;
  TRY_ASSIGN(const std::vector<std::string> notes,
             CollectFiles(folder, job.wanted, job.outbox));
  for (const std::string& note : notes) {
    if (!result.output.empty() && !result.output.ends_with('\n')) {
      result.output += '\n';
    }
    result.output += std::string(kNote) + note + "\n";
  }
  return result;
}

std::string WhyNotTaken(const ExecutionResult& result,
                        const std::string& name) {
  const std::string& output = result.output;
  const size_t at = output.rfind(std::string(kNote) + NotTaken(name));
  if (at == std::string::npos) return "";
  const size_t begin = at + kNote.size();
  return output.substr(begin, output.find('\n', begin) - begin);
}

Result<fs::path> FindInit(const fs::path& named) {
  if (!named.empty()) return named;
  const fs::path folder = ProgramPath().parent_path();
  for (const fs::path& place : {folder, folder.parent_path()}) {
    const fs::path candidate = place / "treesmith-init";
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return Error{
      ErrorKind::kEnvironment,
      "find treesmith-init: it is not beside " + ProgramPath().string(),
      "build it with `make build`"};
}

}  // namespace treesmith
