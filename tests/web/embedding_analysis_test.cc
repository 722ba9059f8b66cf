#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "tests/web/columns_reader.h"
#include "tests/web/fake_store.h"
#include "tests/web/service_fixture.h"
#include "web/background_answers.h"
#include "web/embedding_report.h"

namespace spirogram::web {
namespace {

using spirogram::testing::FakeStore;
using spirogram::testing::ReadColumns;
using spirogram::testing::ServiceFixture;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int64_t kRows = 240;
constexpr int64_t kDims = 6;
constexpr int kCountries = 5;

// Five tight clusters, a country each.
std::vector<float> Countries(uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> noise(0, 0.01F);
  std::vector<float> values;
  for (int64_t row = 0; row < kRows; ++row) {
    for (int64_t k = 0; k < kDims; ++k) {
      values.push_back(noise(random) + (row % kCountries == k ? 1.0F : 0.0F));
    }
  }
  return values;
}

class EmbeddingAnalysisTest : public ::testing::Test {
 protected:
  EmbeddingAnalysisTest() {
    auto& checkpoints = fixture_.store.embeddings[{1, "city"}];
    checkpoints = {{{10, 50, kRows, kDims}, Countries(1)}, {{20, 60, kRows, kDims}, Countries(2)}};
    store::EmbeddingMetadata& metadata = fixture_.store.metadata;
    metadata.columns = {"name", "country"};
    metadata.values.resize(2);
    for (int64_t row = 0; row < kRows; ++row) {
      metadata.values[0].push_back("city " + std::to_string(row));
      metadata.values[1].push_back(std::string("N") + static_cast<char>('A' + row % kCountries));
    }
  }

  // Asks until the answer is there.
  Response Poll(const std::string& target) {
    while (true) {
      Response response = fixture_.Get(target);
      if (response.status != 202) return response;
      EXPECT_EQ(response.body, R"({"state":"running"})");
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }

  ServiceFixture fixture_;
};

TEST_F(EmbeddingAnalysisTest, FindsTightClustersAndNamesThemByTheirColumn) {
  const Response response = Poll("/api/v1/embeddings/statistics?run=1&tag=city&step=20");
  ASSERT_EQ(response.status, 200) << response.body;
  const auto json = nlohmann::json::parse(response.body);
  EXPECT_EQ(json.at("rows"), kRows);
  EXPECT_EQ(json.at("dims"), kDims);
  EXPECT_GT(json.at("statistics").at("silhouette").get<double>(), 0.9);
  EXPECT_EQ(json.at("statistics").at("unmoved_share"), 0);
  const auto& findings = json.at("findings");
  const auto found = std::find_if(findings.begin(), findings.end(), [](const auto& finding) {
    return finding.at("kind") == "tight_clusters";
  });
  ASSERT_NE(found, findings.end()) << response.body;
  const auto& clusters = found->at("clusters");
  ASSERT_EQ(clusters.size(), kCountries);
  for (const auto& cluster : clusters) {
    EXPECT_EQ(cluster.at("rows_total"), kRows / kCountries);
    EXPECT_EQ(cluster.at("rows").size(), kRows / kCountries);
    EXPECT_EQ(cluster.at("share"), 1.0);
    const int64_t country = cluster.at("rows").at(0).get<int64_t>() % kCountries;
    EXPECT_EQ(cluster.at("label"), std::string("country = N") + static_cast<char>('A' + country));
  }
}

// Gaussian in the first `used` dims.
std::vector<float> Directions(int64_t used, uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values;
  for (int64_t i = 0; i < kRows * kDims; ++i) {
    values.push_back(i % kDims < used ? normal(random) : 0.0F);
  }
  return values;
}

TEST_F(EmbeddingAnalysisTest, CountsRowsThatAreNoNumbersAsAFinding) {
  auto& checkpoints = fixture_.store.embeddings[{1, "city"}];
  checkpoints[1].values[7 * kDims] = std::nanf("");
  checkpoints[1].values[9 * kDims + 2] = INFINITY;
  checkpoints[0].values[11 * kDims] = std::nanf("");
  const Response response = Poll("/api/v1/embeddings/statistics?run=1&tag=city&step=20");
  ASSERT_EQ(response.status, 200) << response.body;
  const auto json = nlohmann::json::parse(response.body);
  const auto& first = json.at("findings").at(0);
  EXPECT_EQ(first.at("kind"), "non_finite_rows");
  EXPECT_EQ(first.at("severity"), "critical");
  EXPECT_EQ(first.at("title"), "2 rows hold NaN or Inf");
  EXPECT_EQ(first.at("rows"), (std::vector<int>{7, 9}));
  EXPECT_EQ(first.at("rows_total"), 2);
  // The clusters are found all the same, and their rows have the numbers of the whole table.
  const auto& clusters = json.at("findings").at(1).at("clusters");
  for (const auto& cluster : clusters) {
    const std::string label = cluster.at("label");
    for (const int row : cluster.at("rows")) {
      EXPECT_EQ(label.back(), 'A' + row % kCountries) << row;
    }
  }
  const auto changes =
      ReadColumns(Poll("/api/v1/embeddings/changes?run=1&tag=city&step=20&from_step=10&k=5").body);
  const auto change = changes.Column<float>(0, "change");
  ASSERT_EQ(std::ssize(change), kRows);
  for (int64_t row = 0; row < kRows; ++row) {
    EXPECT_EQ(std::isnan(change[static_cast<size_t>(row)]), row == 7 || row == 9 || row == 11);
  }
}

TEST_F(EmbeddingAnalysisTest, TellsOfTheOthersWhereARowLiesFarFromAll) {
  auto& values = fixture_.store.embeddings[{1, "city"}][1].values;
  values[3 * kDims] = std::nanf("");
  values[20 * kDims] = 1e6F;
  const Response response = Poll("/api/v1/embeddings/statistics?run=1&tag=city&step=20");
  ASSERT_EQ(response.status, 200) << response.body;
  const auto json = nlohmann::json::parse(response.body);
  const auto& findings = json.at("findings");
  ASSERT_EQ(findings.size(), 3U) << response.body;
  EXPECT_EQ(findings.at(0).at("kind"), "non_finite_rows");
  EXPECT_EQ(findings.at(1).at("kind"), "far_rows");
  EXPECT_EQ(findings.at(1).at("rows"), (std::vector<int>{20}));
  EXPECT_THAT(findings.at(1).at("summary").get<std::string>(), HasSubstr("Row 20, "));
  EXPECT_EQ(findings.at(2).at("kind"), "tight_clusters");
  for (const auto& cluster : findings.at(2).at("clusters")) {
    const std::string label = cluster.at("label");
    for (const int row : cluster.at("rows")) EXPECT_EQ(label.back(), 'A' + row % kCountries) << row;
  }
}

TEST_F(EmbeddingAnalysisTest, TellsSinceWhichStepAnEmbeddingDeclines) {
  auto& checkpoints = fixture_.store.embeddings[{1, "sinking"}];
  for (const int64_t step : {0, 100, 200, 300}) {
    checkpoints.push_back(
        {{step, 1, kRows, kDims}, Directions(step < 200 ? kDims : 2, static_cast<uint32_t>(step))});
  }
  const auto read = [&](const std::string& step) {
    return nlohmann::json::parse(
        Poll("/api/v1/embeddings/statistics?run=1&tag=sinking&step=" + step).body);
  };
  const auto onsets = [](const nlohmann::json& report) {
    std::vector<int64_t> found;
    for (const auto& finding : report.at("findings")) {
      if (finding.at("kind") == "decline") found.push_back(finding.at("onset_step"));
    }
    return found;
  };
  const nlohmann::json late = read("300");
  ASSERT_EQ(late.at("history").size(), 4U);
  EXPECT_GT(late.at("history")[1].at("rankme_centred"), 5);
  EXPECT_LT(late.at("history")[2].at("rankme_centred"), 3);
  EXPECT_EQ(late.at("history")[0].at("loss"), 2);
  EXPECT_THAT(onsets(late), ElementsAre(200));
  const nlohmann::json early = read("100");
  EXPECT_EQ(early.at("history").size(), 2U);
  EXPECT_THAT(onsets(early), ElementsAre());
}

// As while a file beside the event files is written anew: what is found is not what is read.
class ChangingStore : public FakeStore {
 public:
  Result<std::vector<store::EmbeddingInfo>> ReadEmbeddings(store::RunId,
                                                           const std::string&) override {
    return std::vector<store::EmbeddingInfo>{{10, 50, 4, kDims}};
  }
};

TEST(ReportEmbeddingTest, JudgesTheRowsThatItRead) {
  ChangingStore store;
  store.embeddings[{1, "city"}] = {{{10, 60, kRows, kDims}, Countries(1)}};
  store.embeddings[{1, "city"}][0].values[kDims * 200] = std::nanf("");
  const auto report = ReportEmbedding(store, 1, "city", 10, int64_t{1} << 30, {});
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_EQ(report->statistics.points, kRows - 1);
  EXPECT_EQ(report->statistics.clusters.assignment.size(), size_t{kRows});
}

TEST(ReportEmbeddingTest, RefusesRowsThatHoldNoNumbers) {
  FakeStore store;
  store.embeddings[{1, "city"}] = {{{10, 60, 5, 0}, {}}};
  EXPECT_EQ(ReportEmbedding(store, 1, "city", 10, int64_t{1} << 30, {}).error().code,
            ErrorCode::kInvalidArgument);
}

TEST_F(EmbeddingAnalysisTest, AnswersAtOnceWhatItHasComputed) {
  const std::string target = "/api/v1/embeddings/statistics?run=1&tag=city&step=20";
  EXPECT_EQ(fixture_.Get(target).status, 202);
  const Response first = Poll(target);
  EXPECT_EQ(fixture_.Get(target).body, first.body);
  // What was logged anew at the same step is another embedding.
  fixture_.store.embeddings[{1, "city"}][1].info.wall_time = 70;
  EXPECT_EQ(fixture_.Get(target).status, 202);
}

TEST_F(EmbeddingAnalysisTest, HasNullForWhatCannotBeMeasured) {
  const auto json =
      nlohmann::json::parse(Poll("/api/v1/embeddings/statistics?run=1&tag=city&step=10").body);
  EXPECT_EQ(json.at("statistics").at("unmoved_share"), nullptr);
}

TEST_F(EmbeddingAnalysisTest, RefusesEmbeddingsThatCannotBeJudged) {
  fixture_.store.embeddings[{1, "two"}] = {{{1, 1, 2, 1}, {1, 2}}};
  const std::string target = "/api/v1/embeddings/statistics?run=1&tag=city&step=";
  EXPECT_EQ(fixture_.Get(target + "11").status, 404);
  EXPECT_EQ(fixture_.Get(target + "x").status, 400);
  EXPECT_EQ(fixture_.Get("/api/v1/embeddings/statistics?run=1&tag=none&step=1").status, 404);
  for (size_t row = 7; row < kRows; ++row) {
    fixture_.store.embeddings[{1, "city"}][1].values[kDims * row] = std::nanf("");
  }
  const Response response = Poll(target + "20");
  EXPECT_EQ(response.status, 400);
  EXPECT_THAT(response.body, HasSubstr("233 of 240 rows hold NaN"));
  EXPECT_EQ(fixture_.Get(target + "20").status, 202);  // an error is not kept
  EXPECT_EQ(Poll("/api/v1/embeddings/statistics?run=1&tag=two&step=1").status, 400);
}

TEST_F(EmbeddingAnalysisTest, ListsTheNearestRowsOfTheOriginalSpace) {
  fixture_.store.embeddings[{1, "few"}] = {{{1, 1, 4, 2}, {1, 0, 2, 0.1F, 0, 1, 0, 0}}};
  const std::string target = "/api/v1/embeddings/neighbors?run=1&tag=few&step=1&row=0&k=3";
  const auto cosine = ReadColumns(fixture_.Get(target).body);
  EXPECT_EQ(cosine.items[0].at("metric"), "cosine");
  EXPECT_EQ(cosine.items[0].at("row"), 0);
  EXPECT_THAT(cosine.Column<uint32_t>(0, "row"), ElementsAre(1, 2));  // zeros have no direction
  const auto euclidean = ReadColumns(fixture_.Get(target + "&metric=euclidean").body);
  EXPECT_THAT(euclidean.Column<uint32_t>(0, "row"), ElementsAre(3, 1, 2));
  EXPECT_EQ(euclidean.Column<float>(0, "distance")[0], 1);
}

TEST_F(EmbeddingAnalysisTest, RefusesNeighborsThatMakeNoSense) {
  const std::string target = "/api/v1/embeddings/neighbors?run=1&tag=city&step=20&row=";
  for (const char* rest : {"0&k=0", "0&k=1000", "0&metric=dot", "-1", "0&k=x", "1e3"}) {
    EXPECT_EQ(fixture_.Get(target + rest).status, 400) << rest;
  }
  EXPECT_EQ(fixture_.Get(target + "240").status, 404);
  EXPECT_EQ(ReadColumns(fixture_.Get(target + "0&k=999").body).Column<float>(0, "distance").size(),
            static_cast<size_t>(kRows - 1));
}

TEST_F(EmbeddingAnalysisTest, TellsHowFarNeighboursChanged) {
  const std::string target = "/api/v1/embeddings/changes?run=1&tag=city&step=20&k=5&from_step=";
  const auto same = ReadColumns(Poll(target + "20").body);
  EXPECT_THAT(same.Column<float>(0, "change"), ::testing::Each(0.0F));
  EXPECT_NEAR(same.items[0].at("cka").get<double>(), 1, 1e-9);
  EXPECT_NEAR(same.items[0].at("residual").get<double>(), 0, 1e-6);
  const auto other = ReadColumns(Poll(target + "10").body);
  EXPECT_EQ(other.items[0].at("from_step"), 10);
  const auto change = other.Column<float>(0, "change");
  ASSERT_EQ(change.size(), static_cast<size_t>(kRows));
  EXPECT_GT(*std::max_element(change.begin(), change.end()), 0.5F);
  EXPECT_LE(*std::max_element(change.begin(), change.end()), 1);
}

TEST_F(EmbeddingAnalysisTest, ComparesEmbeddingsOfOtherTagsAndDims) {
  fixture_.store.embeddings[{1, "flat"}] = {{{5, 1, kRows, 3}, std::vector<float>(3 * kRows)}};
  const std::string target =
      "/api/v1/embeddings/changes?run=1&tag=city&step=20&from_run=1&from_tag=flat&from_step=5";
  const auto message = ReadColumns(Poll(target).body);
  EXPECT_EQ(message.items[0].at("residual"), nullptr);
  EXPECT_EQ(message.items[0].at("cka"), nullptr);  // without variance nothing is alike
}

TEST_F(EmbeddingAnalysisTest, RefusesWhatCannotBeCompared) {
  fixture_.store.embeddings[{1, "few"}] = {{{1, 1, 4, 2}, {1, 0, 2, 0.1F, 0, 1, 0, 0}}};
  const std::string target = "/api/v1/embeddings/changes?run=1&tag=city&step=20";
  EXPECT_EQ(fixture_.Get(target).status, 400);
  EXPECT_EQ(fixture_.Get(target + "&from_step=11").status, 404);
  EXPECT_EQ(fixture_.Get(target + "&from_step=10&k=101").status, 400);
  const Response rows = fixture_.Get(target + "&from_tag=few&from_step=1");
  EXPECT_EQ(rows.status, 400);
  EXPECT_THAT(rows.body, HasSubstr("got 4 rows at step 1 and 240 at step 20"));
  EXPECT_EQ(fixture_.Get("/api/v1/embeddings/changes?run=1&tag=few&step=1&from_step=1&k=4").status,
            400);
}

TEST_F(EmbeddingAnalysisTest, PausesAndChangesProjectionsByRoute) {
  EXPECT_EQ(fixture_.Send("POST", "/api/v1/projections", R"({"run":1,"tag":"city","method":"pca"})")
                .status,
            201);
  while (fixture_.Get("/api/v1/projections/1").body.find("\"state\":\"done\"") ==
         std::string::npos) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  EXPECT_EQ(fixture_.Send("POST", "/api/v1/projections/1/pause").status, 409);
  EXPECT_EQ(fixture_.Send("POST", "/api/v1/projections/1/resume").status, 409);
  EXPECT_EQ(fixture_.Send("POST", "/api/v1/projections/9/pause").status, 404);
  const std::string target = "/api/v1/projections/1";
  EXPECT_EQ(fixture_.Send("PATCH", target, R"({"iterations":100})").status, 409);
  for (const char* body : {"", "{}", R"({"iterations":0})", R"({"iterations":10001})",
                           R"({"iterations":1.5})", R"({"iterations":5,"seed":1})"}) {
    EXPECT_EQ(fixture_.Send("PATCH", target, body).status, 400) << body;
  }
}

// Null for an error.
std::shared_ptr<const std::string> AskUntilThere(BackgroundAnswers* answers,
                                                 const std::string& key) {
  while (true) {
    auto answer = answers->Ask(key, {});
    if (!answer.ok() || *answer) return answer.ok() ? *answer : nullptr;
    std::this_thread::yield();
  }
}

TEST(BackgroundAnswersTest, ComputesAKeyOnceForAllWhoAsk) {
  BackgroundAnswers answers;
  std::atomic<int> calls = 0;
  const auto compute = [&](const std::stop_token&) {
    ++calls;
    return Result<std::string>("body");
  };
  EXPECT_EQ(*answers.Ask("a", compute), nullptr);
  EXPECT_EQ(*AskUntilThere(&answers, "a"), "body");
  EXPECT_EQ(**answers.Ask("a", compute), "body");
  EXPECT_EQ(calls, 1);
}

TEST(BackgroundAnswersTest, TurnsAnExceptionIntoAnError) {
  BackgroundAnswers answers;
  const auto compute = [](const std::stop_token&) -> Result<std::string> {
    throw std::bad_alloc();
  };
  EXPECT_TRUE(answers.Ask("a", compute).ok());
  EXPECT_EQ(AskUntilThere(&answers, "a"), nullptr);
}

TEST(BackgroundAnswersTest, RefusesMoreThanMayWaitAndStopsWhenDestroyed) {
  BackgroundAnswers answers;
  const auto compute = [](const std::stop_token& stop) {
    while (!stop.stop_requested()) std::this_thread::yield();
    return Result<std::string>(Cancelled("stopped"));
  };
  int accepted = 0;
  while (answers.Ask(std::to_string(accepted), compute).ok()) ++accepted;
  // The first may be under way already.
  EXPECT_GE(accepted, static_cast<int>(BackgroundAnswers::kWaitingMax));
  EXPECT_LE(accepted, static_cast<int>(BackgroundAnswers::kWaitingMax) + 1);
}

TEST(BackgroundAnswersTest, ForgetsTheLeastRecentlyUsedBeyondItsBytes) {
  BackgroundAnswers answers;
  const auto compute = [](const std::stop_token&) {
    return Result<std::string>(std::string(BackgroundAnswers::kKeptBytesMax / 2 + 1, 'x'));
  };
  EXPECT_TRUE(answers.Ask("a", compute).ok());
  AskUntilThere(&answers, "a");
  EXPECT_TRUE(answers.Ask("b", compute).ok());
  AskUntilThere(&answers, "b");
  EXPECT_EQ(*answers.Ask("a", compute), nullptr);
}

}  // namespace
}  // namespace spirogram::web
