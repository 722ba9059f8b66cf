// The disk fails at every call that SQLite makes to it, once and for longer: the store never
// crashes, never answers what is not so, and when the disk is well again it holds everything once.
#include <gmock/gmock.h>

#include <chrono>
#include <filesystem>
#include <thread>

#include "tests/store/fault_vfs.h"
#include "tests/store/store_fixture.h"

namespace spirogram::store {
namespace {

using testing::EventBuilder;
using testing::FaultVfs;
using Kind = FaultVfs::Kind;
using Length = FaultVfs::Length;

constexpr int kPoints = 3000;

class FaultTest : public StoreFixture {
 protected:
  FaultTest() {
    FaultVfs::Install();
    EventBuilder first;
    for (Step step = 0; step < kPoints; ++step) first.Scalar("x", step, static_cast<float>(step));
    first.Texts("t", 1, "text", {}, {std::string(50'000, 'a')});
    first.AppendTo(EventFile("run"));
    LogOther(10);
  }
  ~FaultTest() override {
    FaultVfs::Heal();
    store_.reset();
  }

  // Beside the run that is looked at.
  void LogOther(int points) {
    EventBuilder file;
    for (int i = 0; i < points; ++i) file.Scalar("y", other_points_++, 1);
    file.AppendTo(EventFile("other"));
  }

  StoreOptions FaultOptions() const {
    StoreOptions options = Options();
    options.retry_interval_ms = 2;
    return options;
  }
  void StartAnew() {
    store_.reset();
    std::filesystem::remove_all(data_dir());
    CHECK(MakeFolders(data_dir()).ok());
  }

  // What is answered is what was logged, as far as it is there: the first points of the run, each
  // once.
  void ExpectOnlyTruth() {
    const auto runs = store_->ReadRuns();
    if (!runs.ok()) return;  // an error is no wrong answer
    for (const store::Run& run : *runs) {
      if (run.name != "run") continue;
      const auto points = store_->ReadPoints({.run = run.id, .tag = "x"});
      if (!points.ok()) continue;
      for (size_t i = 0; i < points->size(); ++i) {
        ASSERT_EQ(points->step[i], static_cast<Step>(i));
        ASSERT_EQ(points->value[i], static_cast<double>(i));
      }
    }
  }

  bool IsWhole() {
    const auto runs = store_->ReadRuns();
    if (!runs.ok() || runs->size() != 2) return false;
    for (const store::Run& run : *runs) {
      if (run.points != (run.name == "run" ? kPoints : other_points_)) return false;
    }
    return store_->GetStorageState().health == StorageState::Health::kOk;
  }

  void ExpectEverythingOnce() {
    const RunId run = FindRun("run").id;
    EXPECT_EQ(store_->ReadPoints({.run = run, .tag = "x"})->size(), size_t{kPoints});
    EXPECT_EQ(store_->ReadTexts(run, "t")->size(), 1u);
    EXPECT_EQ(FindRun("run").points, kPoints);
    EXPECT_TRUE(store_->ReadWarnings(run)->empty());
    ExpectOnlyTruth();
  }

  void WaitUntilWhole() {
    for (int tries = 0; tries < 5'000 && !IsWhole(); ++tries) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    ASSERT_TRUE(IsWhole()) << store_->GetStorageState().detail;
  }

  static void Rest() { std::this_thread::sleep_for(std::chrono::milliseconds(1)); }

  // Loads with a fault at the call; false when the load did not reach it.
  bool LoadWithFault(int64_t call, Kind kind, Length length) {
    StartAnew();
    auto opened = Store::Open(FaultOptions());
    CHECK(opened.ok());
    store_ = std::move(opened).value();
    FaultVfs::FailAt(call, kind, length);
    store_->StartTailing();
    if (length == Length::kUntilHealed) {
      // However busy the machine is, the fault is met before it is healed.
      for (int i = 0; i < 5'000 && !IsWhole() && !FaultVfs::has_failed(); ++i) Rest();
      for (int i = 0; i < 10 && !IsWhole(); ++i) {
        ExpectOnlyTruth();
        Rest();
      }
      FaultVfs::Heal();
    }
    WaitUntilWhole();
    const bool has_failed = FaultVfs::has_failed();
    FaultVfs::Heal();
    ExpectEverythingOnce();
    store_.reset();
    Load();  // what the disk holds is what was answered
    ExpectEverythingOnce();
    return has_failed;
  }

  void LoadWithFaultsEverywhere(Kind kind, Length length) {
    for (int64_t call = 1; call < 2'000; ++call) {
      SCOPED_TRACE(call);
      const bool has_failed = LoadWithFault(call, kind, length);
      if (HasFatalFailure() || HasNonfatalFailure() || !has_failed) {
        EXPECT_GT(call, 10) << "the faults were not where the writes are";
        return;
      }
    }
  }

 private:
  Step other_points_ = 0;
};

TEST_F(FaultTest, ACallThatFailsOnceCostsNothing) {
  LoadWithFaultsEverywhere(Kind::kIoError, Length::kOnce);
}

TEST_F(FaultTest, ADiskThatIsFullForAWhileCostsNothing) {
  LoadWithFaultsEverywhere(Kind::kFull, Length::kUntilHealed);
}

TEST_F(FaultTest, ADiskThatIsBrokenForAWhileCostsNothing) {
  LoadWithFaultsEverywhere(Kind::kIoError, Length::kUntilHealed);
}

TEST_F(FaultTest, OpeningFailsWithAnErrorAndWorksAfterwards) {
  for (int64_t call = 1; call < 500; ++call) {
    SCOPED_TRACE(call);
    StartAnew();
    FaultVfs::FailAt(call, Kind::kIoError, Length::kUntilHealed);
    auto opened = Store::Open(FaultOptions());
    const bool has_failed = FaultVfs::has_failed();
    if (opened.ok()) opened.value().reset();
    FaultVfs::Heal();
    Load();
    ExpectEverythingOnce();
    if (!has_failed) {
      EXPECT_GT(call, 5);
      return;
    }
  }
}

TEST_F(FaultTest, SaysThatTheDiskIsFullUntilItIsNot) {
  auto opened = Store::Open(FaultOptions());
  ASSERT_TRUE(opened.ok());
  store_ = std::move(opened).value();
  EXPECT_EQ(store_->GetStorageState().health, StorageState::Health::kOk);
  FaultVfs::FailAt(1, Kind::kFull, Length::kUntilHealed);
  store_->StartTailing();
  for (int i = 0; i < 5'000 && store_->GetStorageState().health == StorageState::Health::kOk; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  const StorageState state = store_->GetStorageState();
  EXPECT_EQ(state.health, StorageState::Health::kFull);
  EXPECT_THAT(state.detail, ::testing::HasSubstr("is full"));
  EXPECT_GT(state.since, 0);
  // What waits is told, though nothing could be committed yet.
  const LoadProgress progress = store_->GetProgress();
  EXPECT_EQ(progress.files_found, 2);
  EXPECT_EQ(progress.runs_found, 2);
  EXPECT_GT(progress.bytes_found, 50'000u);
  EXPECT_EQ(progress.bytes_read, 0u);
  EXPECT_FALSE(progress.is_first_pass_done);
  EXPECT_EQ(progress.seconds_left, std::nullopt);
  const auto runs = store_->ReadRuns();  // readers go on
  EXPECT_TRUE(runs.ok()) << runs.error().ToString();
  EXPECT_FALSE(store_->WriteProjection(1, "k", "v").ok());
  FaultVfs::Heal();
  WaitUntilWhole();
  EXPECT_EQ(store_->GetStorageState().detail, "");
}

TEST_F(FaultTest, GivesItsReserveBackWhenTheDiskIsFullAndTakesItAnew) {
  StoreOptions options = FaultOptions();
  options.reserve_bytes = 1 << 20;
  options.retry_interval_ms = 3'600'000;  // until it is woken
  const std::string reserve = data_dir() + "/RESERVE";
  store_ = Store::Open(options).value();
  store_->StartTailing();
  WaitUntilWhole();
  EXPECT_TRUE(std::filesystem::exists(reserve));
  FaultVfs::FailAt(1, Kind::kFull, Length::kUntilHealed);
  LogOther(10);
  for (int i = 0; i < 5'000 && store_->GetStorageState().health == StorageState::Health::kOk; ++i) {
    Rest();
  }
  EXPECT_EQ(store_->GetStorageState().health, StorageState::Health::kFull);
  EXPECT_FALSE(std::filesystem::exists(reserve));
  FaultVfs::Heal();
  EXPECT_TRUE(store_->WriteProjection(FindRun("run").id, "k", "v").ok());
  WaitUntilWhole();
  EXPECT_EQ(std::filesystem::file_size(reserve), size_t{1} << 20);
  ExpectEverythingOnce();
}

}  // namespace
}  // namespace spirogram::store
