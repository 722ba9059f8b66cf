// The compact form gives back what was appended, wherever it has to give way to a wider one.
#include "store/pending_points.h"

#include <gtest/gtest.h>

#include <bit>
#include <limits>
#include <random>
#include <vector>

namespace spirogram::store {
namespace {

constexpr Step kMin = std::numeric_limits<Step>::min();
constexpr Step kMax = std::numeric_limits<Step>::max();

// Compared after each point: a form may change at any.
void ExpectKept(const std::vector<Step>& steps, const std::vector<double>& values) {
  ASSERT_EQ(steps.size(), values.size());
  PendingPoints points;
  Step low = kMax;
  Step high = kMin;
  for (size_t count = 1; count <= steps.size(); ++count) {
    const Step step = steps[count - 1];
    points.Append(step, static_cast<double>(count) * 0.1, values[count - 1]);
    low = std::min(low, step);
    high = std::max(high, step);
    EXPECT_EQ(points.StepRange(), std::pair(low, high));
    const ScalarPoints columns = points.ToColumns();
    ASSERT_EQ(points.size(), count);
    ASSERT_EQ(columns.step.size(), count);
    ASSERT_EQ(columns.wall_time.size(), count);
    ASSERT_EQ(columns.value.size(), count);
    for (size_t i = 0; i < count; ++i) {
      ASSERT_EQ(columns.step[i], steps[i]) << i << " of " << count;
      ASSERT_EQ(columns.wall_time[i], static_cast<double>(i + 1) * 0.1);
      ASSERT_EQ(std::bit_cast<uint64_t>(columns.value[i]), std::bit_cast<uint64_t>(values[i]))
          << i << " of " << count;
    }
  }
}

TEST(PendingPointsTest, KeepsStepsOnAndOffALine) {
  const std::vector<std::vector<Step>> cases = {{7},
                                                {0, 1, 2, 3},
                                                {10, 20, 30, 31, 40},
                                                {5, 5, 5, 6},
                                                {9, 6, 3, 0, -3},
                                                {0, 10, 5, 15},
                                                {0, 0, 1},
                                                {kMin, kMax, kMin, kMax, 0},
                                                {0, kMax, -2, kMax - 2},  // even, but for the wrap
                                                {kMax, kMin, kMin + 1, kMin + 3}};
  for (const std::vector<Step>& steps : cases) {
    ExpectKept(steps, std::vector<double>(steps.size(), 0.5));
  }
}

TEST(PendingPointsTest, KeepsValuesThatAreFloatsAndThatAreNot) {
  const auto nan = std::bit_cast<double>(uint64_t{0x7ff8'0000'dead'beef});
  const auto signaling_nan = std::bit_cast<double>(uint64_t{0x7ff0'0000'0000'0001});
  const double infinity = std::numeric_limits<double>::infinity();
  ExpectKept({1, 2, 3, 4}, {0.5, -0.0, infinity, -infinity});
  ExpectKept({1, 2, 3, 4}, {0.5, 0.1, 0.25, 1e308});
  ExpectKept({1, 2, 3, 4}, {0.1, 0.5, 0.1, 5e-324});
  ExpectKept({1, 2, 3}, {0.5, nan, signaling_nan});
}

TEST(PendingPointsTest, KeepsAnyMixture) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 200; ++round) {
    std::vector<Step> steps;
    std::vector<double> values;
    Step step = static_cast<Step>(random() % 100);
    const uint64_t stray_step = random() % 60;
    const uint64_t stray_value = random() % 60;
    for (uint64_t i = 0; i < 40; ++i) {
      step += i == stray_step ? static_cast<Step>(random()) : 3;
      steps.push_back(step);
      values.push_back(i == stray_value ? 1.0 / 3 : static_cast<double>(i) * 0.25);
    }
    ExpectKept(steps, values);
  }
}

}  // namespace
}  // namespace spirogram::store
