// Which model `--coder TEXT` means, and how to reach it.
//
// TEXT is the name of a [models.NAME] table, `provider:MODEL`, or a bare model
// name whose vendor is known by its beginning. Keys come from environment
// variables only. Pure: the environment is passed in.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "llm/wire_client.h"

namespace treesmith {

using Environment = std::map<std::string, std::string>;

// One [models.NAME] table of the configuration. Absent members are the
// provider's defaults; prices are US dollars for a million tokens.
struct ModelTable {
  std::string provider;  // empty: "compatible" with a base_url, else by name
  std::string model;     // empty: NAME itself
  std::string base_url = {};
  std::string key_env = {};  // the environment variable that holds the key
  std::optional<double> price_input = std::nullopt;
  std::optional<double> price_cached = std::nullopt;
  std::optional<double> price_output = std::nullopt;
  std::optional<int> context_tokens = std::nullopt;
  std::optional<int> max_output_tokens = std::nullopt;
  std::optional<int> at_once = std::nullopt;
  std::optional<bool> streaming = std::nullopt;
  std::optional<bool> json_schema = std::nullopt;
  std::optional<bool> tools = std::nullopt;
  std::optional<bool> temperature = std::nullopt;
  std::optional<bool> system_role = std::nullopt;
};
using ModelTables = std::map<std::string, ModelTable>;

struct ModelConfig {
  // "openai:gpt-5"; also in hashes, so that models never share answers.
  std::string label;
  Endpoint endpoint;
  WireOptions options;
  std::optional<Prices> prices;
  // The most calls at the same time.
  int at_once = 64;
  // Calls of one group share a rate limiter.
  std::string limiter_group;
};

// Replays answer from a file: neither key nor address is looked for.
enum class KeyNeed { kNow, kNever };

// kBadInput, with the mend as its hint: no such provider (nearest names), a
// name that no vendor is known for, a key that is not set, a price without its
// fellow.
Result<ModelConfig> ResolveModel(std::string_view text,
                                 const ModelTables& tables,
                                 const Environment& environment,
                                 KeyNeed need = KeyNeed::kNow);

// A line for a run without --coder: which key is there and how to use it.
// Absent when there is none. Nothing is ever called for it.
std::optional<std::string> KeyHint(const Environment& environment);

}  // namespace treesmith
