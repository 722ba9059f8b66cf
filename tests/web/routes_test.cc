// Golden answers: the request, then what the API says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <thread>

#include "base/sha256.h"
#include "base/str.h"
#include "tests/web/columns_reader.h"
#include "tests/web/service_fixture.h"

namespace spirogram::web {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

using spirogram::testing::ColumnsMessage;
using spirogram::testing::MakeRequest;
using spirogram::testing::ReadColumns;
using spirogram::testing::ServiceFixture;

struct Golden {
  const char* name;
  const char* target;
  int status;
  const char* body;
};

void PrintTo(const Golden& golden, std::ostream* out) {
  *out << golden.name;
}

class JsonRoutesTest : public ::testing::TestWithParam<Golden> {};

TEST_P(JsonRoutesTest, AnswersAsDocumented) {
  ServiceFixture fixture;
  const Response response = fixture.Get(GetParam().target);
  EXPECT_EQ(response.status, GetParam().status);
  EXPECT_EQ(response.body, GetParam().body);
}

constexpr Golden kGolden[] = {
    {"Status", "/api/v1/status", 200,
     R"({"version":"0.1.0","logdir":"runs","progress":{"bytes_found":10,"bytes_read":5,)"
     R"("runs_found":2,"files_found":3,"is_logdir_there":true,"is_first_pass_done":true,"seconds_left":null,)"
     R"("bytes_to_copy":0},"can_delete_files":true,)"
     R"("keep_deleted_seconds":604800.0,"storage":{"state":"ok","detail":"","since":null},"ingest":null,"gpu":null,)"
     R"("gpu_reason":"libcuda.so.1 is not installed"})"},
    {"Runs", "/api/v1/runs", 200,
     R"({"runs":[)"
     R"({"id":2,"name":"sick","path":"sick","status":"running","status_reason":"","evidence":{"said":null,)"
     R"("said_time":null,"sessions":0,"usual_gap":null,"silence_limit":60.0,"torn_record":null},)"
     R"("start_time":1700000100.0,"last_wall_time":1700000200.0,"last_step":20,"points":3,"bytes_read":200,)"
     R"("bytes_on_disk":0,"note":"","note_bytes":0,"tags":[],"colour":null,"is_archived":false,)"
     R"("is_pinned":false,"deleted_time":null,"purge":"none","revision":0},)"
     R"({"id":1,"name":"healthy","path":"healthy","status":"finished","status_reason":"","evidence":{"said":null,)"
     R"("said_time":null,"sessions":0,"usual_gap":null,"silence_limit":60.0,"torn_record":null},)"
     R"("start_time":1700000000.0,"last_wall_time":1700000050.5,"last_step":10,"points":2,"bytes_read":100,)"
     R"("bytes_on_disk":0,"note":"","note_bytes":0,"tags":[],"colour":null,"is_archived":false,)"
     R"("is_pinned":false,"deleted_time":null,"purge":"none","revision":0}]})"},
    {"Run", "/api/v1/runs/1", 200,
     R"({"id":1,"name":"healthy","path":"healthy","status":"finished","status_reason":"","evidence":{"said":null,)"
     R"("said_time":null,"sessions":0,"usual_gap":null,"silence_limit":60.0,"torn_record":null},)"
     R"("start_time":1700000000.0,"last_wall_time":1700000050.5,"last_step":10,"points":2,"bytes_read":100,)"
     R"("bytes_on_disk":0,"note":"","note_bytes":0,"tags":[],"colour":null,"is_archived":false,)"
     R"("is_pinned":false,"deleted_time":null,"purge":"none","revision":0})"},
    {"RunsDeleted", "/api/v1/runs?state=deleted", 200, R"({"runs":[]})"},
    {"RunsOfUnknownIds", "/api/v1/runs?run=9999,10000", 200, R"({"runs":[]})"},
    {"DeletedRunsOfIds", "/api/v1/runs?run=1&state=deleted", 400,
     R"({"type":"about:blank","title":"Bad Request","status":400,"detail":"query parameter run: )"
     R"(goes with the runs that are not deleted","request_id":"id"})"},
    {"RunSizes", "/api/v1/runs/sizes", 200,
     R"({"runs":[{"run":1,"disk_bytes":100,"database_bytes":40}]})"},
    {"RunsOfNoState", "/api/v1/runs?state=x", 400,
     R"({"type":"about:blank","title":"Bad Request","status":400,"detail":"query parameter state: )"
     R"(got \"x\", want current or deleted","request_id":"id"})"},
    {"RunMissing", "/api/v1/runs/7", 404,
     R"({"type":"about:blank","title":"Not Found","status":404,"detail":"no run with id 7",)"
     R"("request_id":"id"})"},
    {"RunNotANumber", "/api/v1/runs/x", 400,
     R"({"type":"about:blank","title":"Bad Request","status":400,"detail":"path parameter: )"
     R"(got \"x\", want an integer of at least 1","request_id":"id"})"},
    {"Warnings", "/api/v1/runs/1/warnings", 200,
     "{\"warnings\":[{\"file\":\"healthy/e.tfevents\",\"offset\":12,\"bytes_lost\":34,"
     "\"message\":\"bad \xEF\xBF\xBD length\"}]}"},
    {"WarningsOfRuns", "/api/v1/warnings?run=2,1", 200,
     "{\"warnings\":[{\"run\":1,\"file\":\"healthy/e.tfevents\",\"offset\":12,\"bytes_lost\":34,"
     "\"message\":\"bad \xEF\xBF\xBD length\"}],\"total\":1,\"bytes_lost\":34}"},
    {"WarningsOfARunWithoutAny", "/api/v1/warnings?run=2", 200,
     R"({"warnings":[],"total":0,"bytes_lost":0})"},
    {"WarningsOfAMissingRun", "/api/v1/warnings?run=1,7", 404,
     R"({"type":"about:blank","title":"Not Found","status":404,"detail":"no run with id 7",)"
     R"("request_id":"id"})"},
    {"Tags", "/api/v1/tags?run=1", 200,
     R"({"tags":[{"run":1,"name":"loss/train","kind":"scalar","plugin":"scalars",)"
     R"("display_name":"","description":"","count":2,"first_step":0,"last_step":10}]})"},
    {"TagsThatMatch", "/api/v1/tags?run=1&match_start=loss/.", 200,
     R"({"tags":[{"run":1,"name":"loss/train","kind":"scalar","plugin":"scalars",)"
     R"("display_name":"","description":"","count":2,"first_step":0,"last_step":10}]})"},
    {"TagsThatMatchOnlyFurtherOn", "/api/v1/tags?run=1&match_start=train", 200, R"({"tags":[]})"},
    {"TagsOfNoPattern", "/api/v1/tags?run=1&match_start=loss/(", 400,
     R"({"type":"about:blank","title":"Bad Request","status":400,"detail":"pattern: missing ): )"
     R"(loss/(","request_id":"id"})"},
    {"Hparams", "/api/v1/hparams", 200,
     R"({"runs":[{"run":1,"hparams":{"learning_rate":0.1,"momentum":"Infinity",)"
     R"("nesterov":true,"optimizer":"adam"}}]})"},
    {"Texts", "/api/v1/texts?run=1&tag=notes", 200,
     R"({"texts":[{"step":3,"wall_time":103.0,"values":["<b>hi</b>"],"shape":[]}]})"},
    {"Images", "/api/v1/images?run=1&tag=samples", 200,
     R"({"images":[{"step":3,"wall_time":103.0,"index":0,"repeat":0,"width":28,)"
     R"("height":28,"bytes":99}]})"},
    {"ImagesFromAStep", "/api/v1/images?run=1&tag=samples&from=4", 200, R"({"images":[]})"},
    {"TextsFromTheirLastStep", "/api/v1/texts?run=1&tag=notes&from=3", 200,
     R"({"texts":[{"step":3,"wall_time":103.0,"values":["<b>hi</b>"],"shape":[]}]})"},
    {"TextsUpToAStep", "/api/v1/texts?run=1&tag=notes&from=1&to=2", 200, R"({"texts":[]})"},
    {"TextSteps", "/api/v1/texts/steps?run=1&tag=notes", 200,
     R"({"texts":[{"step":3,"wall_time":103.0,"bytes":9}]})"},
    {"TextsFromNoStep", "/api/v1/texts?run=1&tag=notes&from=x", 400,
     R"({"type":"about:blank","title":"Bad Request","status":400,"detail":"query parameter from: )"
     R"(got \"x\", want an integer","request_id":"id"})"},
    {"Embeddings", "/api/v1/embeddings?run=1&tag=embeddings%2Fitem", 200,
     R"({"checkpoints":[{"step":500,"wall_time":150.0,"rows":4,"dims":2},)"
     R"({"step":600,"wall_time":160.0,"rows":4,"dims":2}]})"},
    {"Metadata", "/api/v1/embeddings/metadata?run=1&tag=embeddings/item", 200,
     "{\"columns\":[\"city\"],\"values\":[[\"Oslo\",\"Lima\",\"Rome\",\"K\xC3\xB6ln\"]]}"},
    {"Neighbours", "/api/v1/embeddings/row?run=1&tag=embeddings/item&step=600&row=0&neighbours=2",
     200, R"({"row":0,"neighbours":[{"row":1,"distance":1.0},{"row":3,"distance":1.0}]})"},
    {"Findings", "/api/v1/findings?run=1", 200,
     R"({"runs":[{"run":1,"findings":[{"rule":"dead_units","entity":"hidden_1",)"
     R"("severity":"critical","is_open":true,"onset_step":0,"detected_step":0,)"
     R"("closed_step":0,"title":"60 of 64 units of hidden_1 are dead","summary":"",)"
     R"("cause":"","advice":"","value":"NaN","threshold":0.0,"affected":0,"total":0,)"
     R"("ids":[0,1],"evidence":[{"label":"dead share","unit":"share of units","step":[1],)"
     R"("value":[0.5],"threshold":null,"is_log":false}]}],"checks":[{"rule":"dead_units",)"
     R"("entity":"hidden_2","state":"ok","reason":""}]}]})"},
    {"FindingsOfMissingRun", "/api/v1/findings?run=9", 404,
     R"({"type":"about:blank","title":"Not Found","status":404,"detail":"no run with id 9",)"
     R"("request_id":"id"})"},
    {"Kernels", "/api/v1/profile/kernels?run=1&top=1", 200,
     R"({"kernels":[{"name":"gemm","kind":"kernel","count":1,"total_ms":3.0,"mean_ms":3.0,)"
     R"("max_ms":3.0,"share":0.75}]})"},
    {"Projections", "/api/v1/projections", 200, R"({"projections":[]})"},
    {"Healthy", "/-/healthy", 200, "ok\n"},
    {"Ready", "/-/ready", 200, "ok\n"},
    {"ScalarsRowsNotANumber", "/api/v1/scalars?run=1&tag=a&rows=x", 400,
     R"({"type":"about:blank","title":"Bad Request","status":400,"detail":"query parameter )"
     R"(rows: got \"x\", want an integer from 3 to 10000","request_id":"id"})"},
    {"UnknownParameter", "/api/v1/runs?user=me", 400,
     R"({"type":"about:blank","title":"Bad Request","status":400,"detail":"query parameter )"
     R"(user: unknown, want one of run, state","request_id":"id"})"},
    {"RepeatedParameter", "/api/v1/tags?run=1&run=2", 400,
     R"({"type":"about:blank","title":"Bad Request","status":400,"detail":"query parameter )"
     R"(run: given twice, want it once","request_id":"id"})"},
    {"UnknownPath", "/api/v1/secrets", 404,
     R"({"type":"about:blank","title":"Not Found","status":404,"detail":"no such path in the )"
     R"(API","request_id":"id"})"},
};

INSTANTIATE_TEST_SUITE_P(Golden, JsonRoutesTest, ::testing::ValuesIn(kGolden),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(ScalarsRouteTest, AnswersOneItemPerRunThatHasTheTag) {
  ServiceFixture fixture;
  const Response response = fixture.Get("/api/v1/scalars?run=1,2,3&tag=loss/train");
  ASSERT_EQ(response.status, 200);
  EXPECT_EQ(response.Get("Content-Type"), "application/vnd.spirogram.columns");
  const ColumnsMessage message = ReadColumns(response.body);
  ASSERT_EQ(message.items.size(), 2u);
  EXPECT_EQ(message.items[1].at("points"), 21);
  EXPECT_THAT(message.Column<double>(1, "step"), ElementsAre(0, 19, 20));
  EXPECT_THAT(message.Column<uint32_t>(1, "count"), ElementsAre(1, 19, 1));
  EXPECT_TRUE(std::isnan(message.Column<double>(0, "mean").at(1)));
}

TEST(ScalarsRouteTest, IsNotFoundWhenNoRunHasTheTag) {
  ServiceFixture fixture;
  EXPECT_EQ(fixture.Get("/api/v1/scalars?run=1,2&tag=nothing").status, 404);
}

TEST(ScalarsRouteTest, RefusesWhatWouldTakeTooMuchMemoryAndSaysHowToGetIt) {
  constexpr int kRows = 10'000;
  constexpr int kRuns = 140;
  ServiceFixture fixture;
  store::ScalarRows rows;
  rows.step.resize(kRows);
  rows.count.resize(kRows);
  rows.nonfinite.resize(kRows);
  for (auto* column : {&rows.wall_time, &rows.mean, &rows.min, &rows.max}) column->resize(kRows);
  std::string runs = "1";
  fixture.store.scalars[{1, "long"}] = rows;
  for (int run = 2; run <= kRuns; ++run) {
    runs += StrCat(",", run);
    fixture.store.scalars[{run, "long"}] = rows;
  }
  const Response response = fixture.Get(StrCat("/api/v1/scalars?rows=10000&tag=long&run=", runs));
  EXPECT_EQ(response.status, 400);
  EXPECT_THAT(response.body, HasSubstr("the first 139 fill: ask for fewer rows, or for the runs in "
                                       "parts; /api/v1/export gives every point"));
  // What the runs have counts, not what they might have.
  fixture.store.scalars.erase({2, "long"});
  EXPECT_EQ(fixture.Get(StrCat("/api/v1/scalars?rows=10000&tag=long&run=", runs)).status, 200);
}

store::Tag ScalarTag(store::RunId run, const std::string& name) {
  store::Tag tag;
  tag.run = run;
  tag.name = name;
  tag.kind = store::DataKind::kScalar;
  return tag;
}

// Whatever a tag is called, some request names it.
TEST(ScalarsRouteTest, AnswersTagsOfAnyName) {
  ServiceFixture fixture;
  const store::ScalarRows rows = fixture.store.scalars.at({1, "loss/train"});
  const std::string nul("a\0b", 3);
  const std::string longest(1 << 20, '/');
  for (const std::string& name : {std::string(), nul, longest}) {
    fixture.store.scalars[{1, name}] = rows;
    fixture.store.tags.push_back(ScalarTag(1, name));
  }
  for (const std::string& named :
       {std::string("tag="), std::string("tag=a%00b"), "tag_digest=" + Sha256Hex(longest)}) {
    const Response response = fixture.Get("/api/v1/scalars?run=1,2&" + named);
    EXPECT_EQ(response.status, 200) << response.body;
    EXPECT_EQ(ReadColumns(response.body).items.size(), 1u) << named;
  }
}

TEST(TagsRouteTest, TellsTheDigestOfLongNamesAlone) {
  ServiceFixture fixture;
  const std::string longest(2000, 'x');
  fixture.store.tags.push_back(ScalarTag(2, longest));
  EXPECT_THAT(fixture.Get("/api/v1/tags?run=2").body,
              HasSubstr(StrCat(R"("digest":")", Sha256Hex(longest), "\"")));
  EXPECT_THAT(fixture.Get("/api/v1/tags?run=1").body, Not(HasSubstr("digest")));
}

TEST(TagDigestTest, RefusesWhatNamesNothing) {
  ServiceFixture fixture;
  const std::string unknown(64, '0');
  const auto status = [&](const std::string& query) {
    return fixture.Get("/api/v1/texts?run=1" + query).status;
  };
  EXPECT_EQ(status("&tag_digest=" + unknown), 404);
  EXPECT_EQ(status("&tag_digest=" + Sha256Hex("notes")), 404);  // short enough to be named itself
  EXPECT_EQ(status("&tag_digest=12"), 400);
  EXPECT_EQ(status("&tag_digest=" + std::string(64, 'A')), 400);
  EXPECT_EQ(status("&tag=notes&tag_digest=" + unknown), 400);
  EXPECT_EQ(status(""), 400);
}

// A tag of long texts at many steps holds more than a server has memory.
TEST(TextsRouteTest, AnswersNoMoreThanItsBoundOrOneStep) {
  ServiceFixture fixture;
  fixture.store.texts[{1, "notes"}] = {{3, 103, {"a"}, {}}, {4, 104, {"b"}, {}}};
  fixture.store.value_bytes_extra = uint64_t{40} << 20;
  const Response refused = fixture.Get("/api/v1/texts?run=1&tag=notes");
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(refused.body, HasSubstr("the texts from step 3 to 4 alone take 83886082 bytes, want "
                                      "at most 67108864: ask for fewer steps by from and to"));
  EXPECT_EQ(fixture.Get("/api/v1/texts?run=1&tag=notes&from=3&to=3").status, 200);
  fixture.store.value_bytes_extra = uint64_t{100} << 20;
  EXPECT_EQ(fixture.Get("/api/v1/texts?run=1&tag=notes&from=4").status, 200);
}

TEST(HistogramsRouteTest, CarriesEdgesAndCounts) {
  ServiceFixture fixture;
  const ColumnsMessage message =
      ReadColumns(fixture.Get("/api/v1/histograms?run=1&tag=weights").body);
  EXPECT_EQ(message.items[0].at("step"), 10);
  EXPECT_THAT(message.Column<double>(0, "edges"), ElementsAre(0, 1, 2));
  EXPECT_THAT(message.Column<double>(0, "counts"), ElementsAre(3, 4));
}

TEST(HistogramsRouteTest, BeginsAtTheStepThatItIsAskedFor) {
  ServiceFixture fixture;
  const auto count = [&](std::string_view from) {
    return ReadColumns(fixture.Get(StrCat("/api/v1/histograms?run=1&tag=weights&from=", from)).body)
        .items.size();
  };
  EXPECT_EQ(count("10"), 1u);
  EXPECT_EQ(count("11"), 0u);
}

TEST(EntityStatsRouteTest, AnswersWindowsAfterTheStep) {
  ServiceFixture fixture;
  const ColumnsMessage message = ReadColumns(
      fixture.Get("/api/v1/entity_stats?run=1&tag=layers/hidden_1/units&after=10").body);
  ASSERT_EQ(message.items.size(), 1u);
  EXPECT_EQ(message.items[0].at("entity"), "unit");
  EXPECT_EQ(message.items[0].at("attributes").at("activation"), "relu");
  EXPECT_THAT(message.Column<float>(0, "active_count"), ElementsAre(6, 0));
}

TEST(ProfileRoutesTest, SumPhasesPerStep) {
  ServiceFixture fixture;
  const ColumnsMessage message = ReadColumns(fixture.Get("/api/v1/profile/steps?run=1").body);
  EXPECT_EQ(message.items[0].at("steps"), 2);
  EXPECT_EQ(message.items[0].at("notes")[0], "no GPU slices: libcuda.so.1 is not installed");
  EXPECT_THAT(message.Column<double>(0, "forward"), ElementsAre(2, 4));
}

TEST(ProfileRoutesTest, CountSliceTimesFromTheFirst) {
  ServiceFixture fixture;
  const ColumnsMessage message = ReadColumns(fixture.Get("/api/v1/profile/slices?run=1").body);
  EXPECT_THAT(message.Column<double>(0, "start_ms"), ElementsAre(0, 0.5, 1.5, 4));
  EXPECT_THAT(message.Column<uint8_t>(0, "kind"), ElementsAre(0, 1, 2, 0));
}

TEST(ProfileRoutesTest, TellTimesThatLieFurtherApartThanTheyCount) {
  ServiceFixture fixture;
  fixture.store.profile.start_ns[0] = INT64_MIN;
  fixture.store.profile.start_ns[3] = INT64_MAX;
  const ColumnsMessage message = ReadColumns(fixture.Get("/api/v1/profile/slices?run=1").body);
  const auto starts = message.Column<double>(0, "start_ms");
  EXPECT_EQ(starts[0], 0);
  EXPECT_DOUBLE_EQ(starts[3], 18446744073709.55);
}

TEST(ImageDataRouteTest, SendsAnImageWithTheTypeOfItsBytes) {
  ServiceFixture fixture;
  const Response response = fixture.Get("/api/v1/images/data?run=1&tag=samples&step=3&index=0");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.Get("Content-Type"), "image/png");
  EXPECT_THAT(std::string(response.Get("Content-Security-Policy")), HasSubstr("sandbox"));
}

TEST(ImageDataRouteTest, KnowsWhatBrowsersShowByItsFirstBytes) {
  ServiceFixture fixture;
  std::string& bytes = fixture.store.image_bytes[{1, "samples"}];
  const auto type_of = [&](std::string_view image) {
    bytes = image;
    const Response response = fixture.Get("/api/v1/images/data?run=1&tag=samples&step=3&index=0");
    return response.status == 200 ? std::string(response.Get("Content-Type"))
                                  : std::to_string(response.status);
  };
  // As Pillow writes them.
  constexpr std::string_view kBmp("BM:\0\0\0\0\0\0\0\x36\0\0\0(\0\0\0\1\0\0\0\1\0\0\0", 26);
  constexpr std::string_view kWebp("RIFF\x1c\0\0\0WEBPVP8L\x0f\0\0\0/\0\0\0", 24);
  EXPECT_EQ(type_of(kBmp), "image/bmp");
  EXPECT_EQ(type_of(kWebp), "image/webp");
  EXPECT_EQ(type_of("BM<html><script>alert(1)</script>"), "415");
  EXPECT_EQ(type_of(kBmp.substr(0, 17)), "415");
  EXPECT_EQ(type_of(std::string(kWebp.substr(0, 8)) + "WAVEfmt <script>"), "415");
  EXPECT_EQ(type_of(kWebp.substr(0, 15)), "415");
}

// A training that is started again logs other images under the same names and steps.
TEST(ImageDataRouteTest, IsShownFromABrowsersCacheOnlyWhileItIsTheSame) {
  ServiceFixture fixture;
  const std::string target = "/api/v1/images/data?run=1&tag=samples&step=3&index=0";
  const Response first = fixture.Get(target);
  EXPECT_EQ(first.Get("Cache-Control"), "private, no-cache");
  const std::string etag(first.Get("ETag"));
  ASSERT_FALSE(etag.empty());
  const Response same =
      fixture.service.Handle(MakeRequest("GET", target, {{"If-None-Match", "W/" + etag}}));
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.body, "");
  const Response other =
      fixture.service.Handle(MakeRequest("GET", target, {{"If-None-Match", "\"old\""}}));
  EXPECT_EQ(other.status, 200);
  EXPECT_EQ(other.body, first.body);
  // An open page does not even ask for an image whose URL it has.
  EXPECT_EQ(fixture.Get(target + "&v=1760000000.25").body, first.body);
}

TEST(ImageDataRouteTest, RefusesSvg) {
  ServiceFixture fixture;
  EXPECT_EQ(fixture.Get("/api/v1/images/data?run=1&tag=drawing&step=3").status, 415);
}

TEST(ReadyRouteTest, IsUnavailableWhileTheDatabaseDoesNotAnswer) {
  ServiceFixture fixture;
  fixture.store.failure = Unavailable("database is locked");
  EXPECT_EQ(fixture.Get("/-/ready").status, 503);
  EXPECT_EQ(fixture.Get("/-/healthy").status, 200);
}

TEST(ProjectionsRouteTest, StartsAJobAndNamesItsPlace) {
  ServiceFixture fixture;
  const Response response = fixture.service.Handle(
      MakeRequest("POST", "/api/v1/projections", {{"Content-Type", "application/json"}},
                  R"({"run":1,"tag":"embeddings/item","method":"pca","dims":2})"));
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(response.Get("Location"), "/api/v1/projections/1");
  EXPECT_THAT(response.body, HasSubstr(R"("step":600,"method":"pca")"));
}

TEST(ProjectionsRouteTest, CountsThePointsOfEachPixel) {
  ServiceFixture fixture;
  const std::string path = "/api/v1/projections/1/density";
  EXPECT_EQ(fixture.Get(path + "?width=4&height=2").status, 404);
  fixture.service.Handle(
      MakeRequest("POST", "/api/v1/projections", {{"Content-Type", "application/json"}},
                  R"({"run":1,"tag":"embeddings/item","method":"pca","dims":2})"));
  while (fixture.Get("/api/v1/projections/1").body.find(R"("state":"done")") == std::string::npos) {
    std::this_thread::yield();
  }
  // The fixture's PCA lays all four rows at (0.5, 0.5).
  const Response whole = fixture.Get(path + "?width=4&height=2");
  EXPECT_EQ(whole.status, 200);
  EXPECT_THAT(whole.body, HasSubstr(R"("points":4,"most":4)"));
  EXPECT_THAT(fixture.Get(path + "?width=4&height=2&view=2,2,3,3").body,
              HasSubstr(R"("points":0,"most":0)"));
  for (const char* query : {"", "?width=4", "?width=0&height=2", "?width=4097&height=2",
                            "?width=4&height=2&view=1,2,3", "?width=4&height=2&view=1,2,1,3"}) {
    EXPECT_EQ(fixture.Get(path + query).status, 400) << query;
  }
}

TEST(ProjectionsRouteTest, NamesTheRowNearestToAPlace) {
  ServiceFixture fixture;
  const std::string path = "/api/v1/projections/1/nearest";
  EXPECT_EQ(fixture.Get(path + "?at=0,0").status, 404);
  fixture.service.Handle(
      MakeRequest("POST", "/api/v1/projections", {{"Content-Type", "application/json"}},
                  R"({"run":1,"tag":"embeddings/item","method":"pca","dims":2})"));
  while (fixture.Get("/api/v1/projections/1").body.find(R"("state":"done")") == std::string::npos) {
    std::this_thread::yield();
  }
  // The fixture's PCA lays all four rows at (0.5, 0.5).
  EXPECT_EQ(fixture.Get(path + "?at=0.5,2.5").body, R"({"row":0,"x":0.5,"y":0.5,"distance":2.0})");
  for (const char* query : {"", "?at=1", "?at=1,2,3", "?at=x,y", "?at=nan,0"}) {
    EXPECT_EQ(fixture.Get(path + query).status, 400) << query;
  }
}

TEST(ProjectionsRouteTest, RefusesABodyThatDoesNotFit) {
  ServiceFixture fixture;
  const struct {
    const char* body;
    const char* detail;
  } cases[] = {
      {"", "not one JSON object"},
      {"[]", "not one JSON object"},
      {R"({"run":1)", "not one JSON object"},
      {R"({"run":1,"run":2,"tag":"t","method":"pca"})", "not one JSON object"},
      {R"({"run":"1","tag":"t","method":"pca"})", "field run: got"},
      {R"({"run":1.5,"tag":"t","method":"pca"})", "field run: got 1.5"},
      {R"({"run":1e999,"tag":"t","method":"pca"})", "not one JSON object"},
      {R"({"run":1,"tag":"t","method":"lda"})", "field method"},
      {R"({"run":1,"tag":"t","method":"pca","dims":4})", "field dims: got 4"},
      {R"({"run":1,"tag":"t","method":"pca","color":1})", "field color: unknown"},
      {R"({"run":1,"tag":"t"})", "field method: missing"},
      {R"({"run":1,"tag":"t","method":"pca","sphereize":1})", "field sphereize: got 1"},
      {R"({"run":1,"tag":"t","method":"axes","axes":{}})", "field axes: got {}"},
      {R"({"run":1,"tag":"t","method":"axes","axes":[{},{},{},{}]})", "field axes: got 4"},
      {R"({"run":1,"tag":"t","method":"axes","axes":[{"from":null}]})", "field axes[0]: all rows"},
      {R"({"run":1,"tag":"t","method":"axes","axes":[{"from":"3-1"}]})",
       "field axes[0].from: rows: got \\\"3-1\\\""},
      {R"({"run":1,"tag":"t","method":"axes","axes":[{"left":"3"}]})", "axes[0].left: unknown"},
      {R"({"run":1,"tag":"embeddings/item","method":"tsne","perplexity":30})",
       "field perplexity: got 30, want at most 1"},
      {R"({"run":1,"tag":"t","method":"umap","n_neighbors":1})", "field n_neighbors: got 1"},
      {R"({"run":1,"tag":"t","method":"tsne","late_exaggeration":0.5})",
       "field late_exaggeration: got 0.5, want a number from 1 to 1000"},
      {R"({"run":1,"tag":"t","method":"tsne","late_exaggeration_iterations":-1})",
       "field late_exaggeration_iterations: got -1"},
      {R"({"run":1,"tag":"t","method":"tsne","kl_tolerance":1})",
       "field kl_tolerance: got 1, want a share from 0 to below 1"},
      {R"({"run":1,"tag":"t","method":"tsne","kl_tolerance":"0.1"})", "field kl_tolerance: got"},
      {R"({"run":1,"tag":"t","method":"placement","onto":"3"})", "field onto: got"},
      {R"({"run":1,"tag":"embeddings/item","method":"placement"})",
       "field onto: a placement wants the projection"},
      {R"({"run":1,"tag":"embeddings/item","method":"placement","onto":7})",
       "field onto: no projection with id 7"},
      {R"({"run":1,"tag":"embeddings/item","method":"pca","onto":7})",
       "field onto: a pca draws a map of its own"},
      {R"({"run":1,"tag":"t","method":"umap","n_neighbors":2.5})", "field n_neighbors: got 2.5"},
      {R"({"run":1,"tag":"t","method":"umap","min_dist":1.5})", "field min_dist: got 1.5"},
      {R"({"run":1,"tag":"t","method":"umap","min_dist":"0"})", "field min_dist: got"},
      {R"({"run":1,"tag":"embeddings/item","method":"umap","n_neighbors":15})",
       "field n_neighbors: got 15 of 4 points, want at most all"},
  };
  for (const auto& test : cases) {
    const Response response =
        fixture.service.Handle(MakeRequest("POST", "/api/v1/projections", {}, test.body));
    EXPECT_EQ(response.status, 400) << test.body;
    EXPECT_THAT(response.body, HasSubstr(test.detail)) << test.body;
  }
}

TEST(ProjectionsRouteTest, SurvivesDeeplyNestedBodies) {
  ServiceFixture fixture;
  const std::string body(60'000, '[');
  EXPECT_EQ(fixture.service.Handle(MakeRequest("POST", "/api/v1/projections", {}, body)).status,
            400);
}

TEST(ProjectionsRouteTest, RefusesAnObjectOfManyFieldsWithoutSearchingThemAll) {
  ServiceFixture fixture;
  std::string body = R"({"run":1)";
  for (int i = 0; i < 500'000; ++i) body += StrCat(",\"f", i, "\":0");
  const Response response =
      fixture.service.Handle(MakeRequest("POST", "/api/v1/projections", {}, body + "}"));
  EXPECT_EQ(response.status, 400);
}

TEST(ErrorsTest, ReflectNothingAsHtml) {
  ServiceFixture fixture;
  const Response response = fixture.Get("/api/v1/runs?%3Cscript%3E=1");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.Get("Content-Type"), "application/problem+json");
  EXPECT_EQ(response.Get("X-Content-Type-Options"), "nosniff");
}

TEST(WarningsRouteTest, CountsMoreThanItLists) {
  ServiceFixture fixture;
  fixture.store.warnings.assign(2'500, {2, "e.tfevents", 0, 10, "torn"});
  const Response response = fixture.Get("/api/v1/warnings");
  EXPECT_THAT(response.body, HasSubstr(R"("total":2500,"bytes_lost":25000)"));
  size_t listed = 0;
  for (size_t at = 0; (at = response.body.find("\"run\":2", at)) != std::string::npos; ++at)
    ++listed;
  EXPECT_EQ(listed, 2'000u);
}

TEST(ErrorsTest, KeepFaultsOfOursToOurselves) {
  ServiceFixture fixture;
  fixture.store.failure = Corruption("page 7 of /home/me/spirogram.sqlite is damaged");
  const Response response = fixture.Get("/api/v1/runs");
  EXPECT_EQ(response.status, 500);
  EXPECT_THAT(response.body, Not(HasSubstr("sqlite")));
  EXPECT_THAT(response.body, HasSubstr(R"("request_id":"id")"));
}

}  // namespace
}  // namespace spirogram::web
