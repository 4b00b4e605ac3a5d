#include "base/unique_fd.h"

#include <unistd.h>

namespace treesmith {

void UniqueFd::Reset() {
  if (fd_ < 0) return;
  // Never repeated on EINTR: Linux has released the number by then (close(2)).
  ::close(std::exchange(fd_, -1));
}

}  // namespace treesmith
