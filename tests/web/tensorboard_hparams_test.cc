// The hparams routes over a fake store with four sessions in three groups.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/web/service_fixture.h"
#include "web/tensorboard/hparams_request.h"

namespace spirogram::web::tensorboard {
namespace {

using Json = nlohmann::ordered_json;
using spirogram::testing::MakeRequest;
using spirogram::testing::ServiceFixture;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Type = store::HparamValue::Type;

store::HparamValue Number(double value) {
  return {Type::kNumber, value, "", false};
}
store::HparamValue Text(const std::string& value) {
  return {Type::kString, 0, value, false};
}

struct Fixture : ServiceFixture {
  Fixture() {
    store.runs.clear();
    store.tags.clear();
    store.scalars.clear();
    Add(1, "a", "g", {{"lr", Number(0.1)}, {"optimizer", Text("adam")}}, 0.25);
    Add(2, "b", "g", {{"lr", Number(0.1)}, {"optimizer", Text("adam")}}, 0.75);
    Add(3, "c", "", {{"lr", Number(0.01)}, {"optimizer", Text("sgd")}}, 0.5);
    Add(4, "d", "", {{"optimizer", Text("sgd")}}, 1.5);
    store.hparams_data.sessions[2].status = store::HparamsStatus::kFailure;
  }

  void Add(store::RunId id, const std::string& name, const std::string& group,
           store::Hparams hparams, double loss) {
    store.runs.push_back({id, name, 100, 200, 2, 1, 10, store::RunStatus::kFinished});
    store.tags.push_back({id, "loss", store::DataKind::kScalar, "scalars", "", "", 1, 2, 2});
    store.scalars[{id, "loss"}] = {{2}, {150}, {loss}, {loss}, {loss}, {1}, {0}, 1};
    store::HparamsSession session;
    session.run = id;
    session.hparams = std::move(hparams);
    session.group_name = group;
    session.status = store::HparamsStatus::kSuccess;
    store.hparams_data.sessions.push_back(std::move(session));
  }

  Response Post(const std::string& route, const Json& body) {
    return service.Handle(MakeRequest("POST", "/data/plugin/hparams/" + route,
                                      {{"Content-Type", "application/json"}}, body.dump()));
  }

  // The names of the groups that a request of these columns gets.
  std::vector<std::string> Groups(const std::vector<Json>& columns) {
    const Json body = {{"allowedStatuses", {"STATUS_SUCCESS", "STATUS_FAILURE", "STATUS_UNKNOWN"}},
                       {"colParams", columns},
                       {"sliceSize", 100}};
    const Response response = Post("session_groups", body);
    EXPECT_EQ(response.status, 200) << response.body;
    const Json json = Json::parse(response.body);
    std::vector<std::string> names;
    for (const Json& group : json["sessionGroups"]) {
      names.push_back(group["name"].get<std::string>());
    }
    return names;
  }
};

TEST(TensorBoardHparamsTest, InfersColumnsFromSessions) {
  Fixture fixture;
  const auto json = Json::parse(fixture.Post("experiment", Json::object()).body);
  ASSERT_EQ(json["hparamInfos"].size(), 2u);
  EXPECT_EQ(json["hparamInfos"][0]["name"], "lr");
  EXPECT_EQ(json["hparamInfos"][0]["type"], "DATA_TYPE_FLOAT64");
  EXPECT_EQ(json["hparamInfos"][0]["domainInterval"]["minValue"], 0.01);
  EXPECT_EQ(json["hparamInfos"][1]["domainDiscrete"], Json({"adam", "sgd"}));
  EXPECT_EQ(json["metricInfos"][0]["name"], Json({{"group", ""}, {"tag", "loss"}}));
}

TEST(TensorBoardHparamsTest, UnitesWhatExperimentsDeclareAndWhatSessionsHold) {
  Fixture fixture;
  for (const char* name : {"lr", "momentum"}) {
    store::HparamsExperiment experiment;
    experiment.hparams.resize(1);
    experiment.hparams[0].name = name;
    fixture.store.hparams_data.experiments.push_back(experiment);
  }
  const auto json = Json::parse(fixture.Post("experiment", Json::object()).body);
  std::vector<std::string> names;
  for (const Json& info : json["hparamInfos"]) names.push_back(info["name"].get<std::string>());
  EXPECT_THAT(names, ElementsAre("optimizer", "lr", "momentum"));
}

TEST(TensorBoardHparamsTest, AveragesTheMetricsOfAGroup) {
  Fixture fixture;
  const auto json = Json::parse(
      fixture
          .Post("session_groups",
                {{"allowedStatuses", {"STATUS_SUCCESS"}}, {"sliceSize", 1}, {"startIndex", 1}})
          .body);
  EXPECT_EQ(json["totalSize"], 2);
  const Json& group = json["sessionGroups"][0];
  EXPECT_EQ(group["name"], "g");
  EXPECT_EQ(group["sessions"].size(), 2u);
  EXPECT_EQ(group["metricValues"][0]["value"], 0.5);
  EXPECT_EQ(group["metricValues"][0]["trainingStep"], 2);
}

TEST(TensorBoardHparamsTest, AveragesStepsWhoseSumIsNoInt64) {
  constexpr Step kStep = Step{3} << 61;
  Fixture fixture;
  for (const store::RunId run : {1, 2}) fixture.store.scalars[{run, "loss"}].step = {kStep};
  const auto json = Json::parse(
      fixture.Post("session_groups", {{"allowedStatuses", {"STATUS_SUCCESS"}}, {"sliceSize", 9}})
          .body);
  EXPECT_EQ(json["sessionGroups"][1]["metricValues"][0]["trainingStep"], kStep);
}

TEST(TensorBoardHparamsTest, TakesTheMetricsOfOneSessionWhereAsked) {
  Fixture fixture;
  const std::pair<const char*, double> cases[] = {
      {"AGGREGATION_MIN", 0.25}, {"AGGREGATION_MEDIAN", 0.25}, {"AGGREGATION_MAX", 0.75}};
  for (const auto& [aggregation, value] : cases) {
    const auto json =
        Json::parse(fixture
                        .Post("session_groups", {{"allowedStatuses", {1}},
                                                 {"aggregationType", aggregation},
                                                 {"aggregationMetric", {{"tag", "loss"}}},
                                                 {"sliceSize", 9}})
                        .body);
    EXPECT_EQ(json["sessionGroups"][1]["metricValues"][0]["value"], value) << aggregation;
  }
}

TEST(TensorBoardHparamsTest, RanksNaNBehindAllNumbers) {
  Fixture fixture;
  fixture.store.scalars[{3, "loss"}].mean = {NAN};
  Json loss = {{"metric", {{"tag", "loss"}}}, {"order", "ORDER_ASC"}};
  EXPECT_THAT(fixture.Groups({loss}), ElementsAre("g", "d", "c"));
  loss["order"] = "ORDER_DESC";
  EXPECT_THAT(fixture.Groups({loss}), ElementsAre("d", "g", "c"));
}

TEST(TensorBoardHparamsTest, ChoosesASessionOfANumberWhereThereIsOne) {
  Fixture fixture;
  fixture.store.scalars[{1, "loss"}].mean = {NAN};
  for (const char* aggregation : {"AGGREGATION_MIN", "AGGREGATION_MEDIAN", "AGGREGATION_MAX"}) {
    const auto json =
        Json::parse(fixture
                        .Post("session_groups", {{"allowedStatuses", {1}},
                                                 {"aggregationType", aggregation},
                                                 {"aggregationMetric", {{"tag", "loss"}}},
                                                 {"sliceSize", 9}})
                        .body);
    EXPECT_EQ(json["sessionGroups"][1]["metricValues"][0]["value"], 0.75) << aggregation;
  }
}

TEST(TensorBoardHparamsTest, SpansAnIntervalOverWhatIsANumber) {
  Fixture fixture;
  fixture.store.hparams_data.sessions[0].hparams[0].second = Number(NAN);
  const auto json = Json::parse(fixture.Post("experiment", Json::object()).body);
  EXPECT_EQ(json["hparamInfos"][0]["domainInterval"],
            Json({{"minValue", 0.01}, {"maxValue", 0.1}}));
  EXPECT_EQ(json["hparamInfos"][0]["differs"], true);
}

TEST(TensorBoardHparamsTest, WithoutStatusesOrSizeAnswersNothing) {
  Fixture fixture;
  EXPECT_EQ(Json::parse(fixture.Post("session_groups", Json::object()).body)["totalSize"], 0);
  const auto json =
      Json::parse(fixture.Post("session_groups", {{"allowedStatuses", {"STATUS_SUCCESS"}}}).body);
  EXPECT_EQ(json["totalSize"], 2);
  EXPECT_TRUE(json["sessionGroups"].empty());
}

TEST(TensorBoardHparamsTest, SortsWithMissingValuesWhereAsked) {
  Fixture fixture;
  const Json lr = {{"hparam", "lr"}, {"order", "ORDER_ASC"}};
  EXPECT_THAT(fixture.Groups({lr}), ElementsAre("c", "g", "d"));
  Json first = lr;
  first["missingValuesFirst"] = true;
  EXPECT_THAT(fixture.Groups({first}), ElementsAre("d", "c", "g"));
  first["order"] = "ORDER_DESC";
  EXPECT_THAT(fixture.Groups({first}), ElementsAre("d", "g", "c"));
  const Json optimizer = {{"hparam", "optimizer"}, {"order", 2}};
  const Json loss = {{"metric", {{"tag", "loss"}}}, {"order", "ORDER_DESC"}};
  EXPECT_THAT(fixture.Groups({optimizer, loss}), ElementsAre("d", "c", "g"));
}

TEST(TensorBoardHparamsTest, FiltersByPatternIntervalAndList) {
  Fixture fixture;
  const Json pattern = {{"hparam", "optimizer"}, {"filterRegexp", "^a"}};
  EXPECT_THAT(fixture.Groups({pattern}), ElementsAre("g"));
  Json interval = {{"hparam", "lr"},
                   {"filterInterval", {{"minValue", "-Infinity"}, {"maxValue", 0.05}}}};
  EXPECT_THAT(fixture.Groups({interval}), ElementsAre("c", "d"));
  interval["excludeMissingValues"] = true;
  EXPECT_THAT(fixture.Groups({interval}), ElementsAre("c"));
  const Json list = {{"hparam", "lr"}, {"filterDiscrete", Json::array({0.1, "x"})}};
  EXPECT_THAT(fixture.Groups({list}), ElementsAre("d", "g"));
}

TEST(TensorBoardHparamsTest, RefusesWhatDoesNotFit) {
  Fixture fixture;
  const Json wrong[] = {
      {{"colParams", Json::array({Json::object()})}},
      {{"colParams", {{{"hparam", "lr"}, {"filterRegexp", "("}}}}},
      {{"colParams", {{{"hparam", "lr"}, {"filterRegexp", "a"}}}},
       {"allowedStatuses", {"STATUS_SUCCESS"}}},
      {{"colParams", {{{"hparam", "optimizer"}, {"filterInterval", Json::object()}}}},
       {"allowedStatuses", {"STATUS_SUCCESS"}}},
      {{"aggregationType", "SUM"}},
      {{"startIndex", -1}},
      {{"sliceSize", 1e300}},
      {{"unknown", 1}},
      {{"allowedStatuses", {7}}},
  };
  for (const Json& body : wrong) {
    EXPECT_EQ(fixture.Post("session_groups", body).status, 400) << body;
  }
  EXPECT_EQ(fixture.Get("/data/plugin/hparams/session_groups").status, 400);
}

TEST(TensorBoardHparamsTest, GivesTheValuesOfAMetric) {
  Fixture fixture;
  const Json request = {{"sessionName", "a"}, {"metricName", {{"tag", "loss"}}}};
  EXPECT_EQ(fixture.Post("metric_evals", request).body, "[[150.0, 2, 0.25]]");
  const Json missing = {{"sessionName", "x"}, {"metricName", {{"group", "eval"}, {"tag", "loss"}}}};
  const Response response = fixture.Post("metric_evals", missing);
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.body, "Not found: No scalar data for run='x/eval', tag='loss'");
}

TEST(TensorBoardHparamsTest, DownloadsVisibleColumns) {
  Fixture fixture;
  const std::string request =
      "&request={%22allowedStatuses%22:[%22STATUS_SUCCESS%22],%22sliceSize%22:9}";
  const auto get = [&](const std::string& format) {
    return fixture
        .Get("/data/plugin/hparams/download_data?columnsVisibility=[true,false,true]&format=" +
             format + request)
        .body;
  };
  EXPECT_EQ(get("csv"), "lr,loss\r\n,1.5\r\n0.1,0.5\r\n");
  EXPECT_EQ(get("json"), R"({"header": ["lr", "loss"], "rows": [["", 1.5], [0.1, 0.5]]})");
  EXPECT_EQ(get("latex"),
            "\\begin{table}[tbp]\n\\begin{tabular}{ll}\nlr & loss \\\\ \\hline\n"
            " & $1.5$ \\\\\n$0.1$ & $0.5$ \\\\\n\\hline\n\\end{tabular}\n\\end{table}\n");
  EXPECT_THAT(get("xml"), HasSubstr("Invalid reponses format: xml"));
}

}  // namespace
}  // namespace spirogram::web::tensorboard
