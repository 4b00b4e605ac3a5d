#include "search/registry.h"

#include <algorithm>
#include <array>
#include <utility>

#include "search/aide.h"
#include "search/auto.h"
#include "search/best_of_n.h"
#include "search/linear.h"

namespace treesmith {
namespace {

using std::chrono::hours;

template <typename T>
std::unique_ptr<Policy> Make(PolicySettings settings) {
  return std::make_unique<T>(std::move(settings));
}

constexpr std::array<std::string_view, 6> kAutoKeys = {
    "num_drafts",     "debug_prob", "max_debug_depth",
    "crossover_prob", "draft_prob", "explore"};
constexpr std::array<std::string_view, 3> kAideKeys = {
    "num_drafts", "debug_prob", "max_debug_depth"};
constexpr std::array<std::string_view, 2> kBestOfNKeys = {"debug_prob",
                                                          "max_debug_depth"};
constexpr std::array<std::string_view, 1> kLinearKeys = {"max_debug_depth"};

constexpr SearchParameters kAutoDefaults = {.num_drafts = 0, .debug_prob = 0.2};
constexpr SearchParameters kAideDefaults = {};
constexpr SearchParameters kBestOfNDefaults = {.debug_prob = 0};

constexpr std::array<PolicyRow, 4> kPolicies = {{
    {"auto", "every family once, then the families that improving pays for",
     kAutoDefaults, kAutoKeys, &Make<AutoPolicy>},
    {"aide", "drafts, repairs by chance, then always the best node",
     kAideDefaults, kAideKeys, &Make<AidePolicy>},
    {"best-of-n", "drafts only: what a tree is compared with", kBestOfNDefaults,
     kBestOfNKeys, &Make<BestOfNPolicy>},
    {"linear",
     "one chain: the last node is improved",
     {},
     kLinearKeys,
     &Make<LinearPolicy>},
}};

// aide: the program's own defaults. aide-mlebench: those of its runs in
// MLE-bench (arXiv 2410.07095).
constexpr std::array<Preset, 4> kPresets = {{
    {"aide", "AIDE as published: 20 steps, 5 drafts, an hour a script", "aide",
     kAideDefaults, 20, std::nullopt, hours(1), "aide"},
    {"aide-mlebench",
     "AIDE in MLE-bench: 500 steps, a day, every bug repaired",
     "aide",
     {.num_drafts = 5, .debug_prob = 1, .max_debug_depth = 20},
     500,
     hours(24),
     hours(9),
     "aide"},
    {"best-of-n", "drafts only", "best-of-n", kBestOfNDefaults, std::nullopt,
     std::nullopt, std::nullopt},
    {"linear",
     "one chain",
     "linear",
     {},
     std::nullopt,
     std::nullopt,
     std::nullopt},
}};

template <typename Row, size_t kSize>
Result<const Row*> Find(const std::array<Row, kSize>& table,
                        const std::string& what, std::string_view name) {
  const auto row = std::ranges::find(table, name, &Row::name);
  if (row != table.end()) return &*row;
  std::string names;
  for (const Row& known : table) {
    names += (names.empty() ? "" : ", ") + std::string(known.name);
  }
  return BadInput("choose " + what + " " + std::string(name) + ": unknown",
                  "there are " + names);
}

}  // namespace

std::span<const PolicyRow> Policies() { return kPolicies; }
std::span<const Preset> Presets() { return kPresets; }

Result<const PolicyRow*> FindPolicy(std::string_view name) {
  return Find(kPolicies, "policy", name);
}
Result<const Preset*> FindPreset(std::string_view name) {
  return Find(kPresets, "preset", name);
}

}  // namespace treesmith
