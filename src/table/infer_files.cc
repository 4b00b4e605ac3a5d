#include "table/infer_files.h"

#include <algorithm>
#include <filesystem>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include "table/archive.h"
#include "table/byte_source.h"
#include "table/preview_table.h"
#include "table/value.h"

namespace treesmith {
namespace {

namespace fs = std::filesystem;

constexpr int kDepth = 2;
constexpr size_t kMaxFiles = 10'000;
// From a longer list a person is better asked.
constexpr size_t kNamesShown = 5;

// Files of a wanted kind below the folder, hidden ones left out, links not
// followed.
template <typename Wanted>
std::vector<std::string> ListFiles(const fs::path& folder, Wanted&& wanted) {
  std::vector<std::string> names;
  std::error_code error;
  fs::recursive_directory_iterator at(
      folder, fs::directory_options::skip_permission_denied, error);
  for (; !error && at != fs::recursive_directory_iterator();
       at.increment(error)) {
    const bool hidden = at->path().filename().string().starts_with('.');
    // Runs of this very task lie below it.
    const bool skipped = hidden || at->path().filename() == "runs";
    if (skipped || at.depth() >= kDepth) at.disable_recursion_pending();
    std::error_code ignored;
    if (skipped || !at->is_regular_file(ignored) || !wanted(at->path())) {
      continue;
    }
    names.push_back(at->path().lexically_relative(folder).string());
    if (names.size() == kMaxFiles) break;
  }
  std::ranges::sort(names);
  return names;
}

// "data/Sample-Submission.csv.gz" -> "samplesubmission".
std::string Stem(const std::string& name) {
  const fs::path path(UnpackedName(name));
  std::string stem;
  for (const char c : FoldName(path.stem().string())) {
    if (c != '_' && c != '-' && c != ' ' && c != '.') stem += c;
  }
  return stem;
}

// How rightly a file bears a name: 0 is best; nothing: not at all.
using Rank = int (*)(const std::string& stem);
constexpr int kNo = 100;

int RankIn(const std::string& stem, std::span<const std::string_view> names,
           std::string_view prefix) {
  for (size_t i = 0; i < names.size(); ++i) {
    if (stem == names[i]) return static_cast<int>(i);
  }
  return stem.starts_with(prefix) ? kNo - 1 : kNo;
}

int TrainRank(const std::string& stem) {
  static constexpr std::string_view kNames[] = {"train",     "training",
                                                "traindata", "trainingdata",
                                                "trainset",  "trainingset"};
  // "train_labels" goes with another file.
  if (stem.find("label") != std::string::npos) return kNo;
  return RankIn(stem, kNames, "train");
}

int TestRank(const std::string& stem) {
  static constexpr std::string_view kNames[] = {"test", "testing", "testdata",
                                                "testset", "holdout"};
  if (stem.find("label") != std::string::npos) return kNo;
  return RankIn(stem, kNames, "test");
}

int SampleRank(const std::string& stem) {
  static constexpr std::string_view kNames[] = {
      "samplesubmission", "samplesub",        "sample",
      "submissionformat", "submissionsample", "examplesubmission",
      "gendersubmission"};
  return RankIn(stem, kNames, "samplesubmission");
}

std::string Listed(const std::vector<std::string>& names) {
  std::string text;
  for (size_t i = 0; i < std::min(names.size(), kNamesShown); ++i) {
    text += (i == 0 ? "" : ", ") + names[i];
  }
  return names.size() > kNamesShown ? text + ", ..." : text;
}

// "sample_submission" -> "sample-submission".
std::string FlagOf(std::string key) {
  std::ranges::replace(key, '_', '-');
  return key;
}

// The file that bears the name best; empty where none does.
Result<std::string> BestFile(const std::vector<std::string>& tables, Rank rank,
                             const std::string& what) {
  std::vector<std::string> best;
  int best_rank = kNo;
  for (const std::string& name : tables) {
    // Nearer to the folder first, then the better name.
    const auto depth = static_cast<int>(std::ranges::count(name, '/'));
    const int own = rank(Stem(name));
    if (own == kNo) continue;
    const int total = own + 1000 * depth;
    if (best.empty() || total < best_rank) {
      best.clear();
      best_rank = total;
    }
    if (total == best_rank) best.push_back(name);
  }
  // One table, plain and packed.
  std::erase_if(best, [&](const std::string& name) {
    return UnpackedName(name) != name &&
           std::ranges::find(best, UnpackedName(name)) != best.end();
  });
  if (best.size() > 1) {
    return BadInput("infer " + what + ": " + Listed(best) + " could be meant",
                    "name one with --" + FlagOf(what) + " FILE");
  }
  return best.empty() ? std::string() : best.front();
}

// "test.csv.zip" and "test.zip" -> "test".
std::string ArchiveStem(const std::string& name) {
  fs::path path = fs::path(name).stem();
  if (path.extension() == ".tar") path = path.stem();
  return IsTableName(path) ? Stem(path.string()) : Stem(path.string() + ".csv");
}

// Unpacks what may hold a file that is missing: every archive where there is no
// train, else those that bear the name of a test or a sample.
Status UnpackMissing(const Task& task, const std::vector<std::string>& tables,
                     std::vector<InferenceReason>& reasons) {
  const auto lacks = [&](const std::string& stated, Rank rank) {
    return stated.empty() &&
           std::ranges::none_of(tables, [&](const std::string& name) {
             return rank(Stem(name)) < kNo;
           });
  };
  const bool train = lacks(task.train, TrainRank);
  const bool test = lacks(task.test, TestRank);
  const bool sample = lacks(task.sample_submission, SampleRank);
  for (const std::string& name : ListFiles(task.folder, IsArchiveName)) {
    const std::string stem = ArchiveStem(name);
    const bool wanted = train || (test && TestRank(stem) < kNo) ||
                        (sample && SampleRank(stem) < kNo);
    if (!wanted) continue;
    const fs::path path = task.folder / name;
    TRY_ASSIGN(const Unpacked unpacked,
               UnpackArchive(path, path.parent_path()));
    reasons.push_back({"", "unpacked " + name, Listed(unpacked.files)});
    if (!unpacked.skipped.empty()) {
      reasons.push_back({"", "left in " + name, Listed(unpacked.skipped)});
    }
  }
  return {};
}

Status Fill(std::string& file, const std::vector<std::string>& tables,
            Rank rank, const std::string& what,
            std::vector<InferenceReason>& reasons) {
  if (!file.empty()) return {};
  TRY_ASSIGN(file, BestFile(tables, rank, what));
  if (!file.empty()) reasons.push_back({what, file, "by its name"});
  return {};
}

}  // namespace

Status InferFiles(Task& task, std::vector<InferenceReason>& reasons) {
  const auto list = [&] { return ListFiles(task.folder, IsTableName); };
  TRY(UnpackMissing(task, list(), reasons));
  std::vector<std::string> tables = list();
  TRY(Fill(task.train, tables, TrainRank, "train", reasons));
  TRY(Fill(task.test, tables, TestRank, "test", reasons));
  TRY(Fill(task.sample_submission, tables, SampleRank, "sample_submission",
           reasons));
  if (!task.train.empty()) return {};
  std::erase(tables, task.test);
  std::erase(tables, task.sample_submission);
  if (tables.size() != 1) {
    return BadInput("infer train in " + task.folder.string() + ": " +
                        (tables.empty() ? "no train table is there"
                                        : Listed(tables) + " could be meant"),
                    "name it with --train FILE");
  }
  task.train = tables.front();
  reasons.push_back({"train", task.train, "the only table"});
  return {};
}

std::vector<std::string> FilesByName(const fs::path& folder) {
  const std::vector<std::string> tables = ListFiles(folder, IsTableName);
  std::vector<std::string> names;
  for (const Rank rank : {TrainRank, TestRank, SampleRank}) {
    const Result<std::string> name = BestFile(tables, rank, "file");
    if (name.ok() && !name->empty()) names.push_back(*name);
  }
  return names;
}

std::vector<std::string> OtherTables(const Task& task) {
  std::vector<std::string> tables = ListFiles(task.folder, IsTableName);
  const std::string used[] = {task.train, task.test, task.sample_submission};
  std::erase_if(tables, [&](const std::string& name) {
    return std::ranges::any_of(used, [&](const std::string& file) {
      return !file.empty() && UnpackedName(file) == UnpackedName(name);
    });
  });
  return tables;
}

}  // namespace treesmith
