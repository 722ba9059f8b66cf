#include "diagnosis/loss_spike.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "diagnosis/diagnosis.h"
#include "tests/diagnosis/layer_windows.h"
#include "tests/diagnosis/verdict.h"

namespace spirogram::diagnosis {
namespace {

using store::Check;
using store::Finding;
using store::Severity;
using ::testing::HasSubstr;
using testing::Points;

// Batches of a loss that comes down, as logged every tenth step.
std::vector<double> Losses(size_t points, double sigma = 0.15, uint64_t seed = 3) {
  std::mt19937_64 random(seed);
  std::lognormal_distribution<double> scatter(0, sigma);
  std::vector<double> losses;
  for (size_t i = 0; i < points; ++i) {
    losses.push_back((0.4 + 2 * std::exp(-static_cast<double>(i) / 30)) * scatter(random));
  }
  return losses;
}

std::optional<Finding> FindingOf(const std::vector<double>& losses) {
  RunDiagnosis diagnosis;
  diagnosis.Add("train/loss", Points(0, losses, 10));
  return testing::FindingOf(diagnosis.Conclude(), "loss_spike");
}

TEST(LossSpikeTest, TellsOfABadBatchAsAFact) {
  auto losses = Losses(200);
  losses[100] = 9;
  losses[101] = 4;
  losses[102] = 1.6;
  losses[150] = 5;
  const auto finding = FindingOf(losses);
  ASSERT_NE(finding, std::nullopt);
  EXPECT_EQ(finding->severity, Severity::kInfo);
  EXPECT_FALSE(finding->is_open);
  EXPECT_EQ(finding->onset_step, 1000);
  EXPECT_GE(finding->closed_step, 1020);
  EXPECT_LE(finding->closed_step, 1040);
  EXPECT_THAT(finding->title, HasSubstr("train/loss jumped to 9 at step 1,000"));
  EXPECT_THAT(finding->summary, HasSubstr("the largest of 2 such spikes"));
}

TEST(LossSpikeTest, IsSilentOnScatterHeavyTailsAndNewLevels) {
  for (const double sigma : {0.05, 0.5, 1.0}) {
    for (uint64_t seed = 0; seed < 20; ++seed) {
      EXPECT_EQ(FindingOf(Losses(400, sigma, seed)), std::nullopt) << sigma << " " << seed;
    }
  }
  auto level = Losses(200);
  for (size_t i = 120; i < 200; ++i) level[i] = 6;
  EXPECT_EQ(FindingOf(level), std::nullopt);
  level[123] = level[127] = 0.4;  // it scatters
  EXPECT_EQ(FindingOf(level), std::nullopt);
  EXPECT_EQ(FindingOf({0.1, 0.1, 90, 0.1, 0.1}), std::nullopt);
}

TEST(LossSpikeTest, SaysWhatItLookedAt) {
  EXPECT_EQ(testing::CheckOf(RunDiagnosis().Conclude(), "loss_spike").state,
            Check::State::kNotChecked);
  RunDiagnosis diagnosis;
  diagnosis.Add("loss", Points(0, Losses(200), 10));
  EXPECT_EQ(testing::CheckOf(diagnosis.Conclude(), "loss_spike").state, Check::State::kOk);
}

}  // namespace
}  // namespace spirogram::diagnosis
