#include "sandbox/python_environment.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <sstream>
#include <utility>

#include "base/file.h"
#include "base/subprocess.h"

namespace treesmith {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kAskLimit{20'000};

// Its answer is one line a fact; -I keeps the user's own packages out, as the
// sandbox does.
constexpr const char* kQuestion =
    "import sys, site\n"
    "print('executable', sys.executable)\n"
    "print('version', '.'.join(map(str, sys.version_info[:3])))\n"
    "for p in (sys.prefix, sys.base_prefix, sys.exec_prefix,\n"
    "          sys.base_exec_prefix):\n"
    "    print('prefix', p)\n"
    "for p in sys.path:\n"
    "    print('site', p)\n";

using Answer = std::multimap<std::string, std::string>;

Result<Answer> Ask(const fs::path& program) {
  TRY_ASSIGN(CommandOutput output,
             RunCommand({program.string(), "-I", "-c", kQuestion},
                        {"PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8"}, kAskLimit));
  Answer answer;
  std::istringstream lines(output.output);
  for (std::string line; std::getline(lines, line);) {
    const size_t space = line.find(' ');
    if (space == std::string::npos) continue;
    answer.emplace(line.substr(0, space), line.substr(space + 1));
  }
  const bool ended_well = output.end.exit_code == 0 && output.end.signal == 0;
  if (!ended_well || !answer.contains("executable")) {
    return BadInput("ask " + program.string() +
                    " about itself: it is no working Python 3");
  }
  return answer;
}

bool IsBelow(const fs::path& path, const fs::path& folder) {
  const auto [path_end, folder_end] =
      std::mismatch(path.begin(), path.end(), folder.begin(), folder.end());
  return folder_end == folder.end();
}

bool IsCovered(const fs::path& path, const std::vector<fs::path>& roots) {
  return IsBelow(path, "/usr") || IsBelow(path, "/bin") ||
         std::ranges::any_of(roots, [&path](const fs::path& root) {
           return IsBelow(path, root);
         });
}

void AddRoot(const fs::path& path, std::vector<fs::path>* roots) {
  const fs::path literal = path.lexically_normal();
  std::error_code code;
  const fs::path real = fs::canonical(literal, code);
  if (!IsCovered(literal, *roots)) roots->push_back(literal);
  if (!code && !IsCovered(real, *roots)) roots->push_back(real);
}

// An environment's python3 is a symbolic link, perhaps to another one, before
// the program itself: each step must be there.
void AddLinks(fs::path program, std::vector<fs::path>* roots) {
  constexpr int kMaxLinks = 40;  // as the kernel's own limit
  for (int i = 0; i < kMaxLinks; ++i) {
    AddRoot(program, roots);
    std::error_code code;
    const fs::path target = fs::read_symlink(program, code);
    if (code) return;
    program = (program.parent_path() / target).lexically_normal();
  }
}

Result<std::vector<fs::path>> Roots(const Answer& answer) {
  std::vector<fs::path> roots;
  const char* home = std::getenv("HOME");
  const auto [begin, end] = answer.equal_range("prefix");
  for (auto it = begin; it != end; ++it) {
    const fs::path prefix = fs::path(it->second).lexically_normal();
    if (prefix == "/" || (home != nullptr && prefix == home)) {
      return BadInput("use the Python of " + prefix.string() +
                          ": scripts would see that whole folder",
                      "choose another one with --python");
    }
    AddRoot(prefix, &roots);
  }
  AddLinks(answer.find("executable")->second, &roots);
  return roots;
}

// The value of "Name: value" among the headers of a metadata file.
std::string Header(const std::string& text, const std::string& name) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line) && !line.empty();) {
    if (line.starts_with(name + ": ")) return line.substr(name.size() + 2);
  }
  return {};
}

std::optional<PythonPackage> ReadPackage(const fs::path& entry) {
  const std::string extension = entry.extension().string();
  std::error_code ignored;
  fs::path file;
  if (extension == ".dist-info") file = entry / "METADATA";
  if (extension == ".egg-info") {
    file = fs::is_directory(entry, ignored) ? entry / "PKG-INFO" : entry;
  }
  if (file.empty()) return std::nullopt;
  const auto text = ReadFile(file);
  if (!text.ok()) return std::nullopt;
  PythonPackage package{Header(*text, "Name"), Header(*text, "Version")};
  if (package.name.empty()) return std::nullopt;
  return package;
}

std::vector<PythonPackage> Packages(const Answer& answer) {
  std::map<std::string, PythonPackage> packages;
  const auto [begin, end] = answer.equal_range("site");
  for (auto it = begin; it != end; ++it) {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(it->second, ignored)) {
      if (auto package = ReadPackage(entry.path())) {
        packages.emplace(package->name, *package);
      }
    }
  }
  std::vector<PythonPackage> list;
  list.reserve(packages.size());
  for (auto& [name, package] : packages) list.push_back(std::move(package));
  return list;
}

Result<PythonEnvironment> Describe(const fs::path& program) {
  TRY_ASSIGN(const Answer answer, Ask(program));
  PythonEnvironment environment;
  environment.executable = answer.find("executable")->second;
  environment.version = answer.find("version")->second;
  TRY_ASSIGN(environment.roots, Roots(answer));
  environment.packages = Packages(answer);
  return environment;
}

// A program, or an environment's folder.
fs::path ProgramOf(const fs::path& place) {
  std::error_code ignored;
  if (fs::is_directory(place, ignored)) return place / "bin" / "python3";
  return place;
}

Result<PythonEnvironment> DescribeNamed(const std::string& place,
                                        const std::string& source) {
  const fs::path program = FindProgram(ProgramOf(place).string());
  if (program.empty() || access(program.c_str(), X_OK) != 0) {
    return BadInput("find the Python of " + source + ": no program at " +
                    ProgramOf(place).string());
  }
  return Describe(fs::absolute(program));
}

}  // namespace

Result<PythonEnvironment> FindPython(const PythonSearch& search) {
  if (!search.flag.empty()) return DescribeNamed(search.flag, "--python");
  if (!search.environment.empty()) {
    return DescribeNamed(search.environment, "TREESMITH_PYTHON");
  }
  std::vector<fs::path> places;
  if (!search.program.empty()) {
    const fs::path beside =
        search.program.parent_path().parent_path() / "python";
    places.push_back(beside / "bin" / "python3");
  }
  places.push_back(FindProgram("python3"));
  places.emplace_back("/usr/bin/python3");
  for (const fs::path& place : places) {
    if (place.empty() || access(place.c_str(), X_OK) != 0) continue;
    auto environment = Describe(place);
    if (environment.ok()) return environment;
  }
  return Error{ErrorKind::kEnvironment,
               "find Python: there is no working python3",
               "`make build` sets up the scripts' environment, or name one "
               "with --python"};
}

fs::path ProgramPath() {
  std::error_code ignored;
  return fs::read_symlink("/proc/self/exe", ignored);
}

}  // namespace treesmith
