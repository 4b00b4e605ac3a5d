#include "search/auto.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "search/words.h"

namespace treesmith {
namespace {

// Tries of a node before the next best of its family has a turn.
constexpr int kTriesPerRank = 6;
// After so many duplicates in a row a node has nothing more to give.
constexpr int kDeadEnds = 3;
// One improvement in eight is for diversity.
constexpr double kDiversityShare = 0.125;
// Families at least this close count for diversity: about one median distance.
constexpr double kCloseEnough = 0.3;

struct Medians {
  double lower = 0;
  double upper = 0;
};

// Of an odd number of values the two are one; of none they are 0.
Medians MediansOf(std::vector<double> values) {
  if (values.empty()) return {};
  std::ranges::sort(values);
  return {values[(values.size() - 1) / 2], values[values.size() / 2]};
}

// The distance at which a family's weight falls to 1/e. The upper median keeps
// two near ties from making all others far; the lower one keeps an outlier from
// making all others close.
double UsualGap(std::vector<double> gaps) {
  const Medians medians = MediansOf(std::move(gaps));
  return std::max(medians.lower, 0.3 * medians.upper);
}

std::string NameOf(const Family& family) {
  return family.name.empty() ? "its family" : family.name;
}

}  // namespace

AutoPolicy::AutoPolicy(PolicySettings settings)
    : settings_(std::move(settings)),
      draft_repairs_(settings_, Repairs::Which::kOfDrafts),
      other_repairs_(settings_, Repairs::Which::kOfOthers),
      families_(settings_) {}

std::optional<Proposal> AutoPolicy::Next(const Tree& tree, Rng& rng,
                                         Milliseconds /*elapsed*/) {
  draft_repairs_.CatchUp(tree);
  other_repairs_.CatchUp(tree);
  families_.CatchUp(tree);
  const SearchParameters& parameters = settings_.parameters;
  // One draw for the kind of step, so that the chances add up.
  double chance = rng.Uniform();

  if (auto draft = FirstDraft(tree)) return draft;
  if (const auto leaf = draft_repairs_.Choose(tree, rng)) {
    return Repair(tree, *leaf, parameters.max_debug_depth);
  }
  std::vector<Option> options = Options(tree);
  if (options.empty()) return Remaining(tree, rng);
  if (chance < parameters.crossover_prob) {
    if (auto crossed = Cross(options, tree, rng)) return crossed;
  }
  chance -= parameters.crossover_prob;
  if (chance >= 0 && chance < parameters.draft_prob &&
      Accepts(settings_, Operator::kDraft, {})) {
    return Proposal{
        Operator::kDraft,
        {},
        "a new draft now and then: " + Count(tree.drafts().size(), "draft") +
            " among " + Count(tree.size(), "node")};
  }
  chance -= parameters.draft_prob;
  if (chance >= 0 && chance < parameters.debug_prob) {
    if (const auto leaf = other_repairs_.Choose(tree, rng)) {
      return Repair(tree, *leaf, parameters.max_debug_depth);
    }
  }
  return Improve(options, tree, rng);
}

std::optional<Proposal> AutoPolicy::FirstDraft(const Tree& tree) const {
  const size_t drafts =
      tree.drafts().size() + static_cast<size_t>(tree.drafts_in_flight());
  const size_t wanted = FirstDrafts(settings_);
  if (drafts >= wanted || !Accepts(settings_, Operator::kDraft, {})) {
    return std::nullopt;
  }
  return Proposal{Operator::kDraft,
                  {},
                  "every family once: draft " + std::to_string(drafts + 1) +
                      " of " + std::to_string(wanted)};
}

std::optional<NodeId> AutoPolicy::NodeOf(const Family& family,
                                         const Tree& tree) const {
  std::optional<NodeId> chosen;
  size_t fewest = 0;
  for (size_t rank = 0; rank < family.leaders.size(); ++rank) {
    const NodeId id = family.leaders[rank];
    if (families_.dead_ends(id) >= kDeadEnds) continue;
    const size_t tries = rank * kTriesPerRank + tree.children(id).size() +
                         static_cast<size_t>(tree.in_flight(id));
    if (!chosen || tries < fewest) {
      chosen = id;
      fewest = tries;
    }
  }
  return chosen;
}

std::vector<AutoPolicy::Option> AutoPolicy::Options(const Tree& tree) const {
  std::vector<Option> options;
  if (!HasGood(tree)) return options;
  const MetricValue& best = tree.at(*tree.best()).score->value;
  for (const Family& family : families_.all()) {
    const std::optional<NodeId> node = NodeOf(family, tree);
    if (!node) continue;
    Option option{.family = &family, .node = *node, .tries = family.tries};
    // Work in flight counts as tries that pay nothing.
    int in_flight = 0;
    for (const NodeId id : family.leaders) in_flight += tree.in_flight(id);
    option.tries += in_flight;
    option.tries_ever = family.tries_ever + in_flight;
    option.gap = best.GainOver(*family.best);
    options.push_back(option);
  }
  Weigh(options);
  return options;
}

void AutoPolicy::Weigh(std::vector<Option>& options) const {
  std::vector<double> gaps;
  std::vector<double> costs;
  double tries = 0;
  for (const Option& option : options) {
    if (option.gap > 0) gaps.push_back(option.gap);
    if (option.family->cost > 0) costs.push_back(option.family->cost);
    tries += option.tries;
  }
  const double usual_gap = UsualGap(std::move(gaps));
  const double usual_cost = MediansOf(std::move(costs)).lower;
  for (Option& option : options) {
    if (usual_gap > 0) option.closeness = std::exp(-option.gap / usual_gap);
    double cost = 1;
    if (option.family->cost > 0) {
      cost = std::clamp(std::sqrt(option.family->cost / usual_cost), 0.3, 3.0);
    }
    const double unknown = std::sqrt(std::log1p(tries) / (1 + option.tries));
    option.index =
        option.closeness *
        (option.family->MeanPaid() + settings_.parameters.explore * unknown) /
        cost;
  }
}

std::optional<Proposal> AutoPolicy::Cross(const std::vector<Option>& from,
                                          const Tree& tree, Rng& rng) const {
  if (from.size() < 2) return std::nullopt;
  const auto first = std::ranges::min_element(from, {}, &Option::gap);
  double total = -first->closeness;
  for (const Option& option : from) total += option.closeness;
  // The other by closeness. Rounding may leave a little over: then the last.
  double draw = rng.Uniform() * total;
  const Option* second = nullptr;
  for (const Option& option : from) {
    if (&option == &*first) continue;
    second = &option;
    draw -= option.closeness;
    if (draw < 0) break;
  }
  const NodeId a = first->family->leaders.front();
  const NodeId b = second->family->leaders.front();
  if (families_.Crossed(a, b) ||
      !Accepts(settings_, Operator::kCrossover, {a, b})) {
    return std::nullopt;
  }
  return Proposal{Operator::kCrossover,
                  {a, b},
                  "cross " + Describe(tree, a) + ", the best, with " +
                      Describe(tree, b) + ", the best of another family"};
}

std::optional<Proposal> AutoPolicy::Improve(const std::vector<Option>& options,
                                            const Tree& tree, Rng& rng) const {
  const bool diverse = rng.Uniform() < kDiversityShare;
  const Option* chosen = nullptr;
  for (const Option& option : options) {
    if (diverse && option.closeness < kCloseEnough) continue;
    const bool ahead =
        chosen != nullptr && (diverse ? option.tries_ever >= chosen->tries_ever
                                      : option.index <= chosen->index);
    if (!ahead) chosen = &option;
  }
  // All close families may be exhausted.
  if (chosen == nullptr) chosen = &options.front();
  const Family& family = *chosen->family;
  std::string why = "improve " + Describe(tree, chosen->node) + ": " +
                    std::to_string(family.paid_ever) + " of " +
                    Count(static_cast<size_t>(family.tries_ever), "try") +
                    " of " + NameOf(family) + " paid";
  if (chosen->gap > 0) why += ", " + Short(chosen->gap) + " behind the best";
  why += diverse ? "; its turn, for diversity"
                 : "; index " + Short(chosen->index) + " is the highest of " +
                       std::to_string(options.size());
  return Proposal{Operator::kImprove, {chosen->node}, std::move(why)};
}

std::optional<Proposal> AutoPolicy::Remaining(const Tree& tree,
                                              Rng& rng) const {
  // What is in flight may be the first good node.
  if (tree.drafts_in_flight() > 0) return std::nullopt;
  if (Accepts(settings_, Operator::kDraft, {})) {
    return Proposal{
        Operator::kDraft,
        {},
        HasGood(tree) ? "nothing is left to improve" : "no node is scored yet"};
  }
  if (const auto leaf = other_repairs_.Choose(tree, rng)) {
    return Repair(tree, *leaf, settings_.parameters.max_debug_depth);
  }
  return std::nullopt;
}

}  // namespace treesmith
