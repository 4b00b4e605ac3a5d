// Archives (zip, tar, 7z and kin) unpacked without trust.
//
// Only regular files come out, only below the folder, only where nothing lies
// yet: an entry that climbs ("../x", "/etc/x"), a link or a device is left out
// and told. Bounded in bytes, entries and nesting, so a bomb ends as an error
// with nothing left behind. Any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace treesmith {

// By the name: .zip .tar .tgz .tar.gz .tar.bz2 .tar.xz .7z.
bool IsArchiveName(const std::filesystem::path& path);

struct UnpackLimits {
  // Of all files together. A table of text shrinks to a tenth, one of equal
  // lines to a thousandth; beyond max(1 GiB, 300 x the archive) it is a bomb.
  int64_t max_bytes = int64_t{1} << 30;
  int64_t max_ratio = 300;
  int64_t max_entries = 200'000;
  // Archives in archives: 1 is none.
  int max_depth = 2;
};

struct Unpacked {
  std::vector<std::string> files;    // new ones, below the folder
  std::vector<std::string> skipped;  // "../x: leaves the folder"
};

// kBadInput: damaged, encrypted or too large. Then the folder is as it was.
Result<Unpacked> UnpackArchive(const std::filesystem::path& archive,
                               const std::filesystem::path& folder,
                               const UnpackLimits& limits = {});

// "3 files, train.csv, test.csv, ...", or what is wrong with it. Never fails.
std::string DescribeArchive(const std::filesystem::path& archive);

}  // namespace treesmith
