// One JSON value on a line of stdout.
#pragma once

#include <cstdio>
#include <string>

namespace treesmith {

// Json: nlohmann's, of either order. Bytes that are no UTF-8 are replaced.
template <typename Json>
void PrintJson(const Json& json) {
  const std::string text =
      json.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::printf("%s\n", text.c_str());
}

}  // namespace treesmith
