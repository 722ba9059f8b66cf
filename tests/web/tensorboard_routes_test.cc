// TensorBoard's routes over the fake store: the request, then what is said.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>

#include "base/str.h"
#include "tests/web/service_fixture.h"
#include "web/tensorboard/blob_key.h"
#include "web/tensorboard/call.h"

namespace spirogram::web::tensorboard {
namespace {

using spirogram::testing::MakeRequest;
using spirogram::testing::ServiceFixture;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

store::Tag MakeTag(const std::string& name, store::DataKind kind, const std::string& plugin) {
  return {1, name, kind, plugin, "", "", 1, 0, 10};
}

// The fake store, with the tags that its data needs to be found by plugin.
struct RoutesFixture : ServiceFixture {
  RoutesFixture() {
    store.tags.push_back(MakeTag("weights", store::DataKind::kHistogram, "histograms"));
    store.tags.push_back(MakeTag("notes", store::DataKind::kText, "text"));
    store.tags.push_back(MakeTag("samples", store::DataKind::kImage, "images"));
    store.tags.push_back(MakeTag("drawing", store::DataKind::kImage, "images"));
    store.images[{1, "drawing"}] = {{3, 103, 0, 0, 2, 2, 21}};
    store.tags[0].description = "the *loss*";
  }

  Response PostForm(std::string target, std::string body) {
    return service.Handle(MakeRequest("POST", std::move(target),
                                      {{"Content-Type", "application/x-www-form-urlencoded"}},
                                      std::move(body)));
  }
};

struct Golden {
  const char* name;
  const char* target;
  int status;
  const char* body;
};

void PrintTo(const Golden& golden, std::ostream* out) {
  *out << golden.name;
}

class TensorBoardRoutesTest : public ::testing::TestWithParam<Golden> {};

TEST_P(TensorBoardRoutesTest, AnswerAsTensorBoardDoes) {
  RoutesFixture fixture;
  const Response response = fixture.Get(GetParam().target);
  EXPECT_EQ(response.status, GetParam().status);
  EXPECT_EQ(response.body, GetParam().body);
}

constexpr Golden kGolden[] = {
    {"RunsByStart", "/data/runs", 200, R"(["healthy", "sick"])"},
    {"RunsBelowAnExperiment", "/experiment/defaultExperimentId/data/runs", 200,
     R"(["healthy", "sick"])"},
    {"ASlashAtTheEnd", "/data/runs/", 200, R"(["healthy", "sick"])"},
    {"Logdir", "/data/logdir", 200, R"({"logdir": "runs"})"},
    {"WindowProperties", "/data/window_properties", 200, R"({"window_title": ""})"},
    {"UnknownParametersAreIgnored", "/data/runs?a=1&a=2&b", 200, R"(["healthy", "sick"])"},
    {"UnknownRoute", "/data/plugin/scalars/nothing", 404, "Not found"},
    {"ScalarTags", "/data/plugin/scalars/tags", 200,
     R"({"healthy": {"loss/train": {"displayName": "", )"
     R"("description": "<p>the <em>loss</em></p>"}}, )"
     R"("sick": {"loss/train": {"displayName": "", "description": ""}}})"},
    {"ScalarsWithNanAsText", "/data/plugin/scalars/scalars?run=healthy&tag=loss/train", 200,
     R"([[100.0, 0, 2.0], [110.0, 10, "NaN"]])"},
    {"OfRepeatedParametersTheFirstCounts",
     "/data/plugin/scalars/scalars?run=healthy&run=sick&tag=loss/train&tag=x", 200,
     R"([[100.0, 0, 2.0], [110.0, 10, "NaN"]])"},
    {"ScalarsAsCsv", "/data/plugin/scalars/scalars?run=healthy&tag=loss/train&format=csv", 200,
     "Wall time,Step,Value\r\n100.0,0,2.0\r\n110.0,10,nan\r\n"},
    {"ScalarsOfAMissingRun", "/data/plugin/scalars/scalars?run=it's&tag=loss/train", 404,
     R"(Not found: No scalar data for run="it's", tag='loss/train')"},
    {"ScalarsWithoutATag", "/data/plugin/scalars/scalars?run=healthy", 400,
     "Invalid argument: Both run and tag must be specified: tag=None, run='healthy'"},
    {"ScalarsOfAnotherPlugin", "/data/plugin/scalars/scalars?run=healthy&tag=notes", 404,
     "Not found: No scalar data for run='healthy', tag='notes'"},
    {"CustomScalarsMatchFromTheStart", "/data/plugin/custom_scalars/scalars?run=sick&tag=lo", 200,
     R"({"regex_valid": true, "tag_to_events": {"loss/train": )"
     R"([[100.0, 0, 4.0], [119.0, 19, 3.0], [120.0, 20, 2.0]]}})"},
    {"CustomScalarsDoNotSearch", "/data/plugin/custom_scalars/scalars?run=sick&tag=train", 200,
     R"({"regex_valid": true, "tag_to_events": {}})"},
    {"CustomScalarsWithAWrongPattern", "/data/plugin/custom_scalars/scalars?run=sick&tag=%5B", 200,
     R"({"regex_valid": false, "tag_to_events": {}})"},
    {"Histograms", "/data/plugin/histograms/histograms?run=healthy&tag=weights", 200,
     "[[110.0, 10, [[0.0, 1.0, 3.0], [1.0, 2.0, 4.0]]]]"},
    {"HistogramsOfAMissingTag", "/data/plugin/histograms/histograms?run=healthy&tag=x", 404,
     "Not found: No histogram tag 'x' for run 'healthy'"},
    {"Text", "/data/plugin/text/text?run=healthy&tag=notes", 200,
     R"([{"wall_time": 103.0, "step": 3, "text": "<p>&lt;b&gt;hi&lt;/b&gt;</p>"}])"},
    {"TextWithoutMarkdown", "/data/plugin/text/text?run=healthy&tag=notes&markdown=false", 200,
     R"([{"wall_time": 103.0, "step": 3, "text": "&lt;b&gt;hi&lt;/b&gt;"}])"},
    {"TextOfAMissingTag", "/data/plugin/text/text?run=healthy&tag=x", 200, "[]"},
    {"ImageTags", "/data/plugin/images/tags", 200,
     R"({"healthy": {"samples": {"displayName": "", "description": "", "samples": 1}, )"
     R"("drawing": {"displayName": "", "description": "", "samples": 1}}})"},
    {"TimeSeriesOfOneRequest",
     "/data/plugin/timeseries/timeSeries?requests=[{%22plugin%22:%22scalars%22,%22tag%22:"
     "%22loss/train%22,%22run%22:%22healthy%22}]",
     200,
     R"([{"plugin": "scalars", "tag": "loss/train", "run": "healthy", "runToSeries": )"
     R"({"healthy": [{"wallTime": 100.0, "step": 0, "value": 2.0}, )"
     R"({"wallTime": 110.0, "step": 10, "value": "NaN"}]}}])"},
    {"TimeSeriesWithoutAPlugin",
     "/data/plugin/timeseries/timeSeries?requests=[{%22tag%22:%22loss/train%22}]", 200,
     R"([{"plugin": null, "tag": "loss/train", "error": "Invalid plugin"}])"},
    {"TimeSeriesThatAreNoJson", "/data/plugin/timeseries/timeSeries?requests=[", 400,
     "Invalid argument: Unable to parse 'requests' as JSON"},
    {"ProjectorWithoutARun", "/data/plugin/projector/info", 400,
     "query parameter \"run\" is required"},
    {"GraphWithoutARun", "/data/plugin/graphs/graph", 400, "query parameter \"run\" is required"},
    {"MeshOfAnUnknownPart", "/data/plugin/mesh/data?content_type=WINDOW", 400, "Bad content_type"},
    {"AudioOfAnIllegalType", "/data/plugin/audio/individualAudio?blob_key=x&content_type=text/html",
     400, "Invalid argument: Illegal mime type 'text/html'"},
    {"PluginEntryOfNoPlugin", "/data/plugin_entry.html?name=x", 404, "Not found: x"},
};

INSTANTIATE_TEST_SUITE_P(Golden, TensorBoardRoutesTest, ::testing::ValuesIn(kGolden),
                         [](const auto& golden) { return golden.param.name; });

// As TensorBoard does, all runs of a description are named, though not all gave it to this tag.
TEST(TensorBoardDescriptionsTest, NameTheRunsWhereTheyDiffer) {
  RoutesFixture fixture;
  store::Tag other = MakeTag("acc", store::DataKind::kScalar, "scalars");
  other.run = 2;
  other.description = "the *loss*";
  fixture.store.tags.push_back(other);
  for (store::Tag& tag : fixture.store.tags) {
    if (tag.run == 2 && tag.name == "loss/train") tag.description = "other";
  }
  const auto said =
      nlohmann::json::parse(fixture.Get("/data/plugin/timeseries/tags").body)["scalars"];
  const auto& descriptions = said.at("tagDescriptions");
  EXPECT_EQ(descriptions.at("acc"), "<p>the <em>loss</em></p>");
  EXPECT_EQ(descriptions.at("loss/train"),
            "<h1>Multiple descriptions</h1>\n<h2>For run: sick</h2>\n<p>other</p>\n"
            "<h2>For runs: healthy, sick</h2>\n<p>the <em>loss</em></p>");
}

TEST(TensorBoardMeshTest, CountsTheSamplesOfEachPartOfAStep) {
  RoutesFixture fixture;
  fixture.store.tags.push_back(MakeTag("shape_VERTEX", store::DataKind::kMesh, "mesh"));
  store::MeshSeries series;
  series.name = "shape";
  series.json_config = "{}";
  series.samples = {{.step = 1, .index = 0, .vertices = 4, .faces = 2, .vertices_time = 101},
                    {.step = 1, .index = 1, .vertices = 5, .vertices_time = 102},
                    {.step = 2, .index = 0, .vertices = 6, .vertices_time = 103}};
  fixture.store.meshes[{1, "shape"}] = series;
  const auto parts =
      nlohmann::json::parse(fixture.Get("/data/plugin/mesh/meshes?run=healthy&tag=shape").body);
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(parts[0].at("data_shape"), nlohmann::json({2, 4, 3}));
  EXPECT_EQ(parts[1].at("data_shape"), nlohmann::json({1, 2, 3}));
  EXPECT_EQ(parts[1].at("components"), 6);
  EXPECT_EQ(parts[2].at("data_shape"), nlohmann::json({1, 6, 3}));
}

TEST(TensorBoardFormTest, TakesRepeatedRunsAndLeavesOutUnknownOnes) {
  RoutesFixture fixture;
  const Response response = fixture.PostForm("/data/plugin/scalars/scalars_multirun",
                                             "tag=loss%2Ftrain&runs=healthy&runs=x&runs=sick");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, R"({"healthy": [[100.0, 0, 2.0], [110.0, 10, "NaN"]], )"
                           R"("sick": [[100.0, 0, 4.0], [119.0, 19, 3.0], [120.0, 20, 2.0]]})");
  EXPECT_EQ(fixture.PostForm("/data/plugin/scalars/scalars_multirun", "tag=a&tag=b").status, 400);
}

TEST(TensorBoardFormTest, TakesTheMultipartFormsThatBrowsersSend) {
  RoutesFixture fixture;
  const Response response = fixture.service.Handle(MakeRequest(
      "POST", "/data/plugin/scalars/scalars_multirun",
      {{"Content-Type", "multipart/form-data; boundary=xyz"}},
      "--xyz\r\nContent-Disposition: form-data; name=\"tag\"\r\n\r\nloss/train\r\n"
      "--xyz\r\nContent-Disposition: form-data; name=\"runs\"\r\n\r\nhealthy\r\n--xyz--\r\n"));
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.body, StartsWith(R"({"healthy": )"));
}

TEST(TensorBoardFormTest, IsRefusedWhereOnlyGetIsServedAndTheOtherWayRound) {
  RoutesFixture fixture;
  const Response get = fixture.Get("/data/plugin/scalars/scalars_multirun?tag=x");
  EXPECT_EQ(get.status, 405);
  EXPECT_EQ(get.Get("Allow"), "POST, OPTIONS");
  EXPECT_EQ(fixture.PostForm("/data/runs", "").status, 405);
}

TEST(TensorBoardFormTest, MayBeLargerThanOtherBodiesAndOfAnotherType) {
  RoutesFixture fixture;
  const auto refused = [&](std::string target, std::string type, std::string length) {
    const auto answer = fixture.service.Refuse(
        MakeRequest("POST", std::move(target),
                    {{"Content-Type", std::move(type)}, {"Content-Length", length}}));
    return answer ? answer->status : 0;
  };
  const std::string form = "application/x-www-form-urlencoded";
  EXPECT_EQ(refused("/data/plugin/scalars/scalars_multirun", form, "1048576"), 0);
  EXPECT_EQ(refused("/data/plugin/scalars/scalars_multirun", form, "1048577"), 413);
  EXPECT_EQ(refused("/data/plugin/hparams/experiment", "application/json", "100000"), 0);
  EXPECT_EQ(refused("/data/plugin/hparams/experiment", "text/plain", "10"), 415);
  EXPECT_EQ(refused("/api/v1/projections", form, "10"), 415);
  EXPECT_EQ(refused("/api/v1/runs/bulk", "application/json", "65537"), 413);
}

TEST(TensorBoardSecurityTest, RefusesForeignHostsAndSitesOnEveryRoute) {
  RoutesFixture fixture;
  for (const Route& route : Routes()) {
    const std::string target = "/data/" + std::string(route.path);
    EXPECT_EQ(
        fixture.service.Refuse(MakeRequest("GET", target, {{"Host", "evil.example"}}))->status, 421)
        << target;
    // Not even a link may open it: these are no pages.
    EXPECT_EQ(fixture.service
                  .Refuse(MakeRequest("GET", target,
                                      {{"Sec-Fetch-Site", "cross-site"},
                                       {"Sec-Fetch-Mode", "navigate"},
                                       {"Sec-Fetch-Dest", "document"}}))
                  ->status,
              403)
        << target;
  }
}

TEST(TensorBoardSecurityTest, NeverFailsWithoutParametersOrWithHostileOnes) {
  RoutesFixture fixture;
  for (const Route& route : Routes()) {
    for (const char* query :
         {"", "?run=&tag=&name=&sample=-1&num_rows=0", "?run=..%2F..%2Fetc",
          "?blob_key=%2e%2e&imageId=%00", "?request=[[[[", "?sample=99999999999",
          "?run=healthy&tag=loss%2Ftrain&step=1e9&content_type=VERTEX"}) {
      const std::string target = "/data/" + std::string(route.path) + query;
      EXPECT_NE(fixture.Get(target).status, 500) << target;
    }
    if (!route.takes_post) continue;
    for (const char* body : {"", "{}", "[]", "null", "{\"colParams\": [{\"hparam\": 1}]}", "%"}) {
      const Response response =
          fixture.service.Handle(MakeRequest("POST", "/data/" + std::string(route.path),
                                             {{"Content-Type", "application/json"}}, body));
      EXPECT_NE(response.status, 500) << route.path << " " << body;
    }
  }
}

std::string WholeOf(const Response& response) {
  EXPECT_NE(response.stream, nullptr);
  if (response.stream == nullptr) return response.body;
  std::string body;
  for (std::string part = "begin"; !part.empty();) {
    part = response.stream->NextPart().value();
    EXPECT_LT(part.size(), size_t{4} << 20);
    body += part;
  }
  return body;
}

// A dozen clients that ask for ten million points each must not fill the memory.
class TensorBoardLongSeriesTest : public ::testing::Test {
 protected:
  static constexpr int kPoints = 200'000;

  TensorBoardLongSeriesTest() {
    store::ScalarRows rows;
    rows.points = kPoints;
    for (int i = 0; i < kPoints; ++i) {
      rows.step.push_back(i);
      rows.wall_time.push_back(0.5 + i);
      rows.mean.push_back(i == 7 ? NAN : 0.25 * i);
    }
    fixture_.store.scalars[{1, "long"}] = rows;
    fixture_.store.tags.push_back(MakeTag("long", store::DataKind::kScalar, "scalars"));
  }

  // What is told part by part is what a series that is said to be a point shorter is told at once.
  void ExpectAlike(const std::function<Response()>& ask) {
    fixture_.store.tags.back().count = kPoints;
    const Response response = ask();
    EXPECT_EQ(response.status, 200);
    const std::string body = WholeOf(response);
    fixture_.store.tags.back().count = kPoints - 1000;
    const Response whole = ask();
    EXPECT_EQ(whole.stream, nullptr);
    EXPECT_EQ(body, whole.body);
    EXPECT_EQ(response.Get("Content-Type"), whole.Get("Content-Type"));
  }

  RoutesFixture fixture_;
};

TEST_F(TensorBoardLongSeriesTest, IsSentPartByPart) {
  for (const char* format : {"json", "csv"}) {
    ExpectAlike([&] {
      return fixture_.Get(
          StrCat("/data/plugin/scalars/scalars?run=healthy&tag=long&format=", format));
    });
  }
}

TEST_F(TensorBoardLongSeriesTest, IsSentPartByPartAmongOthers) {
  ExpectAlike([&] {
    return fixture_.PostForm("/data/plugin/scalars/scalars_multirun",
                             "tag=long&runs=healthy&runs=sick");
  });
  ExpectAlike([&] {
    return fixture_.PostForm("/data/plugin/timeseries/timeSeries",
                             R"(requests=[{"plugin":"scalars","tag":"loss/train"},)"
                             R"({"plugin":"scalars","tag":"long"},{"tag":"long"},)"
                             R"({"plugin":"scalars","tag":"long","run":"sick"}])");
  });
  ExpectAlike(
      [&] { return fixture_.Get("/data/plugin/custom_scalars/scalars?run=healthy&tag=lo"); });
  ExpectAlike([&] {
    return fixture_.Send("POST", "/data/plugin/hparams/metric_evals",
                         R"({"sessionName":"healthy","metricName":{"tag":"long"}})");
  });
}

TEST(TensorBoardImagesTest, ServesWhatAKeyNamesWithTheTypeOfItsBytes) {
  RoutesFixture fixture;
  const std::string key = EncodeBlobKey({"", "healthy", "samples", 3, 2});
  const Response list = fixture.Get("/data/plugin/images/images?run=healthy&tag=samples");
  EXPECT_EQ(list.body, R"([{"wall_time": 103.0, "step": 3, "query": "blob_key=)" + key + R"("}])");
  const Response image = fixture.Get("/data/plugin/images/individualImage?blob_key=" + key);
  EXPECT_EQ(image.status, 200);
  EXPECT_EQ(image.Get("Content-Type"), "image/png");
  EXPECT_EQ(image.body, "\x89PNG\r\n\x1a\npixels");
  EXPECT_EQ(fixture.Get("/data/plugin/timeseries/imageData?imageId=" + key).body, image.body);
}

TEST(TensorBoardImagesTest, NeverServesScriptAsAnImage) {
  RoutesFixture fixture;
  const std::string key = EncodeBlobKey({"", "healthy", "drawing", 3, 2});
  const Response image = fixture.Get("/data/plugin/images/individualImage?blob_key=" + key);
  EXPECT_EQ(image.Get("Content-Type"), "application/octet-stream");
  EXPECT_EQ(image.Get("X-Content-Type-Options"), "nosniff");
}

TEST(TensorBoardImagesTest, RefusesKeysThatItDidNotMake) {
  RoutesFixture fixture;
  const std::string key = EncodeBlobKey({"", "healthy", "samples", 3, 2});
  for (const std::string& wrong :
       {std::string(), std::string("AAAA"), key + "=", key + "A", key.substr(1),
        EncodeBlobKey({"", "healthy", "samples", 3, 2}).substr(0, 8), std::string(9000, 'A')}) {
    const int status = fixture.Get("/data/plugin/images/individualImage?blob_key=" + wrong).status;
    EXPECT_EQ(status, 400) << wrong;
  }
  // Well made, but for what is not there.
  for (const BlobKey& missing :
       {BlobKey{"", "healthy", "loss/train", 3, 2}, BlobKey{"", "../etc", "passwd", 3, 2},
        BlobKey{"", "healthy", "samples", 3, 0}}) {
    EXPECT_EQ(fixture.Get("/data/plugin/images/individualImage?blob_key=" + EncodeBlobKey(missing))
                  .status,
              404);
  }
}

TEST(TensorBoardImagesTest, TellsTheValuesOfAStepApart) {
  RoutesFixture fixture;
  auto& images = fixture.store.images[{1, "samples"}];
  images.push_back(images.at(0));
  images.back().repeat = 1;
  const std::string body = fixture.Get("/data/plugin/images/images?run=healthy&tag=samples").body;
  EXPECT_THAT(body, ::testing::HasSubstr(EncodeBlobKey({"", "healthy", "samples", 3, 2}) + '"'));
  const std::string second = EncodeBlobKey({"", "healthy", "samples", 3, 2, 1});
  EXPECT_THAT(body, ::testing::HasSubstr(second));
  EXPECT_EQ(fixture.Get("/data/plugin/images/individualImage?blob_key=" + second).status, 200);
  EXPECT_EQ(DecodeBlobKey(second)->repeat, 1);
}

TEST(TensorBoardMeshTest, TakesAStepInAnyFormOfANumber) {
  RoutesFixture fixture;
  const std::string target = "/data/plugin/mesh/data?run=healthy&tag=x&content_type=VERTEX&step=";
  for (const char* step : {"0", "10.0", "1e3", "-2", "9223372036854775807"}) {
    EXPECT_EQ(fixture.Get(target + step).status, 200) << step;
  }
  for (const char* step : {"", "x", "nan", "inf", "1e300", "0x10"}) {
    EXPECT_EQ(fixture.Get(target + step).status, 400) << step;
  }
}

TEST(TensorBoardGraphTest, RefusesWhatAProgramLoggedThatIsNoGraph) {
  RoutesFixture fixture;
  store::GraphInfo info;
  info.tag = store::kRunGraphTag;
  fixture.store.graphs = {info};
  fixture.store.graph_bytes[{1, info.tag}] = "\x0A\xFF";
  const Response response = fixture.Get("/data/plugin/graphs/graph?run=healthy");
  EXPECT_EQ(response.status, 400);
  EXPECT_THAT(response.body, ::testing::HasSubstr("malformed"));
}

TEST(TensorBoardLayoutTest, LeavesOutWhatAChartDoesNotSay) {
  RoutesFixture fixture;
  fixture.store.tags.push_back(
      MakeTag("custom_scalars__config__", store::DataKind::kCustomScalars, "custom_scalars"));
  store::CustomChart chart;
  chart.title = "t";
  fixture.store.layout.categories = {{"c", false, {chart}}};
  EXPECT_EQ(fixture.Get("/data/plugin/custom_scalars/layout").body,
            R"({"version": 0, "category": [{"title": "c", "chart": [{"title": "t"}], )"
            R"("closed": false}]})");
  fixture.store.layout.categories.push_back(fixture.store.layout.categories[0]);
  EXPECT_THAT(fixture.Get("/data/plugin/custom_scalars/layout").body,
              ::testing::HasSubstr(R"("closed": false}, {"title": "c")"));
}

TEST(TensorBoardPrCurvesTest, CountsMayBeAnyFloat64) {
  RoutesFixture fixture;
  fixture.store.tags.push_back(MakeTag("pr", store::DataKind::kPrCurve, "pr_curves"));
  fixture.store.pr_curves[{1, "pr"}] = {
      {3, 1, {0, 1}, {NAN, INFINITY}, {-INFINITY, 1e300}, {2.9, 0}, {-1, 1}, {0, 1}, {1, 0}}};
  const auto curves = nlohmann::json::parse(
      fixture.Get("/data/plugin/pr_curves/pr_curves?run=healthy&tag=pr").body);
  const auto& curve = curves["healthy"][0];
  EXPECT_EQ(curve["true_positives"], nlohmann::json({"NaN", "Infinity"}));
  EXPECT_EQ(curve["false_positives"], nlohmann::json({"-Infinity", 1e300}));
  EXPECT_EQ(curve["true_negatives"], (std::vector<int64_t>{2, 0}));
  fixture.store.pr_curves[{1, "pr"}][0].true_positives = {0x1p70, -0.5};
  EXPECT_THAT(fixture.Get("/data/plugin/pr_curves/pr_curves?run=healthy&tag=pr").body,
              ::testing::HasSubstr(R"("true_positives": [1180591620717411303424, 0])"));
}

TEST(TensorBoardPrCurvesTest, AreRefusedBeforeTheyAreInMemory) {
  RoutesFixture fixture;
  fixture.store.tags.push_back(MakeTag("pr", store::DataKind::kPrCurve, "pr_curves"));
  fixture.store.pr_curves[{1, "pr"}] = {{3, 1, {}, {}, {}, {}, {}, {}, {}},
                                        {4, 1, {}, {}, {}, {}, {}, {}, {}}};
  fixture.store.value_bytes_extra = uint64_t{600} << 20;
  EXPECT_THAT(fixture.Get("/data/plugin/pr_curves/pr_curves?run=healthy&tag=pr").body,
              ::testing::HasSubstr("the answer would exceed 1073741824 bytes"));
  EXPECT_EQ(fixture.store.pr_curves_read, 0u);
}

TEST(TensorBoardListingTest, NamesPluginsInOrderAndSaysWhichHaveData) {
  RoutesFixture fixture;
  const auto json = nlohmann::ordered_json::parse(fixture.Get("/data/plugins_listing").body);
  EXPECT_EQ(json.begin().key(), "timeseries");
  EXPECT_TRUE(json["scalars"]["enabled"]);
  EXPECT_TRUE(json["distributions"]["enabled"]);
  EXPECT_FALSE(json["audio"]["enabled"]);
  EXPECT_FALSE(json["projector"]["enabled"]);
}

// docs/tensorboard.md is a table of the same routes.
TEST(TensorBoardDocumentationTest, NamesEveryRouteAndNoOther) {
  std::ifstream file(TENSORBOARD_DOC);
  ASSERT_TRUE(file) << TENSORBOARD_DOC;
  std::set<std::string> documented;
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("| `/data/", 0) == 0) documented.insert(line.substr(9, line.find('`', 3) - 9));
  }
  std::set<std::string> served;
  for (const Route& route : Routes()) served.insert(std::string(route.path));
  EXPECT_EQ(documented, served);
}

}  // namespace
}  // namespace spirogram::web::tensorboard
