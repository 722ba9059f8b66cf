// Projection jobs with the projector that the program has.
#include "web/projection_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/web/projection_run_fixture.h"

namespace spirogram::web {
namespace {

using ::testing::HasSubstr;

TEST_F(ProjectionRunTest, SaysHowTrueTheMapIs) {
  const Projection done = Run(Tsne()).projection;
  EXPECT_EQ(done.engine, "exact");
  ASSERT_TRUE(done.quality);
  EXPECT_TRUE(done.quality->kl_is_exact);
  EXPECT_EQ(done.quality->kl, done.kl_divergence);
  EXPECT_GT(done.quality->trustworthiness, 0.9);
  EXPECT_GT(done.quality->recall_10, 0.3);
  EXPECT_EQ(done.quality->queries, kRows);
  EXPECT_GT(done.quality->span, 1);
  ASSERT_TRUE(done.stages);
  EXPECT_GT(done.stages->descent, 0);
  EXPECT_LE(done.stages->descent, done.seconds);
  EXPECT_TRUE(std::isnan(done.alignment_residual));
}

TEST_F(ProjectionRunTest, EndsNoMapWhileItIsDrawnTogether) {
  const Projection few = Run(Tsne(100)).projection;
  EXPECT_GT(few.quality->span, 10);
  EXPECT_GT(few.quality->recall_10, 0.3);
}

TEST_F(ProjectionRunTest, DrawsAUmapWithItsQuality) {
  ProjectionRequest request = Tsne();
  request.method = ProjectionMethod::kUmap;
  request.iterations = 0;
  const Projection done = Run(request).projection;
  EXPECT_EQ(done.engine, "sampling");
  EXPECT_EQ(done.device, "cpu");
  EXPECT_EQ(done.request.iterations, 500) << "as many as suit the points";
  EXPECT_EQ(done.iteration, 500);
  EXPECT_TRUE(std::isnan(done.kl_divergence));
  ASSERT_TRUE(done.quality && done.stages);
  EXPECT_TRUE(std::isnan(done.quality->kl));
  EXPECT_GT(done.quality->trustworthiness, 0.85);
  // What is asked for in other words is the same map; other neighbours are another.
  request.iterations = 500;
  EXPECT_FALSE(jobs_->Start(request)->is_new);
  request.neighbors = 10;
  EXPECT_TRUE(jobs_->Start(request)->is_new);
}

TEST_F(ProjectionRunTest, GoesOnFromAUmap) {
  ProjectionRequest request = Tsne(60);
  request.method = ProjectionMethod::kUmap;
  request.start = Run(request).projection.id;
  const Projection done = Run(request).projection;
  EXPECT_LT(done.alignment_residual, 0.5);
  request.method = ProjectionMethod::kTsne;
  EXPECT_THAT(jobs_->Start(request).error().message, HasSubstr("is a umap of 300 points"));
}

TEST_F(ProjectionRunTest, GoesOnFromAUmapAtTheRateThatIsLeft) {
  ProjectionRequest request = Tsne(100);
  request.method = ProjectionMethod::kUmap;
  request.align = false;
  const auto first = Run(request);
  request.start = first.projection.id;
  const auto second = Run(request);
  EXPECT_EQ(second.projection.epochs_before, 100);
  request.start = second.projection.id;
  request.iterations = 50;
  const auto third = Run(request);
  EXPECT_EQ(third.projection.epochs_before, 200);
  // The rate of the last: from 1/5 of the first to 0. The points hardly leave their places.
  const auto residual = [](const ProjectionSnapshot& from, const ProjectionSnapshot& to) {
    std::vector<float> map(*to.coordinates);
    return *AlignOnto(*from.coordinates, 2, &map);
  };
  EXPECT_LT(residual(second, third), 0.05);
  MakeJobs();
  ProjectionRequest again = Tsne(100);
  again.method = ProjectionMethod::kUmap;
  again.align = false;
  again.start = jobs_->Start(again)->projection.id;
  const auto kept = jobs_->Start(again);
  EXPECT_FALSE(kept->is_new);
  EXPECT_EQ(kept->projection.epochs_before, 100);
}

TEST_F(ProjectionRunTest, BeginsAUmapFromTheSpectrumOfItsGraph) {
  ProjectionRequest request = Tsne(100);
  request.method = ProjectionMethod::kUmap;
  const auto principal = Run(request);
  request.init = ProjectionInit::kSpectral;
  const auto spectral = Run(request);
  EXPECT_NE(*principal.coordinates, *spectral.coordinates);
  EXPECT_GT(spectral.projection.quality->trustworthiness, 0.85);
  request.method = ProjectionMethod::kTsne;
  EXPECT_THAT(jobs_->Start(request).error().message, HasSubstr("field init: a spectral start"));
}

TEST_F(ProjectionRunTest, RefusesMoreNeighboursThanPoints) {
  ProjectionRequest request = Tsne();
  request.method = ProjectionMethod::kUmap;
  request.neighbors = 301;
  EXPECT_THAT(jobs_->Start(request).error().message,
              HasSubstr("field n_neighbors: got 301 of 300 points"));
}

TEST_F(ProjectionRunTest, JudgesPcaWithoutADivergence) {
  ProjectionRequest request = Tsne();
  request.method = ProjectionMethod::kPca;
  const Projection done = Run(request).projection;
  ASSERT_TRUE(done.quality);
  EXPECT_TRUE(std::isnan(done.quality->kl));
  EXPECT_GT(done.quality->trustworthiness, 0.7);
  EXPECT_FALSE(done.stages);
}

// On a machine whose cores others want, judging takes far longer than the map.
TEST_F(ProjectionRunTest, ShowsTheMapBeforeItIsJudged) {
  std::vector<ProjectionSnapshot> heard;
  on_change_ = [&](const ProjectionSnapshot& snapshot) { heard.push_back(snapshot); };
  ProjectionRequest request = Tsne();
  request.method = ProjectionMethod::kPca;
  const ProjectionSnapshot done = Run(request);
  const std::lock_guard lock(mutex_);
  ASSERT_EQ(heard.size(), 3u);
  EXPECT_EQ(heard[0].projection.state, ProjectionState::kRunning);
  EXPECT_EQ(heard[0].coordinates, nullptr);
  EXPECT_EQ(heard[1].projection.state, ProjectionState::kRunning);
  ASSERT_NE(heard[1].coordinates, nullptr);
  EXPECT_EQ(*heard[1].coordinates, *done.coordinates);
  EXPECT_FALSE(heard[1].projection.quality);
  EXPECT_TRUE(done.projection.quality);
}

TEST_F(ProjectionRunTest, KeepsTheQualityOverARestart) {
  const Projection before = Run(Tsne()).projection;
  MakeJobs();
  const auto again = jobs_->Start(Tsne());
  ASSERT_TRUE(again.ok());
  EXPECT_FALSE(again->is_new);
  ASSERT_TRUE(again->projection.quality);
  EXPECT_EQ(again->projection.quality->recall_10, before.quality->recall_10);
  EXPECT_EQ(again->projection.engine, before.engine);
  EXPECT_EQ(again->projection.stages->descent, before.stages->descent);
}

TEST_F(ProjectionRunTest, TellsTheOptionsOfAMapApart) {
  ProjectionRequest request = Tsne(60);
  const auto plain = Run(request);
  request.metric = projector::Metric::kCosine;
  const auto cosine = Run(request);
  EXPECT_EQ(cosine.projection.engine, "particle mesh");
  EXPECT_EQ(cosine.projection.neighbors, "exact");
  EXPECT_FALSE(cosine.projection.quality->kl_is_exact);
  request.affinity = projector::TsneOptions::Affinity::kUniform;
  const auto uniform = Run(request);
  request.init = ProjectionInit::kRandom;
  const auto random = Run(request);
  EXPECT_NE(*plain.coordinates, *cosine.coordinates);
  EXPECT_NE(*cosine.coordinates, *uniform.coordinates);
  EXPECT_NE(*uniform.coordinates, *random.coordinates);
}

TEST_F(ProjectionRunTest, EndsOnceTheDivergenceHasSettled) {
  ProjectionRequest request = Tsne(3000);
  request.kl_tolerance = 0.02;
  const Projection done = Run(request).projection;
  EXPECT_GE(done.iteration, 350);
  EXPECT_LT(done.iteration, 3000);
  EXPECT_EQ(done.request.iterations, 3000) << "what was asked for";
  EXPECT_EQ(jobs_->Start(request)->projection.id, done.id);
  MakeJobs();
  const auto again = jobs_->Start(request);
  EXPECT_FALSE(again->is_new);
  EXPECT_EQ(again->projection.iteration, done.iteration);
  request.kl_tolerance = 0;
  EXPECT_TRUE(jobs_->Start(request)->is_new);
}

TEST_F(ProjectionRunTest, TightensTheClustersLate) {
  ProjectionRequest request = Tsne(500);
  const auto plain = Run(request);
  request.late_exaggeration = 4;
  EXPECT_FALSE(jobs_->Start(request)->is_new) << "of no iterations it changes nothing";
  request.late_exaggeration_iterations = 150;
  const auto tight = Run(request);
  EXPECT_LT(tight.projection.quality->span, 0.8 * plain.projection.quality->span);
  // With both, the map settles first and is tightened then.
  request.iterations = 3000;
  request.kl_tolerance = 0.02;
  const auto both = Run(request);
  EXPECT_LT(both.projection.iteration, 3000);
  EXPECT_LT(both.projection.quality->span, 0.8 * plain.projection.quality->span);
}

TEST_F(ProjectionRunTest, GoesOnFromAMapThatIsThere) {
  const auto first = Run(Tsne(1000));
  ProjectionRequest request = Tsne(50);
  request.start = first.projection.id;
  const auto next = Run(request);
  EXPECT_NE(next.projection.id, first.projection.id);
  EXPECT_LE(next.projection.kl_divergence, first.projection.kl_divergence + 0.02);
  // No early exaggeration tears the map down, and it lies as the first did.
  EXPECT_LT(next.projection.alignment_residual, 0.1);
  EXPECT_FALSE(jobs_->Start(request)->is_new);
  request.align = false;
  EXPECT_TRUE(jobs_->Start(request)->is_new);
}

TEST_F(ProjectionRunTest, KnowsAStoredMapThatWentOnAfterARestart) {
  ProjectionRequest request = Tsne(100);
  request.start = Run(Tsne(60)).projection.id;
  Run(request);
  MakeJobs();
  request.start = jobs_->Start(Tsne(60))->projection.id;
  EXPECT_FALSE(jobs_->Start(request)->is_new);
}

TEST_F(ProjectionRunTest, RefusesAStartThatDoesNotFit) {
  ProjectionRequest request = Tsne(60);
  request.start = 99;
  EXPECT_THAT(jobs_->Start(request).error().message, HasSubstr("field start: no projection"));
  EXPECT_EQ(jobs_->Start(request).error().code, ErrorCode::kInvalidArgument);
  request.start = Run(Tsne(60)).projection.id;
  request.dims = 3;
  EXPECT_THAT(jobs_->Start(request).error().message,
              HasSubstr("is a tsne of 300 points in 2 dims, want a tsne of 300 in 3"));
  request.dims = 2;
  request.tag = "embeddings/item";
  request.perplexity = 1;
  EXPECT_THAT(jobs_->Start(request).error().message, HasSubstr("want a tsne of 4 in 2"));
}

TEST_F(ProjectionRunTest, EndsWhereItIsToldToWhileItRuns) {
  Hold();
  const int64_t id = jobs_->Start(Tsne(kProjectionIterationsMax))->projection.id;
  WaitUntilHeld();
  ASSERT_TRUE(jobs_->SetIterations(id, 40).ok());
  LetGo();
  const Projection done = WaitFor(id, ProjectionState::kDone).projection;
  EXPECT_GE(done.iteration, 40);
  EXPECT_LT(done.iteration, kProjectionIterationsMax);
  EXPECT_EQ(done.request.iterations, done.iteration);
  EXPECT_EQ(jobs_->SetIterations(id, 50).error().code, ErrorCode::kConflict);
}

TEST_F(ProjectionRunTest, KeepsAMapOfAnotherScheduleApart) {
  // The early exaggeration was to last for 250 iterations, of 200 it takes 100.
  Hold();
  const int64_t id = jobs_->Start(Tsne(kProjectionIterationsMax))->projection.id;
  WaitUntilHeld();
  ASSERT_TRUE(jobs_->SetPaused(id, true).ok());
  ASSERT_TRUE(jobs_->SetIterations(id, 200).ok());
  LetGo();
  const int64_t other = jobs_->Start(Tsne(200))->projection.id;
  EXPECT_NE(other, id);
  ASSERT_TRUE(jobs_->SetPaused(id, false).ok());
  const ProjectionSnapshot changed = WaitFor(id, ProjectionState::kDone);
  const ProjectionSnapshot whole = WaitFor(other, ProjectionState::kDone);
  EXPECT_NE(*changed.coordinates, *whole.coordinates);
  EXPECT_EQ(jobs_->Start(Tsne(200))->projection.id, other);
  MakeJobs();
  const int64_t stored = jobs_->Start(Tsne(200))->projection.id;
  EXPECT_EQ(*jobs_->ReadSnapshot(stored)->coordinates, *whole.coordinates);
}

TEST_F(ProjectionRunTest, GivesAMapThatWentFartherToWhoAsksForIt) {
  Hold();
  const int64_t id = jobs_->Start(Tsne(1000))->projection.id;
  WaitUntilHeld();
  ASSERT_TRUE(jobs_->SetPaused(id, true).ok());
  ASSERT_TRUE(jobs_->SetIterations(id, 1200).ok());
  LetGo();
  EXPECT_EQ(jobs_->Start(Tsne(1200))->projection.id, id);
  ASSERT_TRUE(jobs_->SetPaused(id, false).ok());
  const ProjectionSnapshot farther = WaitFor(id, ProjectionState::kDone);
  const std::vector<float> rows = Clusters();
  const auto whole =
      projector::Tsne({rows, kRows, kDims}, TsneOptionsFor(Tsne(1200), kRows), {}, {});
  ASSERT_TRUE(whole.ok());
  EXPECT_EQ(*farther.coordinates, whole->coordinates);
}

TEST_F(ProjectionRunTest, GoesFartherWhenToldTo) {
  Hold();
  const int64_t id = jobs_->Start(Tsne(1000))->projection.id;
  ASSERT_TRUE(jobs_->SetPaused(id, true).ok());
  LetGo();
  ASSERT_TRUE(jobs_->SetIterations(id, 1200).ok());
  ASSERT_TRUE(jobs_->SetPaused(id, false).ok());
  EXPECT_EQ(WaitFor(id, ProjectionState::kDone).projection.iteration, 1200);
}

TEST_F(ProjectionRunTest, StaysWhereItIsWhilePaused) {
  Hold();
  const int64_t id = jobs_->Start(Tsne(kProjectionIterationsMax))->projection.id;
  WaitUntilHeld();
  EXPECT_TRUE(jobs_->SetPaused(id, true)->paused);
  LetGo();
  EXPECT_TRUE(jobs_->SetPaused(id, true)->paused);
  EXPECT_EQ(jobs_->Get(id)->state, ProjectionState::kRunning);
  EXPECT_FALSE(jobs_->SetPaused(id, false)->paused);
  ASSERT_TRUE(jobs_->SetPaused(id, true).ok());
  ASSERT_TRUE(jobs_->Cancel(id).ok());
  EXPECT_FALSE(WaitFor(id, ProjectionState::kCancelled).projection.paused);
  EXPECT_EQ(jobs_->SetPaused(id, true).error().code, ErrorCode::kConflict);
  EXPECT_EQ(jobs_->SetPaused(99, true).error().code, ErrorCode::kNotFound);
}

TEST_F(ProjectionRunTest, PassesOverAPausedJobThatWaits) {
  Hold();
  const int64_t first = jobs_->Start(Tsne(kProjectionIterationsMax))->projection.id;
  WaitFor(first, ProjectionState::kRunning);
  const int64_t second = jobs_->Start(Tsne(50))->projection.id;
  ASSERT_TRUE(jobs_->SetPaused(second, true).ok());
  const int64_t third = jobs_->Start(Tsne(60))->projection.id;
  ASSERT_TRUE(jobs_->Cancel(first).ok());
  LetGo();
  WaitFor(third, ProjectionState::kDone);
  EXPECT_EQ(jobs_->Get(second)->state, ProjectionState::kQueued);
  ASSERT_TRUE(jobs_->SetPaused(second, false).ok());
  WaitFor(second, ProjectionState::kDone);
}

TEST_F(ProjectionRunTest, StopsAPausedJobWhenDestroyed) {
  Hold();
  const int64_t id = jobs_->Start(Tsne(kProjectionIterationsMax))->projection.id;
  ASSERT_TRUE(jobs_->SetPaused(id, true).ok());
  LetGo();
  jobs_.reset();
}

TEST_F(ProjectionRunTest, ProjectsOntoAxesOfTwoGroups) {
  ProjectionRequest request = Tsne();
  request.method = ProjectionMethod::kAxes;
  // Row i is of cluster i % 3: the first axis from cluster 0 to 1, the second from all to 2.
  request.axes = {{*ParseRowSet("0,3,6,9,12"), *ParseRowSet("1,4,7,10,13")},
                  {std::nullopt, *ParseRowSet("2,5,8,11,14")}};
  const auto done = Run(request);
  ASSERT_EQ(std::ssize(*done.coordinates), 2 * kRows);
  double means[3][2] = {};
  for (int64_t row = 0; row < kRows; ++row) {
    for (int64_t axis = 0; axis < 2; ++axis) {
      means[row % 3][axis] += (*done.coordinates)[static_cast<size_t>(row * 2 + axis)] / 100.0;
    }
  }
  EXPECT_LT(means[0][0], -7);
  EXPECT_GT(means[1][0], 7);
  EXPECT_GT(means[2][1], means[0][1] + 8);
  EXPECT_EQ(done.projection.variance_share.size(), 2u);
  ASSERT_TRUE(done.projection.quality);
  // The same groups are the same result, others are not.
  MakeJobs();
  EXPECT_FALSE(jobs_->Start(request)->is_new);
  request.axes[1].from = *ParseRowSet("0-1");
  EXPECT_TRUE(jobs_->Start(request)->is_new);
}

TEST_F(ProjectionRunTest, FailsWhereGroupsNameNoDirection) {
  ProjectionRequest request = Tsne();
  request.method = ProjectionMethod::kAxes;
  request.axes = {{*ParseRowSet("0"), *ParseRowSet("1")}, {*ParseRowSet("4"), *ParseRowSet("4")}};
  const int64_t id = jobs_->Start(request)->projection.id;
  EXPECT_THAT(WaitFor(id, ProjectionState::kFailed).projection.error,
              HasSubstr("axis 2: its two groups of 1 and 1 rows have the same mean"));
}

TEST_F(ProjectionRunTest, RefusesAxesThatDoNotFit) {
  ProjectionRequest request = Tsne();
  request.method = ProjectionMethod::kAxes;
  const auto said = [&] { return jobs_->Start(request).error().message; };
  EXPECT_THAT(said(), HasSubstr("field axes: got 0, want one for each of 2 dims"));
  request.axes = {{*ParseRowSet("0"), std::nullopt}, {std::nullopt, *ParseRowSet("0-300")}};
  EXPECT_THAT(said(), HasSubstr("axis 2, to: got row 300, want one of the 300 rows"));
  request.axes[1].to = RowSet();
  EXPECT_THAT(said(), HasSubstr("axis 2, to: got no rows"));
  request.axes[1].to = *ParseRowSet("5");
  request.start = 1;
  EXPECT_THAT(said(), HasSubstr("field start"));
  request.start.reset();
  request.method = ProjectionMethod::kPca;
  EXPECT_THAT(said(), HasSubstr("field axes: a pca chooses its own"));
}

TEST_F(ProjectionRunTest, LaysRowsOnASphereFirstWhereAskedTo) {
  ProjectionRequest request = Tsne();
  request.method = ProjectionMethod::kPca;
  const auto plain = Run(request);
  request.sphereize = true;
  const auto sphere = Run(request);
  EXPECT_NE(sphere.projection.id, plain.projection.id);
  for (size_t at = 0; at < sphere.coordinates->size(); at += 2) {
    EXPECT_LE(std::hypot((*sphere.coordinates)[at], (*sphere.coordinates)[at + 1]), 1.5);
  }
}

}  // namespace
}  // namespace spirogram::web
