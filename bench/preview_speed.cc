// Preview of a 20 MB and a 200 MB table: MB/s on one core and the peak of
// memory, beside a preview that loads the table with pandas (where a Python
// with it is given).
//
//   preview_speed [PYTHON]      a table is made in the temporary folder
//   preview_speed --show PATH   prints the preview of a file or folder
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/rng.h"
#include "table/preview.h"

namespace treesmith {
namespace {

// What AIDE-like previews ask of a frame.
constexpr const char* kPandas = R"(
import sys, pandas
frame = pandas.read_csv(sys.argv[1])
for name in frame:
    column = frame[name]
    if column.dtype == object:
        column.nunique(), column.value_counts().head(4)
    else:
        column.min(), column.max()
    column.isnull().sum()
)";

// Numbers, words, dates, gaps and quoted text: about 100 bytes a row.
void WriteTable(const std::filesystem::path& path, int64_t bytes) {
  Rng rng(1);
  std::ofstream out(path);
  out << "id,price,ratio,kind,city,day,flag,note\n";
  int64_t written = 0;
  for (int64_t i = 0; written < bytes; ++i) {
    std::string row =
        std::to_string(i) + "," + std::to_string(rng.Uniform() * 1000) + ",";
    if (rng.Below(10) > 0) row += std::to_string(rng.Normal());
    row += ",kind" + std::to_string(rng.Below(20)) + ",city of " +
           std::to_string(rng.Below(5000)) + ",20" +
           std::to_string(10 + rng.Below(15)) + "-0" +
           std::to_string(1 + rng.Below(9)) + "-1" +
           std::to_string(rng.Below(10)) + "," +
           (rng.Below(2) == 0 ? "True" : "False") +
           ",\"a note, of \"\"some\"\" words " +
           std::to_string(rng.Below(100)) + "\"\n";
    out << row;
    written += static_cast<int64_t>(row.size());
  }
}

struct Spent {
  double seconds = 0;
  double peak_mb = 0;
};

// Runs `work` in a process of its own, so that its peak of memory is its own.
template <typename Work>
Spent Measure(Work&& work) {
  const auto start = std::chrono::steady_clock::now();
  const pid_t child = ::fork();
  if (child == 0) ::_exit(work());
  int status = 0;
  rusage usage{};
  ::wait4(child, &status, 0, &usage);
  const std::chrono::duration<double> spent =
      std::chrono::steady_clock::now() - start;
  if (status != 0) return {};
  return {spent.count(), static_cast<double>(usage.ru_maxrss) / 1024};
}

void Report(const char* what, int64_t bytes, Spent spent) {
  const double mb = static_cast<double>(bytes) / 1e6;
  std::printf("%-10s %6.0f MB %8.3f s %8.0f MB/s   peak %6.1f MB\n", what, mb,
              spent.seconds, spent.seconds > 0 ? mb / spent.seconds : 0,
              spent.peak_mb);
  std::fflush(stdout);
}

int ShowPreview(const std::filesystem::path& path) {
  const Result<std::string> text = Preview(path);
  if (!text.ok()) {
    std::fprintf(stderr, "error: %s\n", text.error().message.c_str());
    return 2;
  }
  std::fputs(text->c_str(), stdout);
  return 0;
}

int Compare(const char* python) {
  const Result<TemporaryFolder> folder = TemporaryFolder::Make("preview");
  if (!folder.ok()) return 1;
  for (const int64_t bytes : {int64_t{20'000'000}, int64_t{200'000'000}}) {
    const auto path = folder->path() / "train.csv";
    WriteTable(path, bytes);
    const auto preview = [&] { return Preview(path).ok() ? 0 : 1; };
    Spent best = Measure(preview);
    for (int round = 0; round < 4; ++round) {
      const Spent again = Measure(preview);
      if (again.seconds < best.seconds) best = again;
    }
    Report("treesmith", bytes, best);
    if (python == nullptr) continue;
    Report("pandas", bytes, Measure([&] {
             ::execl(python, python, "-c", kPandas, path.c_str(), nullptr);
             return 127;
           }));
  }
  return 0;
}

}  // namespace
}  // namespace treesmith

int main(int argc, char** argv) {
  const std::string_view first = argc > 1 ? argv[1] : "";
  if (first == "--show" && argc == 3) return treesmith::ShowPreview(argv[2]);
  return treesmith::Compare(argc > 1 ? argv[1] : nullptr);
}
