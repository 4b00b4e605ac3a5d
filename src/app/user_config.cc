#include "app/user_config.h"

#include <toml++/toml.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/file.h"

namespace treesmith {
namespace {

namespace fs = std::filesystem;

// Sets a member from a value; false: a wrong type.
using Setter = std::function<bool(const toml::node&, ModelTable&)>;

Setter Text(std::string ModelTable::* member) {
  return [member](const toml::node& node, ModelTable& table) {
    const auto value = node.value_exact<std::string>();
    if (value) table.*member = *value;
    return value.has_value();
  };
}
template <typename T>
Setter Optional(std::optional<T> ModelTable::* member) {
  return [member](const toml::node& node, ModelTable& table) {
    // A price may be written without a point.
    const auto value = std::is_same_v<T, bool> == node.is_boolean()
                           ? node.value<T>()
                           : std::nullopt;
    if (value) table.*member = value;
    return value.has_value();
  };
}

const std::vector<std::pair<std::string, Setter>>& Keys() {
  static const std::vector<std::pair<std::string, Setter>> keys = {
      {"provider", Text(&ModelTable::provider)},
      {"model", Text(&ModelTable::model)},
      {"base_url", Text(&ModelTable::base_url)},
      {"key_env", Text(&ModelTable::key_env)},
      {"price_input", Optional(&ModelTable::price_input)},
      {"price_cached", Optional(&ModelTable::price_cached)},
      {"price_output", Optional(&ModelTable::price_output)},
      {"context_tokens", Optional(&ModelTable::context_tokens)},
      {"max_output_tokens", Optional(&ModelTable::max_output_tokens)},
      {"at_once", Optional(&ModelTable::at_once)},
      {"streaming", Optional(&ModelTable::streaming)},
      {"json_schema", Optional(&ModelTable::json_schema)},
      {"tools", Optional(&ModelTable::tools)},
      {"temperature", Optional(&ModelTable::temperature)},
      {"system_role", Optional(&ModelTable::system_role)}};
  return keys;
}

std::string KeyNames() {
  std::string names;
  for (const auto& [name, setter] : Keys()) {
    names.append(names.empty() ? "" : ", ").append(name);
  }
  return names;
}

Error At(const std::string& file, const toml::source_region& where,
         const std::string& cause, std::string hint = {}) {
  return BadInput("read " + file + ": line " +
                      std::to_string(where.begin.line) + ": " + cause,
                  std::move(hint));
}

Result<ModelTable> ReadModel(const std::string& file, const std::string& model,
                             const toml::table& source) {
  ModelTable table;
  for (const auto& [key, node] : source) {
    const auto row = std::ranges::find(Keys(), std::string(key.str()),
                                       &std::pair<std::string, Setter>::first);
    if (row == Keys().end()) {
      return At(
          file, key.source(),
          "no key " + std::string(key.str()) + " in [models." + model + "]",
          "there are " + KeyNames());
    }
    if (!row->second(node, table)) {
      return At(file, node.source(),
                row->first + " has a value of a wrong type");
    }
  }
  if (table.base_url.find('@') != std::string::npos) {
    return At(file, source.source(),
              "base_url of [models." + model + "] holds a password",
              "put it in an environment variable and name that in key_env");
  }
  return table;
}

fs::path DefaultFile(const Environment& environment) {
  const auto folder = [&](const char* name) -> fs::path {
    const auto found = environment.find(name);
    return found == environment.end() ? fs::path() : fs::path(found->second);
  };
  if (const fs::path home = folder("TREESMITH_HOME"); !home.empty()) {
    return home / "config.toml";
  }
  fs::path config = folder("XDG_CONFIG_HOME");
  if (config.empty()) config = folder("HOME") / ".config";
  return config / "treesmith" / "config.toml";
}

}  // namespace

Result<ModelTables> ParseModelTables(std::string_view text,
                                     const std::string& name) {
  toml::table root;
  try {
    root = toml::parse(text);
  } catch (const toml::parse_error& error) {
    return At(name, error.source(), std::string(error.description()));
  }
  ModelTables tables;
  for (const auto& [key, node] : root) {
    const toml::table* models = node.as_table();
    if (key.str() != "models" || models == nullptr) {
      return At(name, key.source(),
                "no key " + std::string(key.str()) + " at the top",
                "the file holds tables [models.NAME]");
    }
    for (const auto& [model, source] : *models) {
      const std::string label(model.str());
      const toml::table* members = source.as_table();
      if (members == nullptr) {
        return At(name, model.source(), "models." + label + " is no table");
      }
      TRY_ASSIGN(tables[label], ReadModel(name, label, *members));
    }
  }
  return tables;
}

Result<ModelTables> ReadUserConfig(const std::string& path,
                                   const Environment& environment) {
  const fs::path file =
      path.empty() ? DefaultFile(environment) : fs::path(path);
  std::error_code ignored;
  if (path.empty() && !fs::exists(file, ignored)) return ModelTables();
  TRY_ASSIGN(const std::string text, ReadFile(file));
  return ParseModelTables(text, file.string());
}

Environment ProcessEnvironment() {
  Environment environment;
  for (char** entry = ::environ; entry != nullptr && *entry != nullptr;
       ++entry) {
    const std::string_view text = *entry;
    const size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return environment;
}

}  // namespace treesmith
