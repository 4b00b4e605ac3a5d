#include "base/log.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace treesmith {
namespace {

TEST(LogTest, LinesGoToTheSinkWhileThereIsOne) {
  std::vector<std::string> lines;
  SetLogSink([&](std::string line) { lines.push_back(std::move(line)); });
  LOG(kWarning, "llm", "try 2 of 4");
  LOG(kDebug, "llm", "not said: the level is off");
  SetLogSink({});
  LOG(kWarning, "llm", "to stderr");
  EXPECT_EQ(lines, std::vector<std::string>{"warning: [llm] try 2 of 4"});
}

}  // namespace
}  // namespace treesmith
