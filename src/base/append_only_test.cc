#include "base/append_only.h"

#include <gtest/gtest.h>

#include <thread>

namespace treesmith {
namespace {

TEST(AppendOnlyTest, ElementsKeepTheirAddressAndOrder) {
  AppendOnly<int> list;
  const int* first = &list.Append(0);
  for (int i = 1; i < 5000; ++i) list.Append(i);
  EXPECT_EQ(first, &list[0]);
  for (size_t i = 0; i < 5000; ++i) ASSERT_EQ(list[i], static_cast<int>(i));
}

TEST(AppendOnlyTest, ASnapshotDoesNotGrow) {
  AppendOnly<int> list;
  list.Append(1);
  const auto snapshot = list.Take();
  list.Append(2);
  EXPECT_EQ(snapshot.size(), 1u);
  EXPECT_EQ(snapshot[0], 1);
}

TEST(AppendOnlyTest, ReadersSeeWholeElementsWhileTheOwnerAppends) {
  AppendOnly<std::pair<int, int>> list;
  bool torn = false;
  std::jthread reader([&] {
    while (list.size() < 20000) {
      const auto snapshot = list.Take();
      if (snapshot.size() == 0) continue;
      const auto& last = snapshot[snapshot.size() - 1];
      if (last.first != last.second) torn = true;
    }
  });
  for (int i = 0; i < 20000; ++i) list.Append({i, i});
  reader.join();
  EXPECT_FALSE(torn);
}

}  // namespace
}  // namespace treesmith
