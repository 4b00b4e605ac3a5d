#include "store/file_system.h"

#include <sys/statfs.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace treesmith {
namespace {

// The magic numbers of statfs(2) and, for those that live outside the kernel,
// of their own sources. FUSE may be local, but what it promises is unknown.
constexpr std::array<uint32_t, 12> kNetworkMagic = {
    0x00006969,  // NFS
    0x0000517b,  // SMB
    0xff534d42,  // CIFS
    0xfe534d42,  // SMB2
    0x00c36400,  // Ceph
    0x0bd00bd0,  // Lustre
    0x47504653,  // GPFS
    0x19830326,  // BeeGFS
    0x5346414f,  // AFS
    0x6b414653,  // kAFS
    0x01021997,  // 9p
    0x65735546,  // FUSE
};

}  // namespace

bool OnNetworkFileSystem(const std::filesystem::path& path) {
  struct statfs info{};
  if (::statfs(path.c_str(), &info) != 0) return false;
  return std::ranges::find(kNetworkMagic, static_cast<uint32_t>(info.f_type)) !=
         kNetworkMagic.end();
}

}  // namespace treesmith
