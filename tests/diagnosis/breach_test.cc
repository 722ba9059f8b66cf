#include "diagnosis/breach.h"

#include <gtest/gtest.h>

namespace spirogram::diagnosis {
namespace {

using Change = Breach::Change;
using State = Breach::State;

// Windows of 10 steps: window w has the steps 10 w to 10 w + 9.
Observation Breached(int window) {
  return {10 * window, 10 * window + 9, true, false, 10 * window};
}
Observation Clear(int window) {
  return {10 * window, 10 * window + 9, false, true, 0};
}
Observation Between(int window) {
  return {10 * window, 10 * window + 9, false, false, 0};
}

BreachPolicy TwoOfThree() {
  BreachPolicy policy;
  policy.breaches = 2;
  policy.of_windows = 3;
  return policy;
}

TEST(BreachTest, OpensAtTheKthBreachAndDatesTheOnsetBackToTheFirst) {
  Breach breach(TwoOfThree());
  EXPECT_EQ(breach.Observe(Breached(5)), Change::kNone);
  EXPECT_EQ(breach.state(), State::kPending);
  EXPECT_EQ(breach.Observe(Between(6)), Change::kNone);
  EXPECT_EQ(breach.Observe(Breached(7)), Change::kOpened);
  EXPECT_EQ(breach.incident().onset, 50);
  EXPECT_EQ(breach.incident().detected, 79);
}

TEST(BreachTest, ForgetsABreachThatHasNoCompany) {
  Breach breach(TwoOfThree());
  breach.Observe(Breached(1));
  breach.Observe(Clear(2));
  breach.Observe(Clear(3));
  EXPECT_EQ(breach.Observe(Breached(4)), Change::kNone);
  breach.Observe(Clear(5));
  breach.Observe(Clear(6));
  breach.Observe(Clear(7));
  EXPECT_EQ(breach.state(), State::kOk);
}

TEST(BreachTest, UsesTheOnsetThatTheObservationDatesBack) {
  Breach breach{BreachPolicy()};
  breach.Observe({100, 109, true, false, 42});
  EXPECT_EQ(breach.incident().onset, 42);
}

TEST(BreachTest, ClosesAfterTwoClearWindowsAndSaysWhenTheConditionWent) {
  Breach breach{BreachPolicy()};
  breach.Observe(Breached(0));
  EXPECT_EQ(breach.Observe(Clear(1)), Change::kNone);
  EXPECT_EQ(breach.state(), State::kResolving);
  EXPECT_TRUE(breach.is_open());
  EXPECT_EQ(breach.Observe(Clear(2)), Change::kClosed);
  EXPECT_FALSE(breach.incident().is_open);
  EXPECT_EQ(breach.incident().closed, 19);
}

TEST(BreachTest, StaysOpenBetweenTheThresholds) {
  Breach breach{BreachPolicy()};
  breach.Observe(Breached(0));
  for (int window = 1; window < 50; ++window) breach.Observe(Between(window));
  EXPECT_EQ(breach.state(), State::kOpen);
}

TEST(BreachTest, ASingleClearWindowBetweenOthersDoesNotClose) {
  Breach breach{BreachPolicy()};
  breach.Observe(Breached(0));
  for (int window = 1; window < 50; window += 2) {
    breach.Observe(Clear(window));
    breach.Observe(Between(window + 1));
  }
  EXPECT_TRUE(breach.is_open());
}

TEST(BreachTest, ShortWindowsCloseOnlyAfterTwentySteps) {
  Breach breach{BreachPolicy()};
  breach.Observe({0, 0, true, false, 0});
  for (Step step = 1; step < 20; ++step) {
    EXPECT_EQ(breach.Observe({step, step, false, true, 0}), Change::kNone) << step;
  }
  EXPECT_EQ(breach.Observe({20, 20, false, true, 0}), Change::kClosed);
}

TEST(BreachTest, IsTheSameIncidentWhenItComesBackSoon) {
  Breach breach{BreachPolicy()};
  breach.Observe(Breached(0));
  breach.Observe(Clear(1));
  breach.Observe(Clear(2));
  EXPECT_EQ(breach.Observe(Breached(10)), Change::kReopened);
  EXPECT_EQ(breach.incident().onset, 0);
  EXPECT_EQ(breach.incident().reopened, 1);
  EXPECT_TRUE(breach.incident().is_open);
}

TEST(BreachTest, IsANewIncidentWhenItComesBackLate) {
  Breach breach{BreachPolicy()};
  breach.Observe(Breached(0));
  breach.Observe(Clear(1));
  breach.Observe(Clear(2));
  EXPECT_EQ(breach.Observe(Breached(40)), Change::kOpened);
  EXPECT_EQ(breach.incident().onset, 400);
}

TEST(BreachTest, SurvivesStepsAtTheEndsOfTheRange) {
  Breach breach{BreachPolicy()};
  breach.Observe({INT64_MIN, INT64_MIN, true, false, INT64_MIN});
  breach.Observe({INT64_MIN, INT64_MAX, false, true, 0});
  EXPECT_EQ(breach.Observe({INT64_MAX, INT64_MAX, false, true, 0}), Change::kClosed);
}

TEST(BreachTest, AbandonClosesWhatIsOpen) {
  Breach breach{BreachPolicy()};
  EXPECT_EQ(breach.Abandon(5), Change::kNone);
  breach.Observe(Breached(1));
  EXPECT_EQ(breach.Abandon(25), Change::kClosed);
  EXPECT_EQ(breach.incident().closed, 25);
  EXPECT_EQ(breach.Observe(Breached(3)), Change::kOpened);
}

}  // namespace
}  // namespace spirogram::diagnosis
