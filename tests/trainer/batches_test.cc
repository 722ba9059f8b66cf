#include "trainer/batches.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "trainer/row_groups.h"

namespace spirogram::trainer {
namespace {

std::vector<uint32_t> Take(ShuffledBatches& batches) {
  const auto batch = batches.Next();
  return {batch.begin(), batch.end()};
}

TEST(ShuffledBatchesTest, VisitEverySampleOncePerEpoch) {
  ShuffledBatches batches(12, 4, 1);
  for (int epoch = 0; epoch < 3; ++epoch) {
    std::set<uint32_t> seen;
    for (int i = 0; i < 3; ++i) {
      for (const uint32_t sample : batches.Next()) seen.insert(sample);
    }
    EXPECT_EQ(seen.size(), 12u);
    EXPECT_EQ(*seen.rbegin(), 11u);
  }
}

TEST(ShuffledBatchesTest, AreAlwaysFull) {
  ShuffledBatches batches(10, 4, 1);
  for (int i = 0; i < 7; ++i) EXPECT_EQ(batches.Next().size(), 4u);
}

TEST(ShuffledBatchesTest, FollowTheSeed) {
  ShuffledBatches first(100, 10, 1);
  ShuffledBatches again(100, 10, 1);
  ShuffledBatches other(100, 10, 2);
  const std::vector<uint32_t> batch = Take(first);
  EXPECT_EQ(batch, Take(again));
  EXPECT_NE(batch, Take(other));
}

TEST(GroupRowsTest, ListsTheSamplesOfEachDistinctRowInOrder) {
  const HostRowGroups groups = GroupRows(std::vector<int32_t>{7, 2, 7, 9, 2, 7});
  EXPECT_EQ(groups.rows, (std::vector<int32_t>{2, 7, 9}));
  EXPECT_EQ(groups.starts, (std::vector<int32_t>{0, 2, 5, 6}));
  EXPECT_EQ(groups.samples, (std::vector<int32_t>{1, 4, 0, 2, 5, 3}));
}

TEST(GroupRowsTest, OfNothingAreNone) {
  const HostRowGroups groups = GroupRows({});
  EXPECT_TRUE(groups.rows.empty());
  EXPECT_EQ(groups.starts, (std::vector<int32_t>{0}));
}

}  // namespace
}  // namespace spirogram::trainer
