#include "projector/matrix.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace spirogram::projector {
namespace {

// Several pieces for several threads, and a last one that is not whole.
constexpr int64_t kRows = 30'001;
constexpr int64_t kDims = 101;

std::vector<float> Values() {
  std::vector<float> values(static_cast<size_t>(kRows * kDims), 1.5F);
  values[7] = kMagnitudeMax;
  values.back() = -kMagnitudeMax;
  return values;
}

TEST(CheckMatrixTest, NamesTheFirstBadValueHoweverManyThreadsLook) {
  ThreadPool pool(3);
  for (const float bad : {std::nanf(""), INFINITY, -1.5e30F}) {
    for (const int64_t row : {int64_t{0}, int64_t{20'000}, kRows - 1}) {
      SCOPED_TRACE(testing::Message() << bad << " in row " << row);
      std::vector<float> values = Values();
      values[static_cast<size_t>(row * kDims + 100)] = bad;
      values.back() = bad;  // is not the first
      const Status alone = CheckMatrix({values, kRows, kDims});
      const Status together = CheckMatrix({values, kRows, kDims}, &pool, {});
      ASSERT_FALSE(alone.ok() || together.ok());
      EXPECT_EQ(together.error().code, ErrorCode::kInvalidArgument);
      EXPECT_EQ(together.error().message, alone.error().message);
      const std::string place = "row " + std::to_string(row) + ", column 100 is ";
      EXPECT_NE(alone.error().message.find(place), std::string::npos) << alone.error().message;
    }
  }
}

TEST(CheckMatrixTest, TakesTheLargestValuesAndStopsWhenAsked) {
  ThreadPool pool(2);
  const std::vector<float> values = Values();
  EXPECT_TRUE(CheckMatrix({values, kRows, kDims}).ok());
  EXPECT_TRUE(CheckMatrix({values, kRows, kDims}, &pool, {}).ok());
  EXPECT_FALSE(CheckMatrix({values, kRows - 1, kDims}, &pool, {}).ok());
  std::stop_source source;
  source.request_stop();
  const Status stopped = CheckMatrix({values, kRows, kDims}, &pool, source.get_token());
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().code, ErrorCode::kCancelled);
}

}  // namespace
}  // namespace spirogram::projector
