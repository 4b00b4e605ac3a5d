// Blender: fits blends to the rows outside one part, for each part. For
// search/ensemble.cc alone.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/rng.h"
#include "search/ensemble.h"
#include "search/ensemble_fit.h"
#include "search/ensemble_judge.h"

namespace treesmith {

// No part: all rows.
inline constexpr int kNoPart = -1;

// A candidate with what it scored, and its predictions in the blend's space.
struct BlendMember {
  size_t candidate = 0;
  Judged judged;
  std::vector<float> spaced;
};

// Who may be listed for a part.
enum class Listing { kEverybody, kWhoWouldExist };

// The parts are the folds; a single one in halves of whole units. What is
// fitted without a part learns from no unit that stands in it, be it another
// fold's row. One thread at a time.
class Blender {
 public:
  // Borrows the members.
  Blender(const EnsembleInput& input, FitTarget target,
          std::span<const BlendMember> members, Rng& rng,
          Listing listing = Listing::kEverybody);

  // Weights of all members, fitted without the rows of `part`.
  [[nodiscard]] Weights Fit(EnsembleKind kind, int part);

  // Each part blended by weights that were fitted without it.
  [[nodiscard]] Result<Judged> Nested(EnsembleKind kind);

  [[nodiscard]] std::span<const BlendMember> members() const {
    return members_;
  }
  [[nodiscard]] BlendSpace space() const { return target_.space; }

  // The best by all rows, in the order of the input.
  [[nodiscard]] std::vector<BlendMember> Leading() const;

  // How many members a blend may have.
  [[nodiscard]] size_t ListLength() const { return Blendable(kNoPart).size(); }

 private:
  // The members among which to choose without the rows of `part`: the list,
  // too, is made without them, or the nested score would know who does well
  // there.
  [[nodiscard]] std::vector<size_t> Leaders(int part) const;

  // All, where nobody would exist.
  [[nodiscard]] std::vector<size_t> Existing(int part) const;

  struct PartData {
    std::vector<size_t> members;
    FitRows rows;
  };

  [[nodiscard]] Weights FitKind(EnsembleKind kind, const FitRows& rows);

  // The leaders without near-copies of a better one.
  [[nodiscard]] std::vector<size_t> Blendable(int part) const;

  [[nodiscard]] const std::string& FamilyOf(size_t member) const;

  [[nodiscard]] std::vector<float> Blend(const Weights& weights) const;

  // A member's gain on the rows outside `part`.
  [[nodiscard]] double GainWithout(const BlendMember& member, int part) const;

  // The row may be learnt from where `part` is left out.
  [[nodiscard]] bool Teaches(size_t row, int part) const;

  [[nodiscard]] std::vector<size_t> RowIndexes(int part) const;

  [[nodiscard]] PartData PartWithout(int part);

  const EnsembleInput& input_;
  FitTarget target_;
  std::span<const BlendMember> members_;
  std::vector<int> parts_;
  std::vector<uint8_t> several_;  // InSeveralFolds
  std::map<int, PartData> parts_data_;
  Rng& rng_;
  Listing listing_;
};

}  // namespace treesmith
