// Projection jobs over a store in memory, with the projector that the program has.
#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <stop_token>
#include <vector>

#include "tests/web/fake_store.h"
#include "web/projection_jobs.h"

namespace spirogram::web {

using spirogram::testing::FakeStore;

inline constexpr int64_t kRows = 300;
inline constexpr int64_t kDims = 8;

// Three Gaussian clusters.
inline std::vector<float> Clusters() {
  std::mt19937 random(7);
  std::normal_distribution<float> noise;
  std::vector<float> values;
  for (int64_t row = 0; row < kRows; ++row) {
    for (int64_t k = 0; k < kDims; ++k) {
      values.push_back(noise(random) + (row % 3 == k ? 12.0F : 0.0F));
    }
  }
  return values;
}

class ProjectionRunTest : public ::testing::Test {
 protected:
  ProjectionRunTest() {
    FillFakeStore(&store_);
    store_.embeddings[{1, "clusters"}] = {{{10, 50, kRows, kDims}, Clusters()}};
    MakeJobs();
  }

  void MakeJobs() {
    jobs_ = std::make_unique<ProjectionJobs>(
        store_,
        ProjectorFunctions{
            projector::Pca,
            [this](const projector::MatrixView& matrix, const projector::TsneOptions& options,
                   const auto& progress, const std::stop_token& stop) {
              WaitUntilLetGo(stop);
              return projector::Tsne(matrix, options, progress, stop);
            },
            projector::Umap, projector::TransformPoints},
        RealClock(), [this](const ProjectionSnapshot& snapshot) {
          std::lock_guard lock(mutex_);
          if (on_change_) on_change_(snapshot);
          newest_[snapshot.projection.id] = snapshot;
          changed_.notify_all();
        });
  }

  ProjectionRequest Tsne(int iterations = 300) const {
    ProjectionRequest request;
    request.run = 1;
    request.tag = "clusters";
    request.method = ProjectionMethod::kTsne;
    request.perplexity = 20;
    request.iterations = iterations;
    return request;
  }

  // From now on a t-SNE that runs waits before its first iteration until LetGo: what it is told
  // meanwhile comes before its end, however long this test's thread is held up.
  void Hold() {
    std::lock_guard lock(mutex_);
    is_held_ = true;
  }
  void LetGo() {
    std::lock_guard lock(mutex_);
    is_held_ = false;
    changed_.notify_all();
  }

  // Returns once a t-SNE waits there: by then it has taken what it was asked for.
  void WaitUntilHeld() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return held_ > 0; });
  }

  ProjectionSnapshot WaitFor(int64_t id, ProjectionState state) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock,
                  [&] { return newest_.contains(id) && newest_[id].projection.state == state; });
    return newest_[id];
  }

  ProjectionSnapshot Run(const ProjectionRequest& request) {
    const auto started = jobs_->Start(request);
    EXPECT_TRUE(started.ok()) << started.error().message;
    return WaitFor(started->projection.id, ProjectionState::kDone);
  }

  FakeStore store_;
  std::function<void(const ProjectionSnapshot&)> on_change_;  // under mutex_
  std::mutex mutex_;                                          // guards the three below
  std::condition_variable_any changed_;
  std::map<int64_t, ProjectionSnapshot> newest_;
  bool is_held_ = false;
  int held_ = 0;                          // that wait
  std::unique_ptr<ProjectionJobs> jobs_;  // last: its thread uses all above

 private:
  void WaitUntilLetGo(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    ++held_;
    changed_.notify_all();
    changed_.wait(lock, stop, [&] { return !is_held_; });
    --held_;
  }
};

}  // namespace spirogram::web
