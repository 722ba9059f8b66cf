// Cases of TensorBoard's restart and purge tests (its event accumulator and run loader), as the
// restart rule of docs/formats.md answers them. TensorBoard drops points where this store hides
// them, so `points` counts them all.
#include <gmock/gmock.h>

#include "tests/store/store_fixture.h"

namespace spirogram::store {
namespace {

using ::testing::ElementsAre;
using testing::EventBuilder;
using ::testing::IsEmpty;

class RestartCaseTest : public StoreFixture {
 protected:
  static void Add(const std::string& tag, std::initializer_list<Step> steps, EventBuilder* file) {
    for (const Step step : steps) file->Scalar(tag, step, static_cast<float>(step));
  }
};

// 29, as it happens: a program that restarts writes a file of its own.
TEST_F(RestartCaseTest, StepsOfALaterFileHideTheEarlierOnesFromTheirLowestOn) {
  EventBuilder first(1000);
  Add("s1", {100, 200, 300}, &first);
  first.AppendTo(EventFile("run", "1"));
  EventBuilder second(2000);
  Add("s1", {101, 201, 301}, &second);
  second.AppendTo(EventFile("run", "2"));
  Load();
  EXPECT_THAT(Steps("run", "s1"), ElementsAre(100, 101, 201, 301));
  EXPECT_EQ(FindRun("run").points, 6);
}

// 29 and 30, in one file: without a START steps that go back are back-filled ones and all show, in
// the order of steps. TensorBoard drops 200 and 300 there, or shows all in the order of writing.
TEST_F(RestartCaseTest, WithinAFileStepsThatGoBackHideNothing) {
  EventBuilder file(1000);
  Add("s1", {100, 200, 300, 101, 201, 301}, &file);
  file.AppendTo(EventFile("run"));
  Load();
  EXPECT_THAT(Steps("run", "s1"), ElementsAre(100, 101, 200, 201, 300, 301));
}

// 31
TEST_F(RestartCaseTest, EachTagIsHiddenFromItsOwnLowestStep) {
  EventBuilder first(1000);
  Add("s1", {100, 200, 300}, &first);
  first.AppendTo(EventFile("run", "1"));
  EventBuilder second(2000);
  for (const Step step : {101, 201, 301}) {
    Add("s1", {step}, &second);
    Add("s2", {step}, &second);
  }
  Add("s3", {101}, &second);
  second.AppendTo(EventFile("run", "2"));
  Load();
  EXPECT_THAT(Steps("run", "s1"), ElementsAre(100, 101, 201, 301));
  EXPECT_THAT(Steps("run", "s2"), ElementsAre(101, 201, 301));
  EXPECT_THAT(Steps("run", "s3"), ElementsAre(101));
}

// 32
TEST_F(RestartCaseTest, AFileVersionOrAGraphAtStepZeroHidesNothing) {
  EventBuilder first(1000);
  Add("s1", {100, 200}, &first);
  first.AppendTo(EventFile("run", "1"));
  EventBuilder second(2000);
  proto::Event graph;
  graph.set_graph_def("bytes of a graph");
  second.FileVersion().Add(0, std::move(graph)).AppendTo(EventFile("run", "2"));
  Load();
  EXPECT_THAT(Steps("run", "s1"), ElementsAre(100, 200));
}

// 33
TEST_F(RestartCaseTest, AStartHidesEveryTagFromItsStepOn) {
  EventBuilder file(1000);
  file.FileVersion().SessionStart(100);
  Add("s1", {100, 200, 300, 400}, &file);
  Add("s2", {202, 203}, &file);
  file.SessionStart(201).AppendTo(EventFile("run"));
  Load();
  EXPECT_THAT(Steps("run", "s1"), ElementsAre(100, 200));
  EXPECT_THAT(Steps("run", "s2"), IsEmpty());
  EXPECT_EQ(FindRun("run").points, 6);
}

TEST_F(RestartCaseTest, TheFirstStartOfAFileCountsAgainstEarlierFiles) {
  EventBuilder first(1000);
  Add("s1", {100, 200, 300}, &first);
  first.AppendTo(EventFile("run", "1"));
  EventBuilder second(2000);
  second.FileVersion().SessionStart(200);
  Add("s1", {250}, &second);
  second.AppendTo(EventFile("run", "2"));
  Load();
  EXPECT_THAT(Steps("run", "s1"), ElementsAre(100, 250));
}

TEST_F(RestartCaseTest, SeveralStartsOfAFileHideStepByStep) {
  EventBuilder file(1000);
  Add("s1", {0, 10, 20, 30}, &file);
  file.SessionStart(20);
  Add("s1", {20, 30, 40}, &file);
  file.SessionStart(30);
  Add("s1", {30}, &file);
  file.AppendTo(EventFile("run"));
  Load();
  EXPECT_THAT(Steps("run", "s1"), ElementsAre(0, 10, 20, 30));
  EXPECT_EQ(Scalars("run", "s1").wall_time.back(), 1009);
}

TEST_F(RestartCaseTest, AStartAtTheFirstStepHidesAllThatCameBefore) {
  EventBuilder file(1000);
  Add("s1", {0, 1, 2}, &file);
  file.SessionStart(0);
  Add("s1", {0, 1}, &file);
  file.AppendTo(EventFile("run"));
  Load();
  EXPECT_THAT(Scalars("run", "s1").wall_time, ElementsAre(1004, 1005));
}

// 34
TEST_F(RestartCaseTest, WhatStandsBeforeTheFirstStartSurvivesIt) {
  EventBuilder file(1000);
  file.FileVersion();
  Add("before", {0}, &file);
  EventBuilder& started = file.SessionStart(1);
  Add("s1", {1, 2}, &started);
  file.AppendTo(EventFile("run"));
  Load();
  EXPECT_THAT(Steps("run", "before"), ElementsAre(0));
  EXPECT_THAT(Steps("run", "s1"), ElementsAre(1, 2));
}

// 35
TEST_F(RestartCaseTest, TwoFilesOfARunJoinAndTheFirstEventIsItsStart) {
  EventBuilder first(1234.5);
  first.FileVersion();
  Add("accuracy", {0, 1, 2, 3}, &first);
  first.AppendTo(EventFile("run", "1"));
  EventBuilder second(2345.5);
  second.FileVersion();
  Add("accuracy", {2, 3, 4}, &second);
  second.AppendTo(EventFile("run", "2"));
  Load();
  const ScalarRows rows = Scalars("run", "accuracy");
  EXPECT_THAT(rows.step, ElementsAre(0, 1, 2, 3, 4));
  EXPECT_THAT(rows.wall_time, ElementsAre(1235.5, 1236.5, 2346.5, 2347.5, 2348.5));
  EXPECT_EQ(FindRun("run").start_time, 1234.5);
}

// A clock that was set back between sessions looks like a restart from scratch: wall time is all
// that orders sessions, so that the order of reading does not. Nothing is lost: it is hidden.
TEST_F(RestartCaseTest, SessionsAreOrderedByTheirClockAlsoWhereItWasSetBack) {
  EventBuilder first(2000);
  Add("s1", {0, 1, 2, 3}, &first);
  first.AppendTo(EventFile("run", "1"));
  EventBuilder second(1000);
  Add("s1", {4, 5}, &second);
  second.AppendTo(EventFile("run", "2"));
  Load();
  EXPECT_THAT(Steps("run", "s1"), ElementsAre(0, 1, 2, 3));
  EXPECT_EQ(FindRun("run").points, 6);
}

TEST_F(RestartCaseTest, AClockThatJumpsWithinASessionHidesNothing) {
  EventBuilder file(2000);
  Add("s1", {0, 1, 2}, &file);
  file.set_wall_time(1000);
  Add("s1", {3, 4}, &file);
  file.AppendTo(EventFile("run"));
  Load();
  EXPECT_THAT(Steps("run", "s1"), ElementsAre(0, 1, 2, 3, 4));
}

TEST_F(RestartCaseTest, ExtremeStepsKeepTheirOrder) {
  EventBuilder file(1000);
  Add("s1", {INT64_MAX, -5, 0, INT64_MIN}, &file);
  file.AppendTo(EventFile("run"));
  Load();
  EXPECT_THAT(Steps("run", "s1"), ElementsAre(INT64_MIN, -5, 0, INT64_MAX));
}

}  // namespace
}  // namespace spirogram::store
