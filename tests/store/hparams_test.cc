// All messages of the hparams plugin, and their union over experiments and sessions.
#include "store/hparams.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <cmath>

#include "base/wire.h"
#include "store/hparams_content.h"
#include "tests/store/store_fixture.h"

namespace spirogram::store {
namespace {

using ::testing::ElementsAre;
using testing::EventBuilder;
using ::testing::Pair;
using ::testing::SizeIs;

constexpr const char* kExperiment = "_hparams_/experiment";
constexpr const char* kStart = "_hparams_/session_start_info";
constexpr const char* kEnd = "_hparams_/session_end_info";

class HparamsTest : public StoreFixture {
 protected:
  std::vector<std::pair<std::string, int64_t>> CountedTags() {
    std::vector<std::pair<std::string, int64_t>> counts;
    const RunId run = FindRun("run").id;
    const auto read = store_->ReadTags({&run, 1});
    for (const Tag& tag : read.value()) counts.emplace_back(tag.name, tag.count);
    return counts;
  }
};

proto::HParamsPluginData Start(const std::string& name, double value) {
  proto::HParamsPluginData data;
  (*data.mutable_session_start_info()->mutable_hparams())[name].set_number_value(value);
  return data;
}

proto::HParamsPluginData End(proto::SessionStatus status, double time) {
  proto::HParamsPluginData data;
  data.mutable_session_end_info()->set_status(status);
  data.mutable_session_end_info()->set_end_time_secs(time);
  return data;
}

HparamValue Number(double number) {
  return {HparamValue::Type::kNumber, number, "", false};
}

// The bytes of two messages, one behind the other, are those of one that has the maps of both.
TEST_F(HparamsTest, ANameThatStandsTwiceInAMessageHasTheLastValue) {
  proto::HParamsPluginData null;
  (*null.mutable_session_start_info()->mutable_hparams())["gone"].set_null_value(
      google::protobuf::NULL_VALUE);
  std::string start;
  for (const auto& data : {Start("gone", 1), null, Start("lr", 1), Start("lr", 2)}) {
    start += data.session_start_info().SerializeAsString();
  }
  proto::HParamsPluginData twice;
  ASSERT_TRUE(twice.mutable_session_start_info()->ParseFromString(start));
  std::string content;
  AppendBytesField(3, start, &content);
  const auto message = ParseHparamsMessage(content);
  ASSERT_TRUE(message.ok());
  ASSERT_THAT(message->start->hparams, SizeIs(1));
  EXPECT_EQ(message->start->hparams[0].first, "lr");
  EXPECT_EQ(message->start->hparams[0].second.number, 2);
  const auto& as_protobuf = twice.session_start_info().hparams();
  EXPECT_EQ(as_protobuf.at("lr").number_value(), 2);
  EXPECT_TRUE(as_protobuf.at("gone").has_null_value());
}

TEST_F(HparamsTest, ReadsEveryFieldOfTheThreeMessages) {
  proto::HParamsPluginData experiment;
  proto::Experiment* e = experiment.mutable_experiment();
  e->set_name("search");
  e->set_description("why");
  e->set_user("ada");
  e->set_time_created_secs(12.5);
  proto::HParamInfo* lr = e->add_hparam_infos();
  lr->set_name("lr");
  lr->set_display_name("learning rate");
  lr->set_type(proto::DATA_TYPE_FLOAT64);
  lr->mutable_domain_interval()->set_min_value(0.1);
  lr->mutable_domain_interval()->set_max_value(0.9);
  proto::HParamInfo* optimizer = e->add_hparam_infos();
  optimizer->set_name("optimizer");
  optimizer->set_type(proto::DATA_TYPE_STRING);
  optimizer->mutable_domain_discrete()->add_values()->set_string_value("adam");
  optimizer->mutable_domain_discrete()->add_values()->set_string_value("sgd");
  proto::MetricInfo* metric = e->add_metric_infos();
  metric->mutable_name()->set_group("validation");
  metric->mutable_name()->set_tag("accuracy");
  metric->set_dataset_type(proto::DATASET_VALIDATION);
  proto::HParamsPluginData start = Start("lr", 0.5);
  start.mutable_session_start_info()->set_model_uri("s3://model");
  start.mutable_session_start_info()->set_monitor_url("http://monitor");
  start.mutable_session_start_info()->set_group_name("group 1");
  start.mutable_session_start_info()->set_start_time_secs(100.5);
  EventBuilder().Hparams(experiment, kExperiment).AppendTo(EventFile("."));
  EventBuilder()
      .Hparams(start, kStart)
      .Hparams(End(proto::STATUS_SUCCESS, 200.5), kEnd)
      .AppendTo(EventFile("trial"));
  Load();
  const auto data = store_->ReadHparamsData();
  ASSERT_TRUE(data.ok()) << data.error().ToString();
  ASSERT_THAT(data->experiments, SizeIs(1));
  const HparamsExperiment& read = data->experiments[0];
  EXPECT_EQ(read.run, FindRun(".").id);
  EXPECT_EQ(read.name, "search");
  EXPECT_EQ(read.description, "why");
  EXPECT_EQ(read.user, "ada");
  EXPECT_EQ(read.time_created, 12.5);
  ASSERT_THAT(read.hparams, SizeIs(2));
  EXPECT_EQ(read.hparams[0].display_name, "learning rate");
  EXPECT_EQ(read.hparams[0].domain_interval->max, 0.9);
  EXPECT_EQ(read.hparams[1].domain_discrete.at(1).text, "sgd");
  ASSERT_THAT(read.metrics, SizeIs(1));
  EXPECT_EQ(read.metrics[0].group, "validation");
  EXPECT_EQ(read.metrics[0].dataset, MetricInfo::Dataset::kValidation);
  ASSERT_THAT(data->sessions, SizeIs(1));
  const HparamsSession& session = data->sessions[0];
  EXPECT_EQ(session.run, FindRun("trial").id);
  EXPECT_EQ(session.hparams.at(0).second.number, 0.5);
  EXPECT_EQ(session.model_uri, "s3://model");
  EXPECT_EQ(session.monitor_url, "http://monitor");
  EXPECT_EQ(session.group_name, "group 1");
  EXPECT_EQ(session.start_time, 100.5);
  EXPECT_EQ(session.end_time, 200.5);
  EXPECT_EQ(session.status, HparamsStatus::kSuccess);
}

TEST_F(HparamsTest, RunsAgainWhenASessionStartsAgain) {
  EventBuilder()
      .Hparams(Start("lr", 1), kStart)
      .Hparams(End(proto::STATUS_FAILURE, 9), kEnd)
      .AppendTo(EventFile("run"));
  EventBuilder(1'800'000'000).Hparams(Start("lr", 2), kStart).AppendTo(EventFile("run", "2"));
  Load();
  const auto data = store_->ReadHparamsData();
  ASSERT_THAT(data->sessions, SizeIs(1));
  EXPECT_EQ(data->sessions[0].hparams.at(0).second.number, 2);
  EXPECT_EQ(data->sessions[0].status, HparamsStatus::kRunning);
  EXPECT_EQ(data->sessions[0].end_time, 0);
}

TEST_F(HparamsTest, ForgetsTheMessagesOfAReplacedFile) {
  EventBuilder().Hparams(Start("lr", 1), kStart).AppendTo(EventFile("run"));
  Load();
  ASSERT_EQ(unlink(EventFile("run").c_str()), 0);
  EventBuilder(1'600'000'000).Scalar("x", 0, 0).AppendTo(EventFile("run"));
  Load();
  EXPECT_THAT(store_->ReadHparamsData()->sessions, SizeIs(0));
}

TEST_F(HparamsTest, ForgetsTheirTagsWithTheFileThatIsReplaced) {
  EventBuilder().Hparams(Start("lr", 1), kStart).AppendTo(EventFile("run"));
  Load();
  EXPECT_THAT(CountedTags(), ElementsAre(Pair(kStart, 1)));
  // Read anew, it counts what the file holds.
  ASSERT_EQ(unlink(EventFile("run").c_str()), 0);
  EventBuilder(1'600'000'000).Hparams(Start("lr", 2), kStart).AppendTo(EventFile("run"));
  Load();
  EXPECT_THAT(CountedTags(), ElementsAre(Pair(kStart, 1)));
  ASSERT_EQ(unlink(EventFile("run").c_str()), 0);
  EventBuilder(1'500'000'000).Scalar("x", 0, 0).AppendTo(EventFile("run"));
  Load();
  EXPECT_THAT(CountedTags(), ElementsAre(Pair("x", 1)));
}

TEST_F(HparamsTest, CountsTheMessagesOfTheOtherFilesWhereOneIsReplaced) {
  EventBuilder(1'700'000'000).Hparams(Start("lr", 1), kStart).AppendTo(EventFile("run", "1"));
  EventBuilder(1'700'000'010)
      .Hparams(Start("lr", 2), kStart)
      .Hparams(Start("lr", 3), kStart)
      .Hparams(End(proto::STATUS_SUCCESS, 9), kEnd)
      .AppendTo(EventFile("run", "2"));
  Load();
  EXPECT_THAT(CountedTags(), ElementsAre(Pair(kEnd, 1), Pair(kStart, 3)));
  ASSERT_EQ(unlink(EventFile("run", "2").c_str()), 0);
  EventBuilder(1'700'000'020).Hparams(Start("lr", 4), kStart).AppendTo(EventFile("run", "2"));
  Load();
  EXPECT_THAT(CountedTags(), ElementsAre(Pair(kStart, 2)));
}

TEST_F(HparamsTest, ThoseOfAnotherFileComeBackOnceTheLastIsReplaced) {
  EventBuilder(1'700'000'000).Hparams(Start("lr", 1), kStart).AppendTo(EventFile("run", "1"));
  EventBuilder(1'700'000'010).Hparams(Start("lr", 2), kStart).AppendTo(EventFile("run", "2"));
  Load();
  const auto learning_rates = [&] {
    std::vector<double> numbers;
    const auto runs = store_->ReadHparams();
    for (const RunHparams& run : runs.value()) {
      for (const auto& [name, value] : run.hparams) numbers.push_back(value.number);
    }
    return numbers;
  };
  EXPECT_THAT(learning_rates(), ElementsAre(2));
  ASSERT_EQ(unlink(EventFile("run", "2").c_str()), 0);
  EventBuilder(1'700'000'020).Scalar("x", 0, 0).AppendTo(EventFile("run", "2"));
  Load();
  EXPECT_THAT(learning_rates(), ElementsAre(1));
}

TEST_F(HparamsTest, ReadsListsAsTextAndLeavesNullOut) {
  proto::HParamsPluginData start;
  auto& hparams = *start.mutable_session_start_info()->mutable_hparams();
  auto* list = hparams["layers"].mutable_list_value();
  list->add_values()->set_number_value(64);
  list->add_values()->set_string_value("relu");
  (*hparams["options"].mutable_struct_value()->mutable_fields())["bias"].set_bool_value(true);
  hparams["absent"].set_null_value(google::protobuf::NULL_VALUE);
  EventBuilder().Hparams(start, kStart).AppendTo(EventFile("run"));
  Load();
  const Hparams read = store_->ReadHparamsData()->sessions.at(0).hparams;
  ASSERT_THAT(read, SizeIs(2));
  EXPECT_EQ(read[0].second.text, "[64, relu]");
  EXPECT_EQ(read[1].second.text, "{bias: true}");
}

TEST(UniteHparamsTest, TakesWhatAnyExperimentDeclaresAndAnySessionLogs) {
  HparamsData data;
  data.experiments.resize(2);
  data.experiments[0].hparams.resize(1);
  data.experiments[0].hparams[0].name = "lr";
  data.experiments[0].hparams[0].display_name = "learning rate";
  data.experiments[1].hparams.resize(1);
  data.experiments[1].hparams[0].name = "depth";
  data.sessions.resize(2);
  data.sessions[0].hparams = {{"dropout", Number(0.5)}, {"lr", Number(0.1)}};
  data.sessions[1].hparams = {{"lr", Number(0.2)}};
  const auto united = UniteHparams(data);
  ASSERT_THAT(united, SizeIs(3));
  EXPECT_EQ(united[0].name, "depth");
  EXPECT_EQ(united[0].type, HparamInfo::Type::kUnset);
  EXPECT_EQ(united[1].name, "dropout");
  EXPECT_TRUE(united[1].differs);
  EXPECT_EQ(united[2].display_name, "learning rate");
  EXPECT_EQ(united[2].type, HparamInfo::Type::kNumber);
  EXPECT_THAT(united[2].domain_discrete, SizeIs(2));
}

TEST(UniteHparamsTest, InfersTypesAndDomainsFromValues) {
  HparamsData data;
  for (int i = 0; i < 12; ++i) {
    HparamsSession session;
    session.hparams = {
        {"mixed", i == 0 ? HparamValue{HparamValue::Type::kString, 0, "auto", false} : Number(i)},
        {"same", Number(3)},
        {"wide", i == 5 ? Number(std::nan("")) : Number(i)}};
    data.sessions.push_back(session);
  }
  const auto united = UniteHparams(data);
  EXPECT_EQ(united[0].type, HparamInfo::Type::kString);
  EXPECT_FALSE(united[1].differs);
  EXPECT_THAT(united[1].domain_discrete, SizeIs(1));
  ASSERT_TRUE(united[2].domain_interval.has_value());
  EXPECT_EQ(united[2].domain_interval->min, 0);
  EXPECT_EQ(united[2].domain_interval->max, 11);
}

TEST(UniteMetricsTest, NamesEachMetricOnce) {
  HparamsData data;
  data.experiments.resize(2);
  data.experiments[0].metrics.resize(2);
  data.experiments[0].metrics[0].tag = "loss";
  data.experiments[0].metrics[1].tag = "accuracy";
  data.experiments[1].metrics.resize(2);
  data.experiments[1].metrics[0].tag = "loss";
  data.experiments[1].metrics[1].tag = "loss";
  data.experiments[1].metrics[1].group = "validation";
  EXPECT_THAT(UniteMetrics(data), SizeIs(3));
}

}  // namespace
}  // namespace spirogram::store
