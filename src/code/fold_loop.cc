#include "code/fold_loop.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <string>
#include <vector>

#include "base/text.h"
#include "code/syntax_tree.h"

namespace treesmith {
namespace {

// Functions that fit once for every fold.
constexpr std::array<std::string_view, 8> kFoldCalls = {
    "cross_val_score",       "cross_val_predict",  "cross_validate",
    "GridSearchCV",          "RandomizedSearchCV", "HalvingGridSearchCV",
    "HalvingRandomSearchCV", "BayesSearchCV"};
constexpr std::array<std::string_view, 4> kBoostedCalls = {
    "lgb.cv", "xgb.cv", "lightgbm.cv", "xgboost.cv"};

// One script, looked at for loops over folds.
class FoldFinder {
 public:
  explicit FoldFinder(const SyntaxTree& tree)
      : tree_(tree), nodes_(tree.nodes()) {
    // Functions that fit, then those that call such ones.
    constexpr int kDepth = 3;
    for (int i = 0; i < kDepth; ++i) FindFittingFunctions();
  }

  [[nodiscard]] std::optional<FoldLoop> First() const {
    for (uint32_t i = 0; i < nodes_.size(); ++i) {
      const SyntaxNode& node = nodes_[i];
      if (node.kind == "for_statement" && OverFolds(i)) {
        const auto body = tree_.ChildByField(i, "body");
        if (body && Fits(*body)) {
          return FoldLoop{static_cast<int>(node.line), Folds(i)};
        }
      }
      if (node.kind == "call" && IsScoring(i)) {
        constexpr int kDefaultFolds = 5;  // scikit-learn's, LightGBM's
        auto folds = Keyword(i, "cv");
        if (!folds) folds = Keyword(i, "nfold");
        return FoldLoop{static_cast<int>(node.line),
                        folds.value_or(kDefaultFolds)};
      }
    }
    return std::nullopt;
  }

 private:
  // The last name of what is called: "fit" of model.fit(x).
  [[nodiscard]] std::string_view Called(uint32_t call) const {
    const auto function = tree_.ChildByField(call, "function");
    if (!function) return {};
    const auto attribute = tree_.ChildByField(*function, "attribute");
    return tree_.Text(nodes_[attribute.value_or(*function)]);
  }
  // What is called, whole: "lgb.cv".
  [[nodiscard]] std::string_view FunctionOf(uint32_t call) const {
    const auto function = tree_.ChildByField(call, "function");
    return function ? tree_.Text(nodes_[*function]) : std::string_view();
  }
  [[nodiscard]] bool IsScoring(uint32_t call) const {
    const std::string_view name = Called(call);
    return std::ranges::find(kFoldCalls, name) != kFoldCalls.end() ||
           std::ranges::find(kBoostedCalls, FunctionOf(call)) !=
               kBoostedCalls.end();
  }
  [[nodiscard]] bool IsFit(uint32_t call) const {
    const std::string_view name = Called(call);
    // A network is fitted where its gradients are made.
    if (name == "fit" || name == "fit_predict" || name == "backward") {
      return true;
    }
    const std::string_view text = tree_.Text(nodes_[call]);
    if (text.starts_with("lgb.train(") || text.starts_with("xgb.train(")) {
      return true;
    }
    return fitting_.contains(name);
  }
  [[nodiscard]] bool Fits(uint32_t below) const {
    for (uint32_t i = below; i < nodes_[below].next; ++i) {
      if (nodes_[i].kind == "call" && IsFit(i)) return true;
    }
    return false;
  }
  void FindFittingFunctions() {
    for (uint32_t i = 0; i < nodes_.size(); ++i) {
      if (nodes_[i].kind != "function_definition" || !Fits(i)) continue;
      const auto name = tree_.ChildByField(i, "name");
      if (name) fitting_.insert(tree_.Text(nodes_[*name]));
    }
  }

  static bool SaysFold(std::string_view text) {
    const std::string lower = Lowered(text);
    return lower.contains("fold") || lower.contains("n_splits");
  }
  [[nodiscard]] bool OverFolds(uint32_t loop) const {
    const auto left = tree_.ChildByField(loop, "left");
    const auto right = tree_.ChildByField(loop, "right");
    if (!left || !right) return false;
    if (SaysFold(tree_.Text(nodes_[*left])) ||
        SaysFold(tree_.Text(nodes_[*right]))) {
      return true;
    }
    // for train_rows, hidden_rows in splitter.split(x, y)
    const bool pair = nodes_[*left].kind == "pattern_list" ||
                      nodes_[*left].kind == "tuple_pattern";
    for (uint32_t i = *right; pair && i < nodes_[*right].next; ++i) {
      if (nodes_[i].kind == "call" && Called(i) == "split") return true;
    }
    return Divides(loop, tree_.Text(nodes_[*left]));
  }
  // for f in range(5): train, hidden = fold != f, fold == f
  // for g in unique(groups): hidden = groups == g; fit(x[~hidden])
  [[nodiscard]] bool Divides(uint32_t loop, std::string_view variable) const {
    bool equal = false;
    bool unequal = false;
    std::set<std::string> inverted;  // "~hidden" of hidden = groups == g
    for (uint32_t i = loop; i < nodes_[loop].next; ++i) {
      if (nodes_[i].kind == "unary_operator" &&
          inverted.contains(std::string(tree_.Text(nodes_[i])))) {
        return true;
      }
      if (nodes_[i].kind != "comparison_operator") continue;
      const std::vector<uint32_t> parts = tree_.Children(i);
      const bool compares = std::ranges::any_of(parts, [&](uint32_t part) {
        return tree_.Text(nodes_[part]) == variable;
      });
      for (const uint32_t part : parts) {
        equal = equal || (compares && nodes_[part].kind == "==");
        unequal = unequal || (compares && nodes_[part].kind == "!=");
      }
      const auto assigned = Assigned(i);
      if (compares && assigned) inverted.insert("~" + std::string(*assigned));
    }
    return equal && unequal;
  }
  // The name that is given to the value of node `index`.
  [[nodiscard]] std::optional<std::string_view> Assigned(uint32_t index) const {
    while (nodes_[index].parent != index) {
      index = nodes_[index].parent;
      if (nodes_[index].kind == "assignment") {
        const auto left = tree_.ChildByField(index, "left");
        if (left) return tree_.Text(nodes_[*left]);
      }
      if (nodes_[index].kind == "block") break;
    }
    return std::nullopt;
  }

  // A number, or the name of one.
  [[nodiscard]] std::optional<int> Value(uint32_t index) const {
    const std::string_view text = tree_.Text(nodes_[index]);
    int value = 0;
    const auto read =
        std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec == std::errc() && read.ptr == text.data() + text.size()) {
      return value;
    }
    if (nodes_[index].kind != "identifier") return std::nullopt;
    for (uint32_t i = 0; i < nodes_.size(); ++i) {
      if (nodes_[i].kind != "assignment") continue;
      const auto left = tree_.ChildByField(i, "left");
      const auto right = tree_.ChildByField(i, "right");
      if (left && right && tree_.Text(nodes_[*left]) == text &&
          nodes_[*right].kind == "integer") {
        return Value(*right);
      }
    }
    return std::nullopt;
  }
  [[nodiscard]] std::optional<int> Keyword(uint32_t call,
                                           std::string_view name) const {
    for (uint32_t i = call; i < nodes_[call].next; ++i) {
      if (nodes_[i].kind != "keyword_argument") continue;
      const auto key = tree_.ChildByField(i, "name");
      const auto value = tree_.ChildByField(i, "value");
      if (key && value && tree_.Text(nodes_[*key]) == name) {
        return Value(*value);
      }
    }
    return std::nullopt;
  }
  [[nodiscard]] std::optional<int> FirstArgument(uint32_t call) const {
    const auto arguments = tree_.ChildByField(call, "arguments");
    if (!arguments) return std::nullopt;
    for (const uint32_t child : tree_.Children(*arguments)) {
      if (nodes_[child].named && !nodes_[child].extra) return Value(child);
    }
    return std::nullopt;
  }
  // How many folds a loop goes over; 0 where it is not written down.
  [[nodiscard]] int Folds(uint32_t loop) const {
    const auto right = tree_.ChildByField(loop, "right");
    for (uint32_t i = *right; i < nodes_[*right].next; ++i) {
      if (nodes_[i].kind != "call") continue;
      if (Called(i) != "range") continue;
      if (const auto folds = FirstArgument(i)) return *folds;
    }
    for (uint32_t i = 0; i < nodes_.size(); ++i) {
      if (nodes_[i].kind != "call") continue;
      if (const auto folds = Keyword(i, "n_splits")) return *folds;
      if (!Called(i).ends_with("Fold")) continue;
      if (const auto folds = FirstArgument(i)) return *folds;
    }
    return 0;
  }

  const SyntaxTree& tree_;
  const std::vector<SyntaxNode>& nodes_;
  std::set<std::string_view> fitting_;
};

}  // namespace

std::optional<FoldLoop> FindFoldLoop(std::string_view code) {
  const std::optional<SyntaxTree> tree = SyntaxTree::Parse(code);
  if (!tree) return std::nullopt;
  return FoldFinder(*tree).First();
}

}  // namespace treesmith
