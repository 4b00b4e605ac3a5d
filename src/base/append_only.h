// AppendOnly<T>: a list that one thread grows while others read its beginning.
//
// Elements never move and never change, so a Snapshot (the first n elements at
// the time it was taken) is two words, free to make, and may be read by any
// thread as long as the list lives. Only the owner thread may append.
//
//   segment:   0      1      2          3
//   size:      64     128    256        512 ...
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <memory>
#include <utility>

#include "base/check.h"

namespace treesmith {

template <typename T>
class AppendOnly {
 public:
  class Snapshot {
   public:
    Snapshot() = default;
    [[nodiscard]] size_t size() const { return size_; }
    // REQUIRES: index < size()
    const T& operator[](size_t index) const {
      CHECK(index < size_);
      return list_->At(index);
    }

   private:
    friend class AppendOnly;
    Snapshot(const AppendOnly* list, size_t size) : list_(list), size_(size) {}
    const AppendOnly* list_ = nullptr;
    size_t size_ = 0;
  };

  AppendOnly() = default;
  AppendOnly(const AppendOnly&) = delete;
  AppendOnly& operator=(const AppendOnly&) = delete;

  // Owner thread only.
  const T& Append(T value) {
    const size_t index = size_.load(std::memory_order_relaxed);
    const auto [segment, offset] = Locate(index);
    CHECK(segment < kSegments);
    if (!segments_[segment]) {
      segments_[segment] = std::make_unique<T[]>(kFirst << segment);
    }
    segments_[segment][offset] = std::move(value);
    // Release: a reader that sees the new size sees the element.
    size_.store(index + 1, std::memory_order_release);
    return segments_[segment][offset];
  }

  [[nodiscard]] size_t size() const {
    return size_.load(std::memory_order_acquire);
  }
  const T& operator[](size_t index) const {
    CHECK(index < size());
    return At(index);
  }
  [[nodiscard]] Snapshot Take() const { return Snapshot(this, size()); }

 private:
  static constexpr size_t kFirst = 64;
  static constexpr size_t kSegments = 32;

  static std::pair<size_t, size_t> Locate(size_t index) {
    const size_t shifted = index / kFirst + 1;
    const size_t segment = static_cast<size_t>(std::bit_width(shifted)) - 1;
    // `shifted` is at least 1; the analyzer does not know bit_width.
    // NOLINTNEXTLINE(clang-analyzer-core.BitwiseShift)
    const size_t first = ((size_t{1} << segment) - 1) * kFirst;
    return {segment, index - first};
  }
  const T& At(size_t index) const {
    const auto [segment, offset] = Locate(index);
    return segments_[segment][offset];
  }

  std::array<std::unique_ptr<T[]>, kSegments> segments_;
  std::atomic<size_t> size_ = 0;
};

}  // namespace treesmith
