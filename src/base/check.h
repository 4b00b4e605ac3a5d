// CHECK(condition): what must hold unless our own code is wrong.
//
// Always on, also in release builds. Prints the place and the text, then
// aborts. Never for what a user, a script or the world can cause.
#pragma once

namespace treesmith {

[[noreturn]] void CheckFailed(const char* condition, const char* file,
                              int line);

}  // namespace treesmith

#define CHECK(condition)                                        \
  do {                                                          \
    if (!(condition)) [[unlikely]]                              \
      ::treesmith::CheckFailed(#condition, __FILE__, __LINE__); \
  } while (false)
