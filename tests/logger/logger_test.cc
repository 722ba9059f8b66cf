#include "logger/logger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/log.h"
#include "proto/hparams.pb.h"
#include "proto/spirogram.pb.h"
#include "tests/logger/event_reader.h"
#include "tests/testing/temp_dir.h"

namespace spirogram::logger {
namespace {

using ::spirogram::testing::EventFilesIn;
using ::spirogram::testing::EventsOf;
using ::spirogram::testing::LogMessagesOf;
using ::spirogram::testing::ParseEvents;
using ::spirogram::testing::ReadEvents;
using ::spirogram::testing::TempDir;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Collects the log's warnings for as long as it lives.
class Warnings {
 public:
  Warnings() {
    SetLogSink([this](LogLevel level, std::string_view message) {
      std::lock_guard lock(mutex_);
      if (level == LogLevel::kWarning) messages_.emplace_back(message);
    });
  }
  ~Warnings() { SetLogSink({}); }

  std::vector<std::string> messages() const {
    std::lock_guard lock(mutex_);
    return messages_;
  }

 private:
  mutable std::mutex mutex_;  // guards messages_
  std::vector<std::string> messages_;
};

const proto::Summary::Value& ValueOf(const proto::Event& event) {
  return event.summary().value(0);
}

std::vector<float> FloatsOf(const proto::Tensor& tensor) {
  std::vector<float> out(tensor.tensor_content().size() / sizeof(float));
  std::memcpy(out.data(), tensor.tensor_content().data(), tensor.tensor_content().size());
  return out;
}

std::vector<int64_t> ShapeOf(const proto::Tensor& tensor) {
  std::vector<int64_t> out;
  for (const auto& dim : tensor.tensor_shape().dim()) out.push_back(dim.size());
  return out;
}

// What a logger writes in one life.
class LoggerTest : public ::testing::Test {
 protected:
  std::unique_ptr<Logger> Open() { return Logger::Open({.run_dir = run_dir()}); }
  std::string run_dir() const { return dir_.File("run"); }
  std::vector<proto::Event> Read() const { return ReadEvents(run_dir()); }
  proto::Event ReadOnly(std::string_view tag) const {
    const auto events = EventsOf(Read(), tag);
    EXPECT_EQ(events.size(), 1u) << tag;
    return events.empty() ? proto::Event() : events[0];
  }

  TempDir dir_;
};

TEST_F(LoggerTest, BeginsItsFileWithTheVersionAndItsName) {
  Open();
  const auto events = Read();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].file_version(), "brain.Event:2");
  EXPECT_EQ(events[0].source_metadata().writer(), "spirogram");
  EXPECT_GT(events[0].wall_time(), 1.7e9);
  ASSERT_EQ(EventFilesIn(run_dir()).size(), 1u);
  EXPECT_THAT(EventFilesIn(run_dir())[0],
              ::testing::MatchesRegex(".*/events\\.out\\.tfevents\\.[0-9]+\\..+\\.[0-9]+\\."
                                      "[0-9]+\\.v2"));
}

TEST_F(LoggerTest, WritesScalarsInOrderWithMetadataOnTheFirstAlone) {
  {
    const auto logger = Open();
    for (Step step = 0; step < 3; ++step) logger->Scalar("loss", step, 0.5 * double(step));
  }
  const auto events = EventsOf(Read(), "loss");
  ASSERT_EQ(events.size(), 3u);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(events[i].step(), Step(i));
    EXPECT_FLOAT_EQ(ValueOf(events[i]).simple_value(), 0.5f * float(i));
    EXPECT_EQ(ValueOf(events[i]).has_metadata(), i == 0);
  }
  EXPECT_EQ(ValueOf(events[0]).metadata().plugin_data().plugin_name(), "scalars");
  EXPECT_EQ(ValueOf(events[0]).metadata().data_class(), proto::DATA_CLASS_SCALAR);
}

TEST_F(LoggerTest, WritesNanAndInfinitiesAsScalars) {
  {
    const auto logger = Open();
    logger->Scalar("nan", 0, kNan);
    logger->Scalar("up", 0, kInfinity);
    logger->Scalar("down", 0, -kInfinity);
  }
  EXPECT_TRUE(std::isnan(ValueOf(ReadOnly("nan")).simple_value()));
  EXPECT_EQ(ValueOf(ReadOnly("up")).simple_value(), float(kInfinity));
  EXPECT_EQ(ValueOf(ReadOnly("down")).simple_value(), float(-kInfinity));
}

TEST_F(LoggerTest, KeepsNumbersThatFloat32WouldTellAsInfiniteOrZero) {
  const std::vector<double> kept = {1e200, -1e39, 1e-60, -5e-324};
  const std::vector<double> narrowed = {3.4028234663852886e38, 0.1, 1e-40, 0.0};
  {
    const auto logger = Open();
    for (const double value : kept) logger->Scalar("kept", 0, value);
    for (const double value : narrowed) logger->Scalar("narrowed", 0, value);
  }
  const auto of_kept = EventsOf(Read(), "kept");
  ASSERT_EQ(of_kept.size(), kept.size());
  for (size_t i = 0; i < kept.size(); ++i) {
    const proto::Tensor& tensor = ValueOf(of_kept[i]).tensor();
    EXPECT_EQ(tensor.dtype(), proto::DT_DOUBLE);
    ASSERT_EQ(tensor.double_val_size(), 1);
    EXPECT_EQ(tensor.double_val(0), kept[i]);
  }
  EXPECT_EQ(ValueOf(of_kept[0]).metadata().data_class(), proto::DATA_CLASS_SCALAR);
  const auto of_narrowed = EventsOf(Read(), "narrowed");
  ASSERT_EQ(of_narrowed.size(), narrowed.size());
  for (size_t i = 0; i < narrowed.size(); ++i) {
    EXPECT_FALSE(ValueOf(of_narrowed[i]).has_tensor());
    EXPECT_EQ(ValueOf(of_narrowed[i]).simple_value(), static_cast<float>(narrowed[i]));
  }
}

TEST_F(LoggerTest, WritesHistograms) {
  const std::vector<float> values = {-1.0f, 0.0f, 0.5f, 0.5f, 3.0f};
  Open()->Histogram("weights", 7, values);
  const proto::Event event = ReadOnly("weights");
  EXPECT_EQ(event.step(), 7);
  const proto::HistogramProto& histogram = ValueOf(event).histo();
  EXPECT_EQ(histogram.num(), 5);
  EXPECT_EQ(histogram.min(), -1);
  EXPECT_EQ(histogram.max(), 3);
  EXPECT_EQ(histogram.bucket_limit_size(), histogram.bucket_size());
  EXPECT_EQ(ValueOf(event).metadata().plugin_data().plugin_name(), "histograms");
}

TEST_F(LoggerTest, WritesTheSameHistogramOfValuesThatItWasGiven) {
  const std::vector<float> values = {-1.0f, 0.0f, NAN, 0.5f, 3.0f};
  {
    const auto logger = Open();
    logger->Histogram("lent", 7, values);
    logger->HistogramLater("given", 7, values);
    logger->HistogramLater("empty", 7, {});
  }
  const std::vector<proto::Event> events = Read();
  const auto histogram_of = [&](const char* tag) {
    const auto of_tag = EventsOf(events, tag);
    return of_tag.size() == 1 ? ValueOf(of_tag[0]).histo().SerializeAsString() : "none";
  };
  EXPECT_EQ(histogram_of("given"), histogram_of("lent"));
  EXPECT_EQ(ValueOf(EventsOf(events, "given")[0]).histo().num(), 4);
  EXPECT_EQ(ValueOf(EventsOf(events, "empty")[0]).histo().num(), 0);
}

TEST_F(LoggerTest, BucketsAtOnceWhatTheQueueHasNoRoomFor) {
  const std::vector<float> values(10'000, 1.0f);
  const auto logger = Logger::Open({.run_dir = run_dir(), .queue_bytes_max = 4'096});
  logger->HistogramLater("weights", 7, values);
  logger->Flush();
  EXPECT_EQ(logger->GetCounters().dropped, 0u);
  EXPECT_EQ(ValueOf(ReadOnly("weights")).histo().num(), 10'000);
}

TEST_F(LoggerTest, WritesTexts) {
  Open()->Text("note", 1, "# h\xC3\xA9llo");
  const auto value = ValueOf(ReadOnly("note"));
  EXPECT_EQ(value.metadata().plugin_data().plugin_name(), "text");
  EXPECT_EQ(value.tensor().dtype(), proto::DT_STRING);
  EXPECT_THAT(ShapeOf(value.tensor()), ElementsAre(1));
  EXPECT_THAT(value.tensor().string_val(), ElementsAre("# h\xC3\xA9llo"));
}

TEST_F(LoggerTest, RepairsTextsAndTagsThatAreNotUtf8) {
  Open()->Text("t\xFFg", 1, "\xC3");
  const auto value = ValueOf(ReadOnly("t\xEF\xBF\xBDg"));
  EXPECT_THAT(value.tensor().string_val(), ElementsAre("\xEF\xBF\xBD"));
}

TEST_F(LoggerTest, KeepsUnicodeTags) {
  Open()->Scalar("Verlust/\xF0\x9F\xAB\x81", 1, 2.0);
  EXPECT_EQ(ValueOf(ReadOnly("Verlust/\xF0\x9F\xAB\x81")).simple_value(), 2.0f);
}

TEST_F(LoggerTest, WritesImagesAsPng) {
  const std::vector<uint8_t> pixels(4 * 3 * 3, 200);
  Open()->Image("sample", 2, pixels, 4, 3, 3);
  const auto value = ValueOf(ReadOnly("sample"));
  EXPECT_EQ(value.image().width(), 4);
  EXPECT_EQ(value.image().height(), 3);
  EXPECT_EQ(value.image().colorspace(), 3);
  EXPECT_TRUE(value.image().encoded_image_string().starts_with("\x89PNG\r\n"));
  EXPECT_EQ(value.metadata().plugin_data().plugin_name(), "images");
}

TEST_F(LoggerTest, WritesEmbeddingsAndTheirMetadataOnce) {
  const std::vector<float> values = {1, 2, 3, 4, 5, 6};
  const EmbeddingMetadata metadata{{"city", "new"}, {{"Oslo", "Lima", "Bern"}, {"0", "1", "0"}}};
  {
    const auto logger = Open();
    logger->Embedding("embeddings/item", 10, values, 3, 2, &metadata);
    logger->Embedding("embeddings/item", 20, values, 3, 2, &metadata);
  }
  const auto checkpoints = EventsOf(Read(), "embeddings/item");
  ASSERT_EQ(checkpoints.size(), 2u);
  EXPECT_EQ(checkpoints[1].step(), 20);
  const auto& value = ValueOf(checkpoints[0]);
  EXPECT_EQ(value.metadata().plugin_data().plugin_name(), "spirogram_embedding");
  EXPECT_EQ(value.metadata().data_class(), proto::DATA_CLASS_TENSOR);
  EXPECT_THAT(ShapeOf(value.tensor()), ElementsAre(3, 2));
  EXPECT_EQ(FloatsOf(value.tensor()), values);

  const auto meta = ValueOf(ReadOnly("embeddings/item/metadata"));
  EXPECT_EQ(meta.metadata().plugin_data().plugin_name(), "spirogram_embedding_metadata");
  EXPECT_THAT(ShapeOf(meta.tensor()), ElementsAre(3, 2));
  EXPECT_THAT(meta.tensor().string_val(), ElementsAre("Oslo", "0", "Lima", "1", "Bern", "0"));
  proto::EmbeddingMetadataContent content;
  ASSERT_TRUE(content.ParseFromString(meta.metadata().plugin_data().content()));
  EXPECT_THAT(content.columns(), ElementsAre("city", "new"));
}

TEST_F(LoggerTest, WritesEntityStatsWithTheirContentEveryTime) {
  EntityStats stats;
  stats.entity = EntityStats::Entity::kRow;
  stats.first_step = 1;
  stats.samples = 3200;
  stats.columns = {"touches", "row_norm"};
  stats.values = {{4, 0, 1}, {0.5f, 0.25f, 1}};
  stats.attributes = {{"padding_row", "0"}};
  {
    const auto logger = Open();
    logger->Stats("embeddings/item/rows", 100, stats);
    stats.first_step = 101;
    logger->Stats("embeddings/item/rows", 200, stats);
  }
  const auto events = EventsOf(Read(), "embeddings/item/rows");
  ASSERT_EQ(events.size(), 2u);
  EXPECT_THAT(ShapeOf(ValueOf(events[0]).tensor()), ElementsAre(2, 3));
  EXPECT_THAT(FloatsOf(ValueOf(events[0]).tensor()), ElementsAre(4, 0, 1, 0.5f, 0.25f, 1));
  proto::EntityStatsContent content;
  ASSERT_TRUE(content.ParseFromString(ValueOf(events[1]).metadata().plugin_data().content()));
  EXPECT_EQ(content.first_step(), 101);
  EXPECT_EQ(content.samples(), 3200);
  EXPECT_EQ(content.entity(), proto::EntityStatsContent::ROW);
  EXPECT_THAT(content.columns(), ElementsAre("touches", "row_norm"));
  EXPECT_EQ(content.attributes().at("padding_row"), "0");
}

TEST_F(LoggerTest, WritesHparamsInTheMetadataOfANullTensor) {
  Open()->Hparams({{"learning_rate", 0.1},
                   {"optimizer", std::string("adam")},
                   {"nesterov", true},
                   {"weight_decay", kNan}});
  const auto value = ValueOf(ReadOnly("_hparams_/session_start_info"));
  EXPECT_EQ(value.metadata().plugin_data().plugin_name(), "hparams");
  EXPECT_THAT(ShapeOf(value.tensor()), ElementsAre(0));
  proto::HParamsPluginData data;
  ASSERT_TRUE(data.ParseFromString(value.metadata().plugin_data().content()));
  const auto& hparams = data.session_start_info().hparams();
  EXPECT_EQ(hparams.at("learning_rate").number_value(), 0.1);
  EXPECT_EQ(hparams.at("optimizer").string_value(), "adam");
  EXPECT_TRUE(hparams.at("nesterov").bool_value());
  EXPECT_EQ(hparams.at("weight_decay").string_value(), "NaN");  // JSON has no NaN
  EXPECT_GT(data.session_start_info().start_time_secs(), 1.7e9);
}

TEST_F(LoggerTest, WritesTheEndOfTheSession) {
  Open()->End(EndStatus::kFailure);
  const auto value = ValueOf(ReadOnly("_hparams_/session_end_info"));
  proto::HParamsPluginData data;
  ASSERT_TRUE(data.ParseFromString(value.metadata().plugin_data().content()));
  EXPECT_EQ(data.session_end_info().status(), proto::STATUS_FAILURE);
}

TEST_F(LoggerTest, WritesAnInterruptedSessionAsOneThatEndedNobodyKnowsHow) {
  Open()->End(EndStatus::kInterrupted);
  const auto value = ValueOf(ReadOnly("_hparams_/session_end_info"));
  proto::HParamsPluginData data;
  ASSERT_TRUE(data.ParseFromString(value.metadata().plugin_data().content()));
  ASSERT_TRUE(data.has_session_end_info());
  EXPECT_EQ(data.session_end_info().status(), proto::STATUS_UNKNOWN);
  EXPECT_GT(data.session_end_info().end_time_secs(), 1.7e9);
}

TEST_F(LoggerTest, WritesProfileSlicesAsDeltaCodedColumns) {
  using Kind = ProfileSlice::Kind;
  Open()->Profile({{Kind::kPhase, "forward", 1'000, 50, 7, 0, 0},
                   {Kind::kKernel, "gemm", 1'010, 20, 7, 3, 9},
                   {Kind::kKernel, "gemm", 1'005, 20, 6, 2, 9}});
  const proto::Event event = ReadOnly("profile");
  const auto& value = ValueOf(event);
  EXPECT_EQ(event.step(), 6);
  EXPECT_EQ(value.metadata().plugin_data().plugin_name(), "spirogram_profile");
  EXPECT_THAT(ShapeOf(value.tensor()), ElementsAre());
  proto::ProfileSlices slices;
  ASSERT_TRUE(slices.ParseFromString(value.tensor().string_val(0)));
  EXPECT_THAT(slices.names(), ElementsAre("forward", "gemm"));
  EXPECT_THAT(slices.kind(), ElementsAre(0, 1, 1));
  EXPECT_THAT(slices.name(), ElementsAre(0, 1, 1));
  EXPECT_THAT(slices.start_ns(), ElementsAre(1'000, 10, -5));
  EXPECT_THAT(slices.duration_ns(), ElementsAre(50, 20, 20));
  EXPECT_THAT(slices.step(), ElementsAre(7, 0, -1));
  EXPECT_THAT(slices.correlation_id(), ElementsAre(0, 3, 2));
  EXPECT_THAT(slices.stream(), ElementsAre(0, 9, 9));
}

TEST_F(LoggerTest, SplitsManySlicesOverSeveralEvents) {
  Open()->Profile(std::vector<ProfileSlice>(1'300, {.name = "gemm"}));
  int slices = 0;
  for (const auto& event : EventsOf(Read(), "profile")) {
    proto::ProfileSlices part;
    ASSERT_TRUE(part.ParseFromString(ValueOf(event).tensor().string_val(0)));
    EXPECT_LE(part.start_ns_size(), 512);
    slices += part.start_ns_size();
  }
  EXPECT_EQ(slices, 1'300);
}

TEST_F(LoggerTest, WritesProfileNotes) {
  Open()->ProfileNote("no GPU slices: libcuda.so.1 is not installed");
  const auto value = ValueOf(ReadOnly("profile/note"));
  EXPECT_EQ(value.metadata().plugin_data().plugin_name(), "spirogram_profile_note");
  EXPECT_THAT(value.tensor().string_val(),
              ElementsAre("no GPU slices: libcuda.so.1 is not installed"));
}

TEST_F(LoggerTest, HasEverythingInTheFileAfterFlush) {
  const auto logger = Open();
  for (Step step = 0; step < 1'000; ++step) logger->Scalar("loss", step, 1.0);
  logger->Flush();
  EXPECT_EQ(EventsOf(Read(), "loss").size(), 1'000u);
  EXPECT_EQ(logger->GetCounters().logged, 1'000u);
  EXPECT_EQ(logger->GetCounters().dropped, 0u);
}

TEST_F(LoggerTest, LeavesAValidPrefixWhereverItsFileIsCut) {
  {
    const auto logger = Open();
    for (Step step = 0; step < 5; ++step) logger->Scalar("loss", step, 1.0);
  }
  const std::string bytes = ReadFile(EventFilesIn(run_dir())[0], 1 << 20).value();
  ASSERT_EQ(ParseEvents(bytes).size(), 6u);
  size_t longest = 0;
  for (size_t length = 0; length <= bytes.size(); ++length) {
    const auto events = ParseEvents(std::string_view(bytes).substr(0, length));
    EXPECT_GE(events.size(), longest) << "length " << length;
    longest = events.size();
    for (size_t i = 1; i < events.size(); ++i) EXPECT_EQ(events[i].step(), Step(i - 1));
  }
  EXPECT_EQ(longest, 6u);
}

TEST_F(LoggerTest, DropsAndCountsWhatTheQueueHasNoRoomFor) {
  const Warnings warnings;
  // A byte bound of 100 holds the tag and nothing else.
  const auto logger = Logger::Open({.run_dir = run_dir(), .queue_bytes_max = 100});
  logger->Text("note", 0, std::string(1'000, 'x'));
  logger->Embedding("table", 0, std::vector<float>(100), 10, 10, nullptr);
  logger->Image("image", 0, std::vector<uint8_t>(400), 20, 20, 1);
  EXPECT_EQ(logger->GetCounters().dropped, 3u);
  logger->Text("note", 0, "short");
  EXPECT_EQ(logger->GetCounters().logged, 1u);
  logger->Flush();
  ASSERT_EQ(warnings.messages().size(), 1u);
  EXPECT_THAT(warnings.messages()[0], ::testing::HasSubstr("100 bytes (queue_bytes_max) wait"));
}

// By the notes that stand in the event files.
uint64_t ValuesNotLogged(const std::vector<proto::Event>& events) {
  uint64_t count = 0;
  for (const std::string& message : LogMessagesOf(events)) count += std::stoull(message);
  return count;
}

TEST_F(LoggerTest, AccountsForEveryCallUnderOverload) {
  constexpr Step kCalls = 20'000;
  Counters counters;
  {
    const auto logger = Logger::Open({.run_dir = run_dir(), .queue_items_max = 16});
    for (Step step = 0; step < kCalls; ++step) logger->Scalar("loss", step, 1.0);
    logger->Flush();
    counters = logger->GetCounters();
  }
  EXPECT_EQ(counters.logged + counters.dropped, uint64_t{kCalls});
  const auto events = Read();
  EXPECT_EQ(EventsOf(events, "loss").size(), counters.logged);
  EXPECT_EQ(ValuesNotLogged(events), counters.dropped);
}

TEST_F(LoggerTest, DropsBadCallsWithOneWarning) {
  const Warnings warnings;
  {
    const auto logger = Open();
    logger->Scalar("", 0, 1.0);
    logger->Scalar(std::string(5'000, 'x'), 0, 1.0);
    logger->Image("image", 0, std::vector<uint8_t>(11), 2, 2, 3);
    logger->Image("image", 0, std::vector<uint8_t>(8), 2, 2, 2);
    logger->Image("image", 0, {}, -1, 0, 1);
    logger->Embedding("table", 0, std::vector<float>(5), 2, 3, nullptr);
    logger->Embedding("table", 0, {}, 0, 3, nullptr);
    logger->Embedding("table", 0, {}, INT64_MAX, INT64_MAX, nullptr);
    const EmbeddingMetadata short_metadata{{"city"}, {{"Oslo"}}};
    logger->Embedding("table", 0, std::vector<float>(6), 2, 3, &short_metadata);
    EntityStats stats;
    stats.columns = {"a", "b"};
    stats.values = {{1, 2}};
    logger->Stats("rows", 0, stats);
    stats.values = {{1, 2}, {1}};
    logger->Stats("rows", 0, stats);
    EXPECT_EQ(logger->GetCounters().dropped, 11u);
    EXPECT_EQ(logger->GetCounters().logged, 0u);
  }
  EXPECT_THAT(warnings.messages(), ElementsAre(HasSubstr("a tag of 0 bytes")));
  EXPECT_EQ(Read().size(), 2u);
  EXPECT_THAT(LogMessagesOf(Read()), ElementsAre("11 values not logged: 11 made no sense"));
}

TEST_F(LoggerTest, SurvivesAFolderThatCannotBeMade) {
  const Warnings warnings;
  ASSERT_TRUE(WriteFileAtomically(dir_.File("file"), "in the way").ok());
  {
    const auto logger = Logger::Open({.run_dir = dir_.File("file/run")});
    for (Step step = 0; step < 100; ++step) logger->Scalar("loss", step, 1.0);
    logger->Flush();
    EXPECT_EQ(logger->GetCounters().dropped, 100u);
    EXPECT_EQ(logger->GetCounters().written_bytes, 0u);
  }
  EXPECT_THAT(warnings.messages(), ElementsAre(HasSubstr("cannot write to")));
}

TEST_F(LoggerTest, BeginsANewFileWhenItsFolderComesBack) {
  ASSERT_TRUE(WriteFileAtomically(dir_.File("file"), "in the way").ok());
  const Warnings warnings;
  const auto logger = Logger::Open({.run_dir = dir_.File("file/run")});
  logger->Scalar("loss", 0, 1.0);
  logger->Flush();
  std::filesystem::remove(dir_.File("file"));
  logger->Scalar("loss", 1, 1.0);
  logger->Flush();
  const auto events = EventsOf(ReadEvents(dir_.File("file/run")), "loss");
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].step(), 1);
}

// A limit on file sizes stands in for a full disk: the write ends in the middle of a record.
TEST_F(LoggerTest, BeginsANewFileWithMetadataAfterATornRecord) {
  const Warnings warnings;
  rlimit old_limit{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &old_limit), 0);
  rlimit limit = old_limit;
  limit.rlim_cur = 4'096;
  Counters counters;
  {
    const auto logger = Open();
    logger->Scalar("loss", 0, 1.0);
    logger->Flush();
    ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
    logger->Text("note", 1, std::string(10'000, 'x'));
    logger->Flush();
    logger->Scalar("loss", 2, 1.0);
    logger->Flush();
    logger->Scalar("loss", 3, 1.0);
    logger->Flush();
    counters = logger->GetCounters();
  }
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &old_limit), 0);
  EXPECT_EQ(counters.dropped, 1u);
  EXPECT_EQ(warnings.messages().size(), 1u);
  EXPECT_EQ(EventFilesIn(run_dir()).size(), 2u);
  const auto loss = EventsOf(Read(), "loss");
  ASSERT_EQ(loss.size(), 3u);
  EXPECT_EQ(loss[1].step(), 2);
  EXPECT_TRUE(ValueOf(loss[1]).has_metadata());
  EXPECT_THAT(LogMessagesOf(Read()), ElementsAre("1 value not logged: 1 could not be written"));
}

TEST_F(LoggerTest, BeginsANewFileWithMetadataWhenItsFileWasDeleted) {
  const Warnings warnings;
  const EmbeddingMetadata metadata{{"city"}, {{"Oslo"}}};
  const auto logger = Open();
  logger->Scalar("loss", 0, 1.0);
  logger->Embedding("table", 0, std::vector<float>{1.5f}, 1, 1, &metadata);
  logger->Flush();
  std::filesystem::remove_all(run_dir());
  logger->Scalar("loss", 1, 1.0);
  logger->Flush();
  logger->Embedding("table", 1, std::vector<float>{1.5f}, 1, 1, &metadata);
  logger->Flush();
  EXPECT_TRUE(ValueOf(ReadOnly("loss")).has_metadata());
  EXPECT_EQ(ReadOnly("table/metadata").step(), 1);
}

TEST_F(LoggerTest, TakesCallsFromManyThreads) {
  constexpr int kThreads = 4;
  constexpr Step kSteps = 500;
  {
    const auto logger = Open();
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&logger, t] {
        const std::string tag = "thread/" + std::to_string(t);
        for (Step step = 0; step < kSteps; ++step) {
          logger->Scalar(tag, step, double(step));
          if (step % 100 == 0) logger->Histogram(tag + "/h", step, std::vector<float>{1, 2});
          if (step % 250 == 0) logger->Flush();
        }
      });
    }
    for (auto& thread : threads) thread.join();
  }
  const auto events = Read();
  for (int t = 0; t < kThreads; ++t) {
    const auto own = EventsOf(events, "thread/" + std::to_string(t));
    ASSERT_EQ(own.size(), size_t{kSteps});
    for (Step step = 0; step < kSteps; ++step) EXPECT_EQ(own[size_t(step)].step(), step);
  }
}

TEST_F(LoggerTest, GivesTwoLoggersOfOneFolderFilesOfTheirOwn) {
  {
    const auto first = Open();
    const auto second = Open();
    first->Scalar("a", 0, 1.0);
    second->Scalar("b", 0, 1.0);
  }
  EXPECT_EQ(EventFilesIn(run_dir()).size(), 2u);
  EXPECT_EQ(Read().size(), 4u);
}

}  // namespace
}  // namespace spirogram::logger
