// What kind of file system a path lies on.
#pragma once

#include <filesystem>

namespace treesmith {

// True where files are served by another machine (NFS, SMB, Ceph, Lustre, GPFS,
// BeeGFS, AFS, 9p, FUSE): memory shared through such a file, and with it
// SQLite's write-ahead log, cannot be relied on there. False when the kernel
// does not say.
bool OnNetworkFileSystem(const std::filesystem::path& path);

}  // namespace treesmith
