// What a job asks before and after it computes: bounds, the turn onto another map, the quality.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <stop_token>
#include <vector>

#include "tests/web/projection_run_fixture.h"
#include "web/projection_run.h"

namespace spirogram::web {
namespace {

using ::testing::HasSubstr;

TEST(AlignOntoTest, TurnsAndKeepsTheSize) {
  const std::vector<float> start{-1, 0, 1, 0, 0, 2, 0, -2};
  std::vector<float> map;  // a quarter turn, three times as large, elsewhere
  for (size_t at = 0; at < start.size(); at += 2) {
    map.push_back(-3 * start[at + 1] + 7);
    map.push_back(3 * start[at] - 2);
  }
  const auto residual = AlignOnto(start, 2, &map);
  ASSERT_TRUE(residual.ok());
  EXPECT_NEAR(*residual, 0, 1e-9);
  for (size_t at = 0; at < start.size(); ++at) EXPECT_NEAR(map[at], 3 * start[at], 1e-5);
  map[3] = std::numeric_limits<float>::infinity();
  EXPECT_EQ(AlignOnto(start, 2, &map).error().code, ErrorCode::kInvalidArgument);
}

TEST(CheckAgainstTest, CountsTheMatrixAndNamesBothSides) {
  ProjectionRequest request;
  request.method = ProjectionMethod::kPca;
  const store::EmbeddingInfo info{1, 1, 1'000'000, 1024};
  const Status refused = CheckAgainst(request, info, int64_t{1} << 30);
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message, HasSubstr("takes 3906 MiB, want at most 1024 MiB"));
  EXPECT_TRUE(CheckAgainst(request, info, int64_t{8} << 30).ok());
}

TEST(CheckAgainstTest, LetsFewColumnsHaveAPicture) {
  ProjectionRequest request;
  request.method = ProjectionMethod::kPca;
  EXPECT_TRUE(CheckAgainst(request, {1, 1, 50, 1}, int64_t{8} << 30).ok());
}

TEST(CheckAgainstTest, LetsFewPointsHaveAFastLook) {
  ProjectionRequest request;
  request.method = ProjectionMethod::kTsne;
  request.affinity = projector::TsneOptions::Affinity::kUniform;
  EXPECT_TRUE(CheckAgainst(request, {1, 1, 4, 2}, int64_t{8} << 30).ok());
  EXPECT_FALSE(CheckAgainst(request, {1, 1, 3, 2}, int64_t{8} << 30).ok());
  EXPECT_EQ(TsneOptionsFor(request, 4).uniform_neighbors, 3);
  EXPECT_EQ(TsneOptionsFor(request, 400).uniform_neighbors, 15);
}

TEST(MeasureQualityTest, SaysNothingOfMapsThatCannotBeJudged) {
  ProjectionRequest request;
  const auto none = MeasureQuality(request, {{}, 0, 2}, {}, {});
  ASSERT_TRUE(none.ok());
  EXPECT_FALSE(none->has_value());
  const std::vector<float> three(6, 1.0F);
  EXPECT_FALSE(MeasureQuality(request, {three, 3, 2}, three, {})->has_value());
}

TEST(MeasureQualityTest, StopsWhenToldTo) {
  const std::vector<float> rows = Clusters();
  const std::vector<float> map(2 * kRows, 1.0F);
  std::stop_source stop;
  stop.request_stop();
  ProjectionRequest request;
  const auto quality = MeasureQuality(request, {rows, kRows, kDims}, map, stop.get_token());
  ASSERT_FALSE(quality.ok());
  EXPECT_EQ(quality.error().code, ErrorCode::kCancelled);
}

}  // namespace
}  // namespace spirogram::web
