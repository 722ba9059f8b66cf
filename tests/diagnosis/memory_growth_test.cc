#include "diagnosis/memory_growth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "diagnosis/diagnosis.h"
#include "diagnosis/tag_words.h"
#include "tests/diagnosis/layer_windows.h"
#include "tests/diagnosis/verdict.h"

namespace spirogram::diagnosis {
namespace {

using store::Check;
using store::Finding;
using store::Severity;
using ::testing::HasSubstr;
using testing::Points;

// MiB at every tenth step, with the scatter of an allocator.
std::vector<double> Memory(const std::function<double(double)>& level, size_t points = 150,
                           double scatter = 4, uint64_t seed = 7) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> noise(0, scatter);
  std::vector<double> memory;
  for (size_t i = 0; i < points; ++i) {
    memory.push_back(level(10 * static_cast<double>(i)) + noise(random));
  }
  return memory;
}

RunDiagnosis Watch(const std::vector<double>& memory, const std::string& tag = "memory/rss_mb") {
  RunDiagnosis diagnosis;
  diagnosis.Add(tag, Points(0, memory, 10));
  return diagnosis;
}

std::optional<Finding> FindingOf(const RunDiagnosis& diagnosis) {
  return testing::FindingOf(diagnosis.Conclude(), "memory_growth");
}

TEST(TagWordsTest, KnowMemoryInUse) {
  for (const char* tag : {"memory/rss_mb", "system/process_memory_mib", "system/gpu_0/memory_mib",
                          "cuda_memory_allocated", "gpu_mem_gb", "memory/max_mem_active(gib)"}) {
    EXPECT_TRUE(IsMemory(tag)) << tag;
  }
  for (const char* tag : {"train/memory_loss", "replay_memory/size", "remember", "lr"}) {
    EXPECT_FALSE(IsMemory(tag)) << tag;
  }
}

TEST(MemoryGrowthTest, TellsOfALeakFromTheStartAndOfOneThatBeginsLater) {
  const auto finding = FindingOf(Watch(Memory([](double step) { return 1500 + 1.2 * step; })));
  ASSERT_NE(finding, std::nullopt);
  EXPECT_EQ(finding->severity, Severity::kWarning);
  EXPECT_EQ(finding->entity, "memory/rss_mb");
  EXPECT_EQ(finding->onset_step, 0);
  EXPECT_THAT(finding->summary, HasSubstr("by about 1,200 in 1,000 steps"));
  const auto later =
      FindingOf(Watch(Memory([](double step) { return 3000 + 2.5 * std::max(0.0, step - 500); })));
  ASSERT_NE(later, std::nullopt);
  EXPECT_NEAR(static_cast<double>(later->onset_step), 500, 100);
}

TEST(MemoryGrowthTest, IsSilentOnWhatLevelsOffAtAnyMomentAfter) {
  const std::vector<std::function<double(double)>> healthy = {
      [](double) { return 900.0; },
      [](double step) { return 900 + 600 * (1 - std::exp(-step / 150)); },
      [](double step) { return 400 + 2 * std::min(step, 400.0); },  // read in one epoch
      [](double step) { return 900 + 0.1 * step; },                 // a little
      [](double step) { return 900 + std::fmod(step, 200.0); },     // collected now and then
      [](double step) { return step < 600   ? 900.0
                               : step < 610 ? 1400.0
                                            : 1800.0; },  // twice
      [](double step) { return 3000 - step; }};
  for (size_t which = 0; which < healthy.size(); ++which) {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
      const auto memory = Memory(healthy[which], 150, 10, seed);
      for (const size_t points : {90u, 120u, 150u}) {
        EXPECT_EQ(FindingOf(Watch(
                      {memory.begin(), memory.begin() + static_cast<std::ptrdiff_t>(points)})),
                  std::nullopt)
            << which << " " << seed << " " << points;
      }
    }
  }
}

TEST(MemoryGrowthTest, LeavesAloneWhatItCannotJudge) {
  const auto leak = Memory([](double step) { return 1500 + 5 * step; });
  EXPECT_EQ(FindingOf(Watch({leak.begin(), leak.begin() + 40})), std::nullopt);
  RunDiagnosis learner = Watch(leak);
  learner.Add("episode_reward", Points(0, {1, 2}));
  EXPECT_EQ(testing::CheckOf(learner.Conclude(), "memory_growth").state, Check::State::kNotChecked);
  EXPECT_EQ(testing::CheckOf(RunDiagnosis().Conclude(), "memory_growth").rule, "");
}

}  // namespace
}  // namespace spirogram::diagnosis
