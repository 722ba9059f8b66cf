// A small real data set with duplicates and ties, by every method.
#include "tests/projector/iris.h"

#include <gtest/gtest.h>

#include "projector/affinity.h"
#include "projector/kl_divergence.h"
#include "projector/quality.h"
#include "projector/umap.h"

namespace spirogram::projector {
namespace {

constexpr MatrixView kMatrix{kIris, kIrisPoints, kIrisDims};

// Over all pairs, in float64, whatever drew the map.
double KlOf(const std::vector<float>& coordinates, double perplexity) {
  ThreadPool pool(1);
  const auto p = ComputeAffinities(kMatrix, perplexity, &pool, {}).value();
  MapPoints map(kIrisPoints, 2);
  for (size_t i = 0; i < static_cast<size_t>(kIrisPoints); ++i) {
    map.axis(0)[i] = coordinates[2 * i];
    map.axis(1)[i] = coordinates[2 * i + 1];
  }
  return KlDivergence(*SumPLogP(p, kIrisPoints, &pool, {}), *ComputeKlSums(p, map, &pool, {}));
}

TEST(IrisTest, ReachesTheKlDivergenceOfTheExactOptimiser) {
  TsneOptions options;
  options.iterations = 750;
  options.device = Device::kCpu;
  options.method = TsneOptions::Method::kExact;
  const auto exact = Tsne(kMatrix, options, {}, {});
  options.method = TsneOptions::Method::kParticleMesh;
  const auto mesh = Tsne(kMatrix, options, {}, {});
  ASSERT_TRUE(exact.ok() && mesh.ok());
  const double kl = KlOf(exact->coordinates, options.perplexity);
  EXPECT_NEAR(exact->kl_divergence, kl, 1e-4);
  EXPECT_LT(KlOf(mesh->coordinates, options.perplexity), kl + 0.005);
}

TEST(IrisTest, KeepsItsNeighboursByUmap) {
  const auto map = Umap(kMatrix, UmapOptions{}, {}, {});
  ASSERT_TRUE(map.ok());
  ThreadPool pool(1);
  const auto quality =
      JudgeMap(kMatrix, {map->coordinates, kIrisPoints, 2}, nullptr, {}, {}, &pool, {}, {});
  ASSERT_TRUE(quality.ok());
  EXPECT_GT(quality->trustworthiness.value, 0.96);
  EXPECT_GT(quality->recall_10.value, 0.6);
}

}  // namespace
}  // namespace spirogram::projector
