#include "projector/float_math.h"

#include <gtest/gtest.h>

#include <cmath>

namespace spirogram::projector {
namespace {

TEST(FloatMathTest, TakesPowersAsTheLibraryDoes) {
  for (const float p : {0.4F, 0.895F, 1.0F, 1.7F}) {
    for (float x = 1e-12F; x < 1e12F; x *= 1.37F) {
      const double expected = std::pow(double{x}, double{p});
      EXPECT_NEAR(Power(x, p) / expected, 1, 2e-5) << x << " to the power " << p;
    }
  }
}

TEST(FloatMathTest, GivesALaneWhatItGivesAFloat) {
  const Float8 x = {1e-20F, 1e-3F, 0.7F, 1, 1.5F, 3, 1e5F, 1e20F};
  const Float8 powers = Power(x, 0.895F);
  for (int lane = 0; lane < kLanes8; ++lane) {
    const float alone = x[lane];
    EXPECT_EQ(powers[lane], Power(alone, 0.895F)) << alone;
  }
}

TEST(FloatMathTest, StaysFiniteAtTheEndsOfItsRange) {
  EXPECT_EQ(Exp2(1000.0F), Exp2(126.0F));
  EXPECT_EQ(Exp2(-1000.0F), Exp2(-126.0F));
  EXPECT_TRUE(std::isfinite(Power(3e38F, 1.5F)));
  EXPECT_GT(Power(1.2e-38F, 1.5F), 0);
  EXPECT_NEAR(ExpOfNegative(-1), std::exp(-1.0), 1e-7);
  EXPECT_EQ(ExpOfNegative(-1000), 0);
}

}  // namespace
}  // namespace spirogram::projector
