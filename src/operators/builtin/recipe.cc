#include "operators/builtin/recipe.h"

#include <nlohmann/json.hpp>

namespace treesmith {

using nlohmann::json;

double Recipe::Knob(std::string_view name, double otherwise) const {
  const auto found = knobs.find(std::string(name));
  return found == knobs.end() ? otherwise : found->second;
}

std::string Recipe::Choice(std::string_view name,
                           std::string_view otherwise) const {
  const auto found = choices.find(std::string(name));
  return found == choices.end() ? std::string(otherwise) : found->second;
}

std::string EncodeRecipe(const Recipe& recipe) {
  // json objects keep their keys sorted, and so do the sets and maps: the text
  // is canonical.
  const json text = {
      {"family", recipe.family},
      {"objective", recipe.objective},
      {"target", recipe.target_transform},
      {"blocks", recipe.blocks},
      {"knobs", recipe.knobs},
      {"choices", recipe.choices},
      {"seeds", recipe.seeds},
      {"max_rows", recipe.max_rows},
      {"dropped", recipe.dropped},
  };
  return text.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::optional<Recipe> DecodeRecipe(std::string_view text) {
  try {
    const json parsed = json::parse(text);
    Recipe recipe;
    parsed.at("family").get_to(recipe.family);
    parsed.at("objective").get_to(recipe.objective);
    parsed.at("target").get_to(recipe.target_transform);
    parsed.at("blocks").get_to(recipe.blocks);
    parsed.at("knobs").get_to(recipe.knobs);
    parsed.at("choices").get_to(recipe.choices);
    parsed.at("seeds").get_to(recipe.seeds);
    parsed.at("max_rows").get_to(recipe.max_rows);
    parsed.at("dropped").get_to(recipe.dropped);
    return recipe;
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

}  // namespace treesmith
