#include "engine/run_state.h"

#include <algorithm>

namespace treesmith {

int OpenStep::scored_prefix() const {
  int count = 0;
  for (const auto& unit : units) {
    if (!unit || !unit->outcome.scored()) break;
    ++count;
  }
  return count;
}

const FoldRun* OpenStep::unreviewed() const {
  if (reviewed) return nullptr;
  for (const auto& unit : units) {
    if (unit && !unit->value) return &*unit;
  }
  return nullptr;
}

Status RunState::Apply(const Event& event) {
  elapsed_ = std::max(elapsed_, event.elapsed);
  return std::visit([this](const auto& body) { return On(body); }, event.body);
}

const Refitted* RunState::refit(NodeId node) const {
  const auto found = refits_.find(node);
  return found == refits_.end() ? nullptr : &found->second;
}

Result<OpenStep*> RunState::Find(StepId step) {
  const auto found = open_.find(step);
  if (found == open_.end()) {
    return Failed("read log: step " + std::to_string(step.value) +
                  " was never proposed or has ended");
  }
  return &found->second;
}

namespace {

// A call whose end nobody saw may have taken all that was reserved for it.
Usage WorstOf(const CallStarted& call) {
  return {.calls = 1,
          .tokens_in = call.reserved_tokens,
          .cost_usd = call.reserved_usd};
}

}  // namespace

Usage RunState::committed_usage() const {
  Usage usage = usage_;
  for (const auto& [key, call] : calls_) usage += WorstOf(call);
  return usage;
}

void RunState::Book(StepId step, const Usage& usage) {
  usage_ += usage;
  const auto open = open_.find(step);
  if (open != open_.end()) open->second.usage += usage;
}

Status RunState::On(const RunStarted&) { return {}; }

Status RunState::On(const Resumed&) {
  // Who takes up a run that was over wants more of it: also of a model that had
  // no answer when it ended.
  if (finished_) {
    search_ended_.reset();
    answers_beyond_steps_.clear();
    for (auto& [id, step] : open_) {
      std::erase_if(step.calls,
                    [](const CallEnded& call) { return !call.error.empty(); });
    }
  }
  finished_.reset();
  for (const auto& [key, call] : calls_) Book(call.step, WorstOf(call));
  calls_.clear();
  return {};
}

Status RunState::On(const FoldsCut&) { return {}; }

Status RunState::On(const Proposed& event) {
  if (event.step.value != next_step_) {
    return Failed("read log: step " + std::to_string(event.step.value) +
                  " is proposed out of order");
  }
  for (const NodeId parent : event.proposal.parents) {
    if (!parent.valid() || parent.index() >= tree_.size()) {
      return Failed("read log: step " + std::to_string(event.step.value) +
                    " has a parent that does not exist");
    }
  }
  ++next_step_;
  OpenStep step;
  step.id = event.step;
  step.proposal = event.proposal;
  step.proposed_at = elapsed_;
  step.units.resize(static_cast<size_t>(units_));
  tree_.StartProposal(event.proposal);
  open_.emplace(event.step, std::move(step));
  return {};
}

Status RunState::On(const CallStarted& event) {
  calls_.emplace(CallKey{event.step, event.purpose, event.model, event.attempt,
                         event.request},
                 event);
  return {};
}

Status RunState::On(const CallEnded& event) {
  const auto found = calls_.find(
      {event.step, event.purpose, event.model, event.attempt, event.request});
  if (found != calls_.end()) calls_.erase(found);
  Book(event.step, event.usage);
  const auto open = open_.find(event.step);
  if (open != open_.end()) {
    open->second.calls.push_back(event);
  } else if (!event.reply.IsZero()) {
    answers_beyond_steps_.push_back(event);
  }
  return {};
}

Status RunState::On(const Reviewed& event) {
  TRY_ASSIGN(OpenStep * step, Find(event.step));
  step->reviewed = event;
  return {};
}

Status RunState::On(const Written& event) {
  TRY_ASSIGN(OpenStep * step, Find(event.step));
  step->written = event;
  return {};
}

Status RunState::On(const FoldRun& event) {
  TRY_ASSIGN(OpenStep * step, Find(event.step));
  if (event.unit < 0 || event.unit >= units_) {
    return Failed("read log: unit " + std::to_string(event.unit) +
                  " is outside the fold plan");
  }
  ++units_run_;
  if (event.outcome.scored() &&
      (quickest_unit_.count() == 0 || event.wall < quickest_unit_)) {
    quickest_unit_ = event.wall;
  }
  if (!event.view.IsZero()) {
    views_[static_cast<size_t>(event.unit)] = event.view;
  }
  step->units[static_cast<size_t>(event.unit)] = event;
  return {};
}

Status RunState::On(const Raced& event) {
  TRY_ASSIGN(OpenStep * step, Find(event.step));
  step->raced = event;
  return {};
}

Status RunState::On(const Scored& event) {
  TRY_ASSIGN(OpenStep * step, Find(event.step));
  step->first_rung = event.score;
  return {};
}

Status RunState::On(const NodeAdded& event) {
  TRY_ASSIGN(OpenStep * step, Find(event.step));
  Node node;
  node.step = event.step;
  node.op = step->proposal.op;
  node.parents = step->proposal.parents;
  if (step->written) {
    const Written& written = *step->written;
    node.plan = written.plan;
    node.change = written.change;
    node.family = written.family;
    node.origin = written.origin;
    node.nominal_cost = written.nominal_cost;
    node.script = written.script;
    node.form = written.form;
    node.usage = written.usage;
  }
  // The books tell failed calls as well, and reviews.
  if (step->usage.calls > 0) node.usage = step->usage;
  for (const auto& unit : step->units) {
    if (!unit) continue;
    node.seconds += unit->wall;
    if (unit->outcome.scored()) node.predictions.push_back(unit->predictions);
  }
  node.outcome = event.outcome;
  node.score = event.score;
  node.finding = event.finding;
  node.output = event.output;
  node.diagnosis = event.diagnosis;
  tree_.EndProposal(step->proposal);
  tree_.Add(std::move(node));
  open_.erase(event.step);
  return {};
}

Status RunState::On(const Refitted& event) {
  ++refits_run_;
  const auto before = refits_.find(event.node);
  if (before == refits_.end() || event.usable() || !before->second.usable()) {
    refits_[event.node] = event;
  } else {
    // What fewer rows gave stays, and more are not tried again.
    before->second.share = event.share;
  }
  return {};
}

// Nodes are compared on one rung only: what a pilot's share gave is undone
// where the plan's is another.
Status RunState::On(const Planned& event) {
  TRY_ASSIGN(plan_, DecodeTimePlan(event.plan));
  if (plan_->train_share == plan_->pilot_share) return {};
  views_.assign(views_.size(), {});
  for (auto& [id, step] : open_) {
    step.units.assign(step.units.size(), std::nullopt);
    step.raced.reset();
    step.reviewed.reset();
    step.first_rung.reset();
  }
  return {};
}

Status RunState::On(const SearchEnded& event) {
  search_ended_ = event.reason;
  return {};
}

const Check* RunState::check(NodeId node, std::string_view name) const {
  const auto found = std::ranges::find_if(checks_, [&](const Checked& checked) {
    return checked.node == node && checked.check.name == name;
  });
  return found == checks_.end() ? nullptr : &found->check;
}

bool RunState::leaks(NodeId node) const {
  return std::ranges::any_of(checks_, [node](const Checked& checked) {
    return checked.node == node && checked.check.verdict == CheckVerdict::kLeak;
  });
}

Status RunState::On(const Checked& event) {
  if (event.node.valid() && event.node.index() >= tree_.size()) {
    return Failed("read log: node " + std::to_string(event.node.value) +
                  " is checked before it was added");
  }
  // A later answer to the same question counts.
  std::erase_if(checks_, [&event](const Checked& checked) {
    return checked.node == event.node && checked.check.name == event.check.name;
  });
  checks_.push_back(event);
  return {};
}

Status RunState::On(const Steered&) { return {}; }

Status RunState::On(const BudgetChanged& event) {
  budget_ = event.budget;
  search_ended_.reset();
  return {};
}

Status RunState::On(const Finished& event) {
  finished_ = event;
  return {};
}

}  // namespace treesmith
