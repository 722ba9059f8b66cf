#include "logger/system_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <thread>

#include "base/file.h"
#include "logger/logger.h"
#include "tests/logger/event_reader.h"
#include "tests/testing/temp_dir.h"

namespace spirogram::logger {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::Not;

constexpr int64_t kSecondNs = 1'000'000'000;

class SystemMetricsTest : public ::testing::Test {
 protected:
  SystemMetricsTest() {
    std::filesystem::create_directories(dir_.File("net"));
    std::filesystem::create_directories(dir_.File("self"));
  }

  void Write(const std::string& file, const std::string& text) {
    ASSERT_TRUE(WriteFileAtomically(dir_.File(file), text).ok());
  }
  SystemMetrics::Sources Sources(const std::string& nvml = "no_such_library.so") {
    return {.proc = dir_.File(""), .cgroup = dir_.File("cgroup"), .nvml = nvml};
  }
  static std::map<std::string, double> Sample(SystemMetrics* metrics, int64_t now_ns) {
    const auto values = metrics->Sample(now_ns);
    return {values.begin(), values.end()};
  }

  testing::TempDir dir_;
};

TEST_F(SystemMetricsTest, TellsRatesOfTheTimeSinceTheLastSample) {
  constexpr char kNetwork[] =
      "Inter-|   Receive                                                |  Transmit\n"
      " face |bytes    packets errs drop fifo frame compressed multicast|bytes packets\n"
      "    lo: 9999999 1 0 0 0 0 0 0 9999999 1 0 0 0 0 0 0\n";
  SystemMetrics metrics(Sources());
  Write("stat", "cpu  100 0 100 700 100 0 0 0 0 0\ncpu0 1 2 3 4 5 6 7 8\nintr 1 2\n");
  Write("net/dev", std::string(kNetwork) + "  eth0:1048576 1 0 0 0 0 0 0 0 1 0 0 0 0 0 0\n");
  EXPECT_THAT(Sample(&metrics, 0), Not(Contains(Key("system/cpu_percent"))));
  // 100 ticks later, of which 10 each passed idle and in wait of a disk.
  Write("stat", "cpu  160 0 120 710 110 0 0 0 60 0\ncpu0 1 2 3 4 5 6 7 8\nintr 1 2\n");
  Write("net/dev", std::string(kNetwork) + "  eth0:5242880 1 0 0 0 0 0 0 2097152 1 0 0 0 0 0 0\n" +
                       "  wlan0: 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n");
  const auto values = Sample(&metrics, 2 * kSecondNs);
  EXPECT_DOUBLE_EQ(values.at("system/cpu_percent"), 80);
  EXPECT_DOUBLE_EQ(values.at("system/network_received_mib_s"), 2);
  EXPECT_DOUBLE_EQ(values.at("system/network_sent_mib_s"), 1);
  EXPECT_GE(values.at("system/process_cpu_cores"), 0);
}

TEST_F(SystemMetricsTest, TellsNoRateOfCountersThatWentBack) {
  SystemMetrics metrics(Sources());
  Write("stat", "cpu  100 0 100 700 100 0 0 0\n");
  Write("net/dev", "  eth0: 500 1 0 0 0 0 0 0 500 1 0 0 0 0 0 0\n");
  Sample(&metrics, 0);
  Write("stat", "cpu  10 0 10 70 10 0 0 0\n");
  Write("net/dev", "  eth0: 5 1 0 0 0 0 0 0 5 1 0 0 0 0 0 0\n");
  const auto values = Sample(&metrics, kSecondNs);
  EXPECT_THAT(values, Not(Contains(Key("system/cpu_percent"))));
  EXPECT_THAT(values, Not(Contains(Key("system/network_sent_mib_s"))));
}

TEST_F(SystemMetricsTest, TellsMemory) {
  SystemMetrics metrics(Sources());
  Write("meminfo", "MemTotal:       1000 kB\nMemFree:  1 kB\nMemAvailable:    250 kB\n");
  Write("self/statm", "90000 512 300 10 0 400 0\n");
  const auto values = Sample(&metrics, 0);
  EXPECT_DOUBLE_EQ(values.at("system/memory_percent"), 75);
  EXPECT_GT(values.at("system/process_memory_mib"), 0);
}

TEST_F(SystemMetricsTest, TellsHowNearTheMemoryLimitOfAContainerIs) {
  SystemMetrics metrics(Sources());
  std::filesystem::create_directories(dir_.File("cgroup/job/step"));
  Write("self/cgroup", "0::/job/step\n");
  Write("cgroup/job/step/memory.max", "max\n");
  Write("cgroup/job/step/memory.current", "700\n");
  EXPECT_THAT(Sample(&metrics, 0), Not(Contains(Key("system/memory_limit_percent"))));
  // The job has the limit, and some of what it uses are files.
  Write("cgroup/job/memory.max", "1000\n");
  Write("cgroup/job/memory.current", "800\n");
  Write("cgroup/job/memory.stat", "anon 600\ninactive_file 150\nactive_file 50\n");
  EXPECT_DOUBLE_EQ(Sample(&metrics, 1).at("system/memory_limit_percent"), 65);
  Write("cgroup/job/step/memory.max", "700\n");
  EXPECT_DOUBLE_EQ(Sample(&metrics, 2).at("system/memory_limit_percent"), 100);
}

TEST_F(SystemMetricsTest, KnowsTheFirstVersionOfControlGroupsAndPathsOfTheHost) {
  SystemMetrics metrics(Sources());
  std::filesystem::create_directories(dir_.File("cgroup/memory"));
  Write("self/cgroup", "9:name=systemd:/x\n4:cpu,memory:/docker/0c98\n0::/../..\n:\n5:memory:\n");
  Write("cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  Write("cgroup/memory/memory.usage_in_bytes", "500\n");
  EXPECT_THAT(Sample(&metrics, 0), Not(Contains(Key("system/memory_limit_percent"))));
  Write("cgroup/memory/memory.limit_in_bytes", "2000\n");
  Write("cgroup/memory/memory.stat", "inactive_file 400\ntotal_inactive_file 100\n");
  EXPECT_DOUBLE_EQ(Sample(&metrics, 1).at("system/memory_limit_percent"), 20);
}

TEST_F(SystemMetricsTest, LeavesOutWhatTheSystemDoesNotTell) {
  SystemMetrics metrics(Sources());
  EXPECT_THAT(Sample(&metrics, 0), IsEmpty());
  Write("stat", "cpu  1 2 3\n");
  Write("net/dev", "eth0: not a number\n:\n");
  Write("meminfo", "MemTotal: 0 kB\nMemAvailable:\n");
  Write("self/statm", "");
  Sample(&metrics, 1);
  EXPECT_THAT(Sample(&metrics, 2), ::testing::ElementsAre(Key("system/process_cpu_cores")));
}

TEST_F(SystemMetricsTest, TellsWhatEachGpuCounts) {
  SystemMetrics metrics(Sources(FAKE_NVML_PATH));
  const auto values = Sample(&metrics, 0);
  EXPECT_EQ(values.at("system/gpu_0/busy_percent"), 90);
  EXPECT_EQ(values.at("system/gpu_1/busy_percent"), 91);
  EXPECT_EQ(values.at("system/gpu_0/memory_mib"), 3072);
  EXPECT_EQ(values.at("system/gpu_0/power_watt"), 350.5);
  EXPECT_THAT(values, Not(Contains(Key("system/gpu_1/power_watt"))));
  EXPECT_EQ(values.at("system/gpu_1/temperature_celsius"), 60);
  EXPECT_EQ(values.at("system/gpu_1/clock_mhz"), 1980);
}

TEST_F(SystemMetricsTest, ALibraryThatLacksAFunctionIsNone) {
  const auto opened = GpuCounters::Open("libm.so.6");
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, ErrorCode::kUnavailable);
}

TEST_F(SystemMetricsTest, SamplesAtItsIntervalAndNoLongerThanAMinuteAfterTheLastCall) {
  Write("self/statm", "90000 512 300 10 0 400 0\n");
  SystemSampler sampler(1000, Sources());
  uint64_t calls = 0;
  EXPECT_FALSE(sampler.SampleIfDue(0, calls).empty());
  EXPECT_TRUE(sampler.SampleIfDue(kSecondNs - 1, ++calls).empty());
  EXPECT_FALSE(sampler.SampleIfDue(kSecondNs, calls).empty());
  EXPECT_FALSE(sampler.SampleIfDue(60 * kSecondNs, calls).empty());
  EXPECT_TRUE(sampler.SampleIfDue(62 * kSecondNs, calls).empty());
  EXPECT_FALSE(sampler.SampleIfDue(90 * kSecondNs, ++calls).empty());
  EXPECT_TRUE(SystemSampler(0, Sources()).SampleIfDue(0, 0).empty());
}

TEST(LoggerSystemMetricsTest, StandInTheFileAtTheStepOfTheLastValueAndAreNoCalls) {
  const testing::TempDir dir;
  {
    const auto logger = Logger::Open(
        {.run_dir = dir.File("run"), .flush_interval_ms = 20, .system_interval_ms = 10});
    logger->Scalar("loss", 41, 1);
    logger->Scalar("loss", 42, 1);
    logger->Flush();
    const auto has_rates = [&] {
      return !testing::EventsOf(testing::ReadEvents(dir.File("run")), "system/process_cpu_cores")
                  .empty();
    };
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (!has_rates() && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    EXPECT_EQ(logger->GetCounters().logged, 2u);
  }
  const auto events = testing::ReadEvents(dir.File("run"));
  const auto cores = testing::EventsOf(events, "system/process_cpu_cores");
  ASSERT_FALSE(cores.empty());
  EXPECT_EQ(cores.back().step(), 42);
  EXPECT_FALSE(testing::EventsOf(events, "system/process_memory_mib").empty());
}

}  // namespace
}  // namespace spirogram::logger
