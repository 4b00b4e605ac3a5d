#include "ui/gain_table.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

namespace treesmith {
namespace {

struct Sample {
  ChangeGain row;
  std::vector<PairedGain> gains;
};

PairedGain MeanOf(const std::vector<PairedGain>& gains) {
  const auto count = static_cast<double>(gains.size());
  if (gains.size() == 1) return gains.front();
  double sum = 0;
  for (const PairedGain& gain : gains) sum += gain.mean;
  const double mean = sum / count;
  double squares = 0;
  for (const PairedGain& gain : gains) {
    squares += (gain.mean - mean) * (gain.mean - mean);
  }
  return {mean, std::sqrt(squares / (count - 1) / count)};
}

void Add(Sample& sample, const Tree& tree, const Node& node) {
  ++sample.row.tried;
  if (!node.score) return;
  ++sample.row.scored;
  if (node.complete()) {
    auto& best = sample.row.best;
    const MetricValue& value = node.score->value;
    if (!best || value.BetterThan(tree.at(*best).score->value)) best = node.id;
  }
  if (!node.score->over_parent) return;
  if (!std::isfinite(node.score->over_parent->mean)) return;
  sample.gains.push_back(*node.score->over_parent);
  if (node.score->over_parent->mean > 0) ++sample.row.better;
}

}  // namespace

std::vector<ChangeGain> GainsByChange(const Tree& tree) {
  std::map<std::string, Sample> samples;
  for (size_t i = 0; i < tree.size(); ++i) {
    const Node& node = tree.at({static_cast<int64_t>(i)});
    Add(samples[node.change], tree, node);
  }
  std::vector<ChangeGain> rows;
  for (auto& [change, sample] : samples) {
    sample.row.change = change;
    sample.row.compared = sample.gains.size();
    if (!sample.gains.empty()) sample.row.gain = MeanOf(sample.gains);
    rows.push_back(std::move(sample.row));
  }
  std::ranges::stable_sort(rows, [](const ChangeGain& a, const ChangeGain& b) {
    const auto key = [](const ChangeGain& row) {
      return std::make_tuple(!row.gain, row.gain ? -row.gain->mean : 0.0);
    };
    if (key(a) != key(b)) return key(a) < key(b);
    return a.tried > b.tried;
  });
  return rows;
}

}  // namespace treesmith
