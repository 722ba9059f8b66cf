#include "diagnosis/history.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace spirogram::diagnosis {
namespace {

TEST(HistoryTest, KeepsEveryPointOfAShortRun) {
  History history;
  for (int i = 0; i < 512; ++i) history.Add(i, i % 7);
  EXPECT_EQ(history.step().size(), 512u);
  EXPECT_EQ(history.value()[13], 6);
}

TEST(HistoryTest, NeverExceedsItsBoundAndKeepsThePeakAtItsStep) {
  History history;
  for (int i = 0; i < 100'000; ++i) history.Add(i, i == 77'777 ? 9.0 : 1.0);
  EXPECT_LE(history.step().size(), History::kPointsMax);
  const auto peak = std::max_element(history.value().begin(), history.value().end());
  EXPECT_EQ(*peak, 9.0);
  EXPECT_EQ(history.step()[static_cast<size_t>(peak - history.value().begin())], 77'777);
}

TEST(HistoryTest, KeepsStepsInOrder) {
  History history;
  for (int i = 0; i < 5'000; ++i) history.Add(i, std::sin(i));
  EXPECT_TRUE(std::is_sorted(history.step().begin(), history.step().end()));
}

TEST(HistoryTest, LeavesOutWhatIsNotFinite) {
  History history;
  history.Add(1, std::nan(""));
  history.Add(2, std::numeric_limits<double>::infinity());
  EXPECT_TRUE(history.empty());
  EXPECT_TRUE(std::isnan(history.Median()));
}

TEST(HistoryTest, LeavesOutOfALogarithmicChartWhatItCannotShow) {
  History history;
  history.Add(1, 0);
  history.Add(2, 0.5);
  const auto series = history.ToEvidence("label", "unit", true);
  EXPECT_EQ(series.step, std::vector<Step>{2});
  EXPECT_EQ(series.value, std::vector<double>{0.5});
  EXPECT_TRUE(series.is_log);
}

}  // namespace
}  // namespace spirogram::diagnosis
