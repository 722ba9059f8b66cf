#include "projector/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "projector/clusters.h"
#include "projector/eigen.h"
#include "projector/spectrum.h"
#include "tests/projector/embedding_cases.h"

namespace spirogram::projector {
namespace {

NeighborGraph GraphOf(const Matrix& matrix, int neighbors = 10) {
  ThreadPool pool(2);
  NeighborOptions options;
  options.neighbors = neighbors;
  options.method = NeighborOptions::Method::kExact;
  auto graph = NearestNeighbors(matrix.view(), options, &pool, {}, {});
  EXPECT_TRUE(graph.ok());
  return graph.ok() ? std::move(*graph) : NeighborGraph{};
}

EmbeddingStatistics StatisticsOf(const Matrix& matrix, const MatrixView* first = nullptr,
                                 int threads = 2) {
  ThreadPool pool(threads);
  const int neighbors = static_cast<int>(std::min<int64_t>(10, matrix.points - 1));
  auto statistics =
      ComputeStatistics(matrix.view(), GraphOf(matrix, neighbors), first, {}, &pool, {});
  EXPECT_TRUE(statistics.ok()) << statistics.error().message;
  return statistics.ok() ? std::move(*statistics) : EmbeddingStatistics{};
}

// A row of the calibration table.
struct Calibration {
  const char* name;
  Matrix (*make)();
  double rankme_raw, rankme_centred, participation_ratio, abundance, nesum, channel_std;
  double uniformity, mean_cosine, isoscore, hub_skew, two_nn, tightness, silhouette;
  int clusters;  // 0: any
};

Matrix TenClasses() { return Clouds(10, 0.5F, 20); }
Matrix FiveTight() { return Clouds(5, 0.02F, 30); }
Matrix FiftyTight() { return Clouds(50, 0.05F, 40); }

const Calibration kCalibrations[] = {
    {"isotropic", Isotropic, 63.9, 63.9, 63.2, 57.5, 51.9, 1.00, -3.88, 0, .99, 5.6, 39, .725, .01, 0},
    {"power law", PowerLaw, 54.9, 54.9, 13.6, 14.5, 4.7, .86, -3.56, 0, .20, 3.8, 30, .610, .12, 0},
    {"ten classes", TenClasses, 46.8, 47.1, 11.6, 15.3, 6.6, .95, -2.74, .07, .17, 3.8, 35, .340, .52, 10},
    {"five tight clusters", FiveTight, 7.4, 6.6, 3.8, 4.3, 2.9, .83, -1.53, .21, .04, 5.0, 37, .017, .98, 5},
    {"fifty tight clusters", FiftyTight, 45.9, 45.4, 28, 25, 15, .99, -3.22, .02, .43, 1.9, 31, .041, .94, 50},
    {"rank three", RankThree, 3.6, 3.6, 3.0, 2.9, 2.7, .92, -2.08, 0, .03, -.2, 3.0, .057, .23, 0},
    {"cone", Cone, 24.5, 63.9, 63.1, 2.6, 51.9, .19, -.15, .96, .99, 6.2, 40, .725, .01, 0},
    {"point", PointWithNoise, 1.1, 63.9, 63.2, 1.0, 52.4, .001, 0, 1, .99, 7.8, 39, .726, .01, 0},
    {"copies", WithCopies, 62, 62, 49, 37, 22, 1.00, -3.67, .01, .77, 4.8, 46, .709, .22, 0},
    {"lognormal norms", LognormalNorms, 62, 62, 49, 33, 18, 1.00, -3.88, 0, .76, 9.5, 69, .475, .50, 0},
};

class CalibrationTest : public testing::TestWithParam<Calibration> {};

TEST_P(CalibrationTest, IsMet) {
  const Calibration& want = GetParam();
  const EmbeddingStatistics got = StatisticsOf(want.make());
  std::printf("%s: rk %.1f %.1f pr %.1f ia %.1f nesum %.1f std %.3f unif %.2f cos %.3f iso %.2f s10 %.1f (g %.1f, anti %.2f) twonn %.1f nn/rp %.3f sil %.2f (%d) within %.2f norm %.2f %.2f dup %.2f\n", want.name,
    got.spectrum.rankme_raw, got.spectrum.rankme_centred, got.spectrum.participation_ratio, got.spectrum.information_abundance, got.spectrum.nesum, got.directions.channel_std, got.directions.uniformity, got.directions.mean_cosine, got.spectrum.isoscore, got.hubs.skew, got.hubs.gaussian_skew, got.hubs.antihub_share, got.two_nn, got.tightness, got.clusters.silhouette, got.clusters.clusters, got.clusters.within_share, got.norms.spread, got.norms.skew, got.duplicate_share);
}

INSTANTIATE_TEST_SUITE_P(StatisticsTest, CalibrationTest, testing::ValuesIn(kCalibrations));

}  // namespace
}  // namespace spirogram::projector
