// The engine's jobs: which is next, and what each of them is given.
#include <algorithm>
#include <utility>

#include "base/check.h"
#include "code/normal_form.h"
#include "engine/engine.h"
#include "search/racing.h"

namespace treesmith {
namespace {

// Repeats are for telling good nodes apart; before this many are complete there
// is little to tell. Not more, so that runs of a minute or two have some.
constexpr size_t kRepeatsFrom = 3;
// A refit is worth while again when refits took less than a tenth of all runs
// so far.
constexpr double kRefitShare = 10;

}  // namespace

// The order is fixed: what ends a step soonest first, so that results are
// never kept waiting for new work.
Result<bool> Engine::StartSomething() {
  if (Serial() && !in_flight_.empty()) return false;
  if (RunJobs() < config_.workers) {
    TRY_ASSIGN(const bool refit, StartRefit());
    if (refit) return true;
  }
  for (const auto& [id, step] : state_.open_steps()) {
    TRY_ASSIGN(const bool advanced, Advance(step));
    if (advanced) return true;
  }
  return Propose();
}

void Engine::Launch(WorkerPool& pool, Activity activity, WorkerPool::Job job) {
  const int64_t subject =
      activity.node.valid() ? activity.node.value : activity.step.value;
  const JobKey key{activity.kind, subject, activity.unit};
  activity.since = Elapsed();
  in_flight_[key] = std::move(activity);
  pool.Start(std::move(job));
}

// --- steps -------------------------------------------------------------------

int Engine::UnitsWanted(const OpenStep& step) const {
  if (!step.units.front()) return 1;  // the first unit alone: most bugs show
  return step.first_rung ? parts_.evaluator.units()
                         : parts_.evaluator.first_rung_units();
}

Result<bool> Engine::Advance(const OpenStep& step) {
  if (!step.written) {
    if (exhausted_ || AskJobs() >= config_.ask_slots) return false;
    return StartWrite(step);
  }
  if (step.unreviewed() != nullptr) return StartReview(step);
  if (RunJobs() >= config_.workers) return false;
  TRY_ASSIGN(const bool raced, StartRace(step));
  if (raced) return true;
  TRY_ASSIGN(const bool unit, StartUnit(step));
  if (unit) return true;
  // A race that is on may yet end the step: it is not scored beside it.
  if (in_flight_.contains({Activity::Kind::kRace, step.id.value, 0})) {
    return false;
  }
  return StartScore(step);
}

Result<bool> Engine::StartWrite(const OpenStep& step) {
  if (in_flight_.contains({Activity::Kind::kWrite, step.id.value, 0})) {
    return false;
  }
  Assignment assignment;
  assignment.step = step.id;
  assignment.op = step.proposal.op;
  assignment.nodes = state_.tree().Nodes();
  for (const NodeId id : step.proposal.parents) {
    const Node& node = state_.tree().at(id);
    ParentView parent;
    parent.id = id;
    TRY_ASSIGN(parent.code, Load(node.script));
    TRY_ASSIGN(parent.output, Load(node.output));
    TRY_ASSIGN(parent.diagnosis, Load(node.diagnosis));
    assignment.parents.push_back(std::move(parent));
  }
  for (const auto& [id, open] : state_.open_steps()) {
    if (open.written && !open.written->change.empty()) {
      assignment.changes_in_flight.push_back(open.written->change);
    }
  }
  if (const auto refused = refused_.find(step.id); refused != refused_.end()) {
    assignment.refused = refused->second;
  }
  if (budget_.time) assignment.time_left = *budget_.time - step.proposed_at;
  if (budget_.steps) {
    assignment.steps_left = *budget_.steps - step.id.value;
  }
  assignment.script_timeout = WallLimit();
  const TrainRows rows = parts_.evaluator.train_rows();
  if (Settled() && rows.all > 0) {
    assignment.train_share = TrainShare() * static_cast<double>(rows.fold) /
                             static_cast<double>(rows.all);
  }
  assignment.rng = Rng(config_.seed, static_cast<uint64_t>(step.id.value),
                       "coder" + std::to_string(assignment.refused.size()));
  if (step.id.index() < config_.start_scripts.size()) {
    return StartGiven(step);
  }
  Launch(*ask_pool_, {Activity::Kind::kWrite, step.id, {}, 0, "", {}},
         [this, assignment = std::move(assignment)](std::stop_token stop) {
           WriteArrived arrival{
               assignment.step, parts_.coder.Write(assignment, stop), {}};
           if (arrival.candidate.ok()) {
             arrival.form = NormalHash(arrival.candidate->script.code);
           }
           return arrival;
         });
  return true;
}

// The user's own script (--start): nothing has to be asked.
Result<bool> Engine::StartGiven(const OpenStep& step) {
  const auto& [name, code] = config_.start_scripts[step.id.index()];
  Candidate candidate;
  candidate.plan = "Given by the user: " + name;
  candidate.change = "start";
  candidate.family = "start";
  candidate.script.code = code;
  TRY(On(WriteArrived{step.id, std::move(candidate), NormalHash(code)}));
  return true;
}

Result<bool> Engine::StartUnit(const OpenStep& step) {
  // The pilot alone: other units would be of another rung than the plan's.
  if (!Settled() && RunJobs() > 0) return false;
  const int wanted = UnitsWanted(step);
  for (int unit = 0; unit < wanted; ++unit) {
    if (step.units[static_cast<size_t>(unit)] ||
        in_flight_.contains({Activity::Kind::kUnit, step.id.value, unit})) {
      continue;
    }
    UnitJob job;
    TRY_ASSIGN(job.script.code, Load(step.written->script));
    job.unit = unit;
    job.train_share = TrainShare();
    job.wall_limit = WallLimit();
    Launch(*run_pool_,
           {Activity::Kind::kUnit, step.id, {}, unit, step.written->change, {}},
           [this, id = step.id, job = std::move(job)](std::stop_token stop) {
             return UnitArrived{id, job.unit,
                                parts_.evaluator.RunUnit(job, stop)};
           });
    return true;
  }
  return false;
}

std::optional<NodeId> Engine::Rival() const {
  const Tree& tree = state_.tree();
  if (tree.complete().size() < static_cast<size_t>(kRaceRank)) {
    return std::nullopt;
  }
  return tree.leaders().back();
}

Result<bool> Engine::StartRace(const OpenStep& step) {
  const int done = step.scored_prefix();
  if (done == 0 || done >= parts_.evaluator.first_rung_units()) return false;
  if (step.raced && step.raced->units >= done) return false;
  if (in_flight_.contains({Activity::Kind::kRace, step.id.value, 0})) {
    return false;
  }
  const std::optional<NodeId> rival = Rival();
  if (!rival) return false;
  RaceJob job;
  std::vector<Hash128> own;
  own.reserve(static_cast<size_t>(done));
  for (int i = 0; i < done; ++i) {
    own.push_back(step.units[static_cast<size_t>(i)]->predictions);
  }
  TRY_ASSIGN(job.own, LoadPredictions(own));
  TRY_ASSIGN(job.rival, LoadPredictions(state_.tree().at(*rival).predictions));
  const Tree& tree = state_.tree();
  job.complete_nodes = static_cast<int>(tree.complete().size());
  job.best_of_family = !tree.best_by_family().contains(step.written->family);
  Launch(*run_pool_,
         {Activity::Kind::kRace, step.id, {}, 0, step.written->change, {}},
         [this, id = step.id, done, rival = *rival,
          job = std::move(job)](std::stop_token stop) {
           return RaceArrived{id, done, rival,
                              parts_.evaluator.Race(job, stop)};
         });
  return true;
}

std::vector<const Node*> Engine::NearFamilies(size_t least) const {
  constexpr double kFar = 4;  // errors of the best score
  const Tree& tree = state_.tree();
  std::vector<const Node*> near;
  for (const auto& [family, id] : tree.best_by_family()) {
    if (!state_.leaks(id)) near.push_back(&tree.at(id));
  }
  if (near.empty()) return near;
  std::ranges::stable_sort(near, [](const Node* a, const Node* b) {
    return a->score->value.BetterThan(b->score->value);
  });
  const NodeScore& best = *near.front()->score;
  while (near.size() > least && best.value.GainOver(near.back()->score->value) >
                                    kFar * best.standard_error) {
    near.pop_back();
  }
  return near;
}

// Few, as each is scored in the blend.
Status Engine::LoadEnsemble(const std::string& family, ScoreJob& job) {
  constexpr size_t kMembers = 4;
  const Tree& tree = state_.tree();
  if (!tree.best() || state_.leaks(*tree.best())) return {};
  std::vector<const Node*> members = NearFamilies(0);
  // Added to a mean that has no place for its family, any change of it would
  // seem a loss.
  if (tree.best_by_family().contains(family) &&
      std::ranges::find(members, family, &Node::family) == members.end()) {
    return {};
  }
  if (members.size() > kMembers) members.resize(kMembers);
  for (const Node* node : members) {
    std::vector<Hash128> first_rung = node->predictions;
    first_rung.resize(
        std::min(first_rung.size(),
                 static_cast<size_t>(parts_.evaluator.first_rung_units())));
    TRY_ASSIGN(UnitPredictions predictions, LoadPredictions(first_rung));
    if (node->family == family) {
      job.same_family = std::move(predictions);
    } else {
      job.others.push_back(std::move(predictions));
    }
  }
  return {};
}

Result<bool> Engine::StartScore(const OpenStep& step) {
  if (in_flight_.contains({Activity::Kind::kScore, step.id.value, 0})) {
    return false;
  }
  ScoreJob job;
  std::vector<Hash128> own;
  for (int unit = 0; unit < UnitsWanted(step); ++unit) {
    const auto& run = step.units[static_cast<size_t>(unit)];
    if (!run) return false;
    own.push_back(run->predictions);
    job.seconds += run->wall;
  }
  TRY_ASSIGN(job.own, LoadPredictions(own));
  const Tree& tree = state_.tree();
  if (!step.proposal.parents.empty()) {
    const Node& parent = tree.at(step.proposal.parents.front());
    if (parent.complete()) {
      TRY_ASSIGN(job.parent, LoadPredictions(parent.predictions));
    }
  }
  if (tree.best()) {
    TRY_ASSIGN(job.best, LoadPredictions(tree.at(*tree.best()).predictions));
  }
  TRY(LoadEnsemble(step.written->family, job));
  if (step.reviewed) job.reported = step.reviewed->metric;
  job.limit = WallLimit();
  job.seed =
      Rng(config_.seed, static_cast<uint64_t>(step.id.value), "score").Next();
  Launch(*run_pool_,
         {Activity::Kind::kScore, step.id, {}, 0, step.written->change, {}},
         [this, id = step.id, job = std::move(job)](std::stop_token stop) {
           return ScoreArrived{id, parts_.evaluator.Score(job, stop)};
         });
  return true;
}

// A node goes on to the repeats when it may be the best: what the noise of one
// repeat hides should not decide (design 5.3).
bool Engine::Contends(const NodeScore& score) const {
  if (parts_.evaluator.units() == parts_.evaluator.first_rung_units()) {
    return false;
  }
  if (!score.over_best || state_.tree().complete().size() < kRepeatsFrom) {
    return false;
  }
  return score.over_best->mean + score.over_best->standard_error > 0;
}

// --- proposals ---------------------------------------------------------------

Result<bool> Engine::Propose() {
  if (exhausted_ || StopReason()) return false;
  // Until then nobody knows how long a script may be.
  if (!Settled() && !state_.open_steps().empty()) return false;
  // Proposals never outrun results: one step for every worker, and those whose
  // candidates are being asked for.
  const auto most =
      static_cast<size_t>(Serial() ? 1 : config_.workers + config_.ask_slots);
  if (state_.open_steps().size() >= most) return false;
  if (AskJobs() >= config_.ask_slots) return false;
  const StepId step = state_.next_step();
  const auto given = config_.start_scripts.size();
  std::optional<Proposal> proposal;
  if (step.index() < given) {
    proposal = Proposal{Operator::kDraft,
                        {},
                        "given: " + config_.start_scripts[step.index()].first};
  } else {
    Rng rng(config_.seed, static_cast<uint64_t>(step.value), "policy");
    proposal = parts_.policy.Next(state_.tree(), rng, state_.elapsed());
  }
  if (!proposal) return false;
  TRY(Commit({Proposed{step, *std::move(proposal)}}));
  return true;
}

// --- refits ------------------------------------------------------------------

std::optional<NodeId> Engine::RefitDue() const {
  const std::optional<NodeId> best = state_.tree().best();
  if (!parts_.evaluator.has_test() || !best) return std::nullopt;
  if (HasRefit(*best)) return std::nullopt;
  const double refits = static_cast<double>(state_.refit_count()) *
                        RefitWeight(state_.tree().at(*best));
  if (refits * kRefitShare > static_cast<double>(state_.units_run())) {
    return std::nullopt;
  }
  return best;
}

Result<bool> Engine::StartRefit() {
  const std::optional<NodeId> due = RefitDue();
  if (!due) return false;
  // One at a time: the next best node may come while it runs.
  const bool running = std::ranges::any_of(in_flight_, [](const auto& job) {
    return job.second.kind == Activity::Kind::kRefit;
  });
  if (running) return false;
  TRY(LaunchRefit(*due));
  return true;
}

Status Engine::LaunchRefit(NodeId id) {
  const Node& node = state_.tree().at(id);
  RefitJob job;
  TRY_ASSIGN(job.script.code, Load(node.script));
  TRY_ASSIGN(job.own, LoadPredictions(node.predictions));
  job.train_share = RefitShareOf(id);
  job.wall_limit = RefitLimit();
  Launch(*run_pool_, {Activity::Kind::kRefit, {}, id, 0, node.change, {}},
         [this, id, job = std::move(job)](std::stop_token stop) {
           return RefitArrived{id, job.train_share,
                               parts_.evaluator.Refit(job, stop)};
         });
  return {};
}

}  // namespace treesmith
