// The restart rule of docs/formats.md: what a series is when steps go back.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "base/str.h"
#include "store/visibility.h"
#include "tests/store/store_fixture.h"

namespace spirogram::store {
namespace {

using ::testing::ElementsAre;
using testing::EventBuilder;
using ::testing::IsEmpty;

class RestartTest : public StoreFixture {};

void AddScalars(const std::string& tag, std::initializer_list<Step> steps, EventBuilder* file) {
  for (const Step step : steps) file->Scalar(tag, step, static_cast<float>(step));
}

TEST_F(RestartTest, AResumedRunSupersedesFromItsFirstStepOn) {
  EventBuilder first(1000);
  AddScalars("loss", {0, 1, 2, 3}, &first);
  first.AppendTo(EventFile("run", "1"));
  EventBuilder second(2000);
  AddScalars("loss", {2, 3, 4}, &second);
  second.AppendTo(EventFile("run", "2"));
  Load();
  const ScalarRows rows = Scalars("run", "loss");
  EXPECT_THAT(rows.step, ElementsAre(0, 1, 2, 3, 4));
  EXPECT_THAT(rows.wall_time, ElementsAre(1000, 1001, 2000, 2001, 2002));
  EXPECT_EQ(FindRun("run").points, 7);  // hidden, not deleted
}

TEST_F(RestartTest, TheOrderOfReadingDoesNotMatter) {
  EventBuilder second(2000);
  AddScalars("loss", {2, 3, 4}, &second);
  second.AppendTo(EventFile("run", "2"));
  Load();
  EventBuilder first(1000);
  AddScalars("loss", {0, 1, 2, 3}, &first);
  first.AppendTo(EventFile("run", "1"));
  Load();
  EXPECT_THAT(Scalars("run", "loss").wall_time, ElementsAre(1000, 1001, 2000, 2001, 2002));
}

TEST_F(RestartTest, AStartWithAPurgeStepHidesTailsOfEveryTag) {
  EventBuilder first(1000);
  AddScalars("loss", {100, 200, 300}, &first);
  AddScalars("gone", {202, 203}, &first);
  first.AppendTo(EventFile("run", "1"));
  EventBuilder second(2000);
  second.FileVersion().SessionStart(201);
  AddScalars("loss", {201, 301}, &second);
  second.AppendTo(EventFile("run", "2"));
  Load();
  EXPECT_THAT(Steps("run", "loss"), ElementsAre(100, 200, 201, 301));
  EXPECT_THAT(Steps("run", "gone"), IsEmpty());
}

TEST_F(RestartTest, AStartWithinAFileHidesWhatCameBeforeIt) {
  EventBuilder file(1000);
  file.FileVersion().SessionStart(100);
  AddScalars("s1", {100, 200, 300, 400}, &file);
  AddScalars("s2", {202, 203}, &file);
  file.SessionStart(201);
  file.AppendTo(EventFile("run"));
  Load();
  EXPECT_THAT(Steps("run", "s1"), ElementsAre(100, 200));
  EXPECT_THAT(Steps("run", "s2"), IsEmpty());
}

TEST_F(RestartTest, WritersAtTheSameTimeDoNotHideEachOther) {
  EventBuilder even(1000);
  EventBuilder odd(1000.5);
  for (Step step = 0; step < 1000; step += 2) even.Scalar("loss", step, 0);
  for (Step step = 1; step < 1000; step += 2) odd.Scalar("loss", step, 1);
  even.AppendTo(EventFile("run", "1.even"));
  odd.AppendTo(EventFile("run", "2.odd"));
  Load();
  const ScalarRows rows = Scalars("run", "loss");
  ASSERT_EQ(rows.size(), 1000u);
  for (size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows.step[i], static_cast<Step>(i));
    EXPECT_EQ(rows.mean[i], static_cast<double>(i % 2));
  }
}

TEST_F(RestartTest, LongSeriesOfTwoWritersStayBoundedAndWhole) {
  EventBuilder even(1000);
  EventBuilder odd(1000.5);
  for (Step step = 0; step < 100'000; step += 2) even.Scalar("loss", step, 0);
  for (Step step = 1; step < 100'000; step += 2) odd.Scalar("loss", step, 1);
  even.AppendTo(EventFile("run", "1.even"));
  odd.AppendTo(EventFile("run", "2.odd"));
  Load();
  for (const int rows_max : {3, 10, 100, 1000}) {
    const ScalarRows rows = Scalars("run", "loss", rows_max);
    EXPECT_LE(rows.size(), static_cast<size_t>(rows_max));
    EXPECT_EQ(rows.points, 100'000);
    int64_t points = 0;
    for (const uint32_t count : rows.count) points += count;
    EXPECT_EQ(points, 100'000);
    EXPECT_TRUE(std::is_sorted(rows.step.begin(), rows.step.end()));
    EXPECT_EQ(rows.step.front(), 0);
    EXPECT_EQ(rows.step.back(), 99'999);
  }
}

TEST_F(RestartTest, KeepsRepeatedAndBackFilledStepsOfOneFile) {
  EventBuilder file;
  file.Scalar("loss", 5, 1).Scalar("loss", 5, 2).Scalar("loss", 3, 3).Scalar("loss", 7, 4);
  file.AppendTo(EventFile("run"));
  Load();
  const ScalarRows rows = Scalars("run", "loss");
  EXPECT_THAT(rows.step, ElementsAre(3, 5, 5, 7));
  EXPECT_THAT(rows.mean, ElementsAre(3, 1, 2, 4));
}

TEST_F(RestartTest, HidesSupersededTextsToo) {
  EventBuilder(1000)
      .Texts("note", 1, "text", {}, {"old"})
      .Texts("note", 2, "text", {}, {"old"})
      .AppendTo(EventFile("run", "1"));
  EventBuilder(2000).Texts("note", 2, "text", {}, {"new"}).AppendTo(EventFile("run", "2"));
  Load();
  const auto texts = store_->ReadTexts(FindRun("run").id, "note");
  ASSERT_TRUE(texts.ok());
  ASSERT_EQ(texts->size(), 2u);
  EXPECT_EQ((*texts)[0].values[0], "old");
  EXPECT_EQ((*texts)[1].values[0], "new");
}

TEST(VisibilityTest, LeavesASingleSessionWhole) {
  EXPECT_EQ(GetCutoffs({{.id = 1, .file = "a"}}, {{1, 0}})[0], std::nullopt);
}

TEST(VisibilityTest, ALaterSessionWithoutTheTagHidesNothingUnlessItPurges) {
  std::vector<Session> sessions(2);
  sessions[0] = {.id = 1, .file = "a", .first_wall_time = 0, .last_wall_time = 10};
  sessions[1] = {.id = 2, .file = "b", .first_wall_time = 20, .last_wall_time = 30};
  EXPECT_EQ(GetCutoffs(sessions, {{1, 0}})[0], std::nullopt);
  sessions[1].purge_step = 7;
  EXPECT_EQ(GetCutoffs(sessions, {{1, 0}})[0], 7);
}

// The rule as visibility.h puts it, each session against each other.
std::vector<std::optional<Step>> SlowCutoffs(const std::vector<Session>& sessions,
                                             const std::vector<SessionPart>& parts) {
  const auto is_later = [](const Session& b, const Session& a) {
    if (b.file == a.file) return b.id > a.id;
    return b.first_wall_time >= a.last_wall_time &&
           std::pair(a.first_wall_time, a.file) < std::pair(b.first_wall_time, b.file);
  };
  std::vector<std::optional<Step>> cutoffs(parts.size());
  for (size_t i = 0; i < parts.size(); ++i) {
    const auto lower = [&](Step step) { cutoffs[i] = std::min(cutoffs[i].value_or(step), step); };
    for (const Session& mine : sessions) {
      if (mine.id != parts[i].session_id) continue;
      for (const Session& other : sessions) {
        if (other.id == mine.id || !is_later(other, mine)) continue;
        if (other.purge_step) lower(*other.purge_step);
        for (const SessionPart& part : parts) {
          if (part.session_id == other.id) lower(part.min_step);
        }
      }
    }
  }
  return cutoffs;
}

// Few times and files, so that most of them meet: sessions that end as another begins, that begin
// at once, and clocks that were set back within a file.
TEST(VisibilityTest, FindsWhatComparingAllSessionsFinds) {
  std::mt19937 random(7);
  const auto below = [&](int64_t bound) { return static_cast<int64_t>(random()) % bound; };
  for (int trial = 0; trial < 3000; ++trial) {
    std::vector<Session> sessions(static_cast<size_t>(below(8)));
    std::vector<SessionPart> parts;
    for (size_t i = 0; i < sessions.size(); ++i) {
      Session& session = sessions[i];
      session.id = static_cast<int64_t>(i) + 1;
      session.file = StrCat("file", below(4));
      session.first_wall_time = static_cast<double>(below(6));
      session.last_wall_time = session.first_wall_time + static_cast<double>(below(3));
      if (below(4) == 0) session.purge_step = below(20);
      if (below(4) != 0) parts.push_back({session.id, below(20)});
    }
    std::shuffle(sessions.begin(), sessions.end(), random);
    EXPECT_EQ(GetCutoffs(sessions, parts), SlowCutoffs(sessions, parts)) << "trial " << trial;
  }
}

// A job that is started again every hour logs into one folder for months. Comparing all sessions
// with all others, and each with all parts, would take until next month here.
TEST(VisibilityTest, TakesTensOfThousandsOfSessions) {
  constexpr int64_t kSessions = 50'000;
  std::vector<Session> sessions;
  std::vector<SessionPart> parts;
  for (int64_t id = 1; id <= kSessions; ++id) {
    const double start = 3600.0 * static_cast<double>(id);
    sessions.push_back({.id = id,
                        .file = StrCat("events.out.tfevents.", id),
                        .first_wall_time = start,
                        .last_wall_time = start + 3000});
    parts.push_back({id, 10 * id});
  }
  const auto cutoffs = GetCutoffs(sessions, parts);
  EXPECT_EQ(cutoffs.front(), 20);
  EXPECT_EQ(cutoffs.back(), std::nullopt);
}

class FileChangeTest : public StoreFixture {};

TEST_F(FileChangeTest, AReplacedFileTakesThePlaceOfTheOld) {
  EventBuilder()
      .Scalar("old", 0, 1)
      .Scalar("loss", 0, 1)
      .Scalar("loss", 1, 1)
      .AppendTo(EventFile("run"));
  Load();
  std::filesystem::remove(EventFile("run"));
  EventBuilder(5e8)
      .Scalar("loss", 7, 2)
      .Scalar("loss", 8, 2)
      .Scalar("loss", 9, 2)
      .Scalar("loss", 10, 2)
      .AppendTo(EventFile("run"));
  Load();
  EXPECT_THAT(Steps("run", "loss"), ElementsAre(7, 8, 9, 10));
  EXPECT_EQ(FindRun("run").points, 4);
  EXPECT_EQ(store_->ReadTags({})->size(), 1u);
}

TEST_F(FileChangeTest, ATruncatedFileIsReadAnew) {
  EventBuilder file;
  file.Scalar("loss", 0, 1).Scalar("loss", 1, 1).Scalar("loss", 2, 1).AppendTo(EventFile("run"));
  Load();
  std::filesystem::resize_file(EventFile("run"), file.offsets()[1]);
  Load();
  EXPECT_THAT(Steps("run", "loss"), ElementsAre(0));
}

TEST_F(FileChangeTest, ARunForgetsWhatOnlyTheReplacedFileSaidOfIt) {
  EventBuilder kept(2000);
  kept.Scalar("loss", 5, 1).Scalar("loss", 6, 1).AppendTo(EventFile("run", "1"));
  EventBuilder gone(1000);
  proto::Event stop;
  stop.mutable_session_log()->set_status(proto::SessionLog::STOP);
  gone.Scalar("loss", 0, 1).Scalar("loss", 900, 1).Add(900, std::move(stop));
  gone.AppendTo(EventFile("run", "2"));
  Load();
  ASSERT_EQ(FindRun("run").last_step, 900);
  ASSERT_EQ(FindRun("run").start_time, 1000);
  ASSERT_EQ(FindRun("run").evidence.end, RunEnd::kStop);
  EventBuilder shorter(3000);
  shorter.Scalar("loss", 7, 1);
  ASSERT_TRUE(WriteFileAtomically(EventFile("run", "2"), shorter.bytes()).ok());
  Load();
  const auto run = FindRun("run");
  EXPECT_EQ(run.last_step, 7);
  EXPECT_EQ(run.start_time, 2000);
  EXPECT_EQ(run.last_wall_time, 3000);
  EXPECT_EQ(run.points, 3);
  EXPECT_EQ(run.evidence.end, RunEnd::kNotSaid);
}

TEST_F(FileChangeTest, ACopyWithANewInodeGoesOnWhereItWas) {
  EventBuilder file;
  file.Scalar("loss", 0, 1).AppendTo(EventFile("run"));
  Load();
  file.Scalar("loss", 1, 1);
  ASSERT_TRUE(WriteFileAtomically(EventFile("run"), file.bytes()).ok());
  Load();
  EXPECT_THAT(Steps("run", "loss"), ElementsAre(0, 1));
  EXPECT_EQ(FindRun("run").points, 2);
}

TEST_F(FileChangeTest, ADeletedRunStaysAsHistory) {
  EventBuilder().Scalar("loss", 0, 1).AppendTo(EventFile("run"));
  Load();
  std::filesystem::remove_all(logdir() + "/run");
  Load();
  EXPECT_THAT(Steps("run", "loss"), ElementsAre(0));
}

TEST_F(FileChangeTest, ATailIsReadOnceItIsWhole) {
  EventBuilder file;
  file.Scalar("loss", 0, 1).Scalar("loss", 1, 1);
  const std::string bytes = file.bytes();
  ASSERT_TRUE(MakeFolders(logdir() + "/run").ok());
  for (size_t size = file.offsets()[1]; size <= bytes.size(); ++size) {
    ASSERT_TRUE(WriteFileAtomically(EventFile("run"), bytes.substr(0, size)).ok());
    Load();
    EXPECT_EQ(Scalars("run", "loss").points, size == bytes.size() ? 2 : 1) << size;
    EXPECT_EQ(store_->ReadWarnings(FindRun("run").id)->size(), 0u) << size;
  }
}

// Sessions that follow, overlap and purge each other, with steps that repeat and go back, in blocks
// that are full and that are not.
TEST_F(RestartTest, TheLastPointIsThatOfTheRows) {
  std::mt19937 random(7);
  const auto below = [&](int bound) {
    return static_cast<int>(random() % static_cast<uint32_t>(bound));
  };
  constexpr int kRuns = 60;
  for (int run = 0; run < kRuns; ++run) {
    for (int session = 0, sessions = 1 + below(4); session < sessions; ++session) {
      EventBuilder file(1000 + below(3) * 5000.0);
      if (below(3) == 0) file.FileVersion().SessionStart(below(3000));
      Step step = below(3000);
      for (int i = 0, points = 1 + below(run % 10 == 0 ? 9000 : 40); i < points; ++i) {
        file.Scalar("loss", step, static_cast<float>(below(1000)));
        step += below(10) == 0 ? -below(20) : below(3);
      }
      file.AppendTo(EventFile(StrCat("run", run), StrCat(session)));
    }
  }
  Load();
  std::vector<SeriesName> series;
  const auto runs = store_->ReadRuns();
  ASSERT_TRUE(runs.ok()) << runs.error().ToString();
  for (const store::Run& run : *runs) series.push_back({run.id, "loss"});
  series.push_back({1, "nothing"});
  series.push_back({99'999, "loss"});
  const auto last = store_->ReadLastPoints(series);
  ASSERT_TRUE(last.ok()) << last.error().ToString();
  ASSERT_EQ(last->size(), size_t{kRuns} + 2);
  int shown = 0;
  for (size_t i = 0; i < kRuns; ++i) {
    SCOPED_TRACE(i);
    const auto rows = store_->ReadScalars({.run = series[i].run, .tag = "loss", .rows_max = 3});
    ASSERT_TRUE(rows.ok()) << rows.error().ToString();
    ASSERT_EQ((*last)[i].has_value(), rows->size() > 0);
    if (rows->size() == 0) continue;
    ++shown;
    EXPECT_EQ((*last)[i]->step, rows->step.back());
    EXPECT_EQ((*last)[i]->wall_time, rows->wall_time.back());
    EXPECT_EQ((*last)[i]->value, rows->mean.back());
  }
  EXPECT_GT(shown, kRuns / 2);
  EXPECT_FALSE((*last)[kRuns] || (*last)[kRuns + 1]);
}

}  // namespace
}  // namespace spirogram::store
