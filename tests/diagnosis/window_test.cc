#include "diagnosis/window.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace spirogram::diagnosis {
namespace {

store::EntityStats ThreeUnits() {
  store::EntityStats window;
  window.entities = 3;
  window.columns = {"short", "whole", "listed but absent"};
  window.values = {{1, 2}, {1, 2, 3}};
  return window;
}

TEST(WindowTest, GivesAWholeColumn) {
  EXPECT_EQ(Column(ThreeUnits(), "whole").size(), 3u);
}

TEST(WindowTest, GivesNothingForAColumnThatIsShortOrMissing) {
  const auto window = ThreeUnits();
  EXPECT_TRUE(Column(window, "short").empty());
  EXPECT_TRUE(Column(window, "listed but absent").empty());
  EXPECT_TRUE(Column(window, "unheard of").empty());
}

TEST(WindowTest, WhatIsNoMagnitudeIsUnknown) {
  const std::vector<float> column = {1, -1, std::nanf(""), std::numeric_limits<float>::infinity()};
  EXPECT_EQ(ValueAt(column, 0), 1);
  for (size_t i = 1; i < 9; ++i) EXPECT_EQ(ValueAt(column, i), kUnknown) << i;
}

TEST(WindowTest, ReadsDeclarations) {
  store::EntityStats window;
  window.attributes = {{"frozen", "true"}, {"padding_row", "0"}};
  EXPECT_TRUE(IsDeclared(window, "frozen"));
  EXPECT_FALSE(IsDeclared(window, "pruned"));
  EXPECT_EQ(Attribute(window, "padding_row"), "0");
  EXPECT_EQ(Attribute(window, "activation"), "");
}

TEST(WindowTest, CountsStepsAtTheEndsOfTheRange) {
  EXPECT_EQ(StepSpan(1, 100), 100);
  EXPECT_EQ(StepSpan(9, 3), 1);
  EXPECT_GT(StepSpan(INT64_MIN, INT64_MAX), 1e18);
}

}  // namespace
}  // namespace spirogram::diagnosis
