#include "operators/builtin/builtin_coder.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "operators/builtin/change_bandit.h"
#include "operators/builtin/cost_limit.h"
#include "operators/builtin/crossover.h"
#include "operators/builtin/diagnosis_hints.h"
#include "operators/builtin/facts.h"
#include "operators/builtin/model_family.h"
#include "operators/builtin/recipe.h"
#include "operators/builtin/recipe_change.h"
#include "operators/builtin/render.h"
#include "operators/builtin/repair.h"
#include "operators/builtin/tuning.h"

namespace treesmith {
namespace {

// Changes that a draft gets beyond its family's starting point, once every
// family has been drafted.
constexpr int kVariedChanges = 2;
// Drafts that cost less than starting up does are alike, and such as cost at
// most so many times as much as the cheapest.
constexpr double kStartCost = 20;
constexpr double kAlike = 2;
// Several, since a step of the knobs may have been tried already.
constexpr int kTuneProposals = 2;

class BuiltinCoder : public Coder {
 public:
  BuiltinCoder(TaskFacts facts, BuiltinOptions options)
      : facts_(std::move(facts)) {
    for (const ModelFamily& family : AllFamilies()) {
      const bool asked = options.families.empty() ||
                         std::ranges::find(options.families, family.name) !=
                             options.families.end();
      if (asked && family.fits(facts_)) families_.push_back(&family);
    }
    Sort();
  }

  [[nodiscard]] bool Accepts(Operator op, const std::vector<NodeId>& parents,
                             const NodeSnapshot& nodes) const override {
    if (op == Operator::kDraft) return !families_.empty();
    return std::ranges::all_of(parents, [&](NodeId id) {
      return DecodeRecipe(nodes[id.index()].origin).has_value();
    });
  }

  [[nodiscard]] int draft_count() const override {
    return static_cast<int>(families_.size());
  }

  [[nodiscard]] std::vector<double> draft_costs() const override {
    std::vector<double> costs;
    costs.reserve(families_.size());
    for (const ModelFamily* family : families_) {
      costs.push_back(DraftCost(family));
    }
    return costs;
  }

  Result<Candidate> Write(const Assignment& assignment,
                          std::stop_token /*stop*/) override {
    switch (assignment.op) {
      case Operator::kDraft:
        return Draft(assignment);
      case Operator::kImprove:
        return Improve(assignment);
      case Operator::kDebug:
        return Debug(assignment);
      case Operator::kCrossover:
        return Crossover(assignment);
    }
    return BadInput("write script: unknown operator");
  }

 private:
  [[nodiscard]] double DraftCost(const ModelFamily* family) const {
    return NominalCost(family->draft(facts_), facts_);
  }

  // Those that may well be the best first: a short run may end after a few.
  // Then the cheapest first, since what is learnt early is worth more; families
  // that cost about as little stay in the table's order.
  void Sort() {
    double cheapest = std::numeric_limits<double>::max();
    for (const ModelFamily* family : families_) {
      cheapest = std::min(cheapest, DraftCost(family));
    }
    const double little = std::max(kStartCost, kAlike * cheapest);
    std::ranges::stable_sort(families_, {}, [&](const ModelFamily* family) {
      const bool likely = family->likely != nullptr && family->likely(facts_);
      return std::pair(!likely, std::max(little, DraftCost(family)));
    });
  }

  [[nodiscard]] Candidate Finish(const Recipe& recipe, std::string change,
                                 std::string plan) const {
    const ModelFamily* family = FindFamily(recipe.family);
    Candidate candidate;
    candidate.plan = fmt::format("{}: {}", family->title, plan);
    candidate.script.code = RenderScript(recipe, facts_, candidate.plan);
    candidate.change = std::move(change);
    candidate.family = recipe.family;
    candidate.origin = EncodeRecipe(recipe);
    candidate.nominal_cost = NominalCost(recipe, facts_);
    return candidate;
  }

  static std::set<std::string> Tried(const NodeSnapshot& nodes) {
    std::set<std::string> tried;
    for (size_t i = 0; i < nodes.size(); ++i) tried.insert(nodes[i].origin);
    return tried;
  }

  static Result<Recipe> ParentRecipe(const Assignment& assignment, size_t i) {
    if (i >= assignment.parents.size()) {
      return BadInput("write script: a parent is missing");
    }
    const NodeId id = assignment.parents[i].id;
    std::optional<Recipe> recipe =
        DecodeRecipe(assignment.nodes[id.index()].origin);
    if (!recipe || FindFamily(recipe->family) == nullptr) {
      return BadInput(
          fmt::format("write script: node {} has no recipe", id.value));
    }
    return *std::move(recipe);
  }

  [[nodiscard]] Result<Candidate> Draft(const Assignment& assignment) const {
    if (families_.empty()) {
      return BadInput("draft script: no model family fits this task");
    }
    const std::set<std::string> tried = Tried(assignment.nodes);
    std::set<std::string> labels(assignment.changes_in_flight.begin(),
                                 assignment.changes_in_flight.end());
    for (size_t i = 0; i < assignment.nodes.size(); ++i) {
      labels.insert(assignment.nodes[i].change);
    }
    for (const ModelFamily* family : families_) {
      std::string label = fmt::format("draft.{}", family->name);
      if (labels.contains(label)) continue;
      return Finish(LimitOf(assignment).Fit(family->draft(facts_)),
                    std::move(label), std::string(family->reason));
    }
    return VariedDraft(assignment, tried);
  }

  [[nodiscard]] CostLimit LimitOf(const Assignment& assignment) const {
    return {facts_,
            assignment.nodes,
            {.timeout = assignment.script_timeout,
             .train_share = assignment.train_share,
             .learn = assignment.time_left.count() > 0}};
  }

  // A family's starting point with some likely changes at once.
  [[nodiscard]] Result<Candidate> VariedDraft(
      const Assignment& assignment, const std::set<std::string>& tried) const {
    Rng rng = assignment.rng;
    const auto arms = ReadArms(assignment.nodes);
    size_t skip = assignment.refused.size();
    for (int attempt = 0; attempt < 50; ++attempt) {
      const ModelFamily* family = families_[rng.Below(families_.size())];
      Recipe recipe = family->draft(facts_);
      std::string plan(family->reason);
      for (int i = 0; i < kVariedChanges; ++i) {
        const auto changes =
            OrderChanges(ChangesOf(facts_, recipe), arms, {}, rng);
        if (changes.empty()) break;
        recipe = changes[0].result;
        plan += " " + changes[0].reason;
      }
      recipe = LimitOf(assignment).Fit(std::move(recipe));
      if (tried.contains(EncodeRecipe(recipe)) || skip-- > 0) continue;
      return Finish(recipe, fmt::format("draft.{}", family->name), plan);
    }
    return BadInput("draft script: every draft was tried");
  }

  [[nodiscard]] Result<Candidate> Improve(const Assignment& assignment) const {
    TRY_ASSIGN(const Recipe parent, ParentRecipe(assignment, 0));
    Rng rng = assignment.rng;
    const std::set<std::string> tried = Tried(assignment.nodes);
    const auto changes = OrderChanges(Improvements(assignment, parent, rng),
                                      ReadArms(assignment.nodes),
                                      assignment.changes_in_flight, rng);
    size_t skip = assignment.refused.size();
    for (const RecipeChange& change : changes) {
      if (tried.contains(EncodeRecipe(change.result))) continue;
      if (skip > 0) {
        --skip;
        continue;
      }
      return Finish(change.result, change.label, change.reason);
    }
    return BadInput(
        "improve script: every change was tried, or would take longer than a "
        "script may");
  }

  // What may be done to the parent within the time that a script has, with
  // what its diagnosis says counted in.
  [[nodiscard]] std::vector<RecipeChange> Improvements(
      const Assignment& assignment, const Recipe& parent, Rng& rng) const {
    std::vector<RecipeChange> changes = ChangesOf(facts_, parent);
    for (int i = 0; i < kTuneProposals; ++i) {
      auto tuned = TuneRecipe(facts_, parent, assignment.nodes, rng);
      if (tuned && tuned->result != parent) {
        changes.push_back(*std::move(tuned));
      }
    }
    const CostLimit limit = LimitOf(assignment);
    std::erase_if(changes, [&](const RecipeChange& change) {
      return limit.Exceeds(change.result);
    });
    const DiagnosisHints hints =
        ReadDiagnosis(facts_, assignment.parents[0].diagnosis);
    for (RecipeChange& change : changes) {
      change.prior.gain += hints.Bonus(change.label);
    }
    return changes;
  }

  [[nodiscard]] Result<Candidate> Debug(const Assignment& assignment) const {
    TRY_ASSIGN(Recipe recipe, ParentRecipe(assignment, 0));
    const ParentView& parent = assignment.parents[0];
    const Outcome& outcome = assignment.nodes[parent.id.index()].outcome;
    const std::set<std::string> tried = Tried(assignment.nodes);
    size_t skip = assignment.refused.size();
    // A repaired recipe that was tried already is repaired further.
    for (int attempt = 0; attempt < 10; ++attempt) {
      TRY_ASSIGN(const RecipeChange repair,
                 RepairRecipe(facts_, recipe, outcome, parent.output));
      recipe = repair.result;
      if (tried.contains(EncodeRecipe(recipe))) continue;
      if (skip > 0) {
        --skip;
        continue;
      }
      return Finish(recipe, repair.label, repair.reason);
    }
    return BadInput("repair script: every repair was tried");
  }

  [[nodiscard]] Result<Candidate> Crossover(
      const Assignment& assignment) const {
    TRY_ASSIGN(const Recipe first, ParentRecipe(assignment, 0));
    TRY_ASSIGN(const Recipe second, ParentRecipe(assignment, 1));
    const std::set<std::string> tried = Tried(assignment.nodes);
    const CostLimit limit = LimitOf(assignment);
    size_t skip = assignment.refused.size();
    for (const Recipe& child : CrossRecipes(facts_, first, second)) {
      if (tried.contains(EncodeRecipe(child)) || limit.Exceeds(child)) continue;
      if (skip > 0) {
        --skip;
        continue;
      }
      return Finish(child, "crossover." + child.family,
                    "The features of one parent with the model of the other.");
    }
    return BadInput(
        "cross scripts: nothing new comes of these two, or it would take "
        "longer than a script may");
  }

  TaskFacts facts_;
  std::vector<const ModelFamily*> families_;
};

}  // namespace

std::unique_ptr<Coder> MakeBuiltinCoder(const Task& task,
                                        const Profile& profile,
                                        BuiltinOptions options) {
  return std::make_unique<BuiltinCoder>(MakeTaskFacts(task, profile),
                                        std::move(options));
}

}  // namespace treesmith
