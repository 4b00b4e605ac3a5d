#include "operators/llm/script_family.h"

#include <algorithm>
#include <optional>
#include <set>
#include <vector>

#include "code/syntax_tree.h"

namespace treesmith {
namespace {

// Names that begin like these fit models of the family.
struct FamilyNames {
  std::string_view family;
  std::vector<std::string_view> beginnings;
};

const std::vector<FamilyNames>& FamilyTable() {
  static const std::vector<FamilyNames> table = {
      {"lightgbm", {"LGBM", "lgb", "lightgbm"}},
      {"xgboost", {"XGB", "xgb", "xgboost"}},
      {"catboost", {"CatBoost", "catboost"}},
      {"torch", {"torch"}},
      {"mlp", {"MLPRegressor", "MLPClassifier"}},
      {"extra-trees", {"ExtraTrees"}},
      {"forest", {"RandomForest"}},
      {"hist-boosting", {"HistGradientBoosting", "GradientBoosting"}},
      {"linear",
       {"Ridge", "Lasso", "ElasticNet", "LinearRegression",
        "LogisticRegression", "SGDClassifier", "SGDRegressor", "LinearSV",
        "BayesianRidge", "HuberRegressor", "QuantileRegressor",
        "PoissonRegressor", "TweedieRegressor", "GammaRegressor"}},
      {"kernel", {"SVR", "SVC", "NuSV", "KernelRidge", "GaussianProcess"}},
      {"neighbours", {"KNeighbors"}},
      {"bayes", {"MultinomialNB", "BernoulliNB", "GaussianNB", "ComplementNB"}},
  };
  return table;
}

bool IsImport(std::string_view kind) {
  return kind == "import_statement" || kind == "import_from_statement";
}

}  // namespace

std::string FamilyOf(std::string_view code) {
  const std::optional<SyntaxTree> tree = SyntaxTree::Parse(code);
  if (!tree) return "";
  std::set<std::string_view> found;
  const std::vector<SyntaxNode>& nodes = tree->nodes();
  for (size_t i = 0; i < nodes.size(); ++i) {
    // What is imported may not be used.
    while (i < nodes.size() && IsImport(nodes[i].kind)) i = nodes[i].next;
    if (i >= nodes.size()) break;
    if (nodes[i].kind != "identifier") continue;
    const std::string_view name = tree->Text(nodes[i]);
    for (const FamilyNames& row : FamilyTable()) {
      const bool fits = std::ranges::any_of(
          row.beginnings,
          [&](std::string_view begin) { return name.starts_with(begin); });
      if (fits) found.insert(row.family);
    }
  }
  if (found.empty()) return "";
  return found.size() == 1 ? std::string(*found.begin()) : "blend";
}

}  // namespace treesmith
