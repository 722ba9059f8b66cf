#include "projector/threads.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>

namespace spirogram::projector {
namespace {

TEST(ThreadPoolTest, RunsEveryRowOnce) {
  ThreadPool pool(4);
  std::vector<int> counts(1001, 0);
  EXPECT_TRUE(pool.ForBlocks(1001, 10, {}, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) ++counts[static_cast<size_t>(i)];
  }));
  EXPECT_EQ(counts, std::vector<int>(1001, 1));
}

TEST(ThreadPoolTest, RunsManyShortLoopsOneAfterTheOther) {
  ThreadPool pool(3);
  std::atomic<int64_t> rows{0};
  for (int loop = 0; loop < 2000; ++loop) {
    pool.ForBlocks(7, 1, {}, [&](int64_t begin, int64_t end) { rows += end - begin; });
  }
  EXPECT_EQ(rows, 14'000);
}

TEST(ThreadPoolTest, HasNothingToDoWithoutRows) {
  ThreadPool pool(2);
  EXPECT_TRUE(pool.ForBlocks(0, 1, {}, [](int64_t, int64_t) { FAIL(); }));
}

TEST(ThreadPoolTest, RunsNoFurtherBlockOnceStopIsRequested) {
  ThreadPool pool(1);
  std::stop_source source;
  int blocks = 0;
  EXPECT_FALSE(pool.ForBlocks(100, 1, source.get_token(), [&](int64_t, int64_t) {
    if (++blocks == 3) source.request_stop();
  }));
  EXPECT_EQ(blocks, 3);
}

TEST(ThreadPoolTest, WorksAtTheLowestPriorityAndLeavesTheCallersAlone) {
  const int of_caller = getpriority(PRIO_PROCESS, 0);
  ThreadPool pool(3, Courtesy::kYield);
  EXPECT_EQ(pool.threads(), 3);
  std::atomic<int64_t> rows{0};
  std::atomic<int> lowest{20};
  for (int loop = 0; loop < 200; ++loop) {
    EXPECT_TRUE(pool.ForBlocks(loop % 5, 1, {}, [&](int64_t begin, int64_t end) {
      rows += end - begin;
      lowest = std::min<int>(lowest, getpriority(PRIO_PROCESS, 0));
    }));
  }
  EXPECT_EQ(rows, 400);
  EXPECT_EQ(lowest, 19);
  EXPECT_EQ(getpriority(PRIO_PROCESS, 0), of_caller);
}

TEST(ThreadPoolTest, TakesAsManyThreadsAsCoresForZero) {
  EXPECT_GE(ThreadPool(0).threads(), 1);
  EXPECT_EQ(ThreadPool(3).threads(), 3);
}

}  // namespace
}  // namespace spirogram::projector
