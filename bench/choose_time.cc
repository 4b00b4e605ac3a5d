// How long the end of a run takes to choose: 1,000 complete nodes of 10,000
// hidden rows in 5 folds. Timed is what the host does after the last node: the
// nested short list, decoding stored predictions, and the choice with its
// promise (search/ensemble.h). Design 5.6 gives it 5 % of the run.
//
//   choose_time [NODES [ROWS [METRIC...]]]
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/rng.h"
#include "search/ensemble.h"
#include "search/shortlist.h"
#include "table/predictions.h"

namespace treesmith {
namespace {

constexpr int kFolds = 5;
constexpr int kClasses = 5;
constexpr std::array<std::string_view, 6> kFamilies = {
    "linear", "trees", "catboost", "lightgbm", "kernel", "mlp"};

// Of this process's own time: the machine may have other work.
double Seconds(const std::function<void()>& work) {
  const std::clock_t start = std::clock();
  work();
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

// Numbers, two classes or five, by a signal a class that nodes see blurred: by
// an error that they share with their family and by one of their own.
class Run {
 public:
  Run(const Metric& metric, size_t nodes, size_t rows)
      : metric_(metric), rows_(rows) {
    if (metric.target() != TargetType::kNumber) {
      truth_.classes = metric.short_name() == "auc" ? 2 : kClasses;
    }
    columns_ = truth_.classes > 2 ? static_cast<size_t>(kClasses) : 1;
    signal_ = Normals(rows * columns_, 1);
    for (size_t row = 0; row < rows; ++row) {
      truth_.values.push_back(Label(row));
      folds_.push_back(static_cast<int>(row % kFolds));
    }
    for (size_t f = 0; f < kFamilies.size(); ++f) {
      shared_.push_back(Normals(rows * columns_, 0.4F));
    }
    for (size_t node = 0; node < nodes; ++node) AddNode(node);
  }

  void Time() {
    Rng rng(3);
    const BootstrapPlan plan(static_cast<uint32_t>(rows_), rng);
    std::vector<size_t> list;
    std::vector<std::vector<uint8_t>> exist;
    const double listing = Seconds([&] {
      const std::vector<Entrant> entrants = Entrants();
      exist = ExistWithout(entrants);
      list = NestedShortList(entrants, exist);
    });
    std::vector<Predictions> decoded;
    const double decoding = Seconds([&] {
      for (const size_t node : list) {
        decoded.push_back(*DecodePredictions(blobs_[node]));
      }
    });
    EnsembleInput input = {.metric = metric_,
                           .rows = {truth_, folds_},
                           .plan = plan,
                           .columns = static_cast<int>(columns_)};
    for (size_t i = 0; i < list.size(); ++i) {
      input.candidates.push_back(
          {decoded[i].values,
           std::string(kFamilies[list[i] % kFamilies.size()]), 1,
           exist[list[i]]});
    }
    std::string why;
    const double choosing =
        Seconds([&] { why = ChooseEnsemble(input, rng)->why; });
    std::printf("%-10s %6zu %8.3f s %8.3f s %8.3f s %8.3f s  %s\n",
                metric_.short_name().c_str(), list.size(), listing, decoding,
                choosing, listing + decoding + choosing, why.c_str());
    std::fflush(stdout);
  }

 private:
  std::vector<float> Normals(size_t count, float scale) {
    std::vector<float> values(count);
    for (float& value : values) {
      value = scale * static_cast<float>(rng_.Normal());
    }
    return values;
  }

  double Label(size_t row) {
    const std::vector<float> noise = Normals(columns_, 1);
    if (columns_ == 1) {
      const double value =
          static_cast<double>(signal_[row]) + static_cast<double>(noise[0]);
      return truth_.classes == 2 ? (value > 0 ? 1 : 0) : value;
    }
    size_t best = 0;
    const float* own = signal_.data() + row * columns_;
    for (size_t c = 1; c < columns_; ++c) {
      if (own[c] + noise[c] > own[best] + noise[best]) best = c;
    }
    return static_cast<double>(best);
  }

  void AddNode(size_t node) {
    Predictions predictions{
        columns_ > 1 ? PredictionKind::kProbability : PredictionKind::kValue,
        static_cast<int>(columns_),
        Normals(signal_.size(),
                0.5F + 0.1F * static_cast<float>(rng_.Uniform()))};
    std::vector<float>& values = predictions.values;
    const std::vector<float>& shared = shared_[node % kFamilies.size()];
    for (size_t i = 0; i < values.size(); ++i) {
      values[i] += signal_[i] + shared[i];
    }
    if (columns_ > 1) Normalise(values);
    blobs_.push_back(EncodePredictions(predictions));
    scores_.push_back(
        *ScoreFolds(metric_, {truth_, folds_}, {values, predictions.columns}));
  }

  void Normalise(std::vector<float>& values) const {
    for (size_t at = 0; at < values.size(); at += columns_) {
      float sum = 0;
      for (size_t c = 0; c < columns_; ++c) {
        values[at + c] = std::exp(values[at + c]);
        sum += values[at + c];
      }
      for (size_t c = 0; c < columns_; ++c) values[at + c] /= sum;
    }
  }

  // Most are said to descend from the best before them.
  [[nodiscard]] std::vector<Entrant> Entrants() const {
    std::vector<Entrant> entrants;
    entrants.reserve(scores_.size());
    size_t best = 0;
    for (size_t node = 0; node < scores_.size(); ++node) {
      entrants.push_back({kFamilies[node % kFamilies.size()],
                          metric_.Value(scores_[node].value),
                          scores_[node].fold_values});
      if (node > 0 && node % 4 != 0) entrants.back().parents = {best};
      if (entrants.back().value.BetterThan(entrants[best].value)) best = node;
    }
    return entrants;
  }

  const Metric& metric_;
  size_t rows_;
  Rng rng_{1};
  Truth truth_;
  std::vector<int> folds_;
  size_t columns_ = 1;
  std::vector<float> signal_;
  std::vector<std::vector<float>> shared_;
  std::vector<std::string> blobs_;
  std::vector<FoldedScore> scores_;
};

std::string Processor() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown processor";
}

}  // namespace
}  // namespace treesmith

int main(int argc, char** argv) {
  const size_t nodes = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1000;
  const size_t rows = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 10'000;
  std::printf(
      "%zu nodes x %zu hidden rows, processor time of one of %u threads of "
      "%s\n",
      nodes, rows, std::thread::hardware_concurrency(),
      treesmith::Processor().c_str());
  std::printf("%-10s %6s %10s %10s %10s %10s\n", "metric", "listed",
              "short list", "decoding", "choosing", "all");
  std::vector<std::string_view> names = {"rmse", "auc", "logloss"};
  if (argc > 3) names.assign(argv + 3, argv + argc);
  for (const std::string_view name : names) {
    const auto metric = treesmith::FindMetric(name);
    if (!metric.ok()) {
      std::fprintf(stderr, "error: %s\n", metric.error().message.c_str());
      return 2;
    }
    treesmith::Run(*metric, nodes, rows).Time();
  }
  return 0;
}
