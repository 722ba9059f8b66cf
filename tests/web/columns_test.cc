#include "web/columns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/web/columns_reader.h"

namespace spirogram::web {
namespace {

using spirogram::testing::ColumnsMessage;
using spirogram::testing::ReadColumns;
using ::testing::ElementsAre;

TEST(ColumnsTest, ReadBackWhatWasAdded) {
  const std::vector<float> floats = {1.5f, -2.5f, 3.5f};
  const std::vector<double> doubles = {0.1, std::numeric_limits<double>::infinity()};
  const std::vector<uint8_t> bytes = {1, 2, 3, 4, 5};
  const std::vector<uint32_t> words = {7};
  const std::vector<Step> steps = {-1, int64_t{1} << 53};
  ColumnsBuilder builder;
  builder.BeginItem(R"({"run":1})");
  builder.Add("floats", std::span<const float>(floats));
  builder.Add("bytes", std::span<const uint8_t>(bytes));
  builder.BeginItem(R"({"run":2})");
  builder.Add("doubles", std::span<const double>(doubles));
  builder.Add("words", std::span<const uint32_t>(words));
  builder.AddSteps("steps", steps);
  const ColumnsMessage message = ReadColumns(builder.Finish());
  ASSERT_EQ(message.items.size(), 2u);
  EXPECT_EQ(message.items[1].at("run"), 2);
  EXPECT_EQ(message.Column<float>(0, "floats"), floats);
  EXPECT_EQ(message.Column<uint8_t>(0, "bytes"), bytes);
  EXPECT_EQ(message.Column<double>(1, "doubles"), doubles);
  EXPECT_EQ(message.Column<uint32_t>(1, "words"), words);
  EXPECT_THAT(message.Column<double>(1, "steps"), ElementsAre(-1, 9007199254740992.0));
}

TEST(ColumnsTest, MayHaveNoItemsAndEmptyColumns) {
  EXPECT_TRUE(ReadColumns(ColumnsBuilder().Finish()).items.empty());
  ColumnsBuilder builder;
  builder.BeginItem(R"({"run":1})");
  builder.Add("none", std::span<const double>());
  EXPECT_EQ(ReadColumns(builder.Finish()).items[0].at("columns")[0].at("length"), 0);
}

}  // namespace
}  // namespace spirogram::web
