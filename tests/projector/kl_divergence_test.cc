#include "projector/kl_divergence.h"

#include <gtest/gtest.h>

#include "projector/affinity.h"
#include "tests/projector/test_data.h"

namespace spirogram::projector {
namespace {

double KlOf(const std::vector<float>& p, const MapPoints& map, int threads) {
  ThreadPool pool(threads);
  return KlDivergence(*SumPLogP(p, map.points, &pool, {}), *ComputeKlSums(p, map, &pool, {}));
}

TEST(KlDivergenceTest, AgreesWithTheDefinitionAtEverySpread) {
  ThreadPool pool(2);
  const auto p = ComputeAffinities(Gaussian(120, 6, 1).view(), 10, &pool, {}).value();
  for (const int dims : {2, 3}) {
    for (const double spread : {1e-4, 1.0, 100.0, 1e6}) {
      const MapPoints map = RandomMap(120, dims, spread, 2);
      const double want = SlowKlDivergence(p, {map.values.begin(), map.values.end()}, 120, dims);
      EXPECT_NEAR(KlOf(p, map, 2), want, 1e-5) << dims << " " << spread;
    }
  }
}

TEST(KlDivergenceTest, IsZeroWhereTheMapHasTheAffinitiesOfTheData) {
  // Three points at one place on the map: Q is uniform, and so is P.
  std::vector<float> p(9, 1.0F / 6);
  p[0] = p[4] = p[8] = 0;
  EXPECT_NEAR(KlOf(p, MapPoints(3, 2), 1), 0, 1e-7);
}

TEST(KlDivergenceTest, DoesNotDependOnTheThreads) {
  ThreadPool pool(2);
  const auto p = ComputeAffinities(Gaussian(150, 6, 3).view(), 10, &pool, {}).value();
  const MapPoints map = RandomMap(150, 2, 5, 4);
  EXPECT_EQ(KlOf(p, map, 1), KlOf(p, map, 4));
}

TEST(KlDivergenceTest, StopsWhenAsked) {
  ThreadPool pool(2);
  std::stop_source source;
  source.request_stop();
  const std::vector<float> p(100, 0.01F);
  EXPECT_FALSE(SumPLogP(p, 10, &pool, source.get_token()).has_value());
  EXPECT_FALSE(ComputeKlSums(p, MapPoints(10, 2), &pool, source.get_token()).has_value());
}

}  // namespace
}  // namespace spirogram::projector
