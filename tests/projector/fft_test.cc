#include "projector/fft.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "projector/open_convolution.h"
#include "projector/random.h"

namespace spirogram::projector {
namespace {

using Complex = std::complex<float>;

TEST(FftTest, FindsSizesOfSmallFactors) {
  EXPECT_EQ(FriendlySize(1), 16);
  EXPECT_EQ(FriendlySize(16), 16);
  EXPECT_EQ(FriendlySize(17), 32);
  EXPECT_EQ(FriendlySize(112), 128);  // 7 is no friend
  EXPECT_EQ(FriendlySize(4096), 4096);
  for (int64_t size = 1; size < 5000; size += 7) {
    EXPECT_GE(FriendlySize(size), size);
    EXPECT_LE(FriendlySize(size), std::max<int64_t>(16, size * 5 / 4 + 16));
  }
}

TEST(FftTest, TransformsRealLinesThereAndBack) {
  const Fft fft(48);
  AlignedArray<float> line(2 * 49);
  Random random(1);
  std::vector<float> before(96);
  for (float& value : before) value = static_cast<float>(random.NextNormal());
  std::copy(before.begin(), before.end(), line.data());
  fft.RealForward(line.data());
  Complex first{};
  for (size_t i = 0; i < before.size(); ++i) {
    first +=
        before[i] *
        std::polar(1.0F, static_cast<float>(-2 * std::numbers::pi / 96 * static_cast<double>(i)));
  }
  EXPECT_NEAR(line.data()[2], first.real(), 1e-4);
  EXPECT_NEAR(line.data()[3], first.imag(), 1e-4);
  fft.RealInverse(line.data());
  for (size_t i = 0; i < before.size(); ++i) EXPECT_NEAR(line.data()[i] / 96, before[i], 1e-5);
}

TEST(FftTest, TransformsEightLinesAtOnce) {
  const Fft fft(16);
  AlignedArray<Complex> lines(32 * kFftLines);
  for (int64_t i = 0; i < 32; ++i) {
    for (int64_t c = 0; c < kFftLines; ++c) {
      // Line c is a pure wave of frequency c.
      lines.data()[i * kFftLines + c] = std::polar(
          1.0F, static_cast<float>(2 * std::numbers::pi / 32 * static_cast<double>(i * c)));
    }
  }
  fft.LinesForward(lines.data());
  for (int64_t k = 0; k < 32; ++k) {
    for (int64_t c = 0; c < kFftLines; ++c) {
      EXPECT_NEAR(std::abs(lines.data()[k * kFftLines + c]), k == c ? 32 : 0, 1e-4);
    }
  }
  fft.LinesInverse(lines.data());
  EXPECT_NEAR(lines.data()[0].real(), 32, 1e-4);
}

// One charge far from the others: its potential must not come round the other side of the grid.
void ExpectOpenBoundaries(int dims, int64_t size, double spacing) {
  ThreadPool pool(2);
  OpenConvolution convolution(dims, size);
  ASSERT_TRUE(convolution.SetSpacing(spacing, &pool, {}));
  ASSERT_TRUE(convolution.Clear(&pool, {}));
  const int64_t rows = dims == 2 ? size : size * size;
  // The spline of a point at node (1, 1, 1), so that the deconvolution cancels it.
  const double weights[3] = {1.0 / 6, 4.0 / 6, 1.0 / 6};
  for (int64_t row = 0; row < rows; ++row) {
    const int64_t y = row % size;
    const int64_t z = row / size;
    if (y > 2 || z > 2) continue;
    const double of_row = weights[y] * (dims == 3 ? weights[z] : 1);
    for (int64_t x = 0; x < 3; ++x) {
      convolution.grid()[row * convolution.pitch() + x] = static_cast<float>(of_row * weights[x]);
    }
  }
  ASSERT_TRUE(convolution.Convolve(&pool, {}));
  // Read with the spline again, at a node far away.
  const int64_t at = size - 2;
  double potential = 0;
  for (int64_t row = 0; row < rows; ++row) {
    const int64_t y = row % size - at + 1;
    const int64_t z = row / size - at + 1;
    if (y < 0 || y > 2 || (dims == 3 && (z < 0 || z > 2))) continue;
    const double of_row = weights[y] * (dims == 3 ? weights[z] : 1);
    for (int64_t x = 0; x < 3; ++x) {
      potential +=
          of_row * weights[x] * double{convolution.grid()[row * convolution.pitch() + at - 1 + x]};
    }
  }
  const double distance = spacing * static_cast<double>(at - 1);
  const double want = 1 / (1 + dims * distance * distance);
  EXPECT_NEAR(potential / want, 1, 0.01) << dims << " dims";
}

TEST(OpenConvolutionTest, HasOpenBoundaries) {
  ExpectOpenBoundaries(2, 64, 0.25);
  ExpectOpenBoundaries(3, 32, 0.25);
}

}  // namespace
}  // namespace spirogram::projector
