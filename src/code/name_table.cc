#include "code/name_table.h"

#include <algorithm>
#include <array>

namespace treesmith {
namespace {

using Kind = std::string_view;

constexpr std::array kComprehensions = {
    Kind("list_comprehension"), Kind("dictionary_comprehension"),
    Kind("set_comprehension"), Kind("generator_expression")};

// What a target may consist of besides names.
constexpr std::array kTargets = {Kind("pattern_list"),
                                 Kind("tuple_pattern"),
                                 Kind("list_pattern"),
                                 Kind("list_splat_pattern"),
                                 Kind("tuple"),
                                 Kind("list"),
                                 Kind("list_splat"),
                                 Kind("parenthesized_expression"),
                                 Kind("as_pattern_target"),
                                 Kind("dictionary_splat_pattern"),
                                 Kind("expression_list")};

// Statements whose bindings this table does not know, and wildcard imports,
// which bind what only Python can tell.
constexpr std::array kUnknown = {
    Kind("match_statement"), Kind("type_alias_statement"),
    Kind("wildcard_import"), Kind("exec_statement"),
    Kind("print_statement"), Kind("type_parameter")};

// A script that mentions one of these may look names up by their text.
// "query" and "eval" are also methods of a pandas frame that do so.
constexpr std::array kLookups = {
    Kind("globals"), Kind("locals"),  Kind("vars"),    Kind("eval"),
    Kind("exec"),    Kind("compile"), Kind("query"),   Kind("modules"),
    Kind("dir"),     Kind("inspect"), Kind("__dict__")};

// What Python 3.11 has without an import, errors and warnings aside: a name
// that a script binds in one place and takes from here in another.
constexpr std::array kBuiltins = {
    Kind("abs"),        Kind("aiter"),        Kind("all"),
    Kind("anext"),      Kind("any"),          Kind("ascii"),
    Kind("bin"),        Kind("bool"),         Kind("breakpoint"),
    Kind("bytearray"),  Kind("bytes"),        Kind("callable"),
    Kind("chr"),        Kind("classmethod"),  Kind("complex"),
    Kind("delattr"),    Kind("dict"),         Kind("divmod"),
    Kind("enumerate"),  Kind("exit"),         Kind("filter"),
    Kind("float"),      Kind("format"),       Kind("frozenset"),
    Kind("getattr"),    Kind("hasattr"),      Kind("hash"),
    Kind("help"),       Kind("hex"),          Kind("id"),
    Kind("input"),      Kind("int"),          Kind("isinstance"),
    Kind("issubclass"), Kind("iter"),         Kind("len"),
    Kind("list"),       Kind("map"),          Kind("max"),
    Kind("memoryview"), Kind("min"),          Kind("next"),
    Kind("object"),     Kind("oct"),          Kind("open"),
    Kind("ord"),        Kind("pow"),          Kind("print"),
    Kind("property"),   Kind("quit"),         Kind("range"),
    Kind("repr"),       Kind("reversed"),     Kind("round"),
    Kind("set"),        Kind("setattr"),      Kind("slice"),
    Kind("sorted"),     Kind("staticmethod"), Kind("str"),
    Kind("sum"),        Kind("super"),        Kind("tuple"),
    Kind("type"),       Kind("zip")};

// Scopes within scopes; a look-up takes as many steps. People stop at five.
constexpr int kDeepest = 60;

bool IsOneOf(std::string_view text, const auto& list) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

bool IsBuiltin(std::string_view name) {
  return IsOneOf(name, kBuiltins) || name.starts_with("__") ||
         name.ends_with("Error") || name.ends_with("Exception") ||
         name.ends_with("Warning") || name.ends_with("Iteration");
}

}  // namespace

NameTable::NameTable(const SyntaxTree& tree)
    : tree_(tree), all_fixed_(LooksUpNames()) {
  if (all_fixed_) return;
  AssignScopes();
  CollectSpelledNames();
  CollectDeclarations();
  CollectBindings();
}

bool NameTable::LooksUpNames() const {
  return std::any_of(tree_.nodes().begin(), tree_.nodes().end(),
                     [&](const SyntaxNode& node) {
                       return IsOneOf(node.kind, kUnknown) ||
                              (node.kind == "identifier" &&
                               IsOneOf(tree_.Text(node), kLookups));
                     });
}

void NameTable::AssignScopes() {
  const std::vector<SyntaxNode>& nodes = tree_.nodes();
  scopes_.push_back({});
  scope_.resize(nodes.size(), 0);
  for (uint32_t i = 0; i < nodes.size(); ++i) {
    if (i > 0) scope_[i] = ScopeBelow(nodes[i].parent, i);
    const std::string_view kind = nodes[i].kind;
    std::optional<ScopeKind> opened;
    if (nodes[i].named && (kind == "function_definition" || kind == "lambda")) {
      opened = ScopeKind::kFunction;
    } else if (kind == "class_definition") {
      opened = ScopeKind::kClass;
    } else if (IsOneOf(kind, kComprehensions)) {
      opened = ScopeKind::kComprehension;
    }
    if (!opened) continue;
    opens_[i] = static_cast<uint32_t>(scopes_.size());
    const int depth = scopes_[scope_[i]].depth + 1;
    scopes_.push_back({*opened, scope_[i], depth});
    all_fixed_ = all_fixed_ || depth > kDeepest;
  }
}

// The scope of `child`, a child of `parent`. Names, decorators, base classes,
// defaults, annotations and the first iterable of a comprehension are
// evaluated outside of what they belong to.
uint32_t NameTable::ScopeBelow(uint32_t parent, uint32_t child) const {
  const std::vector<SyntaxNode>& nodes = tree_.nodes();
  const std::string_view kind = nodes[parent].kind;
  const std::string_view field = nodes[child].field;
  if (const auto opened = opens_.find(parent); opened != opens_.end()) {
    const bool inside =
        scopes_[opened->second].kind == ScopeKind::kComprehension ||
        field == "parameters" || field == "body";
    return inside ? opened->second : scope_[parent];
  }
  const uint32_t scope = scope_[parent];
  const uint32_t outside = scopes_[scope].parent;
  const bool in_parameter = kind == "default_parameter" ||
                            kind == "typed_default_parameter" ||
                            kind == "typed_parameter";
  if (in_parameter && (field == "value" || field == "type")) return outside;
  if (kind == "for_in_clause" && field == "right") {
    const uint32_t comprehension = nodes[parent].parent;
    const bool first =
        tree_.ChildByKind(comprehension, "for_in_clause") == parent;
    if (first) return outside;
  }
  return scope;
}

void NameTable::CollectSpelledNames() {
  for (uint32_t i = 0; i < tree_.nodes().size(); ++i) {
    const SyntaxNode& node = tree_.nodes()[i];
    if (node.kind == "keyword_argument") {
      if (const auto name = tree_.ChildByField(i, "name")) {
        spelled_.insert(tree_.Text(tree_.nodes()[*name]));
      }
    } else if (node.kind == "string_content") {
      spelled_.insert(tree_.Text(node));
    }
  }
}

void NameTable::CollectDeclarations() {
  for (uint32_t i = 0; i < tree_.nodes().size(); ++i) {
    const std::string_view kind = tree_.nodes()[i].kind;
    const bool global = kind == "global_statement";
    if (!global && kind != "nonlocal_statement") continue;
    const uint32_t scope = scope_[i];
    for (const uint32_t child : tree_.Children(i)) {
      if (tree_.nodes()[child].kind != "identifier") continue;
      declared_[{scope, tree_.Text(tree_.nodes()[child])}] =
          global ? 0 : scopes_[scope].parent;
    }
  }
}

void NameTable::CollectBindings() {
  // Outer scopes first would not do: a nonlocal name is bound where it is
  // found, and a function may stand before the assignment. So what is declared
  // nonlocal is never bound, only looked up.
  for (uint32_t i = 0; i < tree_.nodes().size(); ++i) BindNode(i);
}

void NameTable::BindNode(uint32_t index) {
  const SyntaxNode& node = tree_.nodes()[index];
  if (!node.named) return;
  const uint32_t scope = scope_[index];
  const auto bind_field = [&](std::string_view field, uint32_t where) {
    if (const auto child = tree_.ChildByField(index, field)) {
      BindPattern(*child, where);
    }
  };
  if (node.kind == "assignment" || node.kind == "augmented_assignment" ||
      node.kind == "for_statement" || node.kind == "for_in_clause") {
    bind_field("left", scope);
  } else if (node.kind == "named_expression") {
    uint32_t outer = scope;
    while (scopes_[outer].kind == ScopeKind::kComprehension) {
      outer = scopes_[outer].parent;
    }
    bind_field("name", outer);
  } else if (node.kind == "as_pattern_target") {
    BindPattern(index, scope);
  } else if (node.kind == "function_definition" ||
             node.kind == "class_definition") {
    bind_field("name", scope);
  } else if (node.kind == "parameters" || node.kind == "lambda_parameters") {
    BindParameters(index);
  } else if (node.kind == "import_statement" ||
             node.kind == "import_from_statement" ||
             node.kind == "future_import_statement") {
    BindImport(index);
  }
}

void NameTable::BindPattern(uint32_t index, uint32_t scope) {
  const std::vector<SyntaxNode>& nodes = tree_.nodes();
  const uint32_t end = nodes[index].next;
  for (uint32_t i = index; i < end;) {
    if (nodes[i].kind == "identifier") Bind(scope, tree_.Text(nodes[i]));
    // Attributes, subscripts and their like bind no name.
    i = IsOneOf(nodes[i].kind, kTargets) ? i + 1 : nodes[i].next;
  }
}

void NameTable::BindParameters(uint32_t index) {
  const std::vector<SyntaxNode>& nodes = tree_.nodes();
  const auto name =
      tree_.ChildByField(nodes[index].parent, "name");  // none for a lambda
  const bool fixed = name && tree_.Text(nodes[*name]) == "__init__";
  for (uint32_t child : tree_.Children(index)) {
    if (!nodes[child].named) continue;
    if (const auto named = tree_.ChildByField(child, "name")) child = *named;
    for (uint32_t i = child; i < nodes[child].next;) {
      if (nodes[i].kind == "identifier") {
        const std::string_view text = tree_.Text(nodes[i]);
        const bool spelled = fixed || spelled_.contains(text);
        Bind(scope_[index], text, spelled ? Spelling::kFixed : Spelling::kFree);
      }
      const bool descend = IsOneOf(nodes[i].kind, kTargets) ||
                           nodes[i].kind == "typed_parameter";
      i = descend ? i + 1 : nodes[i].next;
    }
  }
}

void NameTable::BindImport(uint32_t index) {
  const std::vector<SyntaxNode>& nodes = tree_.nodes();
  for (const uint32_t child : tree_.Children(index)) {
    if (nodes[child].field != "name") continue;
    if (const auto alias = tree_.ChildByField(child, "alias")) {
      Bind(scope_[index], tree_.Text(nodes[*alias]));
      continue;
    }
    // "import a.b" binds "a", by that name.
    const uint32_t first = child + 1;
    const bool dotted = nodes[child].next > first + 1;
    Bind(scope_[index], tree_.Text(nodes[first]),
         dotted ? Spelling::kFixed : Spelling::kFree);
  }
}

void NameTable::Bind(uint32_t scope, std::string_view name, Spelling spelling) {
  if (const auto declared = declared_.find({scope, name});
      declared != declared_.end()) {
    if (declared->second != 0) return;
    scope = 0;
  }
  const auto id = static_cast<uint32_t>(bindings_.size());
  Binding& binding =
      bindings_.emplace(Key{scope, name}, Binding{id}).first->second;
  binding.fixed = binding.fixed || spelling == Spelling::kFixed ||
                  scopes_[scope].kind == ScopeKind::kClass || IsBuiltin(name);
}

std::optional<NameTable::Binding> NameTable::Resolve(
    uint32_t scope, std::string_view name) const {
  const uint32_t asked = scope;
  while (true) {
    if (const auto declared = declared_.find({scope, name});
        declared != declared_.end() && declared->second != scope) {
      scope = declared->second;
      continue;
    }
    const bool visible =
        scope == asked || scopes_[scope].kind != ScopeKind::kClass;
    const auto found = bindings_.find({scope, name});
    if (visible && found != bindings_.end()) return found->second;
    if (scope == 0) return std::nullopt;
    scope = scopes_[scope].parent;
  }
}

std::optional<uint32_t> NameTable::BindingOf(uint32_t index) const {
  if (all_fixed_) return std::nullopt;
  const std::optional<Binding> binding =
      Resolve(scope_[index], tree_.Text(tree_.nodes()[index]));
  if (!binding || binding->fixed) return std::nullopt;
  return binding->id;
}

}  // namespace treesmith
