// Which names of a script may be called anything: Python's scopes, resolved.
//
// A name may be renamed if the script itself binds it (variables, parameters,
// functions, classes, imports) and nothing can see how it is spelled. Where
// that is in doubt (names of class bodies, parameters that a keyword or a
// string may name, builtins that the script shadows, scripts that look names
// up by text) the name counts as it is written.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "code/syntax_tree.h"

namespace treesmith {

class NameTable {
 public:
  // Borrows `tree`, which must have no error, and its source.
  explicit NameTable(const SyntaxTree& tree);

  // The binding that the identifier node `index` refers to, equal for all that
  // refer to the same; nothing where its spelling counts. REQUIRES: the node
  // is an identifier that stands for a variable, not for an attribute, a
  // keyword or a module.
  [[nodiscard]] std::optional<uint32_t> BindingOf(uint32_t index) const;

 private:
  enum class ScopeKind { kModule, kFunction, kClass, kComprehension };
  struct Scope {
    ScopeKind kind = ScopeKind::kModule;
    uint32_t parent = 0;
    int depth = 0;
  };
  struct Binding {
    uint32_t id = 0;
    bool fixed = false;  // its spelling counts
  };
  enum class Spelling { kFree, kFixed };
  using Key = std::pair<uint32_t, std::string_view>;  // scope, name

  [[nodiscard]] bool LooksUpNames() const;
  void AssignScopes();
  [[nodiscard]] uint32_t ScopeBelow(uint32_t parent, uint32_t child) const;
  void CollectSpelledNames();
  void CollectDeclarations();
  void CollectBindings();
  void BindNode(uint32_t index);
  void BindPattern(uint32_t index, uint32_t scope);
  void BindParameters(uint32_t index);
  void BindImport(uint32_t index);
  void Bind(uint32_t scope, std::string_view name,
            Spelling spelling = Spelling::kFree);
  [[nodiscard]] std::optional<Binding> Resolve(uint32_t scope,
                                               std::string_view name) const;

  const SyntaxTree& tree_;
  bool all_fixed_ = false;
  std::vector<Scope> scopes_;
  std::vector<uint32_t> scope_;         // by node: where it is evaluated
  std::map<uint32_t, uint32_t> opens_;  // node -> the scope that it opens
  // Keywords of calls and contents of strings: what may name a parameter.
  std::set<std::string_view> spelled_;
  std::map<Key, uint32_t> declared_;  // global, nonlocal: where to look
  std::map<Key, Binding> bindings_;
};

}  // namespace treesmith
