#include "mapping/map.h"

#include <gmock/gmock.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <stop_token>
#include <string>

#include "base/str.h"
#include "mapping/map_file.h"
#include "mapping/picture.h"
#include "mapping/report.h"
#include "projector/finite_rows.h"

namespace spirogram::mapping {
namespace {

using ::testing::HasSubstr;

// Three clusters of `each` points in 5 dims.
Table Clusters(int each) {
  Table table;
  table.name = "clusters";
  table.format = "npy";
  table.points = 3 * each;
  table.dims = 5;
  uint32_t state = 7;
  for (int i = 0; i < 3 * each; ++i) {
    for (int d = 0; d < 5; ++d) {
      state = state * 1664525 + 1013904223;
      const float noise = static_cast<float>(state >> 8) / (1 << 24);
      table.values.push_back(noise + (d == i / each ? 20.0F : 0.0F));
    }
  }
  return table;
}

MapOptions Options(Method method) {
  MapOptions options;
  options.method = method;
  options.tsne.iterations = 60;
  options.tsne.perplexity = 5;
  options.tsne.threads = 1;
  options.tsne.device = projector::Device::kCpu;
  return options;
}

TEST(MapTest, MeasuresWhatItDraws) {
  const Table table = Clusters(20);
  std::string stages;
  const auto map =
      ComputeMap(table, Options(Method::kTsne),
                 [&](const MapProgress& progress) { stages += StrCat(progress.stage, " "); }, {});
  ASSERT_TRUE(map.ok()) << map.error().ToString();
  EXPECT_EQ(map->coordinates.size(), 120U);
  EXPECT_TRUE(map->is_kl_exact);
  ASSERT_TRUE(map->quality.has_value());
  EXPECT_TRUE(map->quality->trustworthiness.is_exact);
  EXPECT_GT(map->quality->trustworthiness.value, 0.8);
  EXPECT_GT(map->span, 0);
  EXPECT_THAT(stages, HasSubstr("neighbours t-SNE"));
  EXPECT_THAT(stages, HasSubstr("quality"));
}

// How many components keep the neighbours is what one asks of them.
TEST(MapTest, JudgesComponentsOfAnyNumber) {
  const Table table = Clusters(20);
  double recall = 0;
  for (const int dims : {1, 2, 4, 5}) {
    MapOptions options = Options(Method::kPca);
    options.tsne.dims = dims;
    const auto map = ComputeMap(table, options, [](const MapProgress&) {}, {});
    ASSERT_TRUE(map.ok());
    ASSERT_TRUE(map->quality.has_value()) << dims;
    EXPECT_GT(map->quality->recall_10.value, recall) << dims;
    recall = map->quality->recall_10.value;
  }
  EXPECT_GT(recall, 0.99);  // all there are
}

TEST(MapTest, SaysWhyQualityIsAbsent) {
  Table huge = Clusters(4);
  for (float& value : huge.values) value = std::copysign(1e30F, value - 5);
  for (size_t i = 0; i < huge.values.size(); i += 10) {
    for (size_t k = 0; k < 5; ++k) huge.values[i + k] = 1e30F;
  }
  MapOptions options = Options(Method::kPca);
  auto map = ComputeMap(huge, options, [](const MapProgress&) {}, {});
  ASSERT_TRUE(map.ok()) << map.error().message;
  EXPECT_EQ(map->quality_absent, "the map has coordinates beyond 1e+30");
  options.with_quality = false;
  map = ComputeMap(Clusters(4), options, [](const MapProgress&) {}, {});
  ASSERT_TRUE(map.ok());
  EXPECT_EQ(map->quality_absent, "--quality off");
  options.with_quality = true;
  map = ComputeMap(Clusters(1), options, [](const MapProgress&) {}, {});
  ASSERT_TRUE(map.ok());
  EXPECT_EQ(map->quality_absent, "fewer than 4 points");
}

TEST(MapTest, RefusesMoreMemoryThanAllowed) {
  MapOptions options = Options(Method::kTsne);
  options.bytes_max = 1 << 20;
  const auto map = ComputeMap(Clusters(20), options, [](const MapProgress&) {}, {});
  ASSERT_FALSE(map.ok());
  EXPECT_EQ(map.error().code, ErrorCode::kExhausted);
  EXPECT_THAT(map.error().message, HasSubstr("t-SNE of 60 points"));
  EXPECT_GT(AvailableMemoryBytes(), 0);
}

TEST(MapTest, StopsWhenAsked) {
  for (const Method method : {Method::kPca, Method::kTsne}) {
    std::stop_source source;
    source.request_stop();
    const auto map = ComputeMap(
        Clusters(20), Options(method), [](const MapProgress&) {}, source.get_token());
    ASSERT_FALSE(map.ok());
    EXPECT_EQ(map.error().code, ErrorCode::kCancelled);
  }
}

TEST(MapFileTest, WritesNumbersThatReadBackAndTextsThatNoSpreadsheetRuns) {
  Table table;
  table.metadata.columns = {"name", "n"};
  table.metadata.values = {{"a, \"b\"", "=1+1"}, {"-5", "x"}};
  Map map;
  map.points = 2;
  map.dims = 2;
  map.coordinates = {0.1F, -2, 3e-8F, 4};
  EXPECT_EQ(MapToCsv(table, map),
            "row,x,y,name,n\r\n0,0.1,-2,\"a, \"\"b\"\"\",-5\r\n1,3e-08,4,'=1+1,x\r\n");
}

TEST(MapTest, KeepsTheNumbersOfRowsThatAreLeftOut) {
  const Table whole = Clusters(8);
  Table table = whole;
  const std::vector<int64_t> rows = {0, 5};
  table.left_out = rows;
  projector::TakeRowsOut(rows, table.dims, &table.values);
  for (const Method method : {Method::kPca, Method::kTsne}) {
    MapOptions options = Options(method);
    options.tsne.perplexity = 2;
    const auto map = ComputeMap(table, options, [](const MapProgress&) {}, {});
    ASSERT_TRUE(map.ok()) << map.error().ToString();
    EXPECT_EQ(map->points, whole.points);
    ASSERT_EQ(std::ssize(map->coordinates), whole.points * map->dims);
    for (int64_t row = 0; row < whole.points; ++row) {
      EXPECT_EQ(std::isnan(map->coordinates[static_cast<size_t>(row * map->dims)]),
                row == 0 || row == 5);
    }
    EXPECT_GT(map->span, 0);
    EXPECT_THAT(MapToCsv(table, *map), HasSubstr("\r\n5,,\r\n6,"));
    EXPECT_TRUE(DrawMap(*map, *ColourBy(table, "", kLightTheme), {}).ok());
  }
}

TEST(MapFileTest, KnowsTheFormatByTheEnding) {
  EXPECT_EQ(*FormatOfPath("a/b.npy"), MapFormat::kNpy);
  EXPECT_EQ(*FormatOfPath("b.csv"), MapFormat::kCsv);
  EXPECT_EQ(*FormatOfPath("b.png"), MapFormat::kPng);
  EXPECT_THAT(FormatOfPath("b.jpg").error().message, HasSubstr("want .npy, .csv or .png"));
}

TEST(ReportTest, IsOneJsonObjectWithNullForWhatIsNotKnown) {
  const Table table = Clusters(4);
  MapOptions options = Options(Method::kPca);
  options.with_quality = false;
  const auto map = ComputeMap(table, options, [](const MapProgress&) {}, {});
  ASSERT_TRUE(map.ok());
  Report report;
  report.table = &table;
  report.map = &*map;
  report.options = &options;
  const auto json = nlohmann::json::parse(ReportToJson(report));
  EXPECT_EQ(json["method"], "pca");
  EXPECT_TRUE(json["kl_divergence"].is_null());
  EXPECT_TRUE(json["trustworthiness"].is_null());
  EXPECT_EQ(json["quality"]["absent"], "--quality off");
  EXPECT_EQ(json["variance_share"].size(), 2U);
  EXPECT_THAT(ReportToText(report), HasSubstr("not measured: --quality off"));
}

TEST(ReportTest, WritesLargeNumbersWithCommas) {
  EXPECT_EQ(WithCommas(0), "0");
  EXPECT_EQ(WithCommas(999), "999");
  EXPECT_EQ(WithCommas(1797), "1,797");
  EXPECT_EQ(WithCommas(1'000'000), "1,000,000");
}

}  // namespace
}  // namespace spirogram::mapping
