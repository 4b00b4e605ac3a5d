#include "search/parameters.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/check.h"

namespace treesmith {
namespace {

using Self = SearchParameters;

constexpr std::array<ParameterKey, 6> kKeys = {{
    {"num_drafts", "first drafts; 0: as many as the coder has",
     &Self::num_drafts, 0, 100'000},
    {"debug_prob", "chance that a step repairs a buggy leaf", &Self::debug_prob,
     0, 1},
    {"max_debug_depth", "repairs in a row after a failure",
     &Self::max_debug_depth, 0, 1'000},
    {"crossover_prob", "chance that a step crosses two families",
     &Self::crossover_prob, 0, 1},
    {"draft_prob", "chance that a later step is a new draft", &Self::draft_prob,
     0, 1},
    {"explore", "weight of families that little is known of", &Self::explore, 0,
     100},
}};

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

std::string Bounds(const ParameterKey& key) {
  return std::to_string(static_cast<int64_t>(key.min)) + " to " +
         std::to_string(static_cast<int64_t>(key.max));
}

template <typename T>
Status SetNumber(const ParameterKey& key, std::string_view text,
                 T Self::* member, SearchParameters& parameters) {
  T value{};
  const char* end = text.data() + text.size();
  const auto [stop, code] = std::from_chars(text.data(), end, value);
  const auto number = static_cast<double>(value);
  // Written so that NaN is out of bounds.
  const bool inside = number >= key.min && number <= key.max;
  if (code != std::errc() || stop != end || !inside) {
    const char* kind = std::is_same_v<T, int> ? "a whole number" : "a number";
    return BadInput("set " + std::string(key.name) + ": '" + std::string(text) +
                    "' is not " + kind + " from " + Bounds(key));
  }
  parameters.*member = value;
  return {};
}

std::string Listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    text += (text.empty() ? "" : ", ") + name;
  }
  return text;
}

}  // namespace

std::span<const ParameterKey> ParameterKeys() { return kKeys; }

Status SetParameter(std::string_view assignment,
                    std::span<const std::string_view> allowed,
                    SearchParameters& parameters) {
  const size_t equals = assignment.find('=');
  if (equals == std::string_view::npos) {
    return BadInput("set " + std::string(assignment) +
                    ": not of the form key=value");
  }
  const std::string_view name = assignment.substr(0, equals);
  if (std::ranges::find(allowed, name) == allowed.end()) {
    const std::vector<std::string> near = NearestNames(name, allowed);
    return BadInput(
        "set " + std::string(name) + ": the policy has no such parameter",
        near.empty() ? "" : "did you mean " + Listed(near) + "?");
  }
  const auto key = std::ranges::find(kKeys, name, &ParameterKey::name);
  CHECK(key != kKeys.end());
  return std::visit(
      [&](auto member) {
        return SetNumber(*key, assignment.substr(equals + 1), member,
                         parameters);
      },
      key->member);
}

std::vector<std::string> NearestNames(std::string_view name,
                                      std::span<const std::string_view> known) {
  std::vector<std::pair<size_t, std::string>> near;
  for (const std::string_view other : known) {
    const size_t distance = EditDistance(name, other);
    // Beyond half of its letters it is another word.
    if (distance * 2 > std::max(name.size(), other.size())) continue;
    near.emplace_back(distance, other);
  }
  std::ranges::sort(near);
  if (near.size() > 3) near.resize(3);
  std::vector<std::string> names;
  names.reserve(near.size());
  for (auto& [distance, other] : near) names.push_back(std::move(other));
  return names;
}

}  // namespace treesmith
