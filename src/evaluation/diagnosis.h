// Diagnosis: what the host tells a coder of a scored node (design 5.3).
//
// At most 1,500 characters; aggregates over at least 50 rows only, so that no
// hidden label can be read off it.
#pragma once

#include <string>

#include "base/result.h"
#include "evaluation/error_map.h"
#include "evaluation/scorer.h"

namespace treesmith {

inline constexpr size_t kDiagnosisChars = 1500;

// `map`: null where no table is there to look at.
Result<std::string> Diagnose(const Scorer& scorer, const ScoreJob& job,
                             const NodeScore& score, const ErrorMap* map);

}  // namespace treesmith
