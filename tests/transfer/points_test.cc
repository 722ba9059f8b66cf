// The parts in which a series is read join into the series, whatever happens between them.
#include <gmock/gmock.h>

#include <random>

#include "tests/transfer/transfer_fixture.h"

namespace spirogram::transfer {
namespace {

using ::testing::ElementsAre;
using testing::EventBuilder;

class PointsTest : public TransferFixture {};

TEST_F(PointsTest, PartsOfEverySizeJoinIntoTheSeries) {
  EventBuilder file;
  for (Step step = 0; step < 10'000; ++step) file.Scalar("x", step, static_cast<float>(step) / 3);
  file.AppendTo(EventFile("run"));
  Load();
  const auto whole = AllPoints("run", "x", 1'000'000);
  ASSERT_EQ(whole.size(), 10'000u);
  for (Step step = 0; step < 10'000; ++step) {
    const auto i = static_cast<size_t>(step);
    ASSERT_EQ(whole.step[i], step);
    ASSERT_EQ(whole.value[i], static_cast<double>(static_cast<float>(step) / 3));
  }
  for (const size_t points_max : {size_t{997}, size_t{4096}, size_t{9'999}, size_t{10'000}}) {
    const auto parts = AllPoints("run", "x", points_max);
    EXPECT_EQ(parts.step, whole.step) << points_max;
    EXPECT_EQ(parts.value, whole.value) << points_max;
    EXPECT_EQ(parts.wall_time, whole.wall_time) << points_max;
  }
}

TEST_F(PointsTest, OrdersStepsThatGoBackAndSessionsSideBySide) {
  std::mt19937 random(1);
  for (const char* rank : {"0", "1", "2"}) {
    EventBuilder file;
    for (int i = 0; i < 6'000; ++i) {
      file.Scalar("x", static_cast<Step>(random() % 1'000), static_cast<float>(i));
    }
    file.AppendTo(EventFile("run", rank));
  }
  Load();
  const auto whole = AllPoints("run", "x", 1'000'000);
  ASSERT_EQ(whole.size(), 18'000u);
  EXPECT_TRUE(std::is_sorted(whole.step.begin(), whole.step.end()));
  // Within a step and a session, as they were written.
  const auto parts = AllPoints("run", "x", 1'003);
  EXPECT_EQ(parts.step, whole.step);
  EXPECT_EQ(parts.value, whole.value);
}

TEST_F(PointsTest, HidesWhatARestartSupersededUnlessAskedForIt) {
  EventBuilder first;
  for (Step step = 0; step < 10; ++step) first.Scalar("x", step, 1);
  first.AppendTo(EventFile("run", "1"));
  EventBuilder second(first.wall_time() + 100);
  second.SessionStart(5);
  for (Step step = 5; step < 8; ++step) second.Scalar("x", step, 2);
  second.AppendTo(EventFile("run", "2"));
  Load();
  EXPECT_THAT(AllPoints("run", "x", 3).value, ElementsAre(1, 1, 1, 1, 1, 2, 2, 2));
  EXPECT_THAT(AllPoints("run", "x", 3, true).step,
              ElementsAre(0, 1, 2, 3, 4, 5, 5, 6, 6, 7, 7, 8, 9));
}

TEST_F(PointsTest, NothingComesTwiceOrIsMissingWhileTheRunGoesOn) {
  EventBuilder file;
  for (Step step = 0; step < 5'000; ++step) file.Scalar("x", step, static_cast<float>(step));
  file.AppendTo(EventFile("run"));
  Load();
  store::PointsQuery query{.run = FindRun("run").id, .tag = "x", .points_max = 300};
  std::vector<double> values;
  for (int round = 0; round < 1'000; ++round) {
    const auto chunk = store_->ReadPoints(query);
    ASSERT_TRUE(chunk.ok());
    values.insert(values.end(), chunk->value.begin(), chunk->value.end());
    query.after = chunk->last;
    if (chunk->is_end) break;
    // The blocks of the tail are merged by what comes after them.
    if (round < 10) {
      for (int i = 0; i < 50; ++i) {
        const auto step = static_cast<Step>(5'000 + round * 50 + i);
        file.Scalar("x", step, static_cast<float>(step));
      }
      file.AppendTo(EventFile("run"));
      ASSERT_TRUE(store_->LoadOnce().ok());
    }
  }
  ASSERT_EQ(values.size(), 5'500u);
  for (size_t i = 0; i < values.size(); ++i) ASSERT_EQ(values[i], static_cast<double>(i));
}

TEST_F(PointsTest, KeepsToTheStepsAsked) {
  EventBuilder file;
  for (Step step = 0; step < 100; ++step) file.Scalar("x", step, 0);
  file.AppendTo(EventFile("run"));
  Load();
  const auto chunk =
      store_->ReadPoints({.run = FindRun("run").id, .tag = "x", .from = 10, .to = 12});
  ASSERT_TRUE(chunk.ok());
  EXPECT_THAT(chunk->step, ElementsAre(10, 11, 12));
  EXPECT_TRUE(chunk->is_end);
  EXPECT_EQ(store_->ReadPoints({.run = 99, .tag = "x"}).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store_->ReadPoints({.run = 1, .tag = "x", .points_max = 0}).error().code,
            ErrorCode::kInvalidArgument);
}

TEST_F(PointsTest, AReaderBesideTheServerSeesItsCommitsAndChangesNothing) {
  EventBuilder().Scalar("x", 1, 1).AppendTo(EventFile("run"));
  Load();
  auto reader = store::Store::OpenReadOnly(data_dir());
  ASSERT_TRUE(reader.ok()) << reader.error().ToString();
  EXPECT_EQ((*reader)->ReadPoints({.run = 1, .tag = "x"})->size(), 1u);
  EXPECT_EQ((*reader)->LoadOnce().error().code, ErrorCode::kPermission);
  EXPECT_EQ((*reader)->WriteProjection(1, "k", "v").error().code, ErrorCode::kPermission);
  EventBuilder(1'800'000'000).Scalar("x", 2, 1).AppendTo(EventFile("run"));
  ASSERT_TRUE(store_->LoadOnce().ok());
  EXPECT_EQ((*reader)->ReadPoints({.run = 1, .tag = "x"})->size(), 2u);
  reader->reset();
  store_.reset();  // the last to close is the reader or the writer: nothing is lost either way
  EXPECT_EQ((*store::Store::OpenReadOnly(data_dir()))->ReadPoints({.run = 1, .tag = "x"})->size(),
            2u);
  EXPECT_EQ(store::Store::OpenReadOnly(logdir()).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace spirogram::transfer
