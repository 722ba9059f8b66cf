#include "diagnosis/zero_rate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <numbers>
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

constexpr Step kStride = 10;

// Of `points` points, the last of which is at the end of the training: what a schedule says at a
// share of it.
std::vector<double> Rates(size_t points, const std::function<double(double)>& schedule) {
  std::vector<double> rates;
  for (size_t i = 0; i < points; ++i) {
    rates.push_back(schedule(static_cast<double>(i) / static_cast<double>(points - 1)));
  }
  return rates;
}

double Cosine(double share) {
  return share >= 1 ? 0 : 5e-4 * (1 + std::cos(std::numbers::pi * share));
}

double Linear(double share) {
  return 1e-3 * std::max(0.0, 1 - share);
}

std::optional<Finding> FindingOf(const RunDiagnosis& diagnosis) {
  return testing::FindingOf(diagnosis.Conclude(), "zero_rate");
}

std::optional<Finding> FindingOf(const std::vector<double>& rates, const std::string& tag = "lr") {
  RunDiagnosis diagnosis;
  diagnosis.Add(tag, Points(0, rates, kStride));
  return FindingOf(diagnosis);
}

TEST(ZeroRateTest, TellsOfAScheduleThatEndsLongBeforeTheTraining) {
  for (const auto& schedule : {Cosine, Linear}) {
    const auto rates = Rates(201, [&](double share) { return schedule(share / 0.6); });
    const auto finding = FindingOf(rates, "train/lr");
    ASSERT_TRUE(finding.has_value());
    EXPECT_EQ(finding->severity, Severity::kWarning);
    EXPECT_EQ(finding->entity, "train/lr");
    EXPECT_EQ(finding->onset_step, 1200);
    EXPECT_EQ(finding->detected_step, 1500);  // a fifth of the steps until then
    EXPECT_NEAR(finding->value, 0.4, 1e-9);
    EXPECT_THAT(finding->title, HasSubstr("since step 1,200"));
    EXPECT_THAT(finding->summary, HasSubstr("at its last 81 points, steps 1,200 to 2,000: 40 %"));
    ASSERT_EQ(finding->evidence.size(), 1u);
    EXPECT_EQ(finding->evidence[0].value.back(), 0);
  }
}

TEST(ZeroRateTest, IsSilentOnHealthySchedulesAtAnyMoment) {
  const auto warm_restarts = [](double share) {
    const double part = share * 4 - std::floor(share * 4);
    return part == 0 ? 0 : Cosine(part);  // a step of 0 at each restart
  };
  const auto delayed = [](double share) { return share < 0.3 ? 0 : Linear(share); };
  const auto late_warm_up = [](double share) { return share == 0 ? 1e-3 : share < 0.3 ? 0 : 1e-3; };
  const auto cooldown = [](double share) { return Cosine(share / 0.9); };
  const auto constant = [](double) { return 3e-4; };
  const auto decayed = [](double share) { return 1e-3 * std::exp(-14 * share); };
  const std::vector<std::function<double(double)>> schedules = {
      Cosine, Linear, warm_restarts, delayed, late_warm_up, cooldown, constant, decayed};
  for (size_t which = 0; which < schedules.size(); ++which) {
    for (const size_t points : {5u, 21u, 101u, 1001u}) {
      const auto rates = Rates(points, schedules[which]);
      for (size_t end = 1; end <= points; end += 1 + points / 20) {
        EXPECT_FALSE(FindingOf({rates.begin(), rates.begin() + static_cast<std::ptrdiff_t>(end)}))
            << which << " " << end << " of " << points;
      }
      EXPECT_FALSE(FindingOf(rates)) << which << " " << points;
    }
  }
}

// As of an exponential decay by step that was meant by epoch: 0.97 each time.
TEST(ZeroRateTest, TellsOfARateThatIsNextToNothing) {
  const auto finding =
      FindingOf(Rates(201, [](double share) { return 0.05 * std::exp(-34 * share); }));
  ASSERT_TRUE(finding.has_value());
  EXPECT_EQ(finding->severity, Severity::kWarning);
  EXPECT_EQ(finding->onset_step, 820);  // a millionth
  EXPECT_EQ(finding->title, "the learning rate has been next to 0 since step 820");
  EXPECT_THAT(finding->summary, HasSubstr("lr is at most 4.4e-8 at its last 119 points"));
}

TEST(ZeroRateTest, WaitsUntilAllGroupsThatLearnedAreAtZero) {
  const auto spent = Rates(201, [](double share) { return Linear(2 * share); });
  const std::vector<double> frozen(201, 0.0);
  RunDiagnosis diagnosis;
  diagnosis.Add("learning_rate/body", Points(0, spent, kStride));
  diagnosis.Add("learning_rate/frozen", Points(0, frozen, kStride));
  const auto finding = FindingOf(diagnosis);
  ASSERT_TRUE(finding.has_value());
  EXPECT_EQ(finding->entity, "learning_rate/body");
  diagnosis.Add("learning_rate/head", Points(0, Rates(201, Cosine), kStride));
  EXPECT_FALSE(FindingOf(diagnosis).has_value());
}

TEST(ZeroRateTest, IsOverOnceTheRateRises) {
  auto rates = Rates(201, [](double share) { return Linear(2 * share); });
  EXPECT_TRUE(FindingOf(rates).has_value());
  rates.push_back(1e-4);
  EXPECT_FALSE(FindingOf(rates).has_value());
}

TEST(ZeroRateTest, SaysWhatItLookedAt) {
  const auto check = [](const RunDiagnosis& diagnosis) {
    return testing::CheckOf(diagnosis.Conclude(), "zero_rate");
  };
  RunDiagnosis diagnosis;
  EXPECT_EQ(check(diagnosis).state, Check::State::kNotChecked);
  diagnosis.Add("lr", Points(0, Rates(10, Linear), kStride));
  EXPECT_EQ(check(diagnosis).state, Check::State::kWarming);
  diagnosis.Add("lr", Points(100, std::vector<double>(20, 1e-4), kStride));
  EXPECT_EQ(check(diagnosis).state, Check::State::kOk);
  EXPECT_THAT(check(diagnosis).reason, HasSubstr("lr is 0.0001"));
}

}  // namespace
}  // namespace spirogram::diagnosis
