// The table of policies and the table of presets: what `--policy` and
// `--preset` offer.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "search/policy.h"

namespace treesmith {

struct PolicyRow {
  std::string_view name;
  std::string_view help;
  SearchParameters defaults;
  // The parameters that it reads; `--set` of another is an error.
  std::span<const std::string_view> keys;
  std::unique_ptr<Policy> (*make)(PolicySettings);
};

// A policy with the settings of a published system. What is absent stays as
// it is without a preset.
struct Preset {
  std::string_view name;
  std::string_view help;
  std::string_view policy;
  SearchParameters parameters;
  std::optional<int64_t> steps;
  std::optional<std::chrono::milliseconds> time;
  std::optional<std::chrono::milliseconds> script_timeout;
  // Words in which a model is asked (operators/llm); empty: as by default.
  std::string_view operators = {};
};

std::span<const PolicyRow> Policies();
std::span<const Preset> Presets();

// BadInput: unknown; the hint lists what there is.
Result<const PolicyRow*> FindPolicy(std::string_view name);
Result<const Preset*> FindPreset(std::string_view name);

}  // namespace treesmith
