#include "llm/model_registry.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "llm/price_table.h"

namespace treesmith {
namespace {

// How a key is sent.
struct KeyStyle {
  std::string_view header;
  std::string_view prefix;
};
constexpr KeyStyle kBearer{"authorization", "Bearer "};
constexpr KeyStyle kAnthropicKey{"x-api-key", ""};
constexpr KeyStyle kGoogleKey{"x-goog-api-key", ""};
constexpr KeyStyle kAzureKey{"api-key", ""};

enum class Place {
  kHosted,  // wants a key; takes many calls at once
  kShared,  // a server of somebody's own, for many users
  kLocal,   // works on a few prompts; more only wait in its queue
};

// A family of servers: how they speak and which variables name them.
struct Provider {
  std::string_view name;
  const WireFormat& (*format)();
  Place place;
  KeyStyle key;
  // The first that is set counts.
  std::array<std::string_view, 2> key_env;
  std::string_view url_env;
  std::string_view base_url;  // empty: must be given
  [[nodiscard]] bool NeedsKey() const { return place == Place::kHosted; }
};

constexpr int kHostedAtOnce = 64;
constexpr int kLocalAtOnce = 4;

constexpr Provider kProviders[] = {
    {"openai",
     OpenAiChatFormat,
     Place::kHosted,
     kBearer,
     {"OPENAI_API_KEY"},
     "OPENAI_BASE_URL",
     "https://api.openai.com/v1"},
    {"openai-responses",
     OpenAiResponsesFormat,
     Place::kHosted,
     kBearer,
     {"OPENAI_API_KEY"},
     "OPENAI_BASE_URL",
     "https://api.openai.com/v1"},
    {"anthropic",
     AnthropicFormat,
     Place::kHosted,
     kAnthropicKey,
     {"ANTHROPIC_API_KEY"},
     "ANTHROPIC_BASE_URL",
     "https://api.anthropic.com"},
    {"gemini",
     GeminiFormat,
     Place::kHosted,
     kGoogleKey,
     {"GEMINI_API_KEY", "GOOGLE_API_KEY"},
     "GEMINI_BASE_URL",
     "https://generativelanguage.googleapis.com/v1beta"},
    {"openrouter",
     OpenAiChatFormat,
     Place::kHosted,
     kBearer,
     {"OPENROUTER_API_KEY"},
     "OPENROUTER_BASE_URL",
     "https://openrouter.ai/api/v1"},
    {"azure",
     OpenAiChatFormat,
     Place::kHosted,
     kAzureKey,
     {"AZURE_OPENAI_API_KEY"},
     "AZURE_OPENAI_ENDPOINT",
     ""},
    {"ollama",
     OpenAiChatFormat,
     Place::kLocal,
     kBearer,
     {},
     "",
     "http://127.0.0.1:11434/v1"},
    {"vllm",
     OpenAiChatFormat,
     Place::kShared,
     kBearer,
     {},
     "",
     "http://127.0.0.1:8000/v1"},
    {"llamacpp",
     OpenAiChatFormat,
     Place::kLocal,
     kBearer,
     {},
     "",
     "http://127.0.0.1:8080/v1"},
    {"compatible",
     OpenAiChatFormat,
     Place::kShared,
     kBearer,
     {"OPENAI_API_KEY"},
     "OPENAI_BASE_URL",
     ""},
};

const Provider* FindProvider(std::string_view name) {
  if (name == "google") name = "gemini";
  const auto* found = std::ranges::find(kProviders, name, &Provider::name);
  return found == std::end(kProviders) ? nullptr : found;
}

std::string Lookup(const Environment& environment, std::string_view name) {
  const auto found = environment.find(std::string(name));
  return found == environment.end() ? std::string() : found->second;
}

// Edits (insert, delete, replace) from one word to the other.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0]++;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, replaced});
    }
  }
  return row.back();
}

std::string Nearest(std::string_view word,
                    const std::vector<std::string>& all) {
  return *std::ranges::min_element(all, {}, [&](const std::string& name) {
    return EditDistance(word, name);
  });
}

struct Named {
  const Provider* provider = nullptr;
  std::string model;
};

// Whether OPENAI_BASE_URL names another server than OpenAI's own.
bool HasOwnServer(const Environment& environment) {
  const std::string url = Lookup(environment, "OPENAI_BASE_URL");
  return !url.empty() && !url.starts_with("https://api.openai.com");
}

bool HasKey(std::string_view provider, const Environment& environment) {
  return std::ranges::any_of(
      FindProvider(provider)->key_env, [&](std::string_view name) {
        return !name.empty() && !Lookup(environment, name).empty();
      });
}

// The vendor of a bare name, by its beginning. A server of one's own serves
// every name but those of vendors whose key is there.
std::string_view VendorOf(std::string_view model,
                          const Environment& environment) {
  const bool own_server = HasOwnServer(environment);
  for (const auto& [start, vendor] :
       {std::pair<std::string_view, std::string_view>{"claude-", "anthropic"},
        {"gemini-", "gemini"}}) {
    if (model.starts_with(start) &&
        (!own_server || HasKey(vendor, environment))) {
      return vendor;
    }
  }
  if (own_server) return "compatible";
  for (const std::string_view start : {"gpt-", "o1", "o3", "o4", "chatgpt-"}) {
    // gpt-oss is for servers of one's own.
    if (!model.starts_with(start) || model.starts_with("gpt-oss")) continue;
    // These are served by the responses API only.
    const bool responses_only = model.find("codex") != std::string_view::npos ||
                                model.ends_with("-pro");
    return responses_only ? "openai-responses" : "openai";
  }
  if (model.find('/') != std::string_view::npos &&
      !Lookup(environment, "OPENROUTER_API_KEY").empty()) {
    return "openrouter";
  }
  return {};
}

Result<Named> FindByName(std::string_view text, const ModelTables& tables,
                         const Environment& environment) {
  const size_t colon = text.find(':');
  if (colon != std::string_view::npos) {
    if (const Provider* provider = FindProvider(text.substr(0, colon))) {
      const std::string_view model = text.substr(colon + 1);
      if (model.empty()) {
        return BadInput("choose model " + std::string(text) +
                        ": no model behind the colon");
      }
      return Named{provider, std::string(model)};
    }
  }
  // "qwen3:8b" is a model's own name.
  const std::string_view vendor = VendorOf(text, environment);
  if (!vendor.empty()) return Named{FindProvider(vendor), std::string(text)};
  std::vector<std::string> names;
  for (const auto& [name, table] : tables) names.push_back(name);
  if (colon != std::string_view::npos) {
    for (const Provider& provider : kProviders) {
      names.emplace_back(provider.name);
    }
  }
  std::string hint =
      "write it as provider:MODEL (openai, anthropic, gemini, "
      "openrouter, azure, ollama, vllm, llamacpp, compatible)";
  if (!names.empty()) {
    hint += "; the nearest name is " + Nearest(text.substr(0, colon), names);
  }
  return BadInput("choose model " + std::string(text) +
                      ": nobody is known to "
                      "serve a model of this name",
                  hint);
}

Result<std::string> BaseUrl(const Provider& provider, const ModelTable& table,
                            const Environment& environment) {
  std::string url = table.base_url;
  if (url.empty() && !provider.url_env.empty()) {
    url = Lookup(environment, provider.url_env);
  }
  if (url.empty()) url = provider.base_url;
  if (url.empty()) {
    return BadInput(
        "choose a model of " + std::string(provider.name) + ": no address",
        "set " + std::string(provider.url_env) + " or base_url");
  }
  while (url.ends_with('/')) url.pop_back();
  return url;
}

Result<Secret> Key(const Provider& provider, const ModelTable& table,
                   const Environment& environment) {
  std::vector<std::string_view> names(provider.key_env.begin(),
                                      provider.key_env.end());
  std::erase(names, std::string_view());
  if (!table.key_env.empty()) names = {table.key_env};
  for (const std::string_view name : names) {
    const std::string value = Lookup(environment, name);
    if (!value.empty()) return Secret(value);
  }
  if (names.empty() || (!provider.NeedsKey() && table.key_env.empty())) {
    return Secret();
  }
  return BadInput(
      "choose a model of " + std::string(provider.name) + ": no key",
      "set the environment variable " + std::string(names[0]));
}

Result<std::optional<Prices>> PricesOf(const ModelTable& table,
                                       const Provider& provider,
                                       const std::string& model) {
  if (!table.price_input && !table.price_output) {
    // Somebody else's server of a model with a known name has its own price.
    const bool vendor = table.base_url.empty() && provider.NeedsKey();
    return vendor ? FindPrices(model) : std::nullopt;
  }
  if (!table.price_input || !table.price_output) {
    return BadInput("read the prices of model " + model +
                    ": price_input and price_output go together");
  }
  const double input = *table.price_input;
  const double cached = table.price_cached.value_or(input);
  for (const double price : {input, cached, *table.price_output}) {
    if (!std::isfinite(price) || price < 0) {
      return BadInput("read the prices of model " + model +
                      ": a price is a number from 0 on");
    }
  }
  return std::optional<Prices>(
      Prices{.input = input,
             .cached = cached,
             // Anthropic's rule; the others do not tell such tokens.
             .cache_write = provider.name == "anthropic" ? 1.25 * input : input,
             .output = *table.price_output});
}

// What differs between servers that speak the same format.
void ApplyDialect(const Provider& provider, const std::string& model,
                  const Environment& environment, ModelConfig& config) {
  WireOptions& options = config.options;
  Endpoint& endpoint = config.endpoint;
  if (provider.name == "anthropic") {
    endpoint.headers["anthropic-version"] = "2023-06-01";
    options.structured = StructuredMode::kTool;
  } else if (provider.name == "openrouter") {
    endpoint.headers["x-title"] = "treesmith";
    options.ask_cost = true;
  } else if (provider.name == "openai") {
    options.max_completion_tokens = true;
  } else if (provider.name == "azure") {
    const std::string version = Lookup(environment, "AZURE_OPENAI_API_VERSION");
    if (version.empty()) {
      endpoint.base_url += "/openai/v1";
    } else {
      endpoint.base_url += "/openai/deployments/" + model;
      endpoint.query = "?api-version=" + version;
    }
    options.max_completion_tokens = true;
  }
}

void ApplyTable(const ModelTable& table, ModelConfig& config) {
  WireOptions& options = config.options;
  options.stream = table.streaming.value_or(options.stream);
  options.temperature = table.temperature.value_or(options.temperature);
  options.system_role = table.system_role.value_or(options.system_role);
  options.largest_output = table.max_output_tokens;
  if (table.json_schema) {
    options.structured =
        *table.json_schema ? StructuredMode::kSchema : StructuredMode::kTool;
  }
  if (table.tools == false && options.structured == StructuredMode::kTool) {
    options.structured = StructuredMode::kText;
  }
  options.context_tokens = table.context_tokens;
  config.at_once = std::max(1, table.at_once.value_or(config.at_once));
}

}  // namespace

Result<ModelConfig> ResolveModel(std::string_view text,
                                 const ModelTables& tables,
                                 const Environment& environment, KeyNeed need) {
  const auto found = tables.find(std::string(text));
  const ModelTable table = found == tables.end() ? ModelTable{} : found->second;
  Named named;
  if (found == tables.end() ||
      (table.provider.empty() && table.base_url.empty())) {
    TRY_ASSIGN(named, FindByName(table.model.empty() ? text : table.model,
                                 tables, environment));
  } else {
    named.provider =
        FindProvider(table.provider.empty() ? "compatible" : table.provider);
    named.model = table.model.empty() ? std::string(text) : table.model;
  }
  if (named.provider == nullptr) {
    std::vector<std::string> names;
    for (const Provider& provider : kProviders) {
      names.emplace_back(provider.name);
    }
    return BadInput(
        "choose model " + std::string(text) + ": no provider " + table.provider,
        "the nearest name is " + Nearest(table.provider, names));
  }
  const Provider& provider = *named.provider;
  ModelConfig config;
  config.label = std::string(provider.name) + ":" + named.model;
  config.at_once =
      provider.place == Place::kLocal ? kLocalAtOnce : kHostedAtOnce;
  config.options.model = named.model;
  config.endpoint.label = config.label;
  config.endpoint.format = &provider.format();
  config.endpoint.key_header = provider.key.header;
  config.endpoint.key_prefix = provider.key.prefix;
  if (need == KeyNeed::kNow) {
    TRY_ASSIGN(config.endpoint.base_url, BaseUrl(provider, table, environment));
    TRY_ASSIGN(config.endpoint.key, Key(provider, table, environment));
  }
  TRY_ASSIGN(config.prices, PricesOf(table, provider, named.model));
  // The key's variable stands for the key, which is in no name.
  config.limiter_group = config.endpoint.base_url + " " + table.key_env;
  ApplyDialect(provider, named.model, environment, config);
  ApplyTable(table, config);
  return config;
}

std::optional<std::string> KeyHint(const Environment& environment) {
  for (const Provider& provider : kProviders) {
    for (const std::string_view name : provider.key_env) {
      if (name.empty() || Lookup(environment, name).empty()) continue;
      return std::string(name) + " is set: --coder " +
             std::string(provider.name) +
             ":MODEL lets a language model write the scripts";
    }
  }
  return std::nullopt;
}

}  // namespace treesmith
