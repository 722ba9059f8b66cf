#include "base/bounded_queue.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

namespace spirogram {
namespace {

using std::chrono::milliseconds;

TEST(BoundedQueueTest, RefusesWhenFullAndKeepsTheItem) {
  BoundedQueue<std::unique_ptr<int>> queue(1);
  auto item = std::make_unique<int>(1);
  EXPECT_TRUE(queue.TryPush(std::move(item)));
  auto second = std::make_unique<int>(2);
  EXPECT_FALSE(queue.TryPush(std::move(second)));
  ASSERT_NE(second, nullptr);  // NOLINT(bugprone-use-after-move): the contract under test
  EXPECT_EQ(queue.PopAll(milliseconds(0)).size(), 1u);
  EXPECT_TRUE(queue.TryPush(std::move(second)));
}

TEST(BoundedQueueTest, DrainsAfterClose) {
  BoundedQueue<int> queue(10);
  EXPECT_TRUE(queue.TryPush(1));
  queue.Close();
  EXPECT_FALSE(queue.TryPush(2));
  EXPECT_EQ(queue.PopAll(milliseconds(1000)), std::vector<int>{1});
  EXPECT_TRUE(queue.PopAll(milliseconds(1000)).empty());
}

TEST(BoundedQueueTest, HandsOverEveryItemInOrder) {
  BoundedQueue<int> queue(64);
  std::vector<int> seen;
  std::thread consumer([&] {
    while (true) {
      const auto items = queue.PopAll(milliseconds(1000));
      if (items.empty() && queue.is_closed()) return;
      seen.insert(seen.end(), items.begin(), items.end());
    }
  });
  for (int i = 0; i < 10'000; ++i) {
    while (!queue.TryPush(int{i})) std::this_thread::yield();
  }
  queue.Close();
  consumer.join();
  ASSERT_EQ(seen.size(), 10'000u);
  for (int i = 0; i < 10'000; ++i) EXPECT_EQ(seen[static_cast<size_t>(i)], i);
}

}  // namespace
}  // namespace spirogram
