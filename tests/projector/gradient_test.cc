#include "projector/gradient.h"

#include <gtest/gtest.h>

#include "projector/affinity.h"
#include "tests/projector/test_data.h"

namespace spirogram::projector {
namespace {

std::vector<float> AffinitiesOf(int64_t points, double perplexity) {
  ThreadPool pool(1);
  return ComputeAffinities(Gaussian(points, 6, 1).view(), perplexity, &pool, {}).value();
}

class GradientTest : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Dims, GradientTest, testing::Values(2, 3));

TEST_P(GradientTest, AgreesWithFiniteDifferencesOfTheKlDivergence) {
  constexpr int64_t kPoints = 50;
  const int dims = GetParam();
  const auto p = AffinitiesOf(kPoints, 8);
  const MapPoints map = RandomMap(kPoints, dims, 2, 2);
  Forces forces(kPoints, dims);
  AccumulateForces(p, map, 0, kPoints, &forces);
  const double z = forces.TotalZ();

  std::vector<double> y(map.values.begin(), map.values.end());
  constexpr double kStep = 1e-5;
  for (size_t at = 0; at < y.size(); ++at) {
    const double centre = y[at];
    y[at] = centre + kStep;
    const double above = SlowKlDivergence(p, y, kPoints, dims);
    y[at] = centre - kStep;
    const double below = SlowKlDivergence(p, y, kPoints, dims);
    y[at] = centre;
    const double gradient = 4 * (forces.attraction.values[at] - forces.repulsion.values[at] / z);
    EXPECT_NEAR(gradient, (above - below) / (2 * kStep), 1e-7);
  }
}

// Sizes about the lanes and the runs of the vectorised loop.
TEST_P(GradientTest, AgreesWithTheDefinitionAtEverySize) {
  const int dims = GetParam();
  for (const int64_t points : {2, 3, 15, 16, 17, 31, 33, 48, 1040, 1100}) {
    std::vector<float> p(static_cast<size_t>(points * points));
    Random random(3);
    for (float& value : p) value = static_cast<float>(random.NextUniform());
    const MapPoints map = RandomMap(points, dims, 3, 4);
    Forces forces(points, dims);
    AccumulateForces(p, map, 0, points, &forces);
    for (int64_t i = 0; i < points; i += 1 + points / 40) {
      double z = 0;
      double attraction = 0;
      double repulsion = 0;
      double magnitude = 0;
      for (int64_t j = 0; j < points; ++j) {
        if (i == j) continue;
        double square = 1;
        for (int k = 0; k < dims; ++k) {
          const auto axis = map.axis(k);
          const double difference =
              double{axis[static_cast<size_t>(i)]} - axis[static_cast<size_t>(j)];
          square += difference * difference;
        }
        const double x =
            double{map.values[static_cast<size_t>(i)]} - map.values[static_cast<size_t>(j)];
        z += 1 / square;
        attraction += p[static_cast<size_t>(i * points + j)] / square * x;
        repulsion += x / (square * square);
        magnitude += std::abs(x) / square;
      }
      const auto at = static_cast<size_t>(i);
      EXPECT_NEAR(forces.z[at], z, 2e-6 * z);
      EXPECT_NEAR(forces.attraction.values[at], attraction, 2e-6 * magnitude);
      EXPECT_NEAR(forces.repulsion.values[at], repulsion, 2e-6 * magnitude);
    }
  }
}

TEST(GradientOutlierTest, KeepsTheDigitsOfAFarPoint) {
  MapPoints map(3, 2);
  map.values = {0, 1, 1e5F, 0, 0, 0};
  Forces forces(3, 2);
  AccumulateForces(std::vector<float>(9, 0.0F), map, 0, 3, &forces);
  EXPECT_NEAR(forces.z[2] * 1e10, 2, 1e-4);
}

TEST(GradientOutlierTest, IsZeroBetweenPointsAtOnePlace) {
  const MapPoints map(40, 2);
  Forces forces(40, 2);
  AccumulateForces(std::vector<float>(1600, 0.1F), map, 0, 40, &forces);
  EXPECT_EQ(forces.z[0], 39);
  EXPECT_EQ(forces.attraction.values[5], 0);
  EXPECT_EQ(forces.repulsion.values[5], 0);
}

}  // namespace
}  // namespace spirogram::projector
