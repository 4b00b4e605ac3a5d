#include "code/common_lines.h"

#include <algorithm>
#include <cstdint>

namespace treesmith {
namespace {

// Cells of the table of lengths: 16 MB of memory, some milliseconds.
constexpr size_t kMostCells = 4'000'000;

using Pairs = std::vector<std::pair<size_t, size_t>>;
using Texts = std::vector<std::string_view>;

// Pairs within a[begin, a_end) and b[begin, b_end), by the table of the
// lengths of what remains.
void PairMiddle(const Texts& a, const Texts& b, size_t begin, size_t a_end,
                size_t b_end, Pairs& pairs) {
  const size_t rows = a_end - begin + 1;
  const size_t columns = b_end - begin + 1;
  if (rows == 1 || columns == 1 || rows > kMostCells / columns) return;
  std::vector<uint32_t> length(rows * columns, 0);
  for (size_t i = rows - 1; i-- > 0;) {
    for (size_t j = columns - 1; j-- > 0;) {
      const size_t cell = i * columns + j;
      length[cell] = a[begin + i] == b[begin + j]
                         ? length[cell + columns + 1] + 1
                         : std::max(length[cell + columns], length[cell + 1]);
    }
  }
  size_t i = 0;
  size_t j = 0;
  while (i + 1 < rows && j + 1 < columns) {
    const size_t cell = i * columns + j;
    if (a[begin + i] == b[begin + j]) {
      pairs.emplace_back(begin + i++, begin + j++);
    } else if (length[cell + columns] >= length[cell + 1]) {
      ++i;
    } else {
      ++j;
    }
  }
}

}  // namespace

Pairs CommonLines(const Texts& a, const Texts& b) {
  Pairs pairs;
  size_t begin = 0;
  while (begin < a.size() && begin < b.size() && a[begin] == b[begin]) {
    pairs.emplace_back(begin, begin);
    ++begin;
  }
  size_t a_end = a.size();
  size_t b_end = b.size();
  while (a_end > begin && b_end > begin && a[a_end - 1] == b[b_end - 1]) {
    --a_end;
    --b_end;
  }
  PairMiddle(a, b, begin, a_end, b_end, pairs);
  for (size_t i = a_end; i < a.size(); ++i) {
    pairs.emplace_back(i, b_end + (i - a_end));
  }
  return pairs;
}

}  // namespace treesmith
