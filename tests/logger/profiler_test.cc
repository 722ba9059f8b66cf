// The profiler against a fake libcupti (fake_cupti.cc): what happens when calls fail, buffers run
// out and records come from several threads.
#include "logger/profiler/profiler.h"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "base/check.h"
#include "logger/profiler/cupti_api.h"
#include "proto/spirogram.pb.h"
#include "tests/logger/cupti_records.h"
#include "tests/logger/event_reader.h"
#include "tests/logger/fake_cupti.h"
#include "tests/testing/fork.h"
#include "tests/testing/temp_dir.h"

namespace spirogram::logger {
namespace {

using ::spirogram::testing::EventsOf;
using ::spirogram::testing::FakeCupti;
using ::spirogram::testing::KernelRecord;
using ::spirogram::testing::LaunchRecord;
using ::spirogram::testing::ReadEvents;
using ::spirogram::testing::StepRecord;
using ::spirogram::testing::TempDir;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The fake stays loaded for the whole program, as the real one does.
FakeCupti& LoadFake() {
  setenv("SPIROGRAM_CUPTI_PATH", FAKE_CUPTI_PATH, 1);
  void* library = dlopen(FAKE_CUPTI_PATH, RTLD_NOW);
  CHECK(library != nullptr);
  const auto get = reinterpret_cast<FakeCupti* (*)()>(dlsym(library, "SpirogramFakeCupti"));
  CHECK(get != nullptr);
  return *get();
}

class ProfilerTest : public ::testing::Test {
 protected:
  ProfilerTest() : fake_(LoadFake()) { fake_ = FakeCupti(); }

  // A long interval: what comes, comes with Stop.
  Result<std::unique_ptr<Profiler>> Start(size_t buffers_max = 8) {
    return Profiler::Start(
        logger_.get(),
        {.flush_interval_ms = 60'000, .buffer_bytes = 4096, .buffers_max = buffers_max});
  }

  // The steps of all slices that were logged.
  std::vector<Step> LoggedSteps() {
    logger_->Flush();
    std::vector<Step> steps;
    for (const auto& event : EventsOf(ReadEvents(dir_.path()), "profile")) {
      proto::ProfileSlices slices;
      EXPECT_TRUE(slices.ParseFromString(event.summary().value(0).tensor().string_val(0)));
      Step step = 0;
      for (const int64_t difference : slices.step()) steps.push_back(step += difference);
    }
    return steps;
  }

  std::vector<std::string> Notes() {
    logger_->Flush();
    std::vector<std::string> notes;
    for (const auto& event : EventsOf(ReadEvents(dir_.path()), "profile/note")) {
      notes.push_back(event.summary().value(0).tensor().string_val(0));
    }
    return notes;
  }

  FakeCupti& fake_;
  TempDir dir_;
  std::unique_ptr<Logger> logger_ = Logger::Open({.run_dir = dir_.path()});
};

TEST_F(ProfilerTest, LogsKernelsWithTheirSteps) {
  auto profiler = Start();
  ASSERT_TRUE(profiler.ok()) << profiler.error().message;
  (*profiler)->BeginStep(41);
  (*profiler)->EndStep();
  (*profiler)->BeginStep(42);
  fake_.buffers_to_deliver = {StepRecord(41, 1) + KernelRecord("a", 10, 20, 1),
                              StepRecord(42, 2) + KernelRecord("b", 30, 40, 2)};
  (*profiler)->Stop();
  EXPECT_THAT(LoggedSteps(), ElementsAre(41, 42));
  EXPECT_THAT(fake_.pushed_ids, ElementsAre(41u, 42u));
  EXPECT_EQ((*profiler)->GetCounters().slices, 2u);
  EXPECT_THAT(Notes(), IsEmpty());
}

// A line of /proc/self/task/TID/status of this process's thread of that name; empty without one.
std::string StatusOfThread(const std::string& name, const std::string& key) {
  std::error_code error;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task", error)) {
    std::ifstream file(task.path() / "status");
    bool is_it = false;
    for (std::string line; std::getline(file, line);) {
      is_it = is_it || line == "Name:\t" + name;
      if (is_it && line.starts_with(key + ":\t")) return line.substr(key.size() + 2);
    }
  }
  return {};
}

TEST_F(ProfilerTest, LeavesTheHostsSignalsToTheHost) {
  auto profiler = Start();
  ASSERT_TRUE(profiler.ok()) << profiler.error().message;
  std::string blocked;
  for (int tries = 0; tries < 1000 && blocked.empty(); ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    blocked = StatusOfThread("spirogram_prof", "SigBlk");
  }
  ASSERT_FALSE(blocked.empty());
  const uint64_t mask = std::stoull(blocked, nullptr, 16);
  for (const int signal : {SIGINT, SIGTERM, SIGCHLD})
    EXPECT_TRUE(mask >> (signal - 1) & 1) << signal;
  EXPECT_FALSE(mask >> (SIGSEGV - 1) & 1);
}

TEST_F(ProfilerTest, AForkOfAProfiledProgramIsNotHeldUp) {
  auto profiler = Start();
  ASSERT_TRUE(profiler.ok()) << profiler.error().message;
  (*profiler)->BeginStep(1);
  const int status = testing::StatusOfFork([&] {
    (*profiler)->BeginStep(2);
    (*profiler)->EndStep();
    (*profiler)->Stop();
    return fake_.pushed_ids.size() == 1 && fake_.forced_flushes == 0 ? 0 : 1;
  });
  EXPECT_EQ(status, 0);
  (*profiler)->Stop();
  EXPECT_EQ(fake_.forced_flushes, 1);
}

TEST_F(ProfilerTest, LeavesOutWhatAnotherThreadLaunched) {
  auto profiler = Profiler::Start(logger_.get(), {.is_one_thread = true});
  ASSERT_TRUE(profiler.ok()) << profiler.error().message;
  EXPECT_EQ(fake_.thread_id_type, CUPTI_ACTIVITY_THREAD_ID_TYPE_SYSTEM);
  const auto own = static_cast<uint32_t>(gettid());
  fake_.buffers_to_deliver = {LaunchRecord(1, 2, 1, own) + KernelRecord("a", 10, 20, 1) +
                              LaunchRecord(3, 4, 2, own + 1) + KernelRecord("b", 30, 40, 2)};
  (*profiler)->Stop();
  EXPECT_EQ((*profiler)->GetCounters().slices, 1u);
  EXPECT_EQ((*profiler)->GetCounters().calls, 1u);
}

TEST_F(ProfilerTest, LeavesCuptiAsItFoundIt) {
  auto profiler = Start();
  ASSERT_TRUE(profiler.ok());
  EXPECT_THAT(fake_.enabled, ::testing::Contains(CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL));
  EXPECT_THAT(fake_.enabled,
              ::testing::Not(::testing::Contains(CUPTI_ACTIVITY_KIND_KERNEL)));  // it serialises
  (*profiler)->BeginStep(1);
  (*profiler)->Stop();
  (*profiler)->Stop();
  EXPECT_THAT(fake_.enabled, IsEmpty());
  EXPECT_EQ(fake_.subscribers, 0);
  EXPECT_EQ(fake_.pushes_without_pop, 0);
  EXPECT_EQ(fake_.forced_flushes, 1);
}

TEST_F(ProfilerTest, StartsAgainAfterStop) {
  ASSERT_TRUE(Start().ok());  // stopped by its destructor
  EXPECT_TRUE(Start().ok());
}

TEST_F(ProfilerTest, RunsOnceAtATime) {
  const auto first = Start();
  ASSERT_TRUE(first.ok());
  const auto second = Start();
  ASSERT_FALSE(second.ok());
  EXPECT_THAT(second.error().message, HasSubstr("already runs"));
}

TEST_F(ProfilerTest, NotesThatNothingWasRecorded) {
  auto profiler = Start();
  ASSERT_TRUE(profiler.ok());
  // A call alone is nothing of the GPU's.
  fake_.buffers_to_deliver = {StepRecord(1, 1) + LaunchRecord(10, 20, 1)};
  (*profiler)->Stop();
  EXPECT_EQ((*profiler)->GetCounters().calls, 1u);
  EXPECT_EQ((*profiler)->GetCounters().slices, 0u);
  EXPECT_THAT(Notes(), ElementsAre("no GPU kernel slices: CUPTI recorded none"));
}

TEST_F(ProfilerTest, NotesDroppedRecordsAndRecordsWithoutATime) {
  auto profiler = Start();
  ASSERT_TRUE(profiler.ok());
  fake_.dropped_records = 17;
  fake_.buffers_to_deliver = {StepRecord(1, 1) + KernelRecord("a", 10, 20, 1) +
                              KernelRecord("lost", 0, 0, 1)};
  (*profiler)->Stop();
  EXPECT_THAT(Notes(), ElementsAre(HasSubstr("dropped 17 records"), HasSubstr("1 GPU records")));
  EXPECT_EQ((*profiler)->GetCounters().dropped_records, 17u);
  EXPECT_EQ((*profiler)->GetCounters().zero_timestamps, 1u);
}

TEST_F(ProfilerTest, RefusesBuffersOverTheCap) {
  auto profiler = Start(2);
  ASSERT_TRUE(profiler.ok());
  fake_.buffers_to_deliver.assign(50, StepRecord(1, 1) + KernelRecord("a", 10, 20, 1));
  (*profiler)->Stop();
  EXPECT_EQ(LoggedSteps().size(), 2u);
  EXPECT_EQ(fake_.buffers_refused, 48);
  EXPECT_EQ((*profiler)->GetCounters().dropped_records, 48u);
}

TEST_F(ProfilerTest, TakesBuffersFromSeveralThreads) {
  auto profiler = Start(100);
  ASSERT_TRUE(profiler.ok());
  fake_.delivers_from_two_threads = true;
  fake_.buffers_to_deliver.assign(50, StepRecord(1, 1) + KernelRecord("a", 10, 20, 1));
  (*profiler)->Stop();
  EXPECT_EQ(LoggedSteps().size(), 50u);
}

TEST_F(ProfilerTest, LogsNamesThatAreGoneAfterwards) {
  auto profiler = Start();
  ASSERT_TRUE(profiler.ok());
  {
    auto name = std::make_unique<std::string>("a kernel whose name lives on the heap for a while");
    fake_.buffers_to_deliver = {StepRecord(1, 1) + KernelRecord(name->c_str(), 10, 20, 1)};
    (*profiler)->Stop();
  }
  EXPECT_EQ(LoggedSteps().size(), 1u);
}

struct FailedCall {
  const char* name;
  CUptiResult FakeCupti::*call;
  CUptiResult result;
  const char* message;
};

void PrintTo(const FailedCall& call, std::ostream* out) {
  *out << call.name;
}

class FailedCallTest : public ProfilerTest, public ::testing::WithParamInterface<FailedCall> {};

TEST_P(FailedCallTest, IsAnErrorThatSaysWhy) {
  fake_.*GetParam().call = GetParam().result;
  fake_.holder = "CUPTI for Kineto";
  const auto profiler = Start();
  ASSERT_FALSE(profiler.ok());
  EXPECT_THAT(profiler.error().message, ::testing::StartsWith("no GPU kernel slices: "));
  EXPECT_THAT(profiler.error().message, HasSubstr(GetParam().message));
  EXPECT_EQ(fake_.subscribers, 0);
  EXPECT_THAT(fake_.enabled, IsEmpty());
  fake_ = FakeCupti();
  EXPECT_TRUE(Start().ok()) << "a failed start must not block the next";
}

INSTANTIATE_TEST_SUITE_P(
    , FailedCallTest,
    ::testing::Values(
        FailedCall{"Held", &FakeCupti::subscribe_result,
                   CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED,
                   "another profiler holds CUPTI: CUPTI for Kineto"},
        FailedCall{"Privileges", &FakeCupti::enable_result, CUPTI_ERROR_INSUFFICIENT_PRIVILEGES,
                   "only administrators"},
        // With a driver the call is named, without one the missing driver.
        FailedCall{"NotInitialized", &FakeCupti::subscribe_result, CUPTI_ERROR_NOT_INITIALIZED,
                   IsCudaDriverInstalled() ? "CUPTI error 15" : "libcuda.so.1 is not installed"},
        FailedCall{"Unknown", &FakeCupti::subscribe_result, CUPTI_ERROR_UNKNOWN,
                   IsCudaDriverInstalled() ? "CUPTI error 999" : "libcuda.so.1 is not installed"},
        FailedCall{"Register", &FakeCupti::register_result, CUPTI_ERROR_INVALID_PARAMETER,
                   "cuptiActivityRegisterCallbacks failed with CUPTI error 1"},
        FailedCall{"Enable", &FakeCupti::enable_result, CUPTI_ERROR_HARDWARE_BUSY,
                   "failed with CUPTI error 26"}),
    [](const auto& test) { return test.param.name; });

TEST_F(ProfilerTest, RefusesALibraryOfAnotherMajorVersion) {
  fake_.version = 120'900;
  const auto profiler = Start();
  ASSERT_FALSE(profiler.ok());
  EXPECT_THAT(profiler.error().message, HasSubstr("version 120900, want 13"));
}

TEST_F(ProfilerTest, SaysThatThereIsNoLibrary) {
  setenv("SPIROGRAM_CUPTI_PATH", "/nowhere/libcupti.so", 1);
  const auto profiler = Start();
  ASSERT_FALSE(profiler.ok());
  EXPECT_THAT(profiler.error().message, ::testing::StartsWith("no GPU kernel slices: libcu"));
}

}  // namespace
}  // namespace spirogram::logger
