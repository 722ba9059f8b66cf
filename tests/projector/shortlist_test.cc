#include "projector/shortlist.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "projector/random.h"

namespace spirogram::projector {
namespace {

std::vector<int32_t> RowsOf(std::span<const Neighbor> nearest) {
  std::vector<int32_t> rows;
  for (const Neighbor& neighbor : nearest) rows.push_back(neighbor.row);
  std::sort(rows.begin(), rows.end());
  return rows;
}

TEST(ShortlistTest, KeepsTheNearestWhateverTheirOrder) {
  constexpr int32_t kRows = 5000;
  std::vector<Neighbor> all;
  Random random(1);
  // Every distance a hundred times: ties go to the lower row.
  for (int32_t row = 0; row < kRows; ++row) {
    all.push_back({static_cast<float>(random.NextBits() % 50), row});
  }
  std::vector<Neighbor> sorted = all;
  std::sort(sorted.begin(), sorted.end());
  for (const int64_t kept : {1, 7, 90, 4999}) {
    const std::span<const Neighbor> want = std::span(sorted).first(static_cast<size_t>(kept));
    for (int order = 0; order < 3; ++order) {
      Shortlist list(2, kept);
      for (const Neighbor& candidate : all) list.Add(1, candidate);
      EXPECT_EQ(RowsOf(list.Nearest(1)), RowsOf(want)) << kept;
      EXPECT_EQ(list.thresholds()[1], want.back().distance);
      EXPECT_TRUE(list.Nearest(0).empty());
      std::rotate(all.begin(), all.begin() + 1777, all.end());
    }
  }
}

TEST(ShortlistTest, TakesAllWhileThereIsRoom) {
  Shortlist list(1, 3);
  list.Add(0, {std::numeric_limits<float>::infinity(), 4});
  list.Add(0, {1, 2});
  list.Tighten(0);
  EXPECT_EQ(list.thresholds()[0], std::numeric_limits<float>::infinity());
  EXPECT_EQ(RowsOf(list.Nearest(0)), (std::vector<int32_t>{2, 4}));
}

}  // namespace
}  // namespace spirogram::projector
