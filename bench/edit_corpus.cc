// How edits as models word them are applied: rightly, wrongly, refused; by kind
// of carelessness, and the time of one.
//
//   edit_corpus [PER_KIND [KIND]]   (default 12; with KIND every case is shown)
#include "testing/edits/edit_corpus.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "base/file.h"

namespace treesmith {
namespace {

std::vector<std::string> Scripts() {
  std::vector<std::filesystem::path> paths;
  const std::filesystem::path source = TREESMITH_SOURCE_DIR;
  for (const char* folder :
       {"examples/bikeshare/solutions", "src/code/testdata"}) {
    for (const auto& entry :
         std::filesystem::directory_iterator(source / folder)) {
      if (entry.path().extension() == ".py") paths.push_back(entry.path());
    }
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> scripts;
  scripts.reserve(paths.size());
  for (const auto& path : paths) scripts.push_back(*ReadFile(path));
  return scripts;
}

struct Tally {
  int right = 0;
  int wrong = 0;
  int refused = 0;

  void Add(EditVerdict verdict) {
    (verdict == EditVerdict::kRight   ? right
     : verdict == EditVerdict::kWrong ? wrong
                                      : refused) += 1;
  }
  void Print(const char* kind) const {
    std::printf("%-26s %8d %8d %8d\n", kind, right, wrong, refused);
  }
};

void Show(const EditCase& edit, const JudgedEdit& judged) {
  std::printf("---- answer\n%s\n", edit.answer.c_str());
  std::printf(
      "---- %s %s\n%s\n",
      judged.verdict == EditVerdict::kRight   ? "right"
      : judged.verdict == EditVerdict::kWrong ? "wrong"
                                              : "refused",
      judged.reason.c_str(),
      judged.verdict == EditVerdict::kWrong ? judged.result.c_str() : "");
}

int Main(int argc, char** argv) {
  const size_t per_kind =
      argc > 1 ? std::strtoul(argv[1], nullptr, 10) : size_t{12};
  const std::string shown = argc > 2 ? argv[2] : "";
  const std::vector<EditCase> cases = MakeEditCases(Scripts(), per_kind);
  std::printf("%-26s %8s %8s %8s\n", "kind", "right", "wrong", "refused");
  Tally all;
  Tally kind;
  double seconds = 0;
  for (size_t i = 0; i < cases.size(); ++i) {
    const auto begun = std::chrono::steady_clock::now();
    const JudgedEdit judged = Judge(cases[i]);
    seconds +=
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begun)
            .count();
    if (cases[i].kind == shown) Show(cases[i], judged);
    all.Add(judged.verdict);
    kind.Add(judged.verdict);
    if (i + 1 < cases.size() && cases[i + 1].kind == cases[i].kind) continue;
    kind.Print(cases[i].kind.c_str());
    kind = {};
  }
  all.Print("all");
  std::printf("%zu edits, %.2f ms each with the syntax check\n", cases.size(),
              1e3 * seconds / static_cast<double>(cases.size()));
  return all.wrong == 0 ? 0 : 1;
}

}  // namespace
}  // namespace treesmith

int main(int argc, char** argv) { return treesmith::Main(argc, argv); }
