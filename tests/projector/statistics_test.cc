#include "projector/statistics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <ostream>

#include "projector/clusters.h"
#include "projector/eigen.h"
#include "projector/findings.h"
#include "projector/linkage.h"
#include "projector/spectrum.h"
#include "tests/projector/embedding_cases.h"

namespace spirogram::projector {
namespace {

using testing::ElementsAre;

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
  int clusters;  // 0: any; a silhouette below 0: any too, where it is that of the farthest rows
};

Matrix TenClasses() {
  return Clouds(10, 0.5F, 20);
}
Matrix FiveTight() {
  return Clouds(5, 0.02F, 30);
}
Matrix FiftyTight() {
  return Clouds(50, 0.05F, 40);
}

const Calibration kCalibrations[] = {
    {"isotropic", Isotropic, 63.9, 63.9, 63.2, 57.5, 51.9, 1.00, -3.88, 0, .99, 5.6, 39, .725, .01,
     0},
    {"power law", PowerLaw, 54.9, 54.9, 13.6, 14.5, 4.7, .86, -3.56, 0, .20, 3.8, 30, .610, .12, 0},
    {"ten classes", TenClasses, 46.8, 47.1, 11.6, 15.3, 6.6, .95, -2.74, .07, .17, 3.8, 35, .340,
     .52, 10},
    {"five tight clusters", FiveTight, 7.4, 6.6, 3.8, 4.3, 2.9, .83, -1.53, .21, .04, 5.0, 37, .017,
     .98, 5},
    {"fifty tight clusters", FiftyTight, 45.9, 45.4, 28, 25, 15, .99, -3.22, .02, .43, 1.9, 31,
     .041, .94, 50},
    {"rank three", RankThree, 3.6, 3.6, 3.0, 2.9, 2.7, .92, -2.08, 0, .03, -.2, 3.0, .057, .23, 0},
    {"cone", Cone, 24.5, 63.9, 63.1, 2.6, 51.9, .19, -.15, .96, .99, 6.2, 40, .725, .01, 0},
    {"point", PointWithNoise, 1.1, 63.9, 63.2, 1.0, 52.4, .001, 0, 1, .99, 7.8, 39, .726, .01, 0},
    {"copies", WithCopies, 62, 62, 49, 37, 22, 1.00, -3.67, .01, .77, 4.8, 39, .709, .22, 0},
    {"lognormal norms", LognormalNorms, 62, 62, 49, 33, 18, 1.00, -3.88, 0, .76, 9.5, 69, .475, -1,
     0},
};

void PrintTo(const Calibration& calibration, std::ostream* out) {
  *out << calibration.name;
}

class CalibrationTest : public testing::TestWithParam<Calibration> {};

TEST_P(CalibrationTest, IsMet) {
  const Calibration& want = GetParam();
  const EmbeddingStatistics got = StatisticsOf(want.make());
  // Samples and centres are other ones than the table's: a few per cent, or a little near 0.
  const auto expect_near = [&want](double value, double expected, double tolerance,
                                   const char* what) {
    EXPECT_NEAR(value, expected, tolerance * std::abs(expected) + 0.02)
        << want.name << ", " << what;
  };
  expect_near(got.spectrum.rankme_raw, want.rankme_raw, 0.03, "RankMe");
  expect_near(got.spectrum.rankme_centred, want.rankme_centred, 0.03, "centred RankMe");
  expect_near(got.spectrum.participation_ratio, want.participation_ratio, 0.1, "PR");
  expect_near(got.spectrum.information_abundance, want.abundance, 0.12, "abundance");
  expect_near(got.spectrum.nesum, want.nesum, 0.2, "NESum");
  expect_near(got.spectrum.isoscore, want.isoscore, 0.05, "IsoScore");
  expect_near(got.directions.channel_std, want.channel_std, 0.05, "channel std");
  expect_near(got.directions.uniformity, want.uniformity, 0.03, "uniformity");
  EXPECT_NEAR(got.directions.mean_cosine, want.mean_cosine, 0.08) << want.name;
  EXPECT_NEAR(got.two_nn, want.two_nn, 0.16 * want.two_nn) << want.name;
  EXPECT_NEAR(got.tightness, want.tightness, 0.15 * want.tightness) << want.name;
  // The skew hangs on the few largest hubs, which differ by a factor of 2 between seeds.
  EXPECT_LT(got.hubs.skew, 2 * std::max(want.hub_skew, 0.2)) << want.name;
  EXPECT_GT(got.hubs.skew, want.hub_skew > 0 ? want.hub_skew / 2 : -0.5) << want.name;
  EXPECT_NEAR(got.hubs.gaussian_skew, 5.6, 1.0) << want.name;
  if (want.silhouette >= 0) {
    EXPECT_NEAR(got.clusters.silhouette, want.silhouette, 0.05) << want.name;
  }
  if (want.clusters > 0) {
    EXPECT_EQ(got.clusters.clusters, want.clusters) << want.name;
  }
}

INSTANTIATE_TEST_SUITE_P(StatisticsTest, CalibrationTest, testing::ValuesIn(kCalibrations));

TEST(StatisticsTest, HaveAllNumbersOfARectangle) {
  // Corners (+-3, +-1): lambda 9 and 1, singular values 6 and 2.
  const Matrix corners{4, 2, {3, 1, 3, -1, -3, 1, -3, -1}};
  const EmbeddingStatistics got = StatisticsOf(corners);
  const double entropy = -(0.75 * std::log(0.75) + 0.25 * std::log(0.25));
  EXPECT_NEAR(got.spectrum.rankme_raw, std::exp(entropy), 1e-12);
  EXPECT_NEAR(got.spectrum.rankme_centred, std::exp(entropy), 1e-12);
  EXPECT_NEAR(got.spectrum.participation_ratio, 100.0 / 82, 1e-12);
  EXPECT_NEAR(got.spectrum.nesum, 10.0 / 9, 1e-12);
  EXPECT_NEAR(got.spectrum.information_abundance, 8.0 / 6, 1e-12);
  EXPECT_NEAR(got.spectrum.largest_share, 0.9, 1e-12);
  EXPECT_NEAR(got.norms.mean, std::sqrt(10), 1e-7);
  EXPECT_NEAR(got.norms.spread, 0, 1e-7);
  // Cosines of the six pairs: 0.8 and -0.8 twice, -1 twice.
  EXPECT_NEAR(got.directions.mean_cosine, -1.0 / 3, 1e-7);
  EXPECT_TRUE(std::isinf(got.directions.spread_ratio));
  EXPECT_EQ(got.clusters.clusters, 2);
  EXPECT_EQ(got.duplicate_share, 0);
}

TEST(StatisticsTest, AreZeroWhereAllRowsAreEqual) {
  Matrix matrix = Zeros(60, 5);
  for (float& value : matrix.values) value = 0.1F;
  for (const float scale : {1.0F, 0.0F}) {
    for (float& value : matrix.values) value *= scale;
    const EmbeddingStatistics got = StatisticsOf(matrix);
    EXPECT_EQ(got.spectrum.rankme_centred, 0);
    EXPECT_EQ(got.spectrum.participation_ratio, 0);
    EXPECT_NEAR(got.directions.channel_std, 0, 1e-7);
    EXPECT_EQ(got.directions.zero_rows, scale == 0 ? 60 : 0);
    EXPECT_EQ(got.two_nn, 0);
    EXPECT_EQ(got.tightness, 0);
    EXPECT_EQ(got.clusters.clusters, 0);
    EXPECT_EQ(got.duplicate_share, 1);
    EXPECT_EQ(std::ssize(got.duplicates), matrix.points);
  }
}

TEST(StatisticsTest, TakeTheFewestRowsAndOneDimension) {
  for (const auto& [points, dims] : {std::pair<int64_t, int64_t>{3, 1}, {3, 200}, {60, 1}}) {
    const EmbeddingStatistics got = StatisticsOf(Gaussian(points, dims, 50));
    EXPECT_TRUE(std::isfinite(got.spectrum.rankme_raw));
    EXPECT_TRUE(std::isfinite(got.two_nn));
    EXPECT_GE(got.clusters.silhouette, -1);
    EXPECT_LE(got.spectrum.rankme_centred, static_cast<double>(std::min(points, dims)) + 1e-9);
  }
}

TEST(StatisticsTest, AreFiniteBesideOneOutlier) {
  Matrix matrix = Gaussian(300, 8, 51);
  matrix.at(7, 3) = 1e30F;
  const EmbeddingStatistics got = StatisticsOf(matrix);
  EXPECT_NEAR(got.spectrum.rankme_centred, 1, 1e-3);
  EXPECT_TRUE(std::isfinite(got.norms.skew));
  EXPECT_GT(got.norms.skew, 10);
}

TEST(StatisticsTest, NameDeadDims) {
  Matrix matrix = Gaussian(200, 6, 52);
  for (int64_t i = 0; i < 200; ++i) {
    matrix.at(i, 1) = 3;
    matrix.at(i, 4) *= 1e-5F;
  }
  EXPECT_EQ(StatisticsOf(matrix).dead_dims, (std::vector<int32_t>{1, 4}));
}

TEST(StatisticsTest, CountCopiesAndNameThemTheLargestGroupFirst) {
  Matrix matrix = Gaussian(100, 4, 53);
  for (int64_t i = 50; i < 60; ++i) {
    for (int64_t k = 0; k < 4; ++k) matrix.at(i, k) = matrix.at(i < 53 ? 8 : 20, k);
  }
  const EmbeddingStatistics got = StatisticsOf(matrix);
  EXPECT_DOUBLE_EQ(got.duplicate_share, 0.12);
  EXPECT_EQ(got.duplicates, (std::vector<int64_t>{20, 53, 54, 55, 56, 57, 58, 59, 8, 50, 51, 52}));
}

TEST(StatisticsTest, FindRowsThatNeverMoved) {
  const Matrix first = Gaussian(90, 4, 54);
  Matrix now = Gaussian(100, 4, 55);  // ten rows came later
  for (int64_t i = 30; i < 50; ++i) {
    for (int64_t k = 0; k < 4; ++k) now.at(i, k) = first.values[static_cast<size_t>(4 * i + k)];
  }
  const MatrixView view = first.view();
  const EmbeddingStatistics got = StatisticsOf(now, &view);
  EXPECT_DOUBLE_EQ(got.unmoved_share.value(), 0.2);
  EXPECT_EQ(got.unmoved.size(), 20U);
  EXPECT_EQ(got.unmoved.front(), 30);
  EXPECT_FALSE(StatisticsOf(now).unmoved_share.has_value());
}

TEST(StatisticsTest, AgreeWithJacobiOnTheSpectrum) {
  ThreadPool pool(2);
  for (const auto& [points, dims] : {std::pair<int64_t, int64_t>{300, 40}, {30, 100}, {5, 1}}) {
    const Matrix matrix = Gaussian(points, dims, 56);
    const int64_t n = std::min(points, dims);
    const bool is_gram = points < dims;
    std::vector<double> scatter(static_cast<size_t>(n * n), 0.0);
    for (int64_t a = 0; a < n; ++a) {
      for (int64_t b = 0; b < n; ++b) {
        for (int64_t k = 0; k < std::max(points, dims); ++k) {
          const auto at = [&](int64_t side) {
            return double{
                matrix.values[static_cast<size_t>(is_gram ? side * dims + k : k * dims + side)]};
          };
          scatter[static_cast<size_t>(a * n + b)] += at(a) * at(b);
        }
      }
    }
    const std::vector<double> want = JacobiEigenpairs(scatter, n).values;
    const std::vector<double> got = SymmetricEigenvalues(scatter, n, {});
    const std::vector<double> raw = SpectrumOf(matrix.view(), &pool, {}).raw;
    ASSERT_EQ(got.size(), want.size());
    for (size_t i = 0; i < want.size(); ++i) {
      EXPECT_NEAR(got[i], want[i], 1e-11 * want[0]);
      EXPECT_NEAR(raw[i] * raw[i], want[i], 1e-11 * want[0]);
    }
  }
}

TEST(StatisticsTest, HaveTheSilhouetteOfTheDefinition) {
  // On a line: {0, 1}, {4, 6}. a = 1, b = 5 for 0; and so on.
  const Matrix line{4, 1, {0, 1, 4, 6}};
  const std::vector<int32_t> clusters{0, 0, 1, 1};
  const double want = ((1 - 1 / 5.0) + (1 - 1 / 4.0) + (1 - 2 / 3.5) + (1 - 2 / 5.5)) / 4;
  ThreadPool pool(1);
  EXPECT_NEAR(Silhouette(SquaredDistances(line.view(), &pool, {}), clusters, 2), want, 1e-7);
}

TEST(StatisticsTest, CutRowsWhereTheyLieApart) {
  ThreadPool pool(1);
  const auto cut = [&pool](std::vector<float> line, int64_t fewest, int64_t most) {
    const Matrix matrix{std::ssize(line), 1, std::move(line)};
    return CutAtLargestStep(matrix.view(), SquaredDistances(matrix.view(), &pool, {}), fewest,
                            most);
  };
  const std::vector<float> three_groups{20, 0, 1, 10, 21.5, 11};
  const auto clusters = cut(three_groups, 2, 6);
  ASSERT_TRUE(clusters.has_value());
  EXPECT_THAT(clusters->assignment, ElementsAre(0, 2, 2, 1, 0, 1));
  EXPECT_THAT(clusters->centres, ElementsAre(20.75, 10.5, 0.5));
  EXPECT_EQ(clusters->within, 2 * 0.75 * 0.75 + 4 * 0.25);
  EXPECT_FALSE(cut(three_groups, 4, 6).has_value());
  EXPECT_FALSE(cut(three_groups, 2, 2).has_value());
  EXPECT_FALSE(cut({0, 1, 2, 3, 4.5}, 2, 5).has_value());
  EXPECT_FALSE(cut({7, 7, 7}, 2, 3).has_value());
  EXPECT_FALSE(cut({7}, 2, 3).has_value());
  const auto equal = cut({7, 5, 7, 5, 1}, 2, 5);
  ASSERT_TRUE(equal.has_value());
  EXPECT_THAT(equal->assignment, ElementsAre(0, 1, 0, 1, 2));
}

TEST(StatisticsTest, DoNotDependOnTheNumberOfThreads) {
  const Matrix matrix = Clusters(2500, 12, 6, 9, 57);
  const EmbeddingStatistics one = StatisticsOf(matrix, nullptr, 1);
  const EmbeddingStatistics three = StatisticsOf(matrix, nullptr, 3);
  EXPECT_EQ(one.clusters.silhouette, three.clusters.silhouette);
  EXPECT_EQ(one.clusters.assignment, three.clusters.assignment);
  EXPECT_EQ(one.hubs.gaussian_skew, three.hubs.gaussian_skew);
  EXPECT_EQ(one.spectrum.lambda, three.spectrum.lambda);
}

TEST(StatisticsTest, SampleLargeTablesAndSaySo) {
  ThreadPool pool(2);
  const Matrix matrix = Gaussian(4000, 6, 58);
  StatisticsOptions options;
  options.spectrum_rows_max = 1000;
  options.cluster_rows_max = 300;
  options.hubness_rows_max = 700;
  const auto got = ComputeStatistics(matrix.view(), GraphOf(matrix), nullptr, options, &pool, {});
  ASSERT_TRUE(got.ok());
  EXPECT_EQ(got->spectrum.rows, 1000);
  EXPECT_EQ(got->clusters.rows, 300);
  EXPECT_EQ(got->hubs.rows, 700);
  EXPECT_EQ(got->clusters.assignment.size(), 4000U);
  EXPECT_NEAR(got->spectrum.rankme_centred, 6, 0.1);
  EXPECT_NEAR(got->hubs.skew, got->hubs.gaussian_skew, 0.5);
}

std::vector<EmbeddingFault> CollapsesOf(const EmbeddingStatistics& statistics) {
  std::vector<EmbeddingFault> collapses;
  for (const EmbeddingFinding& finding : FindEmbeddingFaults(statistics, {}, {})) {
    const bool is_collapse = finding.fault == EmbeddingFault::kCompleteCollapse ||
                             finding.fault == EmbeddingFault::kTightClusters ||
                             finding.fault == EmbeddingFault::kDimensionalCollapse;
    if (is_collapse) collapses.push_back(finding.fault);
  }
  return collapses;
}

TEST(StatisticsTest, OfASampleTellTheCollapsesThatThoseOfAllRowsTell) {
  ThreadPool pool(2);
  for (const Calibration& one : kCalibrations) {
    const Matrix matrix = one.make();
    const auto sample = ComputeSampleStatistics(matrix.view(), &pool, {});
    ASSERT_TRUE(sample.ok()) << one.name;
    EXPECT_EQ(CollapsesOf(*sample), CollapsesOf(StatisticsOf(matrix))) << one.name;
  }
}

TEST(StatisticsTest, OfASampleAreOfFewRowsWhereNothingIsNearAnAlarm) {
  ThreadPool pool(2);
  const auto rows_of = [&pool](const Matrix& matrix) {
    return ComputeSampleStatistics(matrix.view(), &pool, {})->points;
  };
  EXPECT_EQ(rows_of(Gaussian(5000, 32, 1)), 300);
  EXPECT_EQ(rows_of(Gaussian(200, 32, 1)), 200);
  EXPECT_EQ(rows_of(FiftyTight()), 2000);
}

TEST(StatisticsTest, RefuseWhatDoesNotFit) {
  ThreadPool pool(1);
  const Matrix matrix = Gaussian(50, 4, 59);
  const NeighborGraph graph = GraphOf(matrix);
  const auto fails = [&](const Matrix& of, const NeighborGraph& with, const MatrixView* first) {
    const auto got = ComputeStatistics(of.view(), with, first, {}, &pool, {});
    return !got.ok() && got.error().code == ErrorCode::kInvalidArgument;
  };
  Matrix bad = matrix;
  bad.at(3, 3) = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(fails(bad, graph, nullptr));
  EXPECT_TRUE(fails(Gaussian(51, 4, 60), graph, nullptr));
  EXPECT_TRUE(fails(matrix, GraphOf(matrix, 1), nullptr));
  const Matrix other = Gaussian(50, 5, 61);
  const MatrixView view = other.view();
  EXPECT_TRUE(fails(matrix, graph, &view));
}

TEST(StatisticsTest, StopWhenAsked) {
  ThreadPool pool(2);
  const Matrix matrix = Gaussian(300, 10, 62);
  std::stop_source source;
  source.request_stop();
  const auto got =
      ComputeStatistics(matrix.view(), GraphOf(matrix), nullptr, {}, &pool, source.get_token());
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().code, ErrorCode::kCancelled);
}

}  // namespace
}  // namespace spirogram::projector
