#include "base/result.h"

#include <cerrno>
#include <system_error>

namespace treesmith {

Error ErrnoError(const std::string& act, const std::string& object) {
  return ErrnoError(act, object, errno);
}

Error ErrnoError(const std::string& act, const std::string& object, int code) {
  const bool full = code == ENOSPC || code == EDQUOT;
  Error error;
  error.message =
      act + " " + object + ": " + std::generic_category().message(code);
  if (full) {
    error.kind = ErrorKind::kFull;
    error.hint = "free some space there; a run goes on with `treesmith resume`";
  }
  return error;
}

}  // namespace treesmith
