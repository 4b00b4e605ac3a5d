#include "engine/config.h"

#include <nlohmann/json.hpp>

namespace treesmith {
namespace {

using Json = nlohmann::json;

template <typename T>
Json ToJson(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}
template <typename T>
std::optional<T> OptionalOf(const Json& json, const char* key) {
  if (!json.contains(key) || json.at(key).is_null()) return std::nullopt;
  return json.at(key).get<T>();
}

Json BudgetJson(const BudgetLimits& budget) {
  return {{"steps", ToJson(budget.steps)},
          {"time_ms", budget.time ? Json(budget.time->count()) : Json()},
          {"target_score", ToJson(budget.target_score)},
          {"patience", ToJson(budget.patience)},
          {"tokens", ToJson(budget.tokens)},
          {"cost_usd", ToJson(budget.cost_usd)},
          {"disk_bytes", ToJson(budget.disk_bytes)}};
}

BudgetLimits BudgetOf(const Json& json) {
  BudgetLimits budget;
  budget.steps = OptionalOf<int64_t>(json, "steps");
  if (const auto time = OptionalOf<int64_t>(json, "time_ms")) {
    budget.time = std::chrono::milliseconds(*time);
  }
  budget.target_score = OptionalOf<double>(json, "target_score");
  budget.patience = OptionalOf<int64_t>(json, "patience");
  budget.tokens = OptionalOf<int64_t>(json, "tokens");
  budget.cost_usd = OptionalOf<double>(json, "cost_usd");
  budget.disk_bytes = OptionalOf<int64_t>(json, "disk_bytes");
  return budget;
}

template <typename T>
void Take(const Json& json, const char* key, T& value) {
  if (json.contains(key)) value = json.at(key).get<T>();
}

Json TableJson(const ModelTable& table) {
  Json json = {{"provider", table.provider},
               {"model", table.model},
               {"base_url", table.base_url},
               {"key_env", table.key_env}};
  const auto put = [&json](const char* key, const auto& value) {
    if (value) json[key] = *value;
  };
  put("price_input", table.price_input);
  put("price_cached", table.price_cached);
  put("price_output", table.price_output);
  put("context_tokens", table.context_tokens);
  put("max_output_tokens", table.max_output_tokens);
  put("at_once", table.at_once);
  put("streaming", table.streaming);
  put("json_schema", table.json_schema);
  put("tools", table.tools);
  put("temperature", table.temperature);
  put("system_role", table.system_role);
  return json;
}

ModelTable TableOf(const Json& json) {
  ModelTable table;
  Take(json, "provider", table.provider);
  Take(json, "model", table.model);
  Take(json, "base_url", table.base_url);
  Take(json, "key_env", table.key_env);
  table.price_input = OptionalOf<double>(json, "price_input");
  table.price_cached = OptionalOf<double>(json, "price_cached");
  table.price_output = OptionalOf<double>(json, "price_output");
  table.context_tokens = OptionalOf<int>(json, "context_tokens");
  table.max_output_tokens = OptionalOf<int>(json, "max_output_tokens");
  table.at_once = OptionalOf<int>(json, "at_once");
  table.streaming = OptionalOf<bool>(json, "streaming");
  table.json_schema = OptionalOf<bool>(json, "json_schema");
  table.tools = OptionalOf<bool>(json, "tools");
  table.temperature = OptionalOf<bool>(json, "temperature");
  table.system_role = OptionalOf<bool>(json, "system_role");
  return table;
}

Json ModelsJson(const ModelSettings& models) {
  Json tables = Json::object();
  for (const auto& [name, table] : models.tables) {
    tables[name] = TableJson(table);
  }
  return {{"by_purpose", models.by_purpose},
          {"tables", tables},
          {"operators", models.operators},
          {"memory", models.memory},
          {"prompts", models.prompts},
          {"warm_start", models.warm_start},
          {"record", models.record},
          {"replay", models.replay},
          {"cache", models.cache}};
}

ModelSettings ModelsOf(const Json& json) {
  ModelSettings models;
  Take(json, "by_purpose", models.by_purpose);
  if (json.contains("tables")) {
    for (const auto& [name, table] : json.at("tables").items()) {
      models.tables[name] = TableOf(table);
    }
  }
  Take(json, "operators", models.operators);
  Take(json, "memory", models.memory);
  Take(json, "prompts", models.prompts);
  Take(json, "warm_start", models.warm_start);
  Take(json, "record", models.record);
  Take(json, "replay", models.replay);
  Take(json, "cache", models.cache);
  return models;
}

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string EncodeBudget(const BudgetLimits& budget) {
  return Dump(BudgetJson(budget));
}

Result<BudgetLimits> DecodeBudget(const std::string& json) {
  try {
    return BudgetOf(Json::parse(json));
  } catch (const Json::exception& error) {
    return Failed(std::string("read budget: ") + error.what());
  }
}

std::string EncodeConfig(const RunConfig& config) {
  return Dump({{"task", config.task_folder},
               {"task_name", config.task_name},
               {"metric", config.metric},
               {"direction", DirectionName(config.direction)},
               {"units", config.units},
               {"coder", config.coder},
               {"models", ModelsJson(config.models)},
               {"policy", config.policy},
               {"settings", config.settings},
               {"hint", config.hint},
               {"start", config.start_scripts},
               {"budget", BudgetJson(config.budget)},
               {"seed", config.seed},
               {"workers", config.workers},
               {"threads", config.threads},
               {"ask_slots", config.ask_slots},
               {"sandbox", config.sandbox},
               {"script_timeout_ms", config.script_timeout.count()},
               {"memory_bytes", config.memory_bytes},
               {"select", static_cast<int>(config.select)},
               {"preset", config.preset},
               {"task_text", config.task_text},
               {"goal", config.goal}});
}

Result<RunConfig> DecodeConfig(const std::string& json) {
  try {
    const Json j = Json::parse(json);
    RunConfig config;
    config.task_folder = j.at("task").get<std::string>();
    config.task_name = j.at("task_name").get<std::string>();
    config.metric = j.at("metric").get<std::string>();
    const auto direction = ParseDirection(j.at("direction").get<std::string>());
    if (!direction) return Failed("read configuration of the run: direction");
    config.direction = *direction;
    config.units = j.at("units").get<int>();
    config.coder = j.at("coder").get<std::string>();
    if (j.contains("models")) config.models = ModelsOf(j.at("models"));
    config.policy = j.at("policy").get<std::string>();
    config.settings = j.at("settings").get<std::vector<std::string>>();
    config.hint = j.at("hint").get<std::string>();
    config.start_scripts =
        j.at("start").get<std::vector<std::pair<std::string, std::string>>>();
    config.budget = BudgetOf(j.at("budget"));
    config.seed = j.at("seed").get<uint64_t>();
    config.workers = j.at("workers").get<int>();
    config.threads = j.value("threads", 0);
    config.ask_slots = j.at("ask_slots").get<int>();
    config.sandbox = j.at("sandbox").get<std::string>();
    config.script_timeout =
        std::chrono::milliseconds(j.at("script_timeout_ms").get<int64_t>());
    config.memory_bytes = j.at("memory_bytes").get<int64_t>();
    config.select = static_cast<SelectRule>(j.at("select").get<int>());
    config.preset = j.at("preset").get<std::string>();
    config.task_text = j.at("task_text").get<std::string>();
    config.goal = j.at("goal").get<std::string>();
    return config;
  } catch (const Json::exception& error) {
    return Failed(std::string("read configuration of the run: ") +
                  error.what());
  }
}

}  // namespace treesmith
