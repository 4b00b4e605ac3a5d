// The user's own configuration: which models there are (docs/models.md).
//
// A TOML file with a table [models.NAME] for each; keys of providers are never
// in it, only the names of environment variables that hold them.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"
#include "llm/model_registry.h"

namespace treesmith {

// BadInput with the line: no TOML, an unknown key (nearest offered), a value of
// a wrong type, or an address with a password in it.
Result<ModelTables> ParseModelTables(std::string_view text,
                                     const std::string& name);

// The file `path`, which must exist; empty: TREESMITH_HOME/config.toml, or
// treesmith/config.toml below XDG_CONFIG_HOME or ~/.config, which need not.
Result<ModelTables> ReadUserConfig(const std::string& path,
                                   const Environment& environment);

// This process's environment variables.
Environment ProcessEnvironment();

}  // namespace treesmith
