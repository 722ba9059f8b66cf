#include "diagnosis/piled_gradients.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <functional>
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

std::vector<double> Norms(size_t points, const std::function<double(double)>& level,
                          double spread = 0) {
  std::mt19937_64 random(5);
  std::normal_distribution<double> normal(0, spread);
  std::vector<double> norms;
  for (size_t i = 0; i < points; ++i) {
    const double noise = spread > 0 ? std::exp(normal(random)) : 1;
    norms.push_back(level(static_cast<double>(i)) * noise);
  }
  return norms;
}

std::optional<Finding> FindingOf(const std::vector<double>& norms) {
  RunDiagnosis diagnosis;
  diagnosis.Add("train/grad_norm", Points(0, norms, 5));
  return testing::FindingOf(diagnosis.Conclude(), "piled_gradients");
}

// As logged each five steps of an MLP under AdamW whose loss falls all the while, and of one under
// SGD, which has lost its way and saturates.
double Adam(double i) {
  return 0.86 + 22 * std::sqrt(i);
}
double Saturating(double i) {
  return 0.78 + 73.1 * (1 - std::exp(-i / 40));
}

TEST(PiledGradientsTest, TellsOfANormThatGrowsAsASumDoes) {
  const auto finding = FindingOf(Norms(226, Adam));
  ASSERT_TRUE(finding.has_value());
  EXPECT_EQ(finding->severity, Severity::kWarning);
  EXPECT_EQ(finding->entity, "train/grad_norm");
  EXPECT_EQ(finding->onset_step, 0);
  EXPECT_EQ(finding->detected_step, 39 * 5);
  EXPECT_EQ(finding->title,
            "train/grad_norm is 380 times what it began with and hardly differs from step to step");
  EXPECT_THAT(finding->summary, HasSubstr("It began at 0.86"));
  EXPECT_THAT(finding->advice, HasSubstr("zero_grad()"));
  ASSERT_EQ(finding->evidence.size(), 1u);
  EXPECT_TRUE(FindingOf(Norms(188, Saturating)).has_value());
  EXPECT_TRUE(FindingOf(Norms(151, [](double i) { return 0.75 + 8 * i; })).has_value());
}

TEST(PiledGradientsTest, IsSilentOnNormsOfSingleBatches) {
  for (const double spread : {0.1, 0.3, 0.6}) {
    EXPECT_FALSE(FindingOf(Norms(226, Adam, spread)).has_value()) << spread;
  }
}

// All data in one batch: smooth, and it grows while a plateau is left, ever faster.
TEST(PiledGradientsTest, IsSilentWhereAPlateauIsLeft) {
  const auto leaves = [](double i) { return 0.01 * std::exp(std::min(i, 120.0) / 25); };
  const auto comes_down = [&](double i) {
    return i < 120 ? leaves(i) : leaves(120) * std::exp((120 - i) / 20);
  };
  for (size_t points = 1; points <= 226; points += 5) {
    EXPECT_FALSE(FindingOf(Norms(points, comes_down)).has_value()) << points;
  }
}

// Means over epochs, of weights that shrink under normalisation.
TEST(PiledGradientsTest, IsSilentOnNormsThatGrowSlowly) {
  EXPECT_FALSE(FindingOf(Norms(226, [](double i) { return 0.1 + 0.009 * i; })).has_value());
}

TEST(PiledGradientsTest, IsOverOnceTheyAreCleared) {
  std::vector<double> norms = Norms(100, Adam);
  EXPECT_TRUE(FindingOf(norms).has_value());
  norms.push_back(1.2);
  EXPECT_FALSE(FindingOf(norms).has_value());
}

TEST(PiledGradientsTest, SaysWhatItLookedAt) {
  const auto check = [](const RunDiagnosis& diagnosis) {
    return testing::CheckOf(diagnosis.Conclude(), "piled_gradients");
  };
  RunDiagnosis diagnosis;
  EXPECT_EQ(check(diagnosis).state, Check::State::kNotChecked);
  diagnosis.Add("grad_norm", Points(0, Norms(39, Adam), 5));
  EXPECT_EQ(check(diagnosis).state, Check::State::kWarming);
  diagnosis.Add("grad_norm", Points(195, {1.0}));
  EXPECT_EQ(check(diagnosis).state, Check::State::kOk);
}

}  // namespace
}  // namespace spirogram::diagnosis
