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

}  // namespace
}  // namespace spirogram::app
