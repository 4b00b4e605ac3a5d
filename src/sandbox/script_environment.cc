#include "sandbox/script_environment.h"

#include <map>

namespace treesmith {

std::vector<std::string> ScriptEnvironment(const Job& job,
                                           const PythonEnvironment& python,
                                           const std::string& home,
                                           size_t threads) {
  const std::string count = std::to_string(threads);
  std::map<std::string, std::string> variables = {
      // An environment's own tools before the system's.
      {"PATH", python.executable.parent_path().string() + ":/usr/bin:/bin"},
      {"HOME", home},
      {"TMPDIR", home},
      {"USER", "user"},
      {"LOGNAME", "user"},
      {"LANG", "C.UTF-8"},
      {"LC_ALL", "C.UTF-8"},
      {"TZ", "UTC"},
      {"PYTHONHASHSEED", "0"},
      {"PYTHONDONTWRITEBYTECODE", "1"},
      {"PYTHONNOUSERSITE", "1"},
      // What was printed before a kill or os._exit is not lost, and stdout and
      // stderr keep their order.
      {"PYTHONUNBUFFERED", "1"},
      {"MPLBACKEND", "Agg"},
      {"OMP_NUM_THREADS", count},
      // Threads that wait spin by default: with other work on the machine
      // LightGBM on two threads took ten times as long.
      {"OMP_WAIT_POLICY", "PASSIVE"},
      {"OPENBLAS_NUM_THREADS", count},
      {"MKL_NUM_THREADS", count},
      {"BLIS_NUM_THREADS", count},
      {"NUMEXPR_NUM_THREADS", count},
      {"NUMBA_NUM_THREADS", count},
      {"POLARS_MAX_THREADS", count},
      {"ARROW_NUM_THREADS", count},
      {"LOKY_MAX_CPU_COUNT", count},
  };
  for (const auto& [name, value] : job.environment) variables[name] = value;
  std::vector<std::string> environment;
  environment.reserve(variables.size());
  for (const auto& [name, value] : variables) {
    environment.push_back(name);
    environment.back().append("=").append(value);
  }
  return environment;
}

}  // namespace treesmith
