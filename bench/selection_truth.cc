// How good is what we pick? Noisy searches on synthetic data with known truth.
//
// Each search proposes nodes of four families; a node's hidden predictions are
// the signal with an error shared by its family and one of its own, of a size
// that differs little between nodes. In *independent* searches every own error
// is new; in *improving* ones most nodes keep most of the own error of the best
// node so far, so that the luck that made it the best is handed down; in
// *growing* ones the size of that error, too, so that children are truly
// better. What a pick is truly worth is its score on many more rows of the same
// kind. Compared: the arg-max of one validation number (one fold, as a script
// that scores itself has it), the arg-max of all folds, and our selection; by
// the length of the search. Then what each promises against what it is truly
// worth, less what the hidden rows add to a prediction that nothing chose (the
// signal): that is luck of the rows, the same for all.
//
//   selection_truth [SEARCHES [independent | improving | growing]]
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/rng.h"
#include "search/bbc.h"
#include "search/ensemble.h"
#include "search/ensemble_blend.h"
#include "search/shortlist.h"

namespace treesmith {
namespace {

constexpr size_t kHidden = 800;
constexpr size_t kFuture = 5000;  // rows that tell the true score
constexpr int kFolds = 5;
constexpr int kFamilies = 4;
constexpr double kUnpredictable = 1.0;
// Of improving searches: the first drafts, and how alike own errors of parent
// and child are; of growing ones how unlike the sizes, in logarithms.
constexpr size_t kDrafts = 8;
constexpr double kInherited = 0.9;
constexpr double kGrowth = 0.06;

enum class Kind { kIndependent, kImproving, kGrowing };
constexpr std::array<std::string_view, 3> kKindNames = {"independent",
                                                        "improving", "growing"};

struct Search {
  Truth hidden;
  Truth future;
  std::vector<int> folds;
  std::vector<float> signal;  // of all rows
  std::vector<size_t> families;
  std::vector<std::vector<size_t>> parents;
  std::vector<std::vector<float>> hidden_predictions;
  std::vector<std::vector<float>> future_predictions;
};

std::vector<double> Normals(size_t count, double scale, Rng& rng) {
  std::vector<double> values(count);
  for (double& value : values) value = scale * rng.Normal();
  return values;
}

constexpr size_t kAll = kHidden + kFuture;

void DrawTruth(bool classes, Search& search, Rng& rng) {
  for (const double value : Normals(kAll, 1, rng)) {
    search.signal.push_back(static_cast<float>(value));
  }
  for (size_t i = 0; i < kAll; ++i) {
    const double noisy = search.signal[i] + kUnpredictable * rng.Normal();
    Truth& truth = i < kHidden ? search.hidden : search.future;
    truth.values.push_back(classes ? (noisy > 0 ? 1 : 0) : noisy);
    truth.classes = classes ? 2 : 0;
    if (i < kHidden) search.folds.push_back(static_cast<int>(i % kFolds));
  }
}

// New, or most of it the parent's; of standard deviation 1.
std::vector<double> OwnError(const std::vector<double>* parent, Rng& rng) {
  std::vector<double> own = Normals(kAll, 1, rng);
  if (parent == nullptr) return own;
  const double fresh = std::sqrt(1 - kInherited * kInherited);
  for (size_t i = 0; i < kAll; ++i) {
    own[i] = kInherited * (*parent)[i] + fresh * own[i];
  }
  return own;
}

Search MakeSearch(const Metric& metric, Kind kind, size_t nodes,
                  uint64_t seed) {
  Rng rng(seed);
  Search search;
  DrawTruth(metric.target() != TargetType::kNumber, search, rng);
  std::vector<std::vector<double>> family;
  family.reserve(kFamilies);
  for (int f = 0; f < kFamilies; ++f) family.push_back(Normals(kAll, 0.4, rng));
  size_t best = 0;
  double best_size = 0;
  std::vector<double> best_error;
  MetricValue best_value = MetricValue::Absent(metric.direction());
  for (size_t node = 0; node < nodes; ++node) {
    const bool improves =
        kind != Kind::kIndependent && node >= kDrafts && node % 4 != 0;
    search.parents.emplace_back(improves ? 1 : 0, best);
    search.families.push_back(improves ? search.families[best]
                                       : node % kFamilies);
    double size = 0.5 + 0.2 * rng.Uniform();
    if (improves && kind == Kind::kGrowing) {
      size = best_size * std::exp(kGrowth * rng.Normal());
    }
    std::vector<double> own = OwnError(improves ? &best_error : nullptr, rng);
    std::vector<float> all;
    all.reserve(kAll);
    for (size_t i = 0; i < kAll; ++i) {
      all.push_back(static_cast<float>(
          search.signal[i] + family[search.families[node]][i] + size * own[i]));
    }
    search.hidden_predictions.emplace_back(all.begin(), all.begin() + kHidden);
    search.future_predictions.emplace_back(all.begin() + kHidden, all.end());
    const MetricValue value = metric.Value(
        *metric.Evaluate(search.hidden, {search.hidden_predictions.back()}));
    if (!value.BetterThan(best_value)) continue;
    best = node;
    best_size = size;
    best_value = value;
    best_error = std::move(own);
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
  [[nodiscard]] double RootMeanSquare() const {
    return std::sqrt(squares / count);
  }
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
  // Promised minus true, less the luck of the rows: of the arg-max of one fold,
  Mean one_promised;
  Mean raw_bias;   // of that of all folds,
  Mean bbc_bias;   // after correction,
  Mean ours_raw;   // of our nested score,
  Mean ours_bias;  // and of what we promise
  // What we promise, luck of the rows and all, in errors that we state.
  Mean in_errors;
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
    ListFinalists();
    const std::span signal(search.signal);
    luck_ = ScoreFolds(metric, rows_, {signal.first(kHidden)})->value -
            TrueScore(signal.subspan(kHidden));
  }

  void Run(Totals& totals) {
    const size_t one = ArgMax(1);
    const size_t all = ArgMax(kFolds);
    const double one_true = TrueScore(search_.future_predictions[one]);
    totals.one_fold.Add(one_true);
    totals.one_promised.Add(ValidationScore(one, 1) - one_true - luck_);
    const double all_true = TrueScore(search_.future_predictions[all]);
    totals.all_folds.Add(all_true);
    const BbcEstimate bbc = BbcOfAll();
    totals.raw_bias.Add(bbc.raw - all_true - luck_);
    totals.bbc_bias.Add(bbc.value - all_true - luck_);
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
    totals.ours_raw.Add(ensemble.score.value - ours - luck_);
    totals.ours_bias.Add(ensemble.worth->value - ours - luck_);
    totals.in_errors.Add((ensemble.worth->value - ours) /
                         ensemble.worth->standard_error);
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

  // As a run's end has them (engine/answer.h).
  void ListFinalists() {
    constexpr std::array<std::string_view, kFamilies> kNames = {"0", "1", "2",
                                                                "3"};
    std::vector<FoldedScore> scores;
    scores.reserve(all_.size());
    for (const size_t node : all_) {
      scores.push_back(
          *ScoreFolds(metric_, rows_, {search_.hidden_predictions[node]}));
    }
    std::vector<Entrant> entrants;
    entrants.reserve(all_.size());
    for (const size_t node : all_) {
      entrants.push_back({kNames[search_.families[node]],
                          metric_.Value(scores[node].value),
                          scores[node].fold_values, search_.parents[node]});
    }
    exist_ = ExistWithout(entrants);
    finalists_ = NestedShortList(entrants, exist_);
  }

  [[nodiscard]] BbcEstimate BbcOfAll() const {
    std::vector<PredictionView> views;
    views.reserve(all_.size());
    for (const size_t node : all_) {
      views.push_back({search_.hidden_predictions[node]});
    }
    return *EstimateSelection(metric_, rows_, views, plan_);
  }

  [[nodiscard]] Ensemble Choose() {
    EnsembleInput input = {.metric = metric_, .rows = rows_, .plan = plan_};
    for (const size_t node : finalists_) {
      input.candidates.push_back({search_.hidden_predictions[node],
                                  std::to_string(search_.families[node]), 1,
                                  exist_[node]});
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
  std::vector<std::vector<uint8_t>> exist_;
  double luck_ = 0;
};

void PrintPicks(int nodes, const Totals& totals) {
  std::printf("%6d %9.4f %9.4f %9.4f %9.4f +- %.4f %8.1f %8.2f\n", nodes,
              totals.one_fold.Value(), totals.all_folds.Value(),
              totals.ours.Value(), totals.gain.Value(), totals.gain.Error(),
              totals.members.Value(), totals.seconds.Value());
  std::fflush(stdout);
}

void PrintPromises(int nodes, const Totals& totals) {
  std::printf("%6d %21s", nodes, "");
  for (const Mean& mean :
       {totals.one_promised, totals.raw_bias, totals.bbc_bias, totals.ours_raw,
        totals.ours_bias}) {
    std::printf(" %+.4f +- %.4f ", mean.Value(), mean.Error());
  }
  std::printf(" %+.2f, rms %.2f\n", totals.in_errors.Value(),
              totals.in_errors.RootMeanSquare());
}

void Report(const char* name, Kind kind, int searches) {
  const Metric metric = *FindMetric(name);
  std::printf("\n%s, mean true score over %d %s searches\n", name, searches,
              kKindNames[static_cast<size_t>(kind)].data());
  std::printf("%6s %9s %9s %9s %18s %8s %8s\n", "nodes", "one fold", "folds",
              "ours", "gain over one fold", "members", "seconds");
  std::vector<std::pair<int, Totals>> lengths;
  for (const int nodes : {10, 30, 100, 300}) {
    Totals totals;
    for (int i = 0; i < searches; ++i) {
      const auto seed = 1000 + static_cast<uint64_t>(i);
      const Search search =
          MakeSearch(metric, kind, static_cast<size_t>(nodes), seed);
      Trial(metric, search, seed).Run(totals);
    }
    PrintPicks(nodes, totals);
    lengths.emplace_back(nodes, totals);
  }
  std::printf("%6s  promised minus true: %-18s %-18s %-18s %-18s %-18s %s\n",
              "nodes", "one fold", "folds", "folds, BBC", "ours, nested",
              "ours, promised", "in own errors");
  for (const auto& [nodes, totals] : lengths) PrintPromises(nodes, totals);
}

}  // namespace
}  // namespace treesmith

int main(int argc, char** argv) {
  using treesmith::Kind;
  const int searches = argc > 1 ? std::max(2, std::atoi(argv[1])) : 40;
  const std::string_view only = argc > 2 ? argv[2] : "";
  for (const Kind kind :
       {Kind::kIndependent, Kind::kImproving, Kind::kGrowing}) {
    const auto name = treesmith::kKindNames[static_cast<size_t>(kind)];
    if (!only.empty() && only != name) continue;
    treesmith::Report("rmse", kind, searches);
    treesmith::Report("auc", kind, searches);
  }
  return 0;
}
