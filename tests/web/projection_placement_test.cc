// Placements with the projector that the program has.
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

class PlacementTest : public ProjectionRunTest {
 protected:
  PlacementTest() {
    std::vector<float> values = Clusters();
    for (float& value : values) value = 0.9F * value + 0.05F;
    values.resize(60 * kDims);
    store_.embeddings[{2, "unseen"}] = {{{20, 70, 60, kDims}, values}};
  }

  ProjectionRequest OnMap(int64_t onto) const {
    ProjectionRequest request;
    request.run = 2;
    request.tag = "unseen";
    request.method = ProjectionMethod::kPlacement;
    request.onto = onto;
    return request;
  }

  // Of the placed rows, how many lie nearer to the middle of their own cluster than to another's.
  static int CountAtHome(const std::vector<float>& map, const std::vector<float>& placed) {
    double middles[3][2] = {};
    for (size_t at = 0; at < map.size(); ++at) {
      middles[at / 2 % 3][at % 2] += map[at] / (kRows / 3.0);
    }
    int count = 0;
    for (size_t row = 0; row < placed.size() / 2; ++row) {
      double squares[3];
      for (size_t c = 0; c < 3; ++c) {
        squares[c] = std::pow(placed[2 * row] - middles[c][0], 2) +
                     std::pow(placed[2 * row + 1] - middles[c][1], 2);
      }
      count += std::min_element(squares, squares + 3) - squares == static_cast<long>(row % 3);
    }
    return count;
  }
};

TEST_F(PlacementTest, PutsRowsOfAnotherRunAmongTheirLike) {
  const auto map = Run(Tsne());
  const auto placed = Run(OnMap(map.projection.id));
  EXPECT_EQ(placed.projection.request.onto, map.projection.id);
  EXPECT_EQ(placed.projection.request.dims, 2);
  EXPECT_EQ(placed.projection.points, 60);
  EXPECT_EQ(placed.projection.iteration, 60);
  EXPECT_EQ(CountAtHome(*map.coordinates, *placed.coordinates), 60);
  ASSERT_TRUE(placed.projection.quality);
  EXPECT_GT(placed.projection.quality->recall_10, 0.3);
  EXPECT_TRUE(std::isnan(placed.projection.quality->trustworthiness));
  EXPECT_EQ(*jobs_->ReadSnapshot(map.projection.id)->coordinates, *map.coordinates)
      << "the map does not move";
}

TEST_F(PlacementTest, PutsTheRowsOfTheMapWhereTheyLie) {
  const auto map = Run(Tsne());
  ProjectionRequest request = OnMap(map.projection.id);
  request.run = 1;
  request.tag = "clusters";
  const auto placed = Run(request);
  EXPECT_GT(CountAtHome(*map.coordinates, *placed.coordinates), kRows * 99 / 100);
}

TEST_F(PlacementTest, LaysRowsAsTheMapsOwnWereLaid) {
  ProjectionRequest drawn = Tsne();
  drawn.metric = projector::Metric::kCosine;
  drawn.sphereize = true;
  // Three times as long, the rows point the same way: around the map's own mean, not around theirs.
  const auto map = Run(drawn);
  const auto before = Run(OnMap(map.projection.id));
  EXPECT_EQ(CountAtHome(*map.coordinates, *before.coordinates), 60);
  EXPECT_TRUE(before.projection.request.sphereize);
  EXPECT_EQ(before.projection.request.metric, projector::Metric::kCosine);
}

TEST_F(PlacementTest, IsKeptAndKnownAfterARestart) {
  const auto before = Run(OnMap(Run(Tsne()).projection.id));
  MakeJobs();
  Run(Tsne(50));  // the map gets another id than it had
  const int64_t map = jobs_->Start(Tsne())->projection.id;
  EXPECT_NE(map, before.projection.request.onto);
  const auto again = jobs_->Start(OnMap(map));
  ASSERT_TRUE(again.ok());
  EXPECT_FALSE(again->is_new);
  EXPECT_EQ(*jobs_->ReadSnapshot(again->projection.id)->coordinates, *before.coordinates);
}

TEST_F(PlacementTest, TellsAnotherMapApart) {
  const auto first = Run(OnMap(Run(Tsne()).projection.id));
  const auto second = jobs_->Start(OnMap(Run(Tsne(60)).projection.id));
  ASSERT_TRUE(second.ok());
  EXPECT_TRUE(second->is_new);
}

TEST_F(PlacementTest, EndsWhenCancelled) {
  const int64_t map = Run(Tsne()).projection.id;
  ASSERT_TRUE(jobs_->Start(Tsne(kProjectionIterationsMax)).ok());  // holds the thread
  const int64_t id = jobs_->Start(OnMap(map))->projection.id;
  ASSERT_TRUE(jobs_->Cancel(id).ok());
  EXPECT_FALSE(WaitFor(id, ProjectionState::kCancelled).coordinates);
}

TEST_F(PlacementTest, RefusesWhatCannotBePlaced) {
  const int64_t map = Run(Tsne()).projection.id;
  const auto said = [&](const ProjectionRequest& request) {
    const auto refused = jobs_->Start(request);
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
    return refused.error().message;
  };
  EXPECT_THAT(said(OnMap(99)), HasSubstr("field onto: no projection with id 99"));
  ProjectionRequest request = OnMap(map);
  request.run = 1;
  request.tag = "embeddings/item";
  EXPECT_THAT(said(request),
              HasSubstr("is of rows of 8 dims, want rows of as many to place on it: got 2"));
  request = OnMap(map);
  request.onto.reset();
  EXPECT_THAT(said(request), HasSubstr("field onto: a placement wants the projection"));
  request = Tsne();
  request.onto = map;
  EXPECT_THAT(said(request), HasSubstr("field onto: a tsne draws a map of its own"));
  const int64_t placed = Run(OnMap(map)).projection.id;
  EXPECT_THAT(said(OnMap(placed)), HasSubstr("is itself a placement, want projection 1"));
}

TEST_F(PlacementTest, FailsWhereTheRowsOfTheMapAreGone) {
  const int64_t map = Run(Tsne()).projection.id;
  store_.embeddings[{1, "clusters"}][0].info.wall_time = 51;
  const int64_t id = jobs_->Start(OnMap(map))->projection.id;
  EXPECT_THAT(WaitFor(id, ProjectionState::kFailed).projection.error,
              HasSubstr("clusters was logged anew at step 10"));
}

TEST_F(PlacementTest, LeavesRowsOutThatAreNoNumbers) {
  store_.embeddings[{1, "clusters"}][0].values[7 * kDims] = std::nanf("");
  const auto map = Run(Tsne());
  EXPECT_EQ(map.projection.left_out, std::vector<int64_t>{7});
  store_.embeddings[{2, "unseen"}][0].values[3 * kDims] = std::numeric_limits<float>::infinity();
  const auto placed = Run(OnMap(map.projection.id));
  EXPECT_EQ(placed.projection.left_out, std::vector<int64_t>{3});
  ASSERT_EQ(placed.coordinates->size(), 120U);
  EXPECT_EQ(std::count_if(placed.coordinates->begin(), placed.coordinates->end(),
                          [](float value) { return std::isnan(value); }),
            2);
  EXPECT_GT(placed.projection.quality->recall_10, 0.3);
}

TEST_F(PlacementTest, ShowsTheRowsThatArePlacedMeanwhile) {
  const int64_t map = Run(Tsne()).projection.id;
  std::vector<std::vector<float>> seen;
  on_change_ = [&](const ProjectionSnapshot& snapshot) {
    const bool is_early = snapshot.projection.state == ProjectionState::kRunning;
    if (is_early && snapshot.projection.request.onto && snapshot.coordinates) {
      seen.push_back(*snapshot.coordinates);
      EXPECT_EQ(RowsWithoutPlace(seen.back(), 2).size(),
                60U - static_cast<size_t>(snapshot.projection.iteration));
    }
  };
  const auto done = Run(OnMap(map));
  ASSERT_FALSE(seen.empty()) << "the first rows are shown at once";
  EXPECT_EQ(seen.front()[0], done.coordinates->at(0)) << "a row that is placed stays";
}

TEST(CheckPlacementTest, BoundsPairsAndMemory) {
  Projection onto;
  onto.points = 1'000'000;
  const store::EmbeddingInfo old_rows{1, 1, 1'000'000, 128};
  EXPECT_TRUE(CheckPlacement(onto, old_rows, {1, 1, 20'000, 128}, int64_t{8} << 30).ok());
  EXPECT_THAT(CheckPlacement(onto, old_rows, {1, 1, 20'001, 128}, int64_t{8} << 30).error().message,
              HasSubstr("takes 20001 x 1000000 pairs, want at most 20000000000"));
  EXPECT_THAT(CheckPlacement(onto, old_rows, {1, 1, 10, 128}, int64_t{1} << 28).error().message,
              HasSubstr("MiB, want at most 256 MiB"));
  onto.points = 7;
  EXPECT_THAT(CheckPlacement(onto, old_rows, {1, 1, 10, 128}, int64_t{8} << 30).error().message,
              HasSubstr("is of 7 rows, but step 1"));
}

}  // namespace
}  // namespace spirogram::web
