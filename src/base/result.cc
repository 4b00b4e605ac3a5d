#include "base/result.h"

#include <cerrno>
#include <system_error>

namespace treesmith {

Error ErrnoError(const std::string& act, const std::string& object) {
  return ErrnoError(act, object, errno);
}

Error ErrnoError(const std::string& act, const std::string& object, int code) {
  const bool full = code == ENOSPC || code == EDQUOT;
  return {full ? ErrorKind::kFull : ErrorKind::kFailed,
          act + " " + object + ": " + std::generic_category().message(code)};
}

}  // namespace treesmith
