// The end's checks of what would be the answer: a node whose score does not
// come from the labels that it learns is left out (docs/events.md).
#include <algorithm>
#include <utility>

#include "engine/engine.h"
#include "search/stands_out.h"

namespace treesmith {
namespace {

constexpr std::string_view kCanary = "canary";
// A canary is at most two fits of a fold: one for so many units that ran makes
// a tenth of a run's work at most. Counted and not timed, so that equal runs
// make equal checks.
constexpr int64_t kUnitsPerCanary = 20;
constexpr int kMostFits = 2;
// Convictions call for further canaries, but not without end.
constexpr int64_t kMostConvictions = 5;
constexpr std::chrono::milliseconds kShortestFit{1'000};

std::string ListOf(const std::vector<NodeId>& nodes) {
  std::string text = nodes.size() == 1 ? "node " : "nodes ";
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (i > 0) text += ", ";
    text += std::to_string(nodes[i].value);
  }
  return text;
}

}  // namespace

Status Engine::CheckBest() {
  const std::optional<NodeId> best = state_.tree().best();
  const std::optional<double> ideal = parts_.evaluator.ideal_score();
  if (!best || !ideal || state_.check(*best, "too-good") != nullptr) return {};
  const Node& node = state_.tree().at(*best);
  auto check = StandsOut(state_.tree(), *node.score, *ideal,
                         WithDescendants(state_.tree(), *best));
  if (!check) return {};
  return Commit({Checked{*best, *std::move(check)}});
}

// Heaviest first: what carries the answer is checked where not all can be.
std::vector<NodeId> Engine::Unchecked(const Choice& choice) const {
  std::vector<Member> members = choice.members;
  std::ranges::stable_sort(members, [](const Member& a, const Member& b) {
    return a.weight > b.weight;
  });
  std::vector<NodeId> nodes;
  for (const Member& member : members) {
    if (state_.check(member.node, kCanary) == nullptr) {
      nodes.push_back(member.node);
    }
  }
  return nodes;
}

int64_t Engine::CanariesLeft() const {
  int64_t done = 0;
  int64_t convicted = 0;
  for (const Checked& checked : state_.checks()) {
    if (checked.check.name != kCanary || !checked.node.valid()) continue;
    ++done;
    if (checked.check.verdict == CheckVerdict::kLeak) ++convicted;
  }
  return std::max<int64_t>(1, state_.units_run() / kUnitsPerCanary) +
         std::min(convicted, kMostConvictions) - done;
}

std::chrono::milliseconds Engine::RefitTime(const Choice& choice) const {
  if (!parts_.evaluator.has_test()) return {};
  std::chrono::milliseconds time{0};
  for (const Member& member : choice.members) {
    if (HasRefit(member.node)) continue;
    time += RefitTime(state_.tree().at(member.node));
  }
  return time / config_.workers;
}

std::chrono::milliseconds Engine::CanaryTime(NodeId id) const {
  const Node& node = state_.tree().at(id);
  const auto units = std::max<size_t>(1, node.predictions.size());
  return node.seconds * kMostFits / static_cast<int64_t>(units);
}

Result<bool> Engine::CheckMembers(const Choice& choice,
                                  std::stop_token interrupt) {
  if (!parts_.evaluator.has_canary() || interrupt.stop_requested()) {
    return false;
  }
  const auto convicted = [&] {
    return std::ranges::count_if(choice.members, [&](const Member& member) {
      return state_.leaks(member.node);
    });
  };
  const auto before = convicted();
  int64_t left = CanariesLeft();
  std::chrono::milliseconds planned{0};
  for (const NodeId node : Unchecked(choice)) {
    if (left-- <= 0) break;
    planned += CanaryTime(node);
    if (budget_.time &&
        Elapsed() + planned / config_.workers + RefitTime(choice) >
            Deadline()) {
      break;
    }
    TRY(LaunchCanary(node));
    if (!Serial()) continue;
    // One by one, so that a run which is killed between two of them goes on as
    // it would have gone: a conviction changes the choice at once.
    TRY(AwaitJobs(interrupt));
    if (convicted() > before) return true;
  }
  TRY(AwaitJobs(interrupt));
  return convicted() > before;
}

Status Engine::LaunchCanary(NodeId id) {
  const Node& node = state_.tree().at(id);
  CanaryJob job;
  TRY_ASSIGN(job.script.code, Load(node.script));
  TRY_ASSIGN(job.own, LoadPredictions(node.predictions));
  job.train_share = TrainShare();
  job.wall_limit = WallLimit();
  if (budget_.time) {
    job.wall_limit =
        std::clamp((Deadline() - Elapsed()) / kMostFits, kShortestFit,
                   std::max(kShortestFit, job.wall_limit));
  }
  job.seed =
      Rng(config_.seed, static_cast<uint64_t>(id.value), "canary").Next();
  Launch(*run_pool_, {Activity::Kind::kCanary, {}, id, 0, node.change, {}},
         [this, id, job = std::move(job)](std::stop_token stop) {
           return CanaryArrived{id, parts_.evaluator.Canary(job, stop)};
         });
  return {};
}

Status Engine::On(CanaryArrived arrival) {
  in_flight_.erase({Activity::Kind::kCanary, arrival.node.value, 0});
  if (!arrival.check.ok()) {
    const Error& error = arrival.check.error();
    if (error.kind == ErrorKind::kCancelled || error.kind == ErrorKind::kLost) {
      return {};  // told as not checked
    }
    return error.Wrap("check node " + std::to_string(arrival.node.value));
  }
  return Commit({Checked{arrival.node, *std::move(arrival.check)}});
}

std::optional<Checked> Engine::SkippedChecks(const Choice& choice,
                                             bool interrupted) const {
  if (!parts_.evaluator.has_canary()) return std::nullopt;
  const std::vector<NodeId> nodes = Unchecked(choice);
  if (nodes.empty()) {
    // An earlier end of the same run may have told of some.
    const Check* before = state_.check({}, kCanary);
    if (before == nullptr || before->verdict != CheckVerdict::kSkipped) {
      return std::nullopt;
    }
    return Checked{{},
                   {std::string(kCanary), CheckVerdict::kClear,
                    "each script of the answer has an answer of its own"}};
  }
  std::string text =
      ListOf(nodes) +
      " of the answer: not refitted on shuffled labels, because ";
  if (interrupted) {
    text += "the run was interrupted";
  } else if (CanariesLeft() <= 0) {
    text += "such checks may take a tenth of the run";
  } else {
    text += "no time was left";
  }
  return Checked{{}, {std::string(kCanary), CheckVerdict::kSkipped, text}};
}

}  // namespace treesmith
