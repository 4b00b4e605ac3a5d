#include "base/hash.h"

#include <gtest/gtest.h>

namespace treesmith {
namespace {

TEST(HashTest, TheNameOfAContentIsXxh3InItsCanonicalForm) {
  // From the xxHash command-line tool: `printf abc | xxh128sum`.
  EXPECT_EQ(HashBytes("abc").Hex(), "06b05ab6733a618578af5f94892f3950");
}

TEST(HashTest, PiecesHaveTheHashOfTheWhole) {
  const std::string whole(100'000, 'a');
  Hasher hasher;
  hasher.Add(std::string_view(whole).substr(0, 7));
  hasher.Add(std::string_view(whole).substr(7));
  EXPECT_EQ(hasher.Digest(), HashBytes(whole));
  EXPECT_EQ(Hasher().Digest(), HashBytes(""));
}

TEST(HashTest, HexAndBackIsTheSame) {
  const Hash128 hash = HashBytes("treesmith");
  EXPECT_EQ(Hash128::FromHex(hash.Hex()), hash);
}

TEST(HashTest, OtherTextsAreNoHash) {
  EXPECT_FALSE(Hash128::FromHex("12").has_value());
  EXPECT_FALSE(
      Hash128::FromHex("zz000000000000000000000000000000").has_value());
}

}  // namespace
}  // namespace treesmith
