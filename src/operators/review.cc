#include "operators/review.h"

#include <array>
#include <cmath>
#include <cstdio>

namespace treesmith {
namespace {

// Differences below this many standard errors are called noise.
constexpr double kNoise = 1.0;

std::string Number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.5g", value);
  return text.data();
}

std::string Compare(const PairedGain& gain, const std::string& whom) {
  const std::string amount = Number(std::abs(gain.mean)) + " (error " +
                             Number(gain.standard_error) + ")";
  if (std::abs(gain.mean) <= kNoise * gain.standard_error) {
    return "no clear difference to " + whom + ": " + amount;
  }
  return (gain.mean > 0 ? "better than " : "worse than ") + whom + " by " +
         amount;
}

std::string Advice(OutcomeKind kind) {
  switch (kind) {
    case OutcomeKind::kScored:
      return "scored";
    case OutcomeKind::kCrash:
      return "crashed";
    case OutcomeKind::kTimeout:
      return "took longer than its limit";
    case OutcomeKind::kMemory:
      return "needed more memory than its limit";
    case OutcomeKind::kProcesses:
      return "started more processes than allowed";
    case OutcomeKind::kOutput:
      return "printed more than allowed";
    case OutcomeKind::kDisk:
      return "filled its working folder";
    case OutcomeKind::kKilled:
      return "was ended from outside";
    case OutcomeKind::kNoSubmission:
      return "wrote no submission";
    case OutcomeKind::kBadSubmission:
      return "wrote a submission that cannot be scored";
    case OutcomeKind::kDuplicate:
      return "was not run";
  }
  return "ended";
}

}  // namespace

std::string ReviewFailure(const Outcome& outcome) {
  const std::string what = Advice(outcome.kind);
  return outcome.detail.empty() ? what : what + ": " + outcome.detail;
}

std::string ReviewScore(const NodeScore& score) {
  std::string text;
  if (score.partial) text = "stopped early by racing; ";
  if (score.over_parent)
    return text + Compare(*score.over_parent, "its parent");
  if (score.over_best) return text + Compare(*score.over_best, "the best");
  return text + "first score of the run";
}

}  // namespace treesmith
