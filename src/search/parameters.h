// The parameters of policies, and how `--set key=value` changes them.
//
// The defaults here are the widest in use; a policy's row in the registry holds
// its own, and the keys that it reads: another key is an error, never ignored.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace treesmith {

struct SearchParameters {
  // First drafts before anything is improved; 0: as many as the coder has.
  int num_drafts = 5;
  // Chance that a step repairs a buggy leaf, where there is one.
  double debug_prob = 0.5;
  // Longest chain of repairs after a failure. aideml allowed one more (A30).
  int max_debug_depth = 3;
  // Chance that a step crosses the best of two families.
  double crossover_prob = 0.1;
  // Chance that a step makes a new draft after the first ones.
  double draft_prob = 0.05;
  // Weight of what is not yet known of a family against what it has paid.
  double explore = 0.3;

  bool operator==(const SearchParameters&) const = default;
};

struct ParameterKey {
  std::string_view name;
  std::string_view help;
  std::variant<int SearchParameters::*, double SearchParameters::*> member;
  double min = 0;
  double max = 1;
};

// Every key there is.
std::span<const ParameterKey> ParameterKeys();

// "debug_prob=0.3" into `parameters`. BadInput: no such key among `allowed`
// (the hint offers the nearest), no number, out of bounds.
Status SetParameter(std::string_view assignment,
                    std::span<const std::string_view> allowed,
                    SearchParameters& parameters);

// Up to three of `known` that `name` may have meant, nearest first.
std::vector<std::string> NearestNames(std::string_view name,
                                      std::span<const std::string_view> known);

}  // namespace treesmith
