#include "operators/builtin/render.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "base/check.h"
#include "operators/builtin/additive.h"
#include "operators/builtin/feature_block.h"
#include "operators/builtin/inputs.h"
#include "operators/builtin/model_family.h"
#include "operators/builtin/objective.h"
#include "operators/builtin/python_text.h"
#include "operators/builtin/render_constants.h"
#include "operators/builtin/render_main.h"
#include "operators/builtin/series.h"

namespace treesmith {
namespace {

constexpr size_t kLineWidth = 88;  // ruff's and black's

std::string Docstring(const std::string& headline) {
  std::string text = "\"\"\"";
  for (const std::string& line : WrapWords(headline, 84)) {
    text += line + "\n";
  }
  std::erase(text, '\\');
  return text + "\"\"\"\n";
}

// `from MODULE import` with all names at once, classes before functions, as
// isort writes it.
std::string FromImport(const std::string& module,
                       std::vector<std::string> names) {
  const auto is_class = [](const std::string& name) {
    return std::isupper(static_cast<unsigned char>(name.front())) != 0;
  };
  std::ranges::sort(names, [&](const std::string& a, const std::string& b) {
    return is_class(a) != is_class(b) ? is_class(a) : a < b;
  });
  std::string line =
      fmt::format("from {} import {}\n", module, fmt::join(names, ", "));
  if (line.size() <= kLineWidth + 1) return line;
  return fmt::format("from {} import (\n    {},\n)\n", module,
                     fmt::join(names, ",\n    "));
}

// Import lines in isort's order: the standard library, then the rest; plain
// imports before "from" ones.
std::string ImportText(const std::set<std::string>& imports) {
  static const std::set<std::string> in_python = {
      "import itertools", "import os", "import re", "import warnings"};
  std::string standard;
  std::string plain;
  std::map<std::string, std::vector<std::string>> from;
  for (const std::string& line : imports) {
    if (in_python.contains(line)) {
      standard += line + "\n";
    } else if (line.starts_with("from ")) {
      const size_t middle = line.find(" import ");
      from[line.substr(5, middle - 5)].push_back(line.substr(middle + 8));
    } else {
      plain += line + "\n";
    }
  }
  std::string text = standard + "\n" + plain;
  for (auto& [module, names] : from) {
    text += FromImport(module, std::move(names));
  }
  return text;
}

std::string Trim(std::string_view text) {
  while (text.starts_with('\n')) text.remove_prefix(1);
  while (text.ends_with('\n')) text.remove_suffix(1);
  return std::string(text);
}

}  // namespace

std::string RenderScript(const Recipe& recipe, const TaskFacts& facts,
                         const std::string& headline) {
  const ModelFamily* family = FindFamily(recipe.family);
  CHECK(family != nullptr);
  std::set<std::string> imports = {"import os", "import numpy as np",
                                   "import pandas as pd"};
  std::vector<std::string> parts;
  for (const FeatureBlock& block : AllBlocks()) {
    if (!recipe.Has(block.name)) continue;
    if (block.inner_folds > 0) {
      imports.insert(HasNewGroups(facts)
                         ? "from sklearn.model_selection import GroupKFold"
                         : "from sklearn.model_selection import KFold");
    }
    imports.insert(block.imports.begin(), block.imports.end());
    parts.push_back(block.bind == nullptr
                        ? std::string(block.source)
                        : FillTemplate(block.source, block.bind(facts)));
  }
  const InputSource input = RenderInput(*family, recipe, facts);
  imports.insert(input.imports.begin(), input.imports.end());
  if (!input.source.empty()) parts.push_back(input.source);
  if (StartsFromAdditive(recipe)) {
    ModelSource base = RenderAdditive(facts, recipe);
    imports.insert(base.imports.begin(), base.imports.end());
    parts.push_back(std::move(base.source));
  }
  if (StartsFromLevel(recipe)) parts.push_back(RenderLevel());
  const ModelSource model = family->render(facts, recipe);
  imports.insert(model.imports.begin(), model.imports.end());
  parts.push_back(model.source);
  for (std::string& part : RenderMain(*family, recipe, facts)) {
    parts.push_back(std::move(part));
  }
  std::string body;
  for (const std::string& part : parts) body += "\n\n\n" + Trim(part);
  const std::string constants = RenderConstants(recipe, facts, body);
  if (body.find("np.") == std::string::npos) {
    imports.erase("import numpy as np");
  }
  if (constants.find("os.") == std::string::npos) imports.erase("import os");
  return Docstring(headline) + ImportText(imports) + "\n" + Trim(constants) +
         body + "\n\n\nif __name__ == \"__main__\":\n    main()\n";
}

double NominalCost(const Recipe& recipe, const TaskFacts& facts) {
  const ModelFamily* family = FindFamily(recipe.family);
  CHECK(family != nullptr);
  double reading = 0;
  double again = 1;
  for (const std::string& name : recipe.blocks) {
    const FeatureBlock* block = FindBlock(name);
    if (block == nullptr) continue;
    reading += block->word_cost;
    if (block->stage == BlockStage::kHeldOut) again = block->prior.cost;
  }
  const double base =
      StartsFromAdditive(recipe) ? AdditiveCost(facts, recipe) : 0;
  const double once =
      family->cost(facts, recipe) * static_cast<double>(recipe.seeds) +
      MegaWords(facts, recipe) * reading + base;
  size_t fits = 1;
  if (SumsParts(recipe)) {
    fits = facts.parts.size();
  } else if (!SharesTargets(recipe)) {
    fits = std::max<size_t>(facts.target.size(), 1);
  }
  return once * again * static_cast<double>(fits);
}

}  // namespace treesmith
