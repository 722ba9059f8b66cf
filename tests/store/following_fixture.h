// A store that follows its logdir while a test changes it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>

#include "tests/store/store_fixture.h"

namespace spirogram::store {

class FollowingFixture : public StoreFixture {
 protected:
  ~FollowingFixture() override { store_.reset(); }  // its thread tells of commits until then

  void Follow() { Follow(Options()); }
  void Follow(const StoreOptions& options) {
    auto opened = Store::Open(options);
    ASSERT_TRUE(opened.ok()) << opened.error().ToString();
    store_ = std::move(opened).value();
    store_->OnCommit([this](const Commit&) {
      std::lock_guard lock(mutex_);
      ++commits_;
      committed_.notify_all();
    });
    store_->StartTailing();
  }

  // Asks again after each commit until `is_true`; a test that waits for a minute has failed.
  ::testing::AssertionResult Await(const std::function<bool()>& is_true) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (true) {
      uint64_t seen = 0;
      {
        std::lock_guard lock(mutex_);
        seen = commits_;
      }
      if (is_true()) return ::testing::AssertionSuccess();
      std::unique_lock lock(mutex_);
      if (!committed_.wait_until(lock, deadline, [&] { return commits_ != seen; })) {
        return ::testing::AssertionFailure() << "still not so after " << seen << " commits";
      }
    }
  }

  // 0 while the run or the tag is not there.
  int64_t CountPoints(const std::string& name, const std::string& tag) {
    const auto runs = store_->ReadRuns();
    if (!runs.ok()) return 0;
    for (const store::Run& run : *runs) {
      if (run.name != name) continue;
      const auto rows = store_->ReadScalars({.run = run.id, .tag = tag, .rows_max = 3});
      return rows.ok() ? rows->points : 0;
    }
    return 0;
  }

 private:
  std::mutex mutex_;
  std::condition_variable committed_;
  uint64_t commits_ = 0;
};

}  // namespace spirogram::store
