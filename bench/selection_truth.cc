// How good is what we pick? Noisy searches on synthetic data with known truth.
//
// Each search proposes nodes of four families; a node's hidden predictions are
// the signal with an error shared by its family and one of its own, of a size
// that differs little between nodes. What a pick is truly worth is its score on
// many more rows of the same kind. Compared: the arg-max of one validation
// number (one fold, as a script that scores itself has it), the arg-max of all
// folds, and our selection; by the length of the search. Then what BBC-CV says
// of the two selections against what they are truly worth.
//
//   selection_truth [SEARCHES]
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "base/rng.h"
#include "search/bbc.h"
#include "search/ensemble.h"
#include "search/ensemble_blend.h"
#include "search/selection.h"

namespace treesmith {
namespace {

constexpr size_t kHidden = 800;
constexpr size_t kFuture = 5000;  // rows that tell the true score
constexpr int kFolds = 5;
constexpr int kFamilies = 4;
constexpr double kUnpredictable = 1.0;
// As a run's end does it (engine/answer.h): only the best are looked at.
constexpr size_t kFinalists = 50;

struct Search {
  Truth hidden;
  Truth future;
  std::vector<int> folds;
  std::vector<std::vector<float>> hidden_predictions;
  std::vector<std::vector<float>> future_predictions;
};

std::vector<double> Normals(size_t count, double scale, Rng& rng) {
  std::vector<double> values(count);
  for (double& value : values) value = scale * rng.Normal();
  return values;
}

Search MakeSearch(bool classes, size_t nodes, uint64_t seed) {
  Rng rng(seed);
  Search search;
  constexpr size_t kAll = kHidden + kFuture;
  const std::vector<double> signal = Normals(kAll, 1, rng);
  for (size_t i = 0; i < kAll; ++i) {
    const double noisy = signal[i] + kUnpredictable * rng.Normal();
    Truth& truth = i < kHidden ? search.hidden : search.future;
    truth.values.push_back(classes ? (noisy > 0 ? 1 : 0) : noisy);
    truth.classes = classes ? 2 : 0;
    if (i < kHidden) search.folds.push_back(static_cast<int>(i % kFolds));
  }
  std::vector<std::vector<double>> family;
  family.reserve(kFamilies);
  for (int f = 0; f < kFamilies; ++f) family.push_back(Normals(kAll, 0.4, rng));
  for (size_t node = 0; node < nodes; ++node) {
    const double own = 0.5 + 0.2 * rng.Uniform();
    std::vector<float> all;
    all.reserve(kAll);
    for (size_t i = 0; i < kAll; ++i) {
      all.push_back(static_cast<float>(signal[i] + family[node % kFamilies][i] +
                                       own * rng.Normal()));
    }
    search.hidden_predictions.emplace_back(all.begin(), all.begin() + kHidden);
    search.future_predictions.emplace_back(all.begin() + kHidden, all.end());
  }
  return search;
}

struct Mean {
  double sum = 0;
  double squares = 0;
  double count = 0;

  void Add(double value) {
    sum += value;
    squares += value * value;
    count += 1;
  }
  [[nodiscard]] double Value() const { return sum / count; }
  [[nodiscard]] double Error() const {
    const double mean = Value();
    return std::sqrt(std::max(0.0, squares / count - mean * mean) /
                     (count - 1));
  }
};

struct Totals {
  Mean one_fold;   // true score of the arg-max of one fold
  Mean all_folds;  // of the arg-max of all folds
  Mean ours;       // of our selection
  Mean gain;       // ours over the arg-max of one fold, paired
  Mean members;
  Mean one_promised;  // the arg-max's own number minus its true score
  Mean raw_bias;      // the same for the arg-max of all folds,
  Mean bbc_bias;      // after correction,
  Mean ours_raw;      // for our nested score,
  Mean ours_bbc;      // and for it after correction over the finalists,
  Mean ours_bbc_all;  // over all nodes
  Mean seconds;
};

class Trial {
 public:
  Trial(const Metric& metric, const Search& search, uint64_t seed)
      : metric_(metric),
        search_(search),
        rows_{search.hidden, search.folds},
        rng_(seed, 1, "selection"),
        plan_(kHidden, rng_) {
    for (size_t i = 0; i < search.hidden_predictions.size(); ++i) {
      all_.push_back(i);
    }
    finalists_ = ShortList();
  }

  void Run(Totals& totals) {
    const size_t one = ArgMax(1);
    const size_t all = ArgMax(kFolds);
    const double one_true = TrueScore(search_.future_predictions[one]);
    totals.one_fold.Add(one_true);
    totals.one_promised.Add(ValidationScore(one, 1) - one_true);
    const double all_true = TrueScore(search_.future_predictions[all]);
    totals.all_folds.Add(all_true);
    const BbcEstimate bbc = Bbc(all_, {});
    totals.raw_bias.Add(bbc.raw - all_true);
    totals.bbc_bias.Add(bbc.value - all_true);
    const auto start = std::chrono::steady_clock::now();
    const Ensemble ensemble = Choose();
    const std::chrono::duration<double> spent =
        std::chrono::steady_clock::now() - start;
    const double ours = TrueScore(FutureBlend(ensemble));
    totals.seconds.Add(spent.count());
    totals.ours.Add(ours);
    totals.members.Add(static_cast<double>(ensemble.members.size()));
    const double sign = metric_.direction() == Direction::kMaximize ? 1 : -1;
    totals.gain.Add(sign * (ours - one_true));
    totals.ours_raw.Add(ensemble.score.value - ours);
    totals.ours_bbc.Add(Bbc(finalists_, ensemble.nested).value - ours);
    totals.ours_bbc_all.Add(Bbc(all_, ensemble.nested).value - ours);
  }

 private:
  // Over the first `folds` folds, pooled.
  [[nodiscard]] double ValidationScore(size_t node, int folds) const {
    std::vector<double> weights;
    weights.reserve(kHidden);
    for (const int fold : search_.folds) weights.push_back(fold < folds);
    return *metric_.Evaluate(search_.hidden, {search_.hidden_predictions[node]},
                             weights);
  }

  [[nodiscard]] size_t ArgMax(int folds) const {
    size_t best = 0;
    MetricValue best_value = MetricValue::Absent(metric_.direction());
    for (size_t i = 0; i < search_.hidden_predictions.size(); ++i) {
      const MetricValue value = metric_.Value(ValidationScore(i, folds));
      if (!value.BetterThan(best_value)) continue;
      best = i;
      best_value = value;
    }
    return best;
  }

  [[nodiscard]] double TrueScore(std::span<const float> prediction) const {
    return *metric_.Evaluate(search_.future, {prediction});
  }

  // The best of each family, then the best of all.
  [[nodiscard]] std::vector<size_t> ShortList() const {
    std::vector<MetricValue> values;
    values.reserve(all_.size());
    for (const size_t node : all_) {
      values.push_back(metric_.Value(ValidationScore(node, kFolds)));
    }
    std::vector<size_t> sorted = all_;
    std::ranges::stable_sort(sorted, [&](size_t a, size_t b) {
      return values[a].BetterThan(values[b]);
    });
    std::array<bool, kFamilies> seen{};
    std::ranges::stable_partition(sorted, [&](size_t node) {
      return !std::exchange(seen[node % kFamilies], true);
    });
    if (sorted.size() > kFinalists) sorted.resize(kFinalists);
    return sorted;
  }

  // Of single nodes, and of a blend by its nested predictions.
  [[nodiscard]] BbcEstimate Bbc(const std::vector<size_t>& nodes,
                                std::span<const float> nested) const {
    std::vector<PredictionView> views;
    views.reserve(nodes.size() + 1);
    for (const size_t node : nodes) {
      views.push_back({search_.hidden_predictions[node]});
    }
    if (!nested.empty()) views.push_back({nested});
    return *EstimateSelection(metric_, rows_, views, plan_);
  }

  [[nodiscard]] Ensemble Choose() {
    EnsembleInput input = {.metric = metric_, .rows = rows_, .plan = plan_};
    for (const size_t node : finalists_) {
      input.candidates.push_back({search_.hidden_predictions[node],
                                  std::to_string(node % kFamilies), 1});
    }
    return *ChooseEnsemble(input, rng_);
  }

  [[nodiscard]] std::vector<float> FutureBlend(const Ensemble& ensemble) const {
    const BlendSpace space = BlendSpaceOf(metric_);
    std::vector<std::vector<float>> spaced;
    std::vector<double> weights;
    for (const EnsembleMember& member : ensemble.members) {
      spaced.push_back(ToBlendSpace(
          space, {search_.future_predictions[finalists_[member.candidate]]},
          {}));
      weights.push_back(member.weight);
    }
    const std::vector<std::span<const float>> views(spaced.begin(),
                                                    spaced.end());
    return BlendInSpace(space, views, weights);
  }

  const Metric& metric_;
  const Search& search_;
  HiddenRows rows_;
  Rng rng_;
  BootstrapPlan plan_;
  std::vector<size_t> all_;
  std::vector<size_t> finalists_;
};

void Report(const char* name, int searches) {
  const Metric metric = *FindMetric(name);
  std::printf("\n%s, mean true score over %d searches\n", name, searches);
  std::printf("%6s %9s %9s %9s %18s %8s %8s\n", "nodes", "one fold", "folds",
              "ours", "gain over one fold", "members", "seconds");
  std::vector<std::pair<int, Totals>> lengths;
  for (const int nodes : {10, 30, 100, 300}) {
    Totals totals;
    for (int i = 0; i < searches; ++i) {
      const auto seed = 1000 + static_cast<uint64_t>(i);
      const Search search = MakeSearch(metric.target() != TargetType::kNumber,
                                       static_cast<size_t>(nodes), seed);
      Trial(metric, search, seed).Run(totals);
    }
    std::printf("%6d %9.4f %9.4f %9.4f %9.4f +- %.4f %8.1f %8.2f\n", nodes,
                totals.one_fold.Value(), totals.all_folds.Value(),
                totals.ours.Value(), totals.gain.Value(), totals.gain.Error(),
                totals.members.Value(), totals.seconds.Value());
    std::fflush(stdout);
    lengths.emplace_back(nodes, totals);
  }
  std::printf("%6s  promised minus true: %-18s %-18s %-18s %-18s %-18s %s\n",
              "nodes", "one fold", "folds", "folds, BBC", "ours, nested",
              "ours, BBC", "BBC of all");
  for (const auto& [nodes, totals] : lengths) {
    std::printf("%6d %21s", nodes, "");
    for (const Mean& mean :
         {totals.one_promised, totals.raw_bias, totals.bbc_bias,
          totals.ours_raw, totals.ours_bbc, totals.ours_bbc_all}) {
      std::printf(" %+.4f +- %.4f ", mean.Value(), mean.Error());
    }
    std::printf("\n");
  }
}

}  // namespace
}  // namespace treesmith

int main(int argc, char** argv) {
  const int searches = argc > 1 ? std::max(2, std::atoi(argv[1])) : 40;
  treesmith::Report("rmse", searches);
  treesmith::Report("auc", searches);
  return 0;
}
