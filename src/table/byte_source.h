// ByteSource: the bytes of a file, unpacked on the way where it is gzip.
//
// Told by the content, not the name. Memory does not depend on the size of the
// file. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace treesmith {

class ByteSource {
 public:
  // BadInput where the file is missing or a folder.
  static Result<ByteSource> Open(const std::filesystem::path& path);
  ByteSource(ByteSource&&) noexcept;
  ByteSource& operator=(ByteSource&&) noexcept;
  ~ByteSource();

  // Fills the front of `buffer` and says how much; 0 only at the end. BadInput
  // on damaged or cut gzip data.
  Result<size_t> Read(std::span<char> buffer);

 private:
  struct State;
  explicit ByteSource(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// All of it; BadInput above `max_bytes` (unpacked).
Result<std::string> ReadUnpacked(const std::filesystem::path& path,
                                 int64_t max_bytes = int64_t{64} << 30);

// "data/train.csv.gz" -> "data/train.csv": the name below input/.
std::string UnpackedName(std::string_view name);

}  // namespace treesmith
