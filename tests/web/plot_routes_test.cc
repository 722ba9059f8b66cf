// Answers of the routes of PR curves, meshes and layouts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "tests/web/columns_reader.h"
#include "tests/web/service_fixture.h"

namespace spirogram::web {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

using spirogram::testing::ColumnsMessage;
using spirogram::testing::ReadColumns;
using spirogram::testing::ServiceFixture;

TEST(PlotRoutesTest, AnswerPrCurvesInColumns) {
  ServiceFixture fixture;
  fixture.store.pr_curves[{1, "pr"}] = {
      {4, 104, {0, 1}, {4, 0}, {6, 0}, {0, 6}, {0, 4}, {0.4, std::nan("")}, {1, 0}}};
  const ColumnsMessage message = ReadColumns(fixture.Get("/api/v1/pr_curves?run=1&tag=pr").body);
  ASSERT_EQ(message.items.size(), 1u);
  EXPECT_EQ(message.items[0].at("step"), 4);
  EXPECT_THAT(message.Column<double>(0, "threshold"), ElementsAre(0, 1));
  EXPECT_THAT(message.Column<double>(0, "true_negatives"), ElementsAre(0, 6));
  EXPECT_TRUE(std::isnan(message.Column<double>(0, "precision").at(1)));
}

store::PrCurve CurveAt(Step step) {
  return {step, 1, {0, 1}, {4, 0}, {6, 0}, {0, 6}, {0, 4}, {0.4, 1}, {1, 0}};
}

TEST(PlotRoutesTest, ReadOnlyTheCurveOfOneStepWhereOneIsAskedFor) {
  ServiceFixture fixture;
  fixture.store.pr_curves[{1, "pr"}] = {CurveAt(4), CurveAt(8), CurveAt(8)};
  const struct {
    const char* query;
    size_t filled;
  } cases[] = {{"&step=4", 0},  {"&step=7", 0},
               {"&step=8", 2},  {"&step=9007199254740991", 2},
               {"&step=-1", 0}, {"&step=9&from=-5", 2}};
  for (const auto& [query, filled] : cases) {
    const ColumnsMessage message =
        ReadColumns(fixture.Get(std::string("/api/v1/pr_curves?run=1&tag=pr") + query).body);
    ASSERT_EQ(message.items.size(), 3u) << query;
    for (size_t i = 0; i < 3; ++i) {
      EXPECT_THAT(message.Column<double>(i, "recall"), SizeIs(i == filled ? 2 : 0)) << query;
    }
  }
  EXPECT_EQ(fixture.store.pr_curves_read, 3 * 1 + 3 * 2u);
  EXPECT_EQ(fixture.Get("/api/v1/pr_curves?run=1&tag=pr&step=x").status, 400);
  EXPECT_THAT(ReadColumns(fixture.Get("/api/v1/pr_curves?run=1&tag=pr&step=5&to=3").body).items,
              IsEmpty());
}

// 5,000 curves of many thresholds hold more than a server has memory.
TEST(PlotRoutesTest, BoundThePrCurvesOfAnAnswer) {
  ServiceFixture fixture;
  fixture.store.pr_curves[{1, "pr"}] = {CurveAt(4), CurveAt(8)};
  fixture.store.value_bytes_extra = uint64_t{40} << 20;
  const Response refused = fixture.Get("/api/v1/pr_curves?run=1&tag=pr");
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(refused.body, HasSubstr("the PR curves from step 4 to 8 alone take 83886080 bytes"));
  EXPECT_EQ(fixture.store.pr_curves_read, 0u);
  for (const char* query : {"&from=8", "&to=7", "&from=4&to=4", "&step=6"}) {
    const Response one = fixture.Get(std::string("/api/v1/pr_curves?run=1&tag=pr") + query);
    EXPECT_EQ(one.status, 200) << query;
  }
  EXPECT_EQ(fixture.store.pr_curves_read, 4u);
  EXPECT_EQ(fixture.Get("/api/v1/pr_curves/steps?run=1&tag=pr&from=5").body,
            R"({"curves":[{"step":8,"wall_time":1.0,"bytes":41943040}]})");
}

TEST(PlotRoutesTest, ListTheSamplesOfAMeshFromAStepOn) {
  ServiceFixture fixture;
  fixture.store.meshes[{1, "m"}].samples = {{6, 106, 0, 3}, {7, 107, 0, 3}};
  const Response all = fixture.Get("/api/v1/meshes?run=1&tag=m");
  EXPECT_THAT(all.body, HasSubstr(R"("step":6)"));
  const Response tail = fixture.Get("/api/v1/meshes?run=1&tag=m&from=7");
  EXPECT_THAT(tail.body, AllOf(HasSubstr(R"("step":7)"), Not(HasSubstr(R"("step":6)"))));
}

TEST(PlotRoutesTest, LeaveOutTrianglesWithCornersThatAreNotThere) {
  ServiceFixture fixture;
  store::Mesh mesh;
  mesh.info = {6, 106, 0, 3, 4, 3};
  mesh.vertices.assign(9, 1);
  mesh.faces = {0, 1, 2, 0, 1, 3, -1, 0, 1, 2, 1, 0};
  mesh.colours.assign(9, 200);
  fixture.store.mesh[{1, "m"}] = mesh;
  const ColumnsMessage message =
      ReadColumns(fixture.Get("/api/v1/meshes/data?run=1&tag=m&step=6").body);
  EXPECT_THAT(message.Column<uint32_t>(0, "faces"), ElementsAre(0, 1, 2, 2, 1, 0));
  EXPECT_EQ(message.items[0].at("faces_dropped"), 2);
  EXPECT_EQ(message.items[0].at("faces"), 2);
  EXPECT_THAT(message.Column<float>(0, "vertices"), SizeIs(9));
  EXPECT_THAT(message.Column<uint8_t>(0, "colours"), SizeIs(9));
}

TEST(PlotRoutesTest, AnswerALayout) {
  ServiceFixture fixture;
  store::CustomChart margin;
  margin.title = "band";
  margin.kind = store::CustomChart::Kind::kMargin;
  margin.series = {{"v", "l", "u"}};
  fixture.store.layout.categories = {{"c", true, {margin}}};
  EXPECT_EQ(fixture.Get("/api/v1/custom_scalars?run=1").body,
            R"({"categories":[{"title":"c","is_closed":true,"charts":[{"title":"band",)"
            R"("kind":"margin","series":[{"value":"v","lower":"l","upper":"u"}]}]}]})");
}

}  // namespace
}  // namespace spirogram::web
