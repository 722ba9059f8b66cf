#include "app/run_follower.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/store/store_fixture.h"

namespace spirogram::app {
namespace {

using testing::EventBuilder;
using ::testing::IsEmpty;

constexpr char kUnits[] = "layers/hidden/units";
constexpr int kUnitCount = 40;

// Windows of 10 steps and 1,280 samples, the first of which ends at step 10: of the layer's units
// the first `dead` are silent from window `dies` on.
void AddWindows(int windows, int dies, int dead, EventBuilder* file, int first = 0) {
  proto::EntityStatsContent content;
  content.set_entity(proto::EntityStatsContent::UNIT);
  for (const char* column : {"active_count", "abs_activation", "abs_gradient"}) {
    content.add_columns(column);
  }
  content.set_samples(1'280);
  (*content.mutable_attributes())["activation"] = "relu";
  for (int w = first; w < windows; ++w) {
    content.set_first_step(10 * w + 1);
    std::vector<float> values;
    for (int i = 0; i < 3 * kUnitCount; ++i) {
      values.push_back(w >= dies && i % kUnitCount < dead ? 0.0f : 500.0f);
    }
    file->Floats(kUnits, 10 * (w + 1), "spirogram_entity_stats", {3, kUnitCount}, values,
                 content.SerializeAsString());
  }
}

class RunFollowerTest : public store::StoreFixture {
 protected:
  store::Diagnosis Newly() {
    RunFollower follower(FindRun("run").id);
    EXPECT_TRUE(follower.Update(*store_).ok());
    return follower.Conclude();
  }
};

TEST_F(RunFollowerTest, ReadsOnWhatIsNew) {
  EventBuilder file(1000);
  AddWindows(10, 8, 30, &file);
  file.AppendTo(EventFile("run"));
  Load();
  RunFollower follower(FindRun("run").id);
  ASSERT_TRUE(follower.Update(*store_).ok());
  EXPECT_THAT(follower.Conclude().findings, IsEmpty());
  AddWindows(20, 8, 30, &file, 10);
  file.AppendTo(EventFile("run"));
  Load();
  ASSERT_TRUE(follower.Update(*store_).ok());
  ASSERT_EQ(follower.Conclude().findings.size(), 1u);
  EXPECT_EQ(follower.Conclude().findings[0].onset_step, 81);
  EXPECT_EQ(follower.Conclude(), Newly());
}

// Keras writes what it measures on held-out data into a run of that name, under the same tag.
TEST_F(RunFollowerTest, JudgesARunByItsNameToo) {
  for (const char* run : {"cnn/train", "cnn/validation"}) {
    EventBuilder file(1000);
    for (int epoch = 0; epoch < 20; ++epoch) {
      const float fall = 2 / (1 + static_cast<float>(std::min(epoch, 5)));
      file.Scalar("epoch_loss", epoch, fall + 0.05f * static_cast<float>(std::max(epoch - 5, 0)));
    }
    file.AppendTo(EventFile(run));
  }
  Load();
  for (const char* name : {"cnn/train", "cnn/validation"}) {
    RunFollower follower(FindRun(name).id);
    ASSERT_TRUE(follower.Update(*store_).ok());
    std::vector<std::string> rules;
    for (const auto& finding : follower.Conclude().findings) rules.push_back(finding.rule);
    if (name == std::string_view("cnn/train")) {
      EXPECT_THAT(rules, IsEmpty());
    } else {
      EXPECT_THAT(rules, ::testing::ElementsAre("overfitting"));
    }
  }
}

TEST_F(RunFollowerTest, LooksAtHistogramsThatAreStillAndWhenTheyAreStillAgain) {
  const auto add = [this](int step, double least) {
    proto::HistogramProto histogram;
    histogram.set_min(least);
    histogram.set_max(1);
    histogram.set_num(512);
    for (const double limit : {0.0, 1.0}) histogram.add_bucket_limit(limit);
    for (const double count : {300.0, 212.0}) histogram.add_bucket(count);
    EventBuilder file(1000 + step);
    file.OldHistogram("fc1.weight", step, histogram);
    file.AppendTo(EventFile("run"));
    Load();
  };
  for (int step = 0; step < 4; ++step) add(step, -1);
  RunFollower follower(FindRun("run").id);
  ASSERT_TRUE(follower.Update(*store_).ok());
  ASSERT_EQ(follower.Conclude().findings.size(), 1u);
  EXPECT_EQ(follower.Conclude().findings[0].title, "fc1.weight never changes");
  add(4, -1.01);
  ASSERT_TRUE(follower.Update(*store_).ok());
  EXPECT_THAT(follower.Conclude().findings, IsEmpty());
  EXPECT_EQ(follower.Conclude(), Newly());
  for (int step = 5; step < 7; ++step) add(step, -1.01);
  ASSERT_TRUE(follower.Update(*store_).ok());
  ASSERT_EQ(follower.Conclude().findings.size(), 1u);
  EXPECT_EQ(follower.Conclude().findings[0].title, "no weights have changed since step 4");
  EXPECT_EQ(follower.Conclude(), Newly());
}

TEST_F(RunFollowerTest, JudgesTheRestWhereHistogramsWentWithTheirFile) {
  proto::HistogramProto large;
  for (int i = 0; i < 600; ++i) {
    large.add_bucket_limit(i);
    large.add_bucket(1);
  }
  EventBuilder file(1000);
  for (int step = 1; step < 4; ++step) file.OldHistogram("fc1.weight", step, large);
  AddWindows(20, 8, 30, &file);
  file.AppendTo(EventFile("run"));
  LoadWithoutCopying();
  std::filesystem::remove(EventFile("run"));
  auto store = store::Store::OpenReadOnly(data_dir());
  ASSERT_TRUE(store.ok());
  RunFollower follower(1);
  const Status status = follower.Update(**store);
  ASSERT_TRUE(status.ok()) << status.error().ToString();
  ASSERT_EQ(follower.Conclude().findings.size(), 1u);
  EXPECT_EQ(follower.Conclude().findings[0].rule, "dead_units");
}

TEST_F(RunFollowerTest, ARunStartedAgainInItsFolderIsJudgedAnew) {
  EventBuilder sick(1000);
  sick.Scalar("learning_rate", 1, 0.5f);
  AddWindows(20, 8, 30, &sick);
  sick.AppendTo(EventFile("run", "1"));
  Load();
  RunFollower follower(FindRun("run").id);
  ASSERT_TRUE(follower.Update(*store_).ok());
  ASSERT_EQ(follower.Conclude().findings.size(), 1u);

  EventBuilder healthy(2000);
  healthy.Scalar("learning_rate", 1, 0.001f);
  AddWindows(9, 9, 0, &healthy);
  healthy.AppendTo(EventFile("run", "2"));
  Load();
  ASSERT_TRUE(follower.Update(*store_).ok());
  EXPECT_THAT(follower.Conclude().findings, IsEmpty());
  EXPECT_EQ(follower.Conclude(), Newly());
}

TEST_F(RunFollowerTest, ARunStartedAgainAndFurtherThanBeforeIsJudgedAnew) {
  EventBuilder sick(1000);
  AddWindows(20, 8, 30, &sick);
  sick.AppendTo(EventFile("run", "1"));
  Load();
  RunFollower follower(FindRun("run").id);
  ASSERT_TRUE(follower.Update(*store_).ok());

  EventBuilder healthy(2000);
  AddWindows(25, 25, 0, &healthy);
  healthy.AppendTo(EventFile("run", "2"));
  Load();
  ASSERT_TRUE(follower.Update(*store_).ok());
  EXPECT_THAT(follower.Conclude().findings, IsEmpty());
  EXPECT_EQ(follower.Conclude(), Newly());
}

TEST_F(RunFollowerTest, AFileWrittenAnewIsJudgedAnew) {
  EventBuilder sick(1000);
  AddWindows(20, 8, 30, &sick);
  sick.AppendTo(EventFile("run"));
  Load();
  RunFollower follower(FindRun("run").id);
  ASSERT_TRUE(follower.Update(*store_).ok());

  std::filesystem::remove(EventFile("run"));
  EventBuilder healthy(3000);
  AddWindows(12, 12, 0, &healthy);
  healthy.AppendTo(EventFile("run"));
  Load();
  ASSERT_TRUE(follower.Update(*store_).ok());
  EXPECT_THAT(follower.Conclude().findings, IsEmpty());
  EXPECT_EQ(follower.Conclude(), Newly());
}

TEST_F(RunFollowerTest, AWriterAtItsSideHidesNothing) {
  EventBuilder first(1000);
  AddWindows(20, 8, 30, &first);
  first.AppendTo(EventFile("run", "1"));
  Load();
  RunFollower follower(FindRun("run").id);
  ASSERT_TRUE(follower.Update(*store_).ok());
  const store::Diagnosis before = follower.Conclude();

  EventBuilder beside(1000.5);
  AddWindows(5, 5, 0, &beside);
  beside.AppendTo(EventFile("run", "2"));
  Load();
  ASSERT_TRUE(follower.Update(*store_).ok());
  EXPECT_EQ(follower.Conclude(), before);
}

}  // namespace
}  // namespace spirogram::app
