// Ensemble: the blend of finalists that answers a run.
//
// Four ways to blend are fitted and judged by nested folds (weights fitted
// without the fold that they are scored on): the best node alone, the plain
// mean of the best of each family, greedy forward selection with replacement
// over random halves of the members (Caruana 2004), and from 5,000 rows a
// non-negative ridge stack; where the folds are one hidden period seen twice,
// of the better half of the nodes only. The plain mean wins what cannot be told
// apart; a single node wins where the blend's nested score is worse. These
// scores share the list that the answer is made from, the best by all folds:
// right for comparing, too good for a promise. What the selection is worth is
// therefore estimated once more with lists that are nested too, and where a
// fold also decided who exists, a second time without those; the lower promise
// counts. Pure and deterministic; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/rng.h"
#include "score/bootstrap.h"
#include "score/decide.h"
#include "search/bbc.h"
#include "search/ensemble_blend.h"

namespace treesmith {

struct EnsembleCandidate {
  // Hidden predictions of all rows, row-major, `EnsembleInput::columns` a row.
  std::span<const float> predictions;
  std::string family;
  double cost = 0;
  // By fold: whether it would exist without (ExistWithout); empty: always.
  std::vector<uint8_t> exists_without = {};
};

struct EnsembleInput {
  const Metric& metric;
  // Rows, folds and units as they were scored.
  HiddenRows rows;
  const BootstrapPlan& plan;
  int columns = 1;
  // For a label metric: the predictions are labels, with nothing to decide
  // from; such nodes cannot be blended.
  bool labels_only = false;
  // As in DecideByFold.
  std::span<const double> class_values = {};
  std::vector<EnsembleCandidate> candidates = {};
};

enum class EnsembleKind { kSingle, kMean, kGreedy, kStack };

std::string_view EnsembleKindName(EnsembleKind kind);

struct EnsembleMember {
  size_t candidate = 0;  // index into the input
  double weight = 0;     // members' weights add up to 1
};

struct Ensemble {
  EnsembleKind kind = EnsembleKind::kSingle;
  std::vector<EnsembleMember> members;
  // Where their mean is taken.
  BlendSpace space = BlendSpace::kPlain;
  // The nested score, by fold too, and its draws under the plan.
  FoldedScore score;
  std::vector<double> replicates;
  // What the whole selection is worth, from the list of members on; absent
  // where there are too few units to tell.
  std::optional<BbcEstimate> worth;
  // For the real test, where labels are decided.
  std::optional<Decision> decision;
  // The best single candidate, the cheaper one where tied, and what the answer
  // gains over it: nested against its own score, so rather too little.
  size_t best_single = 0;
  PairedGain over_single;
  // One sentence: the ways that were compared, by nested scores.
  std::string why;
};

// `candidates`: the nodes of NestedShortList (search/shortlist.h), or scores
// know too much of their fold. REQUIRES: at least one. BadInput: a prediction
// that is impossible for the metric.
Result<Ensemble> ChooseEnsemble(const EnsembleInput& input, Rng& rng);

}  // namespace treesmith
