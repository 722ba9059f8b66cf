#include "app/diagnosis_worker.h"

#include <atomic>
#include <chrono>
#include <semaphore>
#include <thread>

#include "base/str.h"
#include "tests/store/store_fixture.h"

namespace spirogram::app {
namespace {

using testing::EventBuilder;

TEST(PauseAfterTest, GrowsWithTheWorkBetweenItsBounds) {
  using std::chrono::milliseconds;
  EXPECT_EQ(PauseAfter(milliseconds(0)), milliseconds(500));
  EXPECT_EQ(PauseAfter(milliseconds(2)), milliseconds(500));
  EXPECT_EQ(PauseAfter(milliseconds(5)), milliseconds(1000));
  EXPECT_EQ(PauseAfter(milliseconds(900)), milliseconds(3000));
}

class DiagnosisWorkerTest : public store::StoreFixture {};

// A server begins with all its runs, which may be thousands, and Ctrl-C must not wait for them.
TEST_F(DiagnosisWorkerTest, StopsAfterTheRunInHand) {
  constexpr int kRuns = 200;
  for (int i = 0; i < kRuns; ++i) {
    EventBuilder().Scalar("loss", 1, 1).AppendTo(EventFile(StrCat("run", i)));
  }
  Load();
  std::atomic<int> written = 0;
  std::binary_semaphore has_begun(0);
  store_->OnCommit([&](const store::Commit&) {
    if (written++ == 0) has_begun.release();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  });
  DiagnosisWorker worker(*store_);
  worker.Start();
  has_begun.acquire();
  worker.Stop();
  EXPECT_LT(written, kRuns);
}

TEST_F(DiagnosisWorkerTest, ForgetsRunsThatAreDeleted) {
  EventBuilder().Scalar("loss", 1, 1).AppendTo(EventFile("gone"));
  EventBuilder().Scalar("loss", 1, 1).AppendTo(EventFile("stays"));
  Load();
  DiagnosisWorker worker(*store_);
  store_->OnCommit([&](const store::Commit& commit) { worker.Notify(commit); });
  worker.Start();
  for (size_t held = 0; held < 2; held = worker.runs_held()) worker.runs_held().wait(held);
  const store::RunId gone = FindRun("gone").id;
  const store::RunChange change{.action = store::RunChange::Action::kDelete, .runs = {gone}};
  ASSERT_TRUE(store_->ChangeRuns(change).ok());
  worker.runs_held().wait(2);
  EXPECT_EQ(worker.runs_held(), 1u);
  worker.Stop();
}

}  // namespace
}  // namespace spirogram::app
