#include "store/profile_sums.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/str.h"
#include "proto/spirogram.pb.h"
#include "proto/summary.pb.h"
#include "store/maintenance.h"
#include "store/phase_sums.h"
#include "store/sqlite/database.h"
#include "tests/store/store_fixture.h"

namespace spirogram::store {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using testing::EventBuilder;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using Kind = ProfileSlices::Kind;

void Add(Kind kind, uint32_t name, int64_t duration_ns, ProfileSlices* slices) {
  const ProfileSlices one = {{}, {kind}, {name}, {5}, {duration_ns}, {1}, {0}, {0}};
  AppendSlice(one, 0, name, slices);
}

TEST(ProfileSumsTest, AreThePhasesAndTheTimesOfKernels) {
  ProfileSlices slices;
  for (int i = 0; i < 10; ++i) Add(Kind::kCall, 0, 100, &slices);
  Add(Kind::kPhase, 1, 40, &slices);
  Add(Kind::kKernel, 2, 5, &slices);
  Add(Kind::kKernel, 2, 7, &slices);
  Add(Kind::kCopy, 2, -1, &slices);
  const ProfileSums sums = EncodeProfileSums(slices);
  ASSERT_TRUE(sums.phases && sums.kernels);
  ProfileSlices phases;
  ASSERT_TRUE(DecodeProfileChunk(*sums.phases, &phases).ok());
  EXPECT_EQ(phases, PhasesOf(slices));
  EXPECT_EQ(phases.size(), 1u);
  KernelTimes kernels;
  ASSERT_TRUE(DecodeKernelTimes(*sums.kernels, &kernels).ok());
  const KernelTimes want = {{{2, Kind::kKernel}, {2, 12, 7}}, {{2, Kind::kCopy}, {1, 0, 0}}};
  EXPECT_EQ(kernels, want);
  EXPECT_TRUE(CheckProfileSums(slices, sums).ok());
}

TEST(ProfileSumsTest, AreEmptyWhereThereIsNothingToSum) {
  ProfileSlices slices;
  Add(Kind::kCall, 0, 1, &slices);
  const ProfileSums sums = EncodeProfileSums(slices);
  EXPECT_EQ(sums.phases, "");
  EXPECT_EQ(sums.kernels, "");
  EXPECT_TRUE(CheckProfileSums(slices, sums).ok());
}

TEST(ProfileSumsTest, AreNotKeptWhereTheyWouldBeAsLongAsTheChunk) {
  ProfileSlices slices;
  for (uint32_t i = 0; i < 9; ++i) Add(i < 4 ? Kind::kPhase : Kind::kKernel, i, 1, &slices);
  const ProfileSums sums = EncodeProfileSums(slices);
  EXPECT_FALSE(sums.phases);
  EXPECT_FALSE(sums.kernels);
  EXPECT_TRUE(CheckProfileSums(slices, sums).ok());
}

TEST(ProfileSumsTest, AreToldFromThoseOfOtherSlices) {
  ProfileSlices slices;
  for (int i = 0; i < 8; ++i) Add(Kind::kCall, 0, 1, &slices);
  ProfileSlices others = slices;
  Add(Kind::kPhase, 0, 1, &slices);
  Add(Kind::kPhase, 0, 2, &others);
  EXPECT_FALSE(CheckProfileSums(slices, EncodeProfileSums(others)).ok());
  EXPECT_FALSE(CheckProfileSums(slices, {.phases = "", .kernels = ""}).ok());
  EXPECT_FALSE(CheckProfileSums(slices, {.phases = "damaged", .kernels = ""}).ok());
  Add(Kind::kKernel, 0, 1, &slices);
  const std::string phases = EncodeProfileChunk(PhasesOf(slices));
  EXPECT_FALSE(CheckProfileSums(slices, {.phases = phases, .kernels = ""}).ok());
}

// A run whose profile is logged in events of four steps: of each step two phases, eight calls and a
// kernel for each.
class StoredProfileTest : public StoreFixture {
 protected:
  static constexpr int kSlicesPerStep = 18;

  void Log(const std::string& file, Step from, Step to) {
    EventBuilder events(started_ + static_cast<double>(from));
    for (Step first = from; first < to; first += 4) {
      proto::ProfileSlices slices;
      for (const char* name : {"forward", "backward", "launch", "gemm", "relu"}) {
        slices.add_names(name);
      }
      for (Step step = first; step < std::min(first + 4, to); ++step) {
        for (int i = 0; i < kSlicesPerStep; ++i) {
          const bool is_phase = i < 2;
          const Kind kind = is_phase ? Kind::kPhase : i % 2 == 0 ? Kind::kCall : Kind::kKernel;
          slices.add_kind(static_cast<uint32_t>(kind));
          slices.add_name(is_phase     ? static_cast<uint32_t>(i)
                          : i % 2 == 0 ? 2
                          : i % 3 == 0 ? 3
                                       : 4);
          const int64_t start_ns = ns_offset_ + 1'000'000 * step + 1000 * i;
          slices.add_start_ns(start_ns - last_ns_);
          last_ns_ = start_ns;
          slices.add_duration_ns(static_cast<uint64_t>(100 + (step * 7 + i) % 31));
          slices.add_step(step - last_step_);
          last_step_ = step;
          slices.add_correlation_id(static_cast<uint32_t>(is_phase ? 0 : i / 2));
          slices.add_stream(7);
        }
      }
      last_ns_ = 0;
      last_step_ = 0;
      events.Texts("profile", first, "spirogram_profile", {}, {slices.SerializeAsString()});
    }
    events.AppendTo(EventFile(run_, file));
  }

  // Steps 0 to 99, a few at a time, as a server meets them.
  void LogLive() {
    Load();
    for (Step step = 0; step < 100; step += 4) {
      Log("1", step, step + 4);
      ASSERT_TRUE(store_->LoadOnce().ok());
    }
  }

  // The rows hold the own times of the phases of their steps.
  void ExpectTimesOfThePhases(Step from, Step to, int rows_max) {
    const RunId run = FindRun(run_).id;
    const auto slices = store_->ReadProfile(run, from, to);
    ASSERT_TRUE(slices.ok());
    const auto times = store_->ReadPhaseTimes(run, from, to, rows_max);
    ASSERT_TRUE(times.ok()) << times.error().ToString();
    EXPECT_LE(times->steps.size(), static_cast<size_t>(rows_max));
    const ProfileSlices phases = PhasesOf(*slices);
    const std::vector<int64_t> own_ns = MeasureOwnTimes(phases);
    std::map<std::pair<std::string, size_t>, uint64_t> want;
    std::vector<std::set<Step>> steps(times->steps.size());
    for (size_t i = 0; i < phases.size(); ++i) {
      const auto row = static_cast<size_t>(
          std::lower_bound(times->last_step.begin(), times->last_step.end(), phases.step[i]) -
          times->last_step.begin());
      ASSERT_LT(row, steps.size());
      steps[row].insert(phases.step[i]);
      want[{slices->names[phases.name[i]], row}] += static_cast<uint64_t>(own_ns[i]);
    }
    for (size_t row = 0; row < steps.size(); ++row) {
      EXPECT_EQ(times->steps[row], steps[row].size()) << row;
      EXPECT_EQ(times->last_step[row], *steps[row].rbegin()) << row;
      for (size_t name = 0; name < times->names.size(); ++name) {
        EXPECT_EQ(times->own_ns[name][row], (want[{times->names[name], row}])) << row;
      }
    }
  }
  void ExpectTotalsOfTheSlices() {
    const RunId run = FindRun(run_).id;
    const auto slices = store_->ReadProfile(run, INT64_MIN, INT64_MAX);
    ASSERT_TRUE(slices.ok());
    std::map<std::pair<std::string, Kind>, KernelTime> want;
    for (size_t i = 0; i < slices->size(); ++i) {
      if (slices->kind[i] == Kind::kPhase || slices->kind[i] == Kind::kCall) continue;
      KernelTime& time = want[{slices->names[slices->name[i]], slices->kind[i]}];
      const int64_t duration_ns = slices->duration_ns[i];
      AddKernelTime({1, static_cast<double>(duration_ns), duration_ns}, &time);
    }
    const auto totals = store_->ReadKernelTotals(run);
    ASSERT_TRUE(totals.ok()) << totals.error().ToString();
    EXPECT_THAT(*totals, SizeIs(want.size()));
    for (const KernelTotal& total : *totals) {
      const KernelTime got = {total.count, total.total_ns, total.max_ns};
      EXPECT_EQ(got, (want[{total.name, total.kind}])) << total.name;
    }
  }
  void Execute(const std::string& sql) {
    auto database = Database::Open(data_dir() + "/spirogram.sqlite", Database::Mode::kWriter);
    ASSERT_TRUE(database.ok());
    const Status status = database->Execute(sql);
    ASSERT_TRUE(status.ok()) << status.error().ToString();
  }
  int64_t Count(const std::string& sql) {
    auto database = Database::Open(data_dir() + "/spirogram.sqlite", Database::Mode::kReader);
    return database->QueryInt(sql).value();
  }

  std::string run_ = "run";
  WallTime started_ = 1000;
  int64_t ns_offset_ = 0;

 private:
  int64_t last_ns_ = 0;
  Step last_step_ = 0;
};

TEST_F(StoredProfileTest, SumsWhatItHolds) {
  LogLive();
  ExpectTotalsOfTheSlices();
  for (const int rows_max : {1, 2, 3, 10, 1000}) {
    for (const auto& [from, to] : {std::pair<Step, Step>{INT64_MIN, INT64_MAX}, {0, 0}, {9, 81}}) {
      ExpectTimesOfThePhases(from, to, rows_max);
    }
  }
  const auto times = store_->ReadPhaseTimes(FindRun("run").id, 0, 99, 3);
  EXPECT_THAT(times->names, ElementsAre("forward", "backward"));
  EXPECT_THAT(times->last_step, ElementsAre(63, 99));  // of four rows of 32 steps
  EXPECT_THAT(times->steps, ElementsAre(64, 36));
}

// Rows of 2,048 steps put each of the two windows, as profilers take them, into one.
TEST_F(StoredProfileTest, KeepsTheRowsOfStepsThatAreFarApart) {
  Log("1", 0, 100);
  Log("1", 1'000'000, 1'000'100);
  Load();
  const auto times = store_->ReadPhaseTimes(FindRun("run").id, 0, 2'000'000, 100);
  EXPECT_THAT(times->steps, AllOf(SizeIs(100), Each(2u)));
  for (const int rows_max : {3, 100, 1000}) ExpectTimesOfThePhases(0, 2'000'000, rows_max);
}

TEST_F(StoredProfileTest, SumsWhatARestartLeftVisible) {
  LogLive();
  started_ = 2000;
  Log("2", 50, 120);  // hides steps from 50 on of the one before
  ASSERT_TRUE(store_->LoadOnce().ok());
  EXPECT_THAT(store_->ReadPhaseTimes(FindRun("run").id, 0, 200, 1)->steps, ElementsAre(120));
  ExpectTotalsOfTheSlices();
  for (const int rows_max : {1, 3, 1000}) {
    ExpectTimesOfThePhases(0, 200, rows_max);
    ExpectTimesOfThePhases(13, 87, rows_max);
  }
}

TEST_F(StoredProfileTest, SumsWhatAnEarlierVersionStored) {
  LogLive();
  Execute("DELETE FROM profile_sums; DELETE FROM phase_sums");
  ExpectTotalsOfTheSlices();
  ExpectTimesOfThePhases(10, 90, 2);
}

TEST_F(StoredProfileTest, JoinsTheChunksOfALiveRun) {
  LogLive();
  EXPECT_LE(Count("SELECT count(*) FROM profile_chunks"), 6);  // of 25 commits
  EXPECT_EQ(Count("SELECT sum(count) FROM profile_chunks"), 100 * kSlicesPerStep);
  EXPECT_EQ(Count("SELECT count(*) FROM profile_sums"),
            Count("SELECT count(*) FROM profile_chunks"));
  const auto slices = store_->ReadProfile(FindRun("run").id, 0, 99);
  ASSERT_EQ(slices->size(), 100u * kSlicesPerStep);
  for (size_t i = 0; i < slices->size(); ++i) {
    ASSERT_EQ(slices->step[i], static_cast<Step>(i / kSlicesPerStep));
    ASSERT_EQ(slices->duration_ns[i], 100 + (slices->step[i] * 7 + i % kSlicesPerStep) % 31);
  }
  const auto report = CheckData({.data_dir = data_dir(), .logdir = logdir()});
  EXPECT_TRUE(report->problems.empty()) << report->problems[0].what;
  const int64_t bytes = Count("SELECT sum(length(data)) FROM profile_chunks") +
                        Count("SELECT sum(length(phases) + length(kernels)) FROM profile_sums") +
                        Count("SELECT coalesce(sum(length(data)), 0) FROM phase_sums");
  EXPECT_EQ(report->bytes, static_cast<uint64_t>(bytes));
}

// Version 4 left a chunk for each commit.
TEST_F(StoredProfileTest, JoinsThousandsOfShortChunks) {
  Log("1", 0, 1);
  Load();
  Execute(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) "
      "INSERT INTO profile_chunks SELECT run_id, session_id, position - i, count, min_step, "
      "max_step, data FROM profile_chunks, n");
  Log("1", 1, 5);
  ASSERT_TRUE(store_->LoadOnce().ok());
  EXPECT_EQ(Count("SELECT count(*) FROM profile_chunks"), 1);
  const auto slices = store_->ReadProfile(FindRun("run").id, 0, 9);
  ASSERT_EQ(slices->size(), 3005u * kSlicesPerStep);
  EXPECT_TRUE(std::is_sorted(slices->step.begin(), slices->step.end()));
}

TEST_F(StoredProfileTest, KeepsWhatIsNewBehindADamagedChunk) {
  Log("1", 0, 8);
  Load();
  Execute("UPDATE profile_chunks SET data = x'00'");
  Log("1", 8, 40);
  ASSERT_TRUE(store_->LoadOnce().ok());
  EXPECT_EQ(Count("SELECT count(*) FROM profile_chunks"), 2);
  EXPECT_EQ(store_->ReadProfile(FindRun("run").id, 8, 100)->size(), 32u * kSlicesPerStep);
  EXPECT_FALSE(store_->ReadProfile(FindRun("run").id, 0, 100).ok());
}

// Its slices were joined with those that followed to a chunk longer than any may be: the server
// ended.
TEST_F(StoredProfileTest, KeepsWhatIsNewBehindAChunkThatIsLongerThanItSays) {
  Log("1", 0, 3000);
  Load();
  Execute("UPDATE profile_chunks SET count = 9");
  Log("1", 3000, 3800);
  ASSERT_TRUE(store_->LoadOnce().ok());
  EXPECT_EQ(Count("SELECT count(*) FROM profile_chunks"), 2);
  EXPECT_EQ(store_->ReadProfile(FindRun("run").id, 0, 4000)->size(), 3800u * kSlicesPerStep);
}

// The sums of the old file stayed. Once a session's number was given again, the new one's could not
// be written beside them, and the run was never read on.
TEST_F(StoredProfileTest, ForgetsTheSumsOfAReplacedFile) {
  Log("1", 0, 100);
  Load();
  ASSERT_GT(Count("SELECT count(*) FROM phase_sums"), 0);
  ASSERT_TRUE(WriteFileAtomically(EventFile("run", "1"), "").ok());
  Load();
  for (const char* table : {"profile_chunks", "profile_sums", "phase_sums"}) {
    EXPECT_EQ(Count(StrCat("SELECT count(*) FROM ", table)), 0) << table;
  }
  Log("1", 0, 100);
  Load();
  ExpectTimesOfThePhases(0, 99, 2);
}

TEST_F(StoredProfileTest, ExportsASliceOnceThoughChunksAreJoinedMeanwhile) {
  Load();
  for (Step step = 0; step < 12; step += 4) {
    Log("1", step, step + 4);
    ASSERT_TRUE(store_->LoadOnce().ok());
  }
  LoggedValuesQuery query = {.run = FindRun("run").id, .tag = "profile", .bytes_max = 1};
  size_t slices = 0;
  for (Step step = 12; true; step += 4) {
    const auto chunk = store_->ReadLoggedValues(query);
    ASSERT_TRUE(chunk.ok()) << chunk.error().ToString();
    for (const LoggedValue& value : chunk->values) {
      proto::Summary::Value parsed;
      ASSERT_TRUE(parsed.ParseFromString(value.summary_value));
      proto::ProfileSlices columns;
      ASSERT_TRUE(columns.ParseFromString(parsed.tensor().string_val(0)));
      slices += static_cast<size_t>(columns.kind_size());
    }
    if (chunk->is_end) break;
    query.after = chunk->last;
    if (step >= 40) continue;
    Log("1", step, step + 4);
    ASSERT_TRUE(store_->LoadOnce().ok());
  }
  EXPECT_EQ(slices, static_cast<size_t>(Count("SELECT sum(count) FROM profile_chunks")));
}

// Two programs that log one run at once: no chunk is behind another, so no sums can be joined.
TEST_F(StoredProfileTest, SumsPhasesOfWritersThatOverlap) {
  LogLive();
  Log("2", 0, 60);
  ASSERT_TRUE(store_->LoadOnce().ok());
  EXPECT_EQ(store_->ReadProfile(FindRun("run").id, 0, 99)->size(), 160u * kSlicesPerStep);
  for (const int rows_max : {1, 3, 1000}) ExpectTimesOfThePhases(0, 99, rows_max);
}

// Sessions of windows that are near and far, in files that follow each other or overlap, with
// steps that go back, from commits of any size.
TEST_F(StoredProfileTest, SumsWhateverIsLogged) {
  std::mt19937_64 random(3);
  const auto below = [&](uint64_t bound) { return static_cast<Step>(random() % bound); };
  for (int round = 0; round < 20; ++round) {
    run_ = StrCat("run", round);
    const bool is_in_order = below(2) == 0;
    Step step = below(4000) - 2000;
    Load();
    for (Step i = 0, windows = 1 + below(12); i < windows; ++i) {
      const Step steps = 1 + below(below(4) == 0 ? 700 : 40);
      if (below(2) == 0) started_ += 1e7;
      Log(StrCat(below(3)), step, step + steps);
      if (is_in_order || below(2) == 0) ns_offset_ += 1'000'000'000'000;
      if (!is_in_order && below(4) == 0) {
        step -= below(100);
      } else {
        step += below(3) == 0 ? below(100'000) + steps : steps - below(2);
      }
      if (below(3) != 0) {
        ASSERT_TRUE(store_->LoadOnce().ok());
      }
    }
    ASSERT_TRUE(store_->LoadOnce().ok());
    ExpectTotalsOfTheSlices();
    for (const int rows_max : {1, 3, 20, 1000}) {
      ExpectTimesOfThePhases(INT64_MIN, INT64_MAX, rows_max);
      const Step from = step - below(2000);
      ExpectTimesOfThePhases(from, from + below(1000), rows_max);
    }
  }
  const auto report = CheckData({.data_dir = data_dir(), .logdir = logdir()});
  EXPECT_TRUE(report->problems.empty()) << report->problems[0].what;
}

TEST_F(StoredProfileTest, ACheckFindsSumsOfOtherSlices) {
  LogLive();
  store_.reset();
  Execute("UPDATE profile_sums SET kernels = x''");
  Execute("DELETE FROM phase_sums WHERE level > 5; UPDATE phase_sums SET level = 14");
  const auto report = CheckData({.data_dir = data_dir(), .logdir = logdir()});
  ASSERT_FALSE(report->problems.empty());
  EXPECT_THAT(report->problems.front().what, HasSubstr("kernel times"));
  EXPECT_THAT(report->problems.back().what, HasSubstr("sums of level"));
}

TEST_F(StoredProfileTest, ACheckFindsSumsWithoutAChunk) {
  LogLive();
  store_.reset();
  Execute("DELETE FROM profile_chunks WHERE position > 0");
  const auto report = CheckData({.data_dir = data_dir(), .logdir = logdir()});
  ASSERT_FALSE(report->problems.empty());
  EXPECT_THAT(report->problems.back().what, HasSubstr("there is no such chunk"));
}

}  // namespace
}  // namespace spirogram::store
