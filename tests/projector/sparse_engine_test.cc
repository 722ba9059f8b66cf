#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "projector/attraction.h"
#include "projector/engine.h"
#include "projector/init.h"
#include "projector/sparse_affinity.h"
#include "projector/tsne_descent.h"
#include "tests/projector/test_data.h"
#include "tests/projector/test_graphs.h"

namespace spirogram::projector {
namespace {

std::vector<float> DenseOf(const SparseAffinities& p) {
  std::vector<float> dense(static_cast<size_t>(p.points * p.points), 0.0F);
  for (int64_t i = 0; i < p.points; ++i) {
    for (size_t at = 0; at < p.RowColumns(i).size(); ++at) {
      dense[static_cast<size_t>(i * p.points + p.RowColumns(i)[at])] = p.RowValues(i)[at];
    }
  }
  return dense;
}

// The KL divergence of a map in 2 dims, N x 2, by the exact engine.
double JudgedExactly(const SparseAffinities& p, const std::vector<float>& coordinates,
                     ThreadPool* pool) {
  MapPoints map(p.points, 2);
  for (size_t i = 0; i < static_cast<size_t>(p.points); ++i) {
    map.axis(0)[i] = coordinates[2 * i];
    map.axis(1)[i] = coordinates[2 * i + 1];
  }
  return *MakeCpuEngine(DenseOf(p), map, pool)->KlDivergence({});
}

// The step of an engine without momentum, gains or clipping, on a fresh map, is the gradient:
// y changes by -learning_rate * gain * gradient, with a gain of 0.8 in the first step.
std::vector<double> GradientOf(TsneEngine* engine, const MapPoints& map) {
  constexpr double kRate = 1e-2;
  StepParameters step;
  step.learning_rate = kRate;
  step.momentum = 0;
  std::vector<float> before(map.values.size());
  std::vector<float> after(map.values.size());
  EXPECT_TRUE(engine->ReadCoordinates(before).ok());
  EXPECT_TRUE(engine->Step(step, {}).ok());
  EXPECT_TRUE(engine->ReadCoordinates(after).ok());
  std::vector<double> gradient(map.values.size());
  for (int64_t i = 0; i < map.points; ++i) {
    for (int k = 0; k < map.dims; ++k) {
      const auto at = static_cast<size_t>(i * map.dims + k);
      gradient[static_cast<size_t>(k * map.points + i)] =
          (double{before[at]} - after[at]) / (kRate * 0.8);
    }
  }
  return gradient;
}

TEST(SparseEngineTest, FollowsTheGradientOfTheKlDivergence) {
  for (const int dims : {2, 3}) {
    const SparseAffinities p = AffinitiesOf(Gaussian(60, 6, 1), 45, 15);
    MapPoints map = RandomMap(60, dims, 0.01, 2);
    for (int k = 0; k < dims; ++k) {  // centred, as the engine keeps it
      double mean = 0;
      for (const float value : map.axis(k)) mean += value / 60;
      for (float& value : map.axis(k)) value -= static_cast<float>(mean);
    }
    ThreadPool pool(2);
    const auto engine = MakeSparseEngine(p, map, 0.5, &pool);
    const std::vector<double> gradient = GradientOf(engine.get(), map);
    const std::vector<float> dense = DenseOf(p);
    std::vector<double> y(map.values.begin(), map.values.end());
    double error = 0;
    double size = 0;
    for (size_t at = 0; at < y.size(); ++at) {
      constexpr double kStep = 1e-5;
      const double middle = y[at];
      y[at] = middle + kStep;
      const double above = SlowKlDivergence(dense, y, 60, dims);
      y[at] = middle - kStep;
      const double below = SlowKlDivergence(dense, y, 60, dims);
      y[at] = middle;
      // The engine leaves out the factor 4.
      const double want = (above - below) / (2 * kStep) / 4;
      error += std::pow(gradient[at] - want, 2);
      size += want * want;
    }
    EXPECT_LT(std::sqrt(error / size), 1e-2) << dims;
  }
}

TEST(SparseEngineTest, MeasuresTheKlDivergenceOfItsMap) {
  for (const int dims : {2, 3}) {
    const SparseAffinities p = AffinitiesOf(Clusters(300, 6, 3, 5, 3), 45, 15);
    const MapPoints map = RandomMap(300, dims, 10, 4);
    ThreadPool pool(2);
    const auto engine = MakeSparseEngine(p, map, 0.5, &pool);
    const auto kl = engine->KlDivergence({});
    ASSERT_TRUE(kl.ok());
    const std::vector<double> y(map.values.begin(), map.values.end());
    EXPECT_NEAR(*kl, SlowKlDivergence(DenseOf(p), y, 300, dims), 1e-3);
  }
}

// More points than a window of 16-bit columns holds: the packing must find all of them.
TEST(SparseEngineTest, AttractsAcrossWindows) {
  constexpr int64_t kPoints = 150'000;
  SparseAffinities p;
  p.points = kPoints;
  p.row_starts.push_back(0);
  for (int64_t i = 0; i < kPoints; ++i) {  // each point and the one opposite
    p.columns.push_back(static_cast<int32_t>((i + kPoints / 2) % kPoints));
    p.values.push_back(1.0F / kPoints);
    p.row_starts.push_back(i + 1);
  }
  PackedMap map(kPoints, 2);
  Random random(5);
  for (float& value : map.values) value = static_cast<float>(random.NextNormal());
  std::vector<int32_t> order(kPoints);
  std::iota(order.begin(), order.end(), 0);
  Attraction attraction(p);
  ThreadPool pool(2);
  ASSERT_TRUE(attraction.Arrange(order, &pool, {}));
  std::vector<float> forces(map.values.size());
  ASSERT_TRUE(attraction.Forces(map, {}, forces, &pool, {}));
  for (int64_t i = 0; i < kPoints; i += 997) {
    const int64_t j = (i + kPoints / 2) % kPoints;
    const double dx = double{map.point(i)[0]} - map.point(j)[0];
    const double dy = double{map.point(i)[1]} - map.point(j)[1];
    const double pull = 1.0 / kPoints / (1 + dx * dx + dy * dy);
    EXPECT_NEAR(forces[static_cast<size_t>(2 * i)], pull * dx, 4e-3 * std::abs(pull * dx) + 1e-12);
    EXPECT_NEAR(forces[static_cast<size_t>(2 * i + 1)], pull * dy,
                4e-3 * std::abs(pull * dy) + 1e-12);
  }
}

TEST(AttractionTest, SumsToTheSameWhenDivided) {
  for (const int dims : {2, 3}) {
    SparseAffinities p = AffinitiesOf(Gaussian(700, 6, 11), 45, 15);
    PackedMap map(700, dims);
    Random random(12);
    for (int64_t i = 0; i < 700; ++i) {
      for (int k = 0; k < dims; ++k) map.point(i)[k] = static_cast<float>(random.NextNormal());
    }
    std::vector<int32_t> order(700);
    std::iota(order.rbegin(), order.rend(), 0);
    ThreadPool pool(2);
    Attraction whole(p);
    Attraction divided(p, 0.9);
    ASSERT_TRUE(whole.Arrange(order, &pool, {}));
    ASSERT_TRUE(divided.Arrange(order, &pool, {}));
    std::vector<float> want(map.values.size());
    std::vector<float> weak(want.size());
    std::vector<float> got(want.size());
    ASSERT_TRUE(whole.Forces(map, {}, want, &pool, {}));
    ASSERT_TRUE(divided.WeakForces(map, weak, &pool, {}));
    ASSERT_TRUE(divided.Forces(map, weak, got, &pool, {}));
    double size_weak = 0;
    double size = 0;
    for (size_t at = 0; at < want.size(); ++at) {
      EXPECT_NEAR(got[at], want[at], 1e-8);
      size_weak += std::abs(weak[at]);
      size += std::abs(want[at]);
    }
    EXPECT_GT(size_weak, 0.01 * size);
    EXPECT_LT(size_weak, 0.3 * size);
    EXPECT_NEAR(*divided.WeightedLog(map, &pool, {}), *whole.WeightedLog(map, &pool, {}), 1e-6);
  }
}

// Edges of one weight have no weak ones among them: kept forces would be as strong as the others.
TEST(AttractionTest, LeavesEdgesOfOneWeightTogether) {
  const Matrix matrix = Gaussian(300, 4, 13);
  SparseAffinities p = AffinitiesOf(matrix, 20, 6);
  std::fill(p.values.begin(), p.values.end(), 1e-4F);
  std::vector<int32_t> order(300);
  std::iota(order.begin(), order.end(), 0);
  ThreadPool pool(1);
  Attraction attraction(p, 0.5);
  ASSERT_TRUE(attraction.Arrange(order, &pool, {}));
  PackedMap map(300, 2);
  Random random(14);
  for (float& value : map.values) value = static_cast<float>(random.NextNormal());
  std::vector<float> weak(map.values.size(), 1.0F);
  ASSERT_TRUE(attraction.WeakForces(map, weak, &pool, {}));
  EXPECT_EQ(weak, std::vector<float>(weak.size(), 0.0F));
}

// The same P, the same start, the same steps: what differs is the grid and the packing.
TEST(SparseEngineTest, ReachesTheKlDivergenceOfTheExactOptimiser) {
  const Matrix matrix = Clusters(5000, 20, 8, 4, 8);
  const SparseAffinities p = AffinitiesOf(matrix, 90, 30);
  const MapPoints start = PcaInit(matrix.view(), {.components = 2}, {}).value();
  ThreadPool pool(2);
  const TsneOptions options;
  const auto exact = MakeCpuEngine(DenseOf(p), start, &pool);
  // On a finer grid direct sums would be quicker, and taken.
  const auto sparse = MakeSparseEngine(p, start, 0.35, &pool);
  const auto want = Descend(5000, options, exact.get(), {}, {});
  const auto got = Descend(5000, options, sparse.get(), {}, {});
  ASSERT_TRUE(want.ok());
  ASSERT_TRUE(got.ok());
  EXPECT_GT(got->grid_spacing, 0);
  EXPECT_LT(got->kl_divergence, want->kl_divergence + 0.005);
  EXPECT_NEAR(JudgedExactly(p, got->coordinates, &pool), got->kl_divergence, 2e-3);
}

// Forces that are kept give the map of those that are not, by nearly the same way.
TEST(SparseEngineTest, KeepsForcesAndTheMap) {
  const Matrix matrix = Clusters(5000, 20, 8, 4, 8);
  const SparseAffinities p = AffinitiesOf(matrix, 90, 30);
  const MapPoints start = PcaInit(matrix.view(), {.components = 2}, {}).value();
  ThreadPool pool(2);
  const TsneOptions options;
  const auto want = Descend(5000, options, MakeSparseEngine(p, start, 0.35, &pool).get(), {}, {});
  const ForceCadence cadence{2, 6};
  const auto kept = MakeSparseEngine(p, start, 0.35, &pool, cadence);
  const auto got = Descend(5000, options, kept.get(), {}, {});
  ASSERT_TRUE(want.ok());
  ASSERT_TRUE(got.ok());
  EXPECT_LT(got->kl_divergence, want->kl_divergence + 0.05);
  // The engine's own figure is that of its map, not of forces that are as old as they may be.
  EXPECT_NEAR(JudgedExactly(p, got->coordinates, &pool), got->kl_divergence, 2e-3);
  ThreadPool alone(1);
  const auto again =
      Descend(5000, options, MakeSparseEngine(p, start, 0.35, &alone, cadence).get(), {}, {});
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->coordinates, got->coordinates);
}

TEST(SparseEngineTest, LeavesTheMapAsItWasWhenStopped) {
  ThreadPool pool(2);
  const auto engine = MakeSparseEngine(AffinitiesOf(Gaussian(100, 3, 6), 15, 5),
                                       RandomMap(100, 2, 1, 7), 0.5, &pool);
  std::vector<float> before(200);
  std::vector<float> after(200);
  std::stop_source source;
  source.request_stop();
  ASSERT_TRUE(engine->ReadCoordinates(before).ok());
  EXPECT_FALSE(engine->Step({}, source.get_token()).ok());
  ASSERT_TRUE(engine->ReadCoordinates(after).ok());
  EXPECT_EQ(before, after);
  EXPECT_TRUE(engine->Step({}, {}).ok());
}

}  // namespace
}  // namespace spirogram::projector
