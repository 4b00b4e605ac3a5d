// How edits as models word them are applied: rightly, wrongly, refused; by kind
// of carelessness, and the time of one.
//
//   edit_corpus [PER_KIND [KIND [FOLDER]]]
//
// Default 12. With KIND every case of it is shown, with "wrong" those that were
// applied wrongly. FOLDER: *.py files to edit instead of the repository's own,
// such as /usr/lib/python3.11.
#include "testing/edits/edit_corpus.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "testing/edits/read_scripts.h"

namespace treesmith {
namespace {

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

// The first lines that differ, of both texts.
std::string FirstDifference(const std::string& made,
                            const std::string& wanted) {
  constexpr size_t kShown = 400;
  const size_t at = static_cast<size_t>(
      std::ranges::mismatch(made, wanted).in1 - made.begin());
  const size_t before = made.rfind('\n', at == 0 ? 0 : at - 1);
  const size_t from = before == std::string::npos ? 0 : before + 1;
  return "-- made\n" + made.substr(from, kShown) + "\n-- wanted\n" +
         wanted.substr(from, kShown);
}

void Show(const EditCase& edit, const JudgedEdit& judged) {
  std::printf("---- answer\n%s\n", edit.answer.c_str());
  std::printf("---- %s %s\n%s\n",
              judged.verdict == EditVerdict::kRight   ? "right"
              : judged.verdict == EditVerdict::kWrong ? "wrong"
                                                      : "refused",
              judged.reason.c_str(),
              judged.verdict == EditVerdict::kWrong
                  ? FirstDifference(judged.result, edit.wanted).c_str()
                  : "");
}

int Main(int argc, char** argv) {
  const size_t per_kind =
      argc > 1 ? std::strtoul(argv[1], nullptr, 10) : size_t{12};
  const std::string shown = argc > 2 ? argv[2] : "";
  const std::filesystem::path source = TREESMITH_SOURCE_DIR;
  const std::vector<EditCase> cases = MakeEditCases(
      argc > 3 ? ReadScripts({argv[3]}) : RepositoryScripts(source), per_kind);
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
    const bool wrong = judged.verdict == EditVerdict::kWrong;
    if (cases[i].kind == shown || (wrong && shown == "wrong")) {
      Show(cases[i], judged);
    }
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
