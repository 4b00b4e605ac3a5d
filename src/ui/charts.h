// Charts of the report, as inline SVG. Colours come from the report's style
// sheet, so they follow the reader's light or dark scheme.
#pragma once

#include <string>
#include <vector>

#include "evaluation/portrait.h"
#include "ui/run_facts.h"
#include "ui/tree_rows.h"

namespace treesmith {

// Every scored node at the time it was added, buggy ones below, and the best
// so far as a stepped line. Nodes far worse than most are drawn at the edge.
// Empty when nothing was scored.
std::string ScoreChart(const RunFacts& facts);

// Predicted probabilities against how often they came true; on the dashed line
// they are right. Empty without bins.
std::string CalibrationChart(const Calibration& calibration);
// What the truth is beyond predictions, by prediction. Empty without bins.
std::string ResidualChart(const Residuals& residuals);
// Counts by true and by decided class, shaded by their share of the row.
std::string ConfusionTable(const Confusion& confusion);

// The rows as a tree from left to right; a crossover's second parent is a
// dashed line. Nodes link to #node-ID. Empty without rows.
std::string TreeChart(const RunFacts& facts, const std::vector<TreeRow>& rows);

}  // namespace treesmith
