#include "evaluation/seals.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/rng.h"

namespace treesmith {
namespace {

using Json = nlohmann::json;

// The same for every run: the probe is no decision of a run.
constexpr uint64_t kProbeSeed = 20'240'601;
// How sure the probe is of the class it names.
constexpr float kSure = 0.75F;

// Valid predictions for any metric: the truth of other rows, as values, labels
// or probabilities, whichever the metric reads.
std::vector<float> Probe(const Metric& metric, const Truth& truth,
                         int& columns) {
  std::vector<size_t> rows(truth.rows());
  for (size_t i = 0; i < rows.size(); ++i) rows[i] = i;
  Rng rng(kProbeSeed);
  rng.Shuffle(std::span(rows));
  const auto width = static_cast<size_t>(truth.columns);
  const auto classes = static_cast<size_t>(truth.classes);
  const bool sure =
      metric.needs() == Needs::kProbability || metric.needs() == Needs::kOrder;
  // Ranked lists have a column a class even where there are but two.
  const bool listed = metric.needs() == Needs::kOrder &&
                      metric.target() == TargetType::kClasses;
  const bool one_hot = sure && (classes > 2 || listed);
  columns = one_hot ? truth.classes : truth.columns;
  std::vector<float> values;
  values.reserve(rows.size() * static_cast<size_t>(columns));
  for (const size_t row : rows) {
    if (one_hot) {
      const auto named = static_cast<size_t>(truth.values[row * width]);
      for (size_t k = 0; k < classes; ++k) {
        values.push_back(
            k == named ? kSure : (1 - kSure) / static_cast<float>(classes - 1));
      }
      continue;
    }
    for (size_t k = 0; k < width; ++k) {
      const auto value = static_cast<float>(truth.values[row * width + k]);
      const bool probability = sure && classes == 2;
      values.push_back(probability ? (value > 0 ? kSure : 1 - kSure) : value);
    }
  }
  return values;
}

// Nine digits: another compiler may add up in another order.
std::string Verdict(const Scorer& scorer) {
  const auto score = ScoreProbe(scorer);
  if (!score.ok()) return score.error().message;
  std::string text = fmt::format("{:.9g}", score->value);
  for (const double value : score->fold_values) {
    text += fmt::format(" {:.9g}", value);
  }
  return text;
}

const FileSeal* Find(const Seals& seals, const std::string& name) {
  const auto found = std::ranges::find(
      seals.files, name, [](const FileSeal& file) { return file.name; });
  return found == seals.files.end() ? nullptr : &*found;
}

}  // namespace

Result<FoldedScore> ScoreProbe(const Scorer& scorer) {
  const HiddenStack stack = scorer.Stack(0, scorer.plan().folds);
  int columns = 1;
  const std::vector<float> probe = Probe(scorer.metric(), stack.truth, columns);
  return ScoreFolds(scorer.metric(), stack.View(), {probe, columns});
}

Hash128 SealEvaluator(const HiddenTask& task, const Scorer& scorer) {
  const HiddenStack stack = scorer.Stack(0, task.plan.folds);
  Hasher hasher;
  hasher.Add(scorer.metric().name());
  hasher.Add(DirectionName(scorer.metric().direction()));
  hasher.Add(EncodeFoldPlan(task.plan));
  const std::vector<double>& truth = stack.truth.values;
  hasher.Add({reinterpret_cast<const char*>(truth.data()),  // NOLINT
              truth.size() * sizeof(double)});
  hasher.Add(Verdict(scorer));
  return hasher.Digest();
}

Result<std::vector<FileSeal>> SealFiles(const Task& task) {
  std::vector<std::string> names = {task.train, task.test,
                                    task.sample_submission};
  names.insert(names.end(), task.extra.begin(), task.extra.end());
  names.push_back(task.metric_script);
  std::vector<FileSeal> files;
  for (const std::string& name : names) {
    if (name.empty()) continue;
    TRY_ASSIGN(const FileDigest content, DigestFile(task.folder / name));
    files.push_back({name, content});
  }
  return files;
}

std::string EncodeSeals(const Seals& seals) {
  Json files = Json::array();
  for (const FileSeal& file : seals.files) {
    files.push_back({{"name", file.name},
                     {"bytes", file.content.bytes},
                     {"hash", file.content.hash.Hex()}});
  }
  return Json{{"files", files}, {"evaluator", seals.evaluator.Hex()}}.dump(
      -1, ' ', false, Json::error_handler_t::replace);
}

Result<Seals> DecodeSeals(std::string_view json) {
  const auto hash_of = [](const Json& text) {
    return Hash128::FromHex(text.get<std::string>()).value_or(Hash128{});
  };
  try {
    const Json parsed = Json::parse(json);
    Seals seals;
    for (const Json& file : parsed.at("files")) {
      seals.files.push_back(
          {file.at("name").get<std::string>(),
           {file.at("bytes").get<int64_t>(), hash_of(file.at("hash"))}});
    }
    seals.evaluator = hash_of(parsed.at("evaluator"));
    return seals;
  } catch (const Json::exception& error) {
    return Failed(std::string("read seals of the run: ") + error.what());
  }
}

std::string BrokenSeals(const Seals& then, const Seals& now) {
  for (const FileSeal& file : then.files) {
    const FileSeal* found = Find(now, file.name);
    if (found == nullptr) return file.name + " is no longer part of the task";
    if (found->content == file.content) continue;
    if (found->content.bytes == file.content.bytes) {
      return file.name + " has other content of the same size";
    }
    return fmt::format("{} has changed: {} bytes then, {} now", file.name,
                       file.content.bytes, found->content.bytes);
  }
  for (const FileSeal& file : now.files) {
    if (Find(then, file.name) == nullptr) {
      return file.name + " has become part of the task";
    }
  }
  if (then.evaluator != now.evaluator) {
    return "this treesmith scores otherwise than the one that began it";
  }
  return "";
}

}  // namespace treesmith
