// The compact form: what fits becomes points with all their bits, once each, whatever dies between
// an append and its acknowledgement.
#include <gmock/gmock.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>
#include <random>

#include "store/ingest_log.h"
#include "store/ingest_names.h"
#include "store/scalar_batch.h"
#include "tests/store/store_fixture.h"

namespace spirogram::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Point {
  uint32_t tag;
  Step step;
  WallTime wall_time;
  double value;
};

template <typename T>
void Append(T value, std::string* out) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  out->append(bytes, sizeof value);
}

std::string Batch(const std::vector<std::string>& tags, const std::vector<Point>& points) {
  std::string out = "SPS1";
  Append(static_cast<uint32_t>(tags.size()), &out);
  for (const std::string& tag : tags) {
    Append(static_cast<uint16_t>(tag.size()), &out);
    out += tag;
  }
  Append(static_cast<uint32_t>(points.size()), &out);
  for (const Point& point : points) Append(point.tag, &out);
  for (const Point& point : points) Append(point.step, &out);
  for (const Point& point : points) Append(point.wall_time, &out);
  for (const Point& point : points) Append(point.value, &out);
  return out;
}

// Batch number `n` of a stream: ten steps of one tag.
std::string Numbered(int n) {
  std::vector<Point> points;
  for (int i = 0; i < 10; ++i) {
    const Step step = 10 * n + i;
    points.push_back({0, step, 1.7e9 + static_cast<double>(step), static_cast<double>(step) / 3});
  }
  return Batch({"loss"}, points);
}

class ScalarIngestTest : public StoreFixture {
 protected:
  ScalarIngestTest() { Open(); }

  void Open() {
    IngestOptions options;
    options.dir = IngestDir(data_dir());
    options.free_bytes_min = 0;
    auto opened = IngestLog::Open(options);
    ASSERT_TRUE(opened.ok());
    log_ = std::move(opened).value();
  }
  IngestAnswer Send(uint64_t sequence, const std::string& batch) {
    const auto answer = log_->AppendScalars("a", "w", sequence, batch);
    if (answer.ok()) return *answer;
    ADD_FAILURE() << answer.error().ToString();
    return {};
  }
  std::string WhyNot(const std::string& batch) {
    const auto answer = log_->AppendScalars("a", "w", 0, batch);
    if (!answer.ok() && answer.error().code == ErrorCode::kInvalidArgument) {
      return answer.error().message;
    }
    ADD_FAILURE() << "the batch was not refused";
    return "";
  }
  std::string Path() const {
    return IngestDir(data_dir()) + "/a/" + IngestFileName(IngestKind::kScalars, "w");
  }

  std::unique_ptr<IngestLog> log_;
};

TEST_F(ScalarIngestTest, KeepsEveryBitOfEveryPoint) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double inf = std::numeric_limits<double>::infinity();
  const std::vector<double> values = {1.0 / 3, -0.0, 5e-324, 1.7976931348623157e308,
                                      nan,     inf,  -inf};
  std::vector<Point> points;
  for (size_t i = 0; i < values.size(); ++i) {
    points.push_back({0, static_cast<Step>(i) - 3, 1.7e9 + static_cast<double>(i), values[i]});
    points.push_back({1, static_cast<Step>(i) - 3, 1.7e9 + static_cast<double>(i), 2});
  }
  EXPECT_EQ(Send(0, Batch({"loss", "größe/🌱"}, points)).position, 1u);
  Load();
  const ScalarRows rows = Scalars("a", "loss");
  EXPECT_THAT(rows.step, ElementsAre(-3, -2, -1, 0, 1, 2, 3));
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(rows.mean[i], values[i]);
  EXPECT_TRUE(std::signbit(rows.mean[1]));
  EXPECT_TRUE(std::isnan(rows.mean[4]));
  EXPECT_EQ(rows.mean[5], inf);
  EXPECT_EQ(rows.mean[6], -inf);
  EXPECT_EQ(Scalars("a", "größe/🌱").points, 7);
  EXPECT_TRUE(store_->ReadWarnings(FindRun("a").id)->empty());
}

TEST_F(ScalarIngestTest, CountsBatchesAndTakesEachOnce) {
  EXPECT_EQ(Send(0, Numbered(0)).position, 1u);
  EXPECT_EQ(Send(1, Numbered(1)).position, 2u);
  EXPECT_EQ(Send(0, Numbered(0)).outcome, IngestOutcome::kStored);
  EXPECT_EQ(Send(1, Numbered(1)).position, 2u);
  EXPECT_EQ(Send(3, Numbered(3)).outcome, IngestOutcome::kGap);
  EXPECT_EQ(Send(3, Numbered(3)).position, 2u);
  Open();
  EXPECT_EQ(log_->GetPosition("a", "w")->sequence, 2u);
  EXPECT_EQ(log_->GetPosition("a", "w")->offset, 0u) << "records are counted apart";
  EXPECT_EQ(Send(1, Numbered(1)).position, 2u);
  Load();
  EXPECT_EQ(Scalars("a", "loss").points, 20);
}

// kill -9 between the append and the acknowledgement leaves any prefix of the append: the client
// sends the batch again, and every point is there once.
TEST_F(ScalarIngestTest, HoldsABatchWholeOrNotAtAllWhereverTheServerDies) {
  Send(0, Numbered(0));
  const std::string first = ReadFile(Path(), 1 << 20).value();
  Send(1, Numbered(1));
  const std::string both = ReadFile(Path(), 1 << 20).value();
  for (size_t size = first.size(); size <= both.size(); size += 3) {
    log_.reset();
    std::ofstream(Path(), std::ios::binary) << both.substr(0, size);
    Load();  // the store may have read a part of the batch already
    store_.reset();
    Open();
    const uint64_t sequence = log_->GetPosition("a", "w")->sequence;
    ASSERT_EQ(sequence, size == both.size() ? 2u : 1u) << size;
    ASSERT_EQ(Send(1, Numbered(1)).position, 2u);
    ASSERT_EQ(ReadFile(Path(), 1 << 20).value(), both);
    Load();
    ASSERT_EQ(Scalars("a", "loss").points, 20) << size;
  }
}

TEST_F(ScalarIngestTest, RefusesABatchCutAnywhere) {
  const std::string batch = Batch({"loss", "accuracy"}, {{0, 1, 1.7e9, 1}, {1, 1, 1.7e9, 2}});
  for (size_t size = 0; size < batch.size(); ++size) {
    EXPECT_THAT(WhyNot(batch.substr(0, size)), HasSubstr("batch")) << size;
  }
  EXPECT_THAT(WhyNot(batch + "x"), HasSubstr("1 bytes follow"));
}

TEST_F(ScalarIngestTest, RefusesWhatMakesNoSense) {
  EXPECT_THAT(WhyNot(Batch({"loss"}, {})), HasSubstr("no points"));
  EXPECT_THAT(WhyNot(Batch({}, {{0, 1, 1, 1}})), HasSubstr("names tag 0 of 0"));
  EXPECT_THAT(WhyNot(Batch({"loss"}, {{1, 1, 1, 1}})), HasSubstr("names tag 1 of 1"));
  EXPECT_THAT(WhyNot(Batch({""}, {{0, 1, 1, 1}})), HasSubstr("want 1 to 4096"));
  EXPECT_THAT(WhyNot(Batch({std::string(5000, 't')}, {{0, 1, 1, 1}})), HasSubstr("4096"));
  EXPECT_THAT(WhyNot(Batch({"\xFF"}, {{0, 1, 1, 1}})), HasSubstr("UTF-8"));
  EXPECT_THAT(WhyNot(Batch({"t"}, {{0, 1, std::nan(""), 1}})), HasSubstr("not finite"));
  std::string huge = "SPS1";
  Append(uint32_t{0}, &huge);
  Append(uint32_t{0xFFFFFFFF}, &huge);
  EXPECT_THAT(WhyNot(huge), HasSubstr("ends within its tag column"));
  std::string tags = "SPS1";
  Append(uint32_t{0xFFFFFFFF}, &tags);
  EXPECT_THAT(WhyNot(tags), HasSubstr("ends within its tags"));
  const std::vector<Point> many(200'000, {0, 1, 1.7e9, 1});
  EXPECT_THAT(WhyNot(Batch({std::string(4000, 't')}, many)), HasSubstr("send fewer points"));
}

TEST_F(ScalarIngestTest, SurvivesBytesOfNoise) {
  std::mt19937 random(7);
  const std::string good = Batch({"loss", "accuracy"}, {{0, 1, 1.7e9, 1}, {1, 1, 1.7e9, 2}});
  for (int round = 0; round < 20'000; ++round) {
    std::string bad = good;
    for (int i = 0; i < 3; ++i) bad[random() % bad.size()] = static_cast<char>(random());
    static_cast<void>(ParseScalarBatch(bad).ok());
  }
}

TEST_F(ScalarIngestTest, TakesATagThatLooksLikeTheEndOfABatch) {
  const std::string tag = "spirogram.ingest/9";
  Send(0, Batch({tag}, {{0, 1, 1.7e9, 1}}));
  Open();
  EXPECT_EQ(log_->GetPosition("a", "w")->sequence, 1u);
  Load();
  EXPECT_EQ(Scalars("a", tag).points, 1);
}

}  // namespace
}  // namespace spirogram::store
