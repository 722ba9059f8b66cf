#include "web/projection_message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/web/columns_reader.h"

namespace spirogram::web {
namespace {

using spirogram::testing::ReadColumns;
using ::testing::ElementsAre;

ProjectionSnapshot Map(std::vector<float> coordinates, int dims = 2) {
  ProjectionSnapshot snapshot;
  snapshot.projection.request.dims = dims;
  snapshot.coordinates = std::make_shared<const std::vector<float>>(std::move(coordinates));
  return snapshot;
}

TEST(ProjectionMessageTest, SpansEachAxisWithSixteenBits) {
  const auto message =
      ReadColumns(ProjectionMessage(Map({-1, 10, 1, 30, 0, 15}), CoordinateFormat::kU16));
  EXPECT_EQ(message.items[0].at("min"), (std::vector<float>{-1, 10}));
  EXPECT_EQ(message.items[0].at("max"), (std::vector<float>{1, 30}));
  EXPECT_THAT(message.Column<uint16_t>(0, "coordinates"),
              ElementsAre(0, 0, 65534, 65534, 32767, 16384));
}

TEST(ProjectionMessageTest, SurvivesMapsWithoutExtentPointsOrNumbers) {
  const auto one = ReadColumns(ProjectionMessage(Map({4, 4, 4}, 3), CoordinateFormat::kU16));
  EXPECT_THAT(one.Column<uint16_t>(0, "coordinates"), ElementsAre(0, 0, 0));
  ProjectionSnapshot none;
  const auto empty = ReadColumns(ProjectionMessage(none, CoordinateFormat::kU16));
  EXPECT_EQ(empty.items[0].at("min"), (std::vector<float>{0, 0}));
  EXPECT_TRUE(empty.Column<uint16_t>(0, "coordinates").empty());
  const float nan = std::nanf("");
  const auto odd = ReadColumns(
      ProjectionMessage(Map({nan, -INFINITY, 1, INFINITY, 2, 3}), CoordinateFormat::kU16));
  EXPECT_THAT(odd.Column<uint16_t>(0, "coordinates"),
              ElementsAre(65535, 65535, 0, 65535, 65534, 0));
}

TEST(ProjectionMessageTest, SendsFloatsUnlessAskedOtherwise) {
  const auto message = ReadColumns(ProjectionMessage(Map({0.5F, -2})));
  EXPECT_THAT(message.Column<float>(0, "coordinates"), ElementsAre(0.5F, -2));
  EXPECT_FALSE(message.items[0].contains("min"));
}

}  // namespace
}  // namespace spirogram::web
