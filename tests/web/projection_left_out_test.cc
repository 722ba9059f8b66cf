// Tables some rows of which hold what is no number.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/web/projection_run_fixture.h"
#include "web/projection_run.h"

namespace spirogram::web {
namespace {

using ::testing::HasSubstr;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

class LeftOutTest : public ProjectionRunTest {
 protected:
  void Break(int64_t row) {
    store_.embeddings[{1, "clusters"}].back().values[static_cast<size_t>(row * kDims + 2)] = kNan;
  }

  static void ExpectPlacesOfOthers(const ProjectionSnapshot& snapshot) {
    const auto& left_out = snapshot.projection.left_out;
    ASSERT_EQ(snapshot.coordinates->size(), 2U * kRows);
    EXPECT_EQ(RowsWithoutPlace(*snapshot.coordinates, 2), left_out);
  }
};

TEST_F(LeftOutTest, MapsTheOtherRowsByEveryMethod) {
  for (const int64_t row : {0, 5, 299}) Break(row);
  for (const auto method :
       {ProjectionMethod::kPca, ProjectionMethod::kTsne, ProjectionMethod::kUmap}) {
    ProjectionRequest request = Tsne(50);
    request.method = method;
    const auto done = Run(request);
    EXPECT_EQ(done.projection.points, kRows);
    EXPECT_EQ(done.projection.left_out, (std::vector<int64_t>{0, 5, 299}));
    ExpectPlacesOfOthers(done);
    EXPECT_GT(done.projection.quality->trustworthiness, 0.8);
    EXPECT_EQ(done.projection.quality->queries, kRows - 3);
  }
}

TEST_F(LeftOutTest, MapsByCosineWithoutRowsOfZeros) {
  auto& values = store_.embeddings[{1, "clusters"}].back().values;
  std::fill_n(values.begin(), kDims, 0.0F);
  Break(5);
  ProjectionRequest request = Tsne(50);
  request.metric = projector::Metric::kCosine;
  const auto done = Run(request);
  EXPECT_EQ(done.projection.left_out, (std::vector<int64_t>{0, 5}));
  ExpectPlacesOfOthers(done);
  EXPECT_EQ(done.projection.quality->queries, kRows - 2);
  request.method = ProjectionMethod::kPca;  // which knows one metric
  EXPECT_EQ(Run(request).projection.left_out, std::vector<int64_t>{5});
}

TEST_F(LeftOutTest, KnowsThemOfAStoredMap) {
  Break(5);
  const auto done = Run(Tsne(50));
  MakeJobs();
  const auto again = jobs_->Start(Tsne(50));
  ASSERT_TRUE(again.ok());
  EXPECT_FALSE(again->is_new);
  EXPECT_EQ(again->projection.left_out, std::vector<int64_t>{5});
}

TEST_F(LeftOutTest, GoesOnFromAMapOfOtherRows) {
  Break(5);
  ProjectionRequest request = Tsne(50);
  request.start = Run(request).projection.id;
  auto later = store_.embeddings[{1, "clusters"}].front();
  later.info.step = 20;
  later.values = Clusters();
  store_.embeddings[{1, "clusters"}].push_back(later);
  Break(6);
  const auto done = Run(request);
  EXPECT_EQ(done.projection.left_out, std::vector<int64_t>{6}) << "row 5 has numbers by now";
  ExpectPlacesOfOthers(done);
  EXPECT_LT(done.projection.alignment_residual, 0.5);
}

TEST_F(LeftOutTest, CountsGroupsOfAxesWithoutThem) {
  ProjectionRequest request = Tsne();
  request.method = ProjectionMethod::kAxes;
  request.axes = {{RowSet{{0, 0}, {3, 3}}, RowSet{{1, 1}}}, {RowSet{{0, 0}}, RowSet{{299, 299}}}};
  const auto whole = Run(request);
  Break(5);
  Break(3);
  store_.embeddings[{1, "clusters"}].back().info.wall_time = 60;
  request.axes[0].from = RowSet{{0, 0}, {3, 3}, {5, 5}};
  const auto done = Run(request);
  ExpectPlacesOfOthers(done);
  for (const size_t row : {size_t{1}, size_t{100}, size_t{299}}) {
    EXPECT_NEAR((*done.coordinates)[2 * row + 1], (*whole.coordinates)[2 * row + 1], 1e-4);
  }
}

TEST_F(LeftOutTest, LowersAPerplexityThatFewerRowsDoNotAllow) {
  for (int64_t row = 0; row < 100; ++row) Break(row);
  ProjectionRequest request = Tsne(20);
  request.perplexity = 90;
  const auto done = Run(request);
  EXPECT_EQ(done.projection.state, ProjectionState::kDone);
  EXPECT_NEAR(UsedPerplexity(request, 200), 199.0 / 3, 1e-12);
}

TEST_F(LeftOutTest, FailsWhereMostRowsAreNoNumbers) {
  for (int64_t row = 0; row < 200; ++row) Break(row);
  const int64_t id = jobs_->Start(Tsne())->projection.id;
  EXPECT_THAT(WaitFor(id, ProjectionState::kFailed).projection.error,
              HasSubstr("200 of 300 rows hold NaN or Inf"));
}

TEST(StartWithoutTest, BeginsRowsWithoutAPlaceInTheMiddle) {
  const std::vector<float> map = {0, 0, kNan, kNan, 4, 8, 9, 9};
  EXPECT_EQ(StartWithout(std::vector<int64_t>{3}, map, 2), (std::vector<float>{0, 0, 2, 4, 4, 8}));
}

}  // namespace
}  // namespace spirogram::web
