#include "web/projection_jobs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "tests/web/columns_reader.h"
#include "tests/web/fake_store.h"

namespace spirogram::web {
namespace {

using spirogram::testing::FakeStore;
using spirogram::testing::FillFakeStore;
using spirogram::testing::ReadColumns;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ManualClock : public Clock {
 public:
  WallTime Now() const override { return 0; }
  int64_t NowNs() const override { return 0; }
  int64_t MonotonicNs() const override { return now_ns; }
  std::atomic<int64_t> now_ns = 1;
};

// A t-SNE that runs until it is told what to do next.
class Gate {
 public:
  void Open() {
    std::lock_guard lock(mutex_);
    is_open_ = true;
    changed_.notify_all();
  }
  void Wait(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, stop, [&] { return is_open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool is_open_ = false;
};

class ProjectionJobsTest : public ::testing::Test {
 protected:
  ProjectionJobsTest() { FillFakeStore(&store_); }

  void MakeJobs(int64_t memory_max = int64_t{8} << 30) {
    ProjectorFunctions functions;
    functions.memory_max = memory_max;
    functions.pca = [this](const projector::MatrixView& matrix,
                           const projector::PcaOptions& options,
                           const std::stop_token& stop) -> Result<projector::PcaResult> {
      if (does_pca_wait_) gate_.Wait(stop);
      if (stop.stop_requested()) return Cancelled("stopped");
      projector::PcaResult result;
      result.coordinates.assign(static_cast<size_t>(matrix.points * std::ssize(options.drawn)),
                                2.0f);
      result.variance_share = {0.75, 0.25};
      return result;
    };
    functions.tsne = [this](const projector::MatrixView& matrix,
                            const projector::TsneOptions& options,
                            const std::function<void(const projector::TsneProgress&)>& progress,
                            std::stop_token stop) -> Result<projector::TsneResult> {
      ++tsne_calls_;
      courtesy_ = options.courtesy;
      const auto floats = static_cast<size_t>(matrix.points * options.dims);
      const std::vector<float> early(floats, 1.0f);
      progress({10, options.iterations, 4.5, early});
      progress({20, options.iterations, 4.0, early});  // within the same tenth of a second
      clock_.now_ns += ProjectionJobs::kProgressIntervalNs;
      progress({30, options.iterations, 3.5, early});
      gate_.Wait(stop);
      if (stop.stop_requested()) return Cancelled("stopped");
      if (!tsne_error_.empty()) return InvalidArgument(tsne_error_);
      projector::TsneResult result;
      result.coordinates.assign(floats, 3.0f);
      result.kl_divergence = 1.5;
      result.iterations = options.iterations;
      result.seconds = 0.25;
      result.device = "cpu";
      return result;
    };
    jobs_ = std::make_unique<ProjectionJobs>(store_, functions, clock_,
                                             [this](const ProjectionSnapshot& snapshot) {
                                               std::lock_guard lock(mutex_);
                                               heard_.push_back(snapshot);
                                               changed_.notify_all();
                                             });
  }

  ProjectionRequest Tsne(uint64_t seed = 1) const {
    ProjectionRequest request;
    request.run = 1;
    request.tag = "embeddings/item";
    request.step = 600;
    request.method = ProjectionMethod::kTsne;
    request.perplexity = 1;
    request.seed = seed;
    return request;
  }

  // Waits for a call of the listener that says so.
  ProjectionSnapshot WaitFor(int64_t id, ProjectionState state, int iteration_min = 0) {
    std::unique_lock lock(mutex_);
    const ProjectionSnapshot* found = nullptr;
    changed_.wait(lock, [&] {
      for (const ProjectionSnapshot& snapshot : heard_) {
        if (snapshot.projection.id == id && snapshot.projection.state == state &&
            snapshot.projection.iteration >= iteration_min) {
          found = &snapshot;
        }
      }
      return found != nullptr;
    });
    return *found;
  }

  FakeStore store_;
  ManualClock clock_;
  Gate gate_;
  bool does_pca_wait_ = false;
  std::string tsne_error_;
  std::atomic<int> tsne_calls_ = 0;
  std::atomic<projector::Courtesy> courtesy_ = projector::Courtesy::kNone;
  std::mutex mutex_;  // guards heard_
  std::condition_variable changed_;
  std::vector<ProjectionSnapshot> heard_;
  std::unique_ptr<ProjectionJobs> jobs_;  // last: its thread uses all above
};

TEST_F(ProjectionJobsTest, FailsWhereItsRowsWereLoggedAnewWhileItWaited) {
  MakeJobs();
  ASSERT_TRUE(jobs_->Start(Tsne(1)).ok());
  WaitFor(1, ProjectionState::kRunning, 30);  // it has its rows, and holds the thread
  const int64_t id = jobs_->Start(Tsne(2))->projection.id;
  store::Embedding& last = store_.embeddings[{1, "embeddings/item"}].back();
  ++last.info.wall_time;
  ++last.info.rows;
  last.values.insert(last.values.end(), {5, 5});
  gate_.Open();
  EXPECT_THAT(WaitFor(id, ProjectionState::kFailed).projection.error,
              HasSubstr("embeddings/item was logged anew at step 600"));
}

TEST_F(ProjectionJobsTest, ShowsEarlyCoordinatesAtMostTenTimesASecond) {
  MakeJobs();
  const auto started = jobs_->Start(Tsne());
  ASSERT_TRUE(started.ok());
  EXPECT_TRUE(started->is_new);
  const auto snapshot = WaitFor(1, ProjectionState::kRunning, 30);
  EXPECT_EQ(snapshot.projection.kl_divergence, 3.5);
  EXPECT_EQ(snapshot.projection.points, 4);
  EXPECT_EQ(snapshot.coordinates->at(0), 1.0f);
  {
    std::lock_guard lock(mutex_);
    EXPECT_EQ(heard_.size(), 3u);  // that it runs, and two: iteration 20 came too soon
  }
  gate_.Open();
  const auto done = WaitFor(1, ProjectionState::kDone);
  EXPECT_EQ(done.projection.kl_divergence, 1.5);
  EXPECT_EQ(done.projection.device, "cpu");
}

TEST_F(ProjectionJobsTest, SharesOneJobBetweenTheSameParameters) {
  MakeJobs();
  const auto first = jobs_->Start(Tsne());
  const auto second = jobs_->Start(Tsne());
  ASSERT_TRUE(second.ok());
  EXPECT_FALSE(second->is_new);
  EXPECT_EQ(second->projection.id, first->projection.id);
  gate_.Open();
  WaitFor(1, ProjectionState::kDone);
  EXPECT_EQ(jobs_->Start(Tsne())->projection.id, 1);
  EXPECT_EQ(tsne_calls_, 1);
}

TEST_F(ProjectionJobsTest, StepsAsideWhereARunIsLogged) {
  gate_.Open();
  MakeJobs();
  for (store::Run& run : store_.runs) run.status = store::RunStatus::kFinished;
  ASSERT_TRUE(jobs_->Start(Tsne(1)).ok());
  WaitFor(1, ProjectionState::kDone);
  EXPECT_EQ(courtesy_, projector::Courtesy::kYield);
  store_.runs.back().status = store::RunStatus::kRunning;
  ASSERT_TRUE(jobs_->Start(Tsne(2)).ok());
  WaitFor(2, ProjectionState::kDone);
  EXPECT_EQ(courtesy_, projector::Courtesy::kStepAside);
}

TEST_F(ProjectionJobsTest, AnswersFromTheStoreAfterARestart) {
  gate_.Open();
  MakeJobs();
  ASSERT_TRUE(jobs_->Start(Tsne()).ok());
  WaitFor(1, ProjectionState::kDone);
  MakeJobs();
  const auto again = jobs_->Start(Tsne());
  ASSERT_TRUE(again.ok());
  EXPECT_FALSE(again->is_new);
  EXPECT_EQ(again->projection.state, ProjectionState::kDone);
  EXPECT_EQ(again->projection.kl_divergence, 1.5);
  EXPECT_EQ(tsne_calls_, 1);
  EXPECT_EQ(jobs_->ReadSnapshot(again->projection.id)->coordinates->at(0), 3.0f);
}

TEST_F(ProjectionJobsTest, ComputesAgainWhatTheStoreHasDamaged) {
  gate_.Open();
  ProjectionRequest request = Tsne();
  ASSERT_TRUE(store_.WriteProjection(1, ProjectionKey(request, 160, 0), "damaged").ok());
  MakeJobs();
  EXPECT_TRUE(jobs_->Start(request)->is_new);
  WaitFor(1, ProjectionState::kDone);
}

TEST_F(ProjectionJobsTest, ComputesAgainWhatWasLoggedAnewAtTheSameStep) {
  gate_.Open();
  MakeJobs();
  EXPECT_TRUE(jobs_->Start(Tsne())->is_new);
  WaitFor(1, ProjectionState::kDone);
  EXPECT_FALSE(jobs_->Start(Tsne())->is_new);
  store_.embeddings[{1, "embeddings/item"}].at(1).info.wall_time = 170;
  EXPECT_TRUE(jobs_->Start(Tsne())->is_new);
  WaitFor(2, ProjectionState::kDone);
}

TEST_F(ProjectionJobsTest, LetsFourWaitAndRefusesTheSixth) {
  MakeJobs();
  ASSERT_TRUE(jobs_->Start(Tsne(1)).ok());
  WaitFor(1, ProjectionState::kRunning);
  for (uint64_t seed = 2; seed <= 5; ++seed) ASSERT_TRUE(jobs_->Start(Tsne(seed)).ok());
  EXPECT_EQ(jobs_->Start(Tsne(6)).error().code, ErrorCode::kExhausted);
  EXPECT_EQ(jobs_->List().size(), 5u);
}

// A page opens with PCA: it must not wait until somebody resumes a t-SNE.
TEST_F(ProjectionJobsTest, ComputesPcaWhileATsneRunsAndOthersWait) {
  MakeJobs();
  ASSERT_TRUE(jobs_->Start(Tsne(1)).ok());
  WaitFor(1, ProjectionState::kRunning, 30);
  ASSERT_TRUE(jobs_->SetPaused(1, true).ok());
  for (uint64_t seed = 2; seed <= 5; ++seed) ASSERT_TRUE(jobs_->Start(Tsne(seed)).ok());
  ProjectionRequest request = Tsne();
  request.method = ProjectionMethod::kPca;
  ASSERT_TRUE(jobs_->Start(request).ok());
  EXPECT_EQ(WaitFor(6, ProjectionState::kDone).coordinates->at(0), 2.0f);
  EXPECT_EQ(jobs_->Get(1)->state, ProjectionState::kRunning);
  EXPECT_EQ(jobs_->Get(2)->state, ProjectionState::kQueued);
}

TEST_F(ProjectionJobsTest, CancelsWhatRunsAndWhatWaits) {
  MakeJobs();
  ASSERT_TRUE(jobs_->Start(Tsne(1)).ok());
  WaitFor(1, ProjectionState::kRunning, 30);
  ASSERT_TRUE(jobs_->Start(Tsne(2)).ok());
  EXPECT_TRUE(jobs_->Cancel(2).ok());
  EXPECT_EQ(jobs_->Get(2)->state, ProjectionState::kCancelled);
  EXPECT_TRUE(jobs_->Cancel(1).ok());
  const auto cancelled = WaitFor(1, ProjectionState::kCancelled);
  EXPECT_EQ(cancelled.coordinates->at(0), 1.0f);
  EXPECT_TRUE(jobs_->Cancel(1).ok());
  EXPECT_EQ(jobs_->Cancel(9).error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(store_.projections().empty());
}

TEST_F(ProjectionJobsTest, CancelsAMethodWithoutIterations) {
  does_pca_wait_ = true;
  MakeJobs();
  ProjectionRequest request = Tsne();
  request.method = ProjectionMethod::kPca;
  ASSERT_TRUE(jobs_->Start(request).ok());
  WaitFor(1, ProjectionState::kRunning);
  EXPECT_TRUE(jobs_->Cancel(1).ok());
  WaitFor(1, ProjectionState::kCancelled);
  EXPECT_TRUE(store_.projections().empty());
}

TEST_F(ProjectionJobsTest, FailsWithTheMessageOfTheError) {
  tsne_error_ = "row 3 holds a NaN";
  gate_.Open();
  MakeJobs();
  ASSERT_TRUE(jobs_->Start(Tsne()).ok());
  EXPECT_EQ(WaitFor(1, ProjectionState::kFailed).projection.error, "row 3 holds a NaN");
  EXPECT_TRUE(jobs_->Start(Tsne())->is_new);  // a failure is not a result
}

TEST_F(ProjectionJobsTest, RefusesAMapThatNeedsMoreMemoryThanItMay) {
  MakeJobs(1 << 20);
  const auto refused = jobs_->Start(Tsne());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(refused.error().message, HasSubstr("MiB, want at most 1 MiB"));
  EXPECT_EQ(tsne_calls_, 0);
}

TEST_F(ProjectionJobsTest, RefusesParametersThatDoNotFitTheEmbedding) {
  MakeJobs();
  ProjectionRequest request = Tsne();
  request.step = 7;
  EXPECT_EQ(jobs_->Start(request).error().code, ErrorCode::kNotFound);
  request = Tsne();
  request.perplexity = 1.5;
  EXPECT_THAT(jobs_->Start(request).error().message, HasSubstr("perplexity: got 1.5"));
  request = Tsne();
  request.tag = "nothing";
  EXPECT_EQ(jobs_->Start(request).error().code, ErrorCode::kNotFound);
}

TEST_F(ProjectionJobsTest, FitsWhatTheClientLeavesToTheDefaultsToFewRows) {
  MakeJobs();
  ProjectionRequest request = Tsne();
  request.perplexity = 30;
  request.fits_perplexity = true;
  const auto started = jobs_->Start(request);
  ASSERT_TRUE(started.ok()) << started.error().ToString();
  EXPECT_EQ(started->projection.request.perplexity, 1);  // of 4 rows
  // It is the map that who names the same perplexity gets.
  EXPECT_EQ(jobs_->Start(Tsne())->projection.id, started->projection.id);
  request.method = ProjectionMethod::kUmap;
  EXPECT_THAT(jobs_->Start(request).error().message, HasSubstr("n_neighbors: got 15 of 4"));
  request.fits_neighbors = true;
  EXPECT_EQ(jobs_->Start(request)->projection.request.neighbors, 4);
}

TEST_F(ProjectionJobsTest, RefusesADeletedRun) {
  MakeJobs();
  store_.runs.back().labels.deleted_time = 1'700'000'500;
  const auto refused = jobs_->Start(Tsne());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  EXPECT_THAT(refused.error().message, HasSubstr("run 1 is deleted: restore it"));
  EXPECT_EQ(tsne_calls_, 0);
}

TEST_F(ProjectionJobsTest, TellsTheShareOfVarianceForPca) {
  MakeJobs();
  ProjectionRequest request = Tsne();
  request.method = ProjectionMethod::kPca;
  ASSERT_TRUE(jobs_->Start(request).ok());
  const auto done = WaitFor(1, ProjectionState::kDone);
  EXPECT_THAT(done.projection.variance_share, ElementsAre(0.75, 0.25));
  const auto message = ReadColumns(ProjectionMessage(done));
  EXPECT_EQ(message.items[0].at("variance_share")[0], 0.75);
  EXPECT_EQ(message.items[0].at("kl_divergence"), nullptr);
  EXPECT_EQ(message.Column<float>(0, "coordinates").size(), 8u);
}

TEST_F(ProjectionJobsTest, StopsARunningJobWhenDestroyed) {
  MakeJobs();
  ASSERT_TRUE(jobs_->Start(Tsne()).ok());
  WaitFor(1, ProjectionState::kRunning, 30);
  jobs_.reset();  // returns because the job is asked to stop
}

TEST_F(ProjectionJobsTest, ReadsForgottenCoordinatesFromTheStore) {
  gate_.Open();
  MakeJobs();
  const int64_t jobs = static_cast<int64_t>(ProjectionJobs::kCoordinatesMax) + 2;
  for (int64_t id = 1; id <= jobs; ++id) {
    ASSERT_TRUE(jobs_->Start(Tsne(static_cast<uint64_t>(id))).ok());
    WaitFor(id, ProjectionState::kDone);
  }
  EXPECT_EQ(jobs_->ReadSnapshot(1)->coordinates->at(0), 3.0f);
}

}  // namespace
}  // namespace spirogram::web
