#include "projector/particle_mesh.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "projector/direct_repulsion.h"
#include "tests/projector/test_data.h"

namespace spirogram::projector {
namespace {

struct Repulsion {
  std::vector<float> forces;
  double z = 0;
};

// A map of a few clusters and a thin background, as maps are: `span` across.
PackedMap ClusteredMap(int64_t points, int dims, double span, uint64_t seed) {
  PackedMap map(points, dims);
  Random random(seed);
  std::vector<double> centres(static_cast<size_t>(10 * dims));
  for (double& centre : centres) centre = random.NextUniform() - 0.5;
  for (int64_t i = 0; i < points; ++i) {
    const bool is_background = i % 5 == 0;
    for (int k = 0; k < dims; ++k) {
      const double at = is_background ? random.NextUniform() - 0.5
                                      : 0.8 * centres[static_cast<size_t>(i % 10 * dims + k)] +
                                            0.03 * random.NextNormal();
      map.point(i)[k] = static_cast<float>(span * at);
    }
  }
  return map;
}

Repulsion MeshRepulsion(const PackedMap& map, double spacing, int threads = 2) {
  ThreadPool pool(threads);
  ParticleMesh mesh(map.dims, spacing);
  Repulsion repulsion;
  repulsion.forces.resize(map.values.size());
  const auto z = mesh.Repulsion(map, BoundsOf(map, 0, map.points), repulsion.forces, &pool, {});
  EXPECT_TRUE(z.ok());
  repulsion.z = *z;
  return repulsion;
}

// In float64, by definition.
Repulsion SlowRepulsion(const PackedMap& map) {
  Repulsion repulsion;
  repulsion.forces.resize(map.values.size());
  for (int64_t i = 0; i < map.points; ++i) {
    double force[3] = {};
    for (int64_t j = 0; j < map.points; ++j) {
      if (i == j) continue;
      double square = 1;
      for (int k = 0; k < map.dims; ++k) {
        square += std::pow(double{map.point(i)[k]} - map.point(j)[k], 2);
      }
      repulsion.z += 1 / square;
      for (int k = 0; k < map.dims; ++k) {
        force[k] += (double{map.point(i)[k]} - map.point(j)[k]) / (square * square);
      }
    }
    for (int k = 0; k < map.dims; ++k) {
      repulsion.forces[static_cast<size_t>(i * map.stride + k)] = static_cast<float>(force[k]);
    }
  }
  return repulsion;
}

void ExpectNearDirectSum(const PackedMap& map, double spacing, double force_error, double z_error) {
  const Repulsion mesh = MeshRepulsion(map, spacing);
  const Repulsion direct = SlowRepulsion(map);
  EXPECT_LT(RelativeRms(mesh.forces, direct.forces), force_error);
  EXPECT_NEAR(mesh.z / direct.z, 1, z_error);
}

TEST(ParticleMeshTest, StaysWithinThreePercentOfTheDirectSumAtEverySpan) {
  // A map that large has as many points; with fewer, direct sums are quicker (sparse_engine.cc).
  for (const auto& [span, points] : std::map<double, int64_t>{
           {10, 4000}, {30, 4000}, {100, 4000}, {300, 8000}, {1000, 40'000}}) {
    SCOPED_TRACE(span);
    ExpectNearDirectSum(ClusteredMap(points, 2, span, 1), 0.5, 3e-2, 5e-3);
  }
}

TEST(ParticleMeshTest, StaysWithinThreePercentInThreeDims) {
  for (const double span : {10.0, 30.0, 100.0}) {
    SCOPED_TRACE(span);
    ExpectNearDirectSum(ClusteredMap(3000, 3, span, 2), 0.5, 3e-2, 5e-3);
  }
}

TEST(ParticleMeshTest, IsExactForTheSmallMapsOfTheStart) {
  for (const double span : {1e-3, 0.1, 1.0, 3.0}) {
    SCOPED_TRACE(span);
    ExpectNearDirectSum(ClusteredMap(2000, 2, span, 3), 0.5, 2e-2, 1e-4);
  }
}

TEST(ParticleMeshTest, GainsFromAFinerGridAsTheSplineDoes) {
  const PackedMap map = ClusteredMap(3000, 2, 100, 4);
  const Repulsion direct = SlowRepulsion(map);
  double error = RelativeRms(MeshRepulsion(map, 1).forces, direct.forces);
  for (const double spacing : {0.5, 0.25}) {
    const double finer = RelativeRms(MeshRepulsion(map, spacing).forces, direct.forces);
    EXPECT_LT(finer, error / 4);
    error = finer;
  }
}

TEST(ParticleMeshTest, GivesTheSameBitsForAnyNumberOfThreads) {
  for (const int dims : {2, 3}) {
    const PackedMap map = ClusteredMap(40'000, dims, 60, 5);
    const Repulsion one = MeshRepulsion(map, 0.5, 1);
    const Repulsion five = MeshRepulsion(map, 0.5, 5);
    EXPECT_EQ(one.forces, five.forces);
    EXPECT_EQ(one.z, five.z);
  }
}

TEST(ParticleMeshTest, TakesAMapWithoutExtent) {
  const PackedMap map(100, 2);
  const Repulsion mesh = MeshRepulsion(map, 0.5);
  EXPECT_NEAR(mesh.z, 9900, 1);
  for (const float force : mesh.forces) EXPECT_NEAR(force, 0, 1e-3);
}

TEST(ParticleMeshTest, TakesALine) {
  PackedMap map = ClusteredMap(2000, 2, 300, 6);
  for (int64_t i = 0; i < map.points; ++i) map.point(i)[1] = 7;
  ExpectNearDirectSum(map, 0.5, 4e-2, 5e-3);
}

// Where the largest grid does not reach, the spacing says so and the clusters still repel.
TEST(ParticleMeshTest, CoarsensTheGridForTwoFarClusters) {
  PackedMap map = ClusteredMap(2000, 2, 20, 7);
  for (int64_t i = 0; i < map.points; i += 2) map.point(i)[0] += 5000;
  ThreadPool pool(2);
  ParticleMesh mesh(2, 0.5);
  std::vector<float> forces(map.values.size());
  const auto z = mesh.Repulsion(map, BoundsOf(map, 0, map.points), forces, &pool, {});
  ASSERT_TRUE(z.ok());
  EXPECT_NEAR(mesh.spacing(), 1.53, 0.01);
  EXPECT_NEAR(*z / SlowRepulsion(map).z, 1, 0.1);
}

TEST(ParticleMeshTest, BoundsTheGrid) {
  for (const int dims : {2, 3}) {
    for (double span = 1e-6; span < 1e7; span *= 3) {
      const MeshPlan plan = PlanMesh(span, dims, 0.5);
      EXPECT_LE(plan.size, MeshSizeMax(dims));
      EXPECT_GE(static_cast<double>(plan.size) * plan.spacing, span);
      const bool is_small = plan.size < 56 && plan.spacing > 1.0 / 16;
      EXPECT_FALSE(is_small) << span;
    }
  }
  EXPECT_EQ(PlanMesh(2000, 2, 0.5).spacing, 0.5);
  EXPECT_NEAR(PlanMesh(5000, 2, 0.5).spacing, 1.53, 0.01);
  EXPECT_EQ(PlanMesh(120, 3, 0.5).spacing, 0.5);
}

TEST(ParticleMeshTest, StopsWhenAsked) {
  const PackedMap map = ClusteredMap(1000, 2, 100, 8);
  ThreadPool pool(2);
  ParticleMesh mesh(2, 0.5);
  std::vector<float> forces(map.values.size());
  std::stop_source source;
  source.request_stop();
  const MapBounds bounds = BoundsOf(map, 0, map.points);
  const auto stopped = mesh.Repulsion(map, bounds, forces, &pool, source.get_token());
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().code, ErrorCode::kCancelled);
  EXPECT_TRUE(mesh.Repulsion(map, bounds, forces, &pool, {}).ok());
  EXPECT_LT(RelativeRms(forces, SlowRepulsion(map).forces), 3e-2);
}

TEST(DirectRepulsionTest, IsTheDefinition) {
  for (const int dims : {2, 3}) {
    for (const double span : {1e-3, 1.0, 100.0}) {
      const PackedMap map = ClusteredMap(501, dims, span, 9);
      ThreadPool pool(3);
      std::vector<float> forces(map.values.size());
      const auto z = DirectRepulsion(map, forces, &pool, {});
      const Repulsion slow = SlowRepulsion(map);
      ASSERT_TRUE(z.ok());
      EXPECT_NEAR(*z / slow.z, 1, 1e-6);
      EXPECT_LT(RelativeRms(forces, slow.forces), 1e-5);
    }
  }
}

}  // namespace
}  // namespace spirogram::projector
