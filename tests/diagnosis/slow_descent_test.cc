#include "diagnosis/slow_descent.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <functional>
#include <optional>
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

std::vector<double> Losses(size_t points, const std::function<double(double)>& loss) {
  std::vector<double> losses;
  for (size_t i = 0; i < points; ++i) losses.push_back(loss(static_cast<double>(i)));
  return losses;
}

std::optional<Finding> FindingOf(const std::vector<double>& losses,
                                 const std::string& tag = "val/mse_loss", Step first = 43,
                                 Step stride = 43) {
  RunDiagnosis diagnosis;
  diagnosis.Add(tag, Points(first, losses, stride));
  return testing::FindingOf(diagnosis.Conclude(), "slow_descent");
}

// A matrix factorisation under Adam at 1e-6, and a regression at the same rate.
double Factors(double i) {
  return 1.4350 - 4e-6 * i + 2e-8 * i * i;
}
double Regression(double i) {
  return 0.8705 - 5.2e-4 * i + 1e-6 * i * i;
}

TEST(SlowDescentTest, TellsOfALossThatFallsInALineAndHardly) {
  const auto finding = FindingOf(Losses(15, Factors));
  ASSERT_TRUE(finding.has_value());
  EXPECT_EQ(finding->severity, Severity::kWarning);
  EXPECT_EQ(finding->entity, "val/mse_loss");
  EXPECT_EQ(finding->onset_step, 43);
  EXPECT_EQ(finding->detected_step, 430);
  EXPECT_THAT(finding->title, HasSubstr("in 15 points, in a straight line"));
  EXPECT_THAT(finding->advice, HasSubstr("Raise the learning rate"));
  const auto slow = FindingOf(Losses(30, Regression));
  ASSERT_TRUE(slow.has_value());
  EXPECT_EQ(slow->severity, Severity::kInfo);
  EXPECT_TRUE(FindingOf(Losses(12, Factors), "val_loss_epoch", 0, 1).has_value());
}

// A regression under Adam at 2e-6: in a line, by 5.9 %.
TEST(SlowDescentTest, TellsOfAFairFallThatIsStraighter) {
  const auto line = [](double i) { return 6.067 - 0.0193 * i + 2.5e-5 * i * i; };
  const auto finding = FindingOf(Losses(20, line));
  ASSERT_TRUE(finding.has_value());
  EXPECT_EQ(finding->severity, Severity::kInfo);
  EXPECT_THAT(finding->title, HasSubstr("by 5.9 %"));
  const auto bends = [](double i) { return 5.5 + 0.567 * std::exp(-i / 20); };
  EXPECT_FALSE(FindingOf(Losses(20, bends)).has_value());
}

TEST(SlowDescentTest, IsSilentOnLossesThatBendOrRiseOrFall) {
  const auto bends = [](double i) { return 8.93 + 0.08 * std::exp(-i / 4); };
  const auto wobbles = [](double i) { return Factors(i) + (i == 9 ? 1e-4 : 0); };
  const auto falls = [](double i) { return 2.3 - 0.05 * i; };
  const auto warms_up = [](double i) { return 4.7 - 1e-4 * i * i; };
  const auto constant = [](double) { return 0.69; };
  const std::vector<std::function<double(double)>> healthy = {bends, wobbles, falls, warms_up,
                                                              constant};
  for (size_t which = 0; which < healthy.size(); ++which) {
    EXPECT_FALSE(FindingOf(Losses(20, healthy[which])).has_value()) << which;
  }
}

TEST(SlowDescentTest, LeavesAloneWhatItCannotJudge) {
  EXPECT_FALSE(FindingOf(Losses(9, Factors)).has_value()) << "few points";
  EXPECT_FALSE(FindingOf(Losses(15, Factors), "val_loss", 1, 1).has_value()) << "few steps";
  EXPECT_FALSE(FindingOf(Losses(15, Factors), "val_loss", 40'000).has_value()) << "continued";
  RunDiagnosis moving;
  moving.Add("val_loss", Points(43, Losses(15, Factors), 43));
  moving.Add("episode_reward", Points(0, {1, 2}));
  EXPECT_EQ(testing::CheckOf(moving.Conclude(), "slow_descent").state, Check::State::kNotChecked);
}

TEST(SlowDescentTest, IsOverOnceTheLossBends) {
  std::vector<double> losses = Losses(15, Factors);
  losses.insert(losses.end(), {1.43, 1.3, 1.1});
  EXPECT_FALSE(FindingOf(losses).has_value());
}

}  // namespace
}  // namespace spirogram::diagnosis
