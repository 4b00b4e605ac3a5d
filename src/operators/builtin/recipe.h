// Recipe: everything that decides what a builtin script does, as a plain value.
//
// Two equal recipes render to the same script on the same task, and the text of
// EncodeRecipe is canonical: equal recipes have equal texts, so the text is
// also the key by which a recipe is never tried twice.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace treesmith {

struct Recipe {
  // A name of the family table (model_family.h).
  std::string family;
  // What the model minimises: "squared", "absolute", "fair", "poisson",
  // "tweedie", "gamma", "quantile", "logloss" (of classes) or "distribution"
  // (log loss over the values of a numeric target, decoded afterwards).
  std::string objective = {};
  // Of a numeric target: "raw", "log1p", "log", "sqrt" or "rank".
  std::string target_transform = "raw";
  // Names of the block table (feature_block.h); they run in the table's order.
  std::set<std::string> blocks = {};
  // The family's hyper-parameters, by the name the library gives them.
  std::map<std::string, double> knobs = {};
  // The family's choices: "categories" = "native", "scaler" = "quantile" ...
  std::map<std::string, std::string> choices = {};
  // Fits that differ in nothing but their seed, averaged.
  int64_t seeds = 1;
  // Train on a sample of at most this many rows; 0: on all.
  int64_t max_rows = 0;
  // Columns that are left out.
  std::set<std::string> dropped = {};

  [[nodiscard]] bool Has(std::string_view block) const {
    return blocks.contains(std::string(block));
  }
  // The value of a knob or choice, or what stands for an absent one.
  [[nodiscard]] double Knob(std::string_view name, double otherwise) const;
  [[nodiscard]] std::string Choice(std::string_view name,
                                   std::string_view otherwise) const;

  friend bool operator==(const Recipe&, const Recipe&) = default;
};

// Canonical JSON.
std::string EncodeRecipe(const Recipe& recipe);
// nullopt: the text is not a recipe (another coder's origin).
std::optional<Recipe> DecodeRecipe(std::string_view text);

}  // namespace treesmith
