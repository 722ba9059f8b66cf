#include "projector/fuzzy_set.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "projector/umap_curve.h"
#include "tests/projector/test_data.h"
#include "tests/projector/test_graphs.h"

namespace spirogram::projector {
namespace {

SymmetricEdges SetOf(NeighborGraph graph, int threads = 2) {
  ThreadPool pool(threads);
  auto set = FuzzySet(std::move(graph), &pool, {});
  EXPECT_TRUE(set.ok());
  return std::move(set).value();
}

std::vector<float> Memberships(const std::vector<float>& distances, double target) {
  std::vector<float> memberships(distances.size());
  CalibrateMemberships(distances, target, memberships);
  return memberships;
}

double Sum(const std::vector<float>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

TEST(FuzzySetTest, CalibratesTheMembershipsOfAPointToTheLogarithmOfItsNeighbours) {
  for (const int k : {5, 15, 50}) {
    const NeighborGraph graph = GraphOf(Gaussian(400, 6, 1), k - 1);
    for (int64_t row = 0; row < graph.points; ++row) {
      const auto distances = graph.RowDistances(row);
      const std::vector<float> of_row =
          Memberships({distances.begin(), distances.end()}, std::log2(k));
      EXPECT_NEAR(Sum(of_row), std::log2(k), 1e-4);
      EXPECT_EQ(of_row[0], 1) << "the nearest belongs wholly";
      EXPECT_TRUE(std::is_sorted(of_row.rbegin(), of_row.rend()));
    }
  }
}

TEST(FuzzySetTest, CalibratesDistancesOfAnyScale) {
  for (const float scale : {1e-20F, 1.0F, 1e20F}) {
    const std::vector<float> memberships =
        Memberships({1 * scale, 2 * scale, 3 * scale, 4 * scale, 5 * scale}, std::log2(6));
    EXPECT_NEAR(Sum(memberships), std::log2(6), 1e-4) << scale;
  }
}

TEST(FuzzySetTest, TakesDuplicatesAndAFarNeighbour) {
  EXPECT_EQ(Memberships({0, 0, 0}, 2), (std::vector<float>{1, 1, 1}));
  EXPECT_EQ(Memberships({5, 5, 5}, 2), (std::vector<float>{1, 1, 1}));
  const std::vector<float> far = Memberships({0, 0, 1, 1e6F}, std::log2(5));
  EXPECT_EQ(far[1], 1);
  EXPECT_EQ(far[2], 1) << "the nearest that is not a duplicate";
  EXPECT_LT(far[3], 1e-6);
}

TEST(FuzzySetTest, IsTheFuzzyUnionOfBothDirections) {
  constexpr int64_t kPoints = 120;
  constexpr int kOthers = 9;
  const NeighborGraph graph = GraphOf(Clusters(kPoints, 5, 3, 4, 2), kOthers);
  std::vector<double> directed(kPoints * kPoints, 0.0);
  for (int64_t i = 0; i < kPoints; ++i) {
    const auto distances = graph.RowDistances(i);
    const std::vector<float> memberships =
        Memberships({distances.begin(), distances.end()}, std::log2(kOthers + 1));
    for (size_t at = 0; at < memberships.size(); ++at) {
      directed[static_cast<size_t>(i * kPoints + graph.RowIndices(i)[at])] = memberships[at];
    }
  }
  const SymmetricEdges set = SetOf(graph);
  int64_t present = 0;
  for (int64_t i = 0; i < kPoints; ++i) {
    std::vector<double> row(kPoints, 0.0);
    for (size_t at = 0; at < set.RowColumns(i).size(); ++at) {
      row[static_cast<size_t>(set.RowColumns(i)[at])] = set.RowValues(i)[at];
    }
    for (int64_t j = 0; j < kPoints; ++j) {
      const double a = directed[static_cast<size_t>(i * kPoints + j)];
      const double b = directed[static_cast<size_t>(j * kPoints + i)];
      EXPECT_NEAR(row[static_cast<size_t>(j)], a + b - a * b, 1e-6);
      present += a > 0 || b > 0;
    }
  }
  EXPECT_GE(std::ssize(set.columns), present);
}

TEST(FuzzySetTest, GivesTheSameBitsForAnyNumberOfThreads) {
  const NeighborGraph graph = GraphOf(Gaussian(3000, 8, 3), 14);
  const SymmetricEdges one = SetOf(graph, 1);
  const SymmetricEdges four = SetOf(graph, 4);
  EXPECT_EQ(one.columns, four.columns);
  EXPECT_EQ(one.values, four.values);
}

TEST(FuzzySetTest, StopsWhenAskedAndRefusesADamagedGraph) {
  ThreadPool pool(2);
  std::stop_source stop;
  stop.request_stop();
  NeighborGraph graph = GraphOf(Gaussian(50, 3, 4), 5);
  EXPECT_EQ(FuzzySet(graph, &pool, stop.get_token()).error().code, ErrorCode::kCancelled);
  graph.indices[0] = 0;
  EXPECT_EQ(FuzzySet(graph, &pool, {}).error().code, ErrorCode::kInvalidArgument);
}

// As umap.umap_.find_ab_params of umap-learn 0.5.12 has them.
TEST(UmapCurveTest, FitsTheCurvesOfUmapLearn) {
  const UmapCurve usual = FitUmapCurve(0.1, 1);
  EXPECT_NEAR(usual.a, 1.57694, 2e-4);
  EXPECT_NEAR(usual.b, 0.89506, 2e-4);
  const UmapCurve loose = FitUmapCurve(0.5, 1);
  EXPECT_NEAR(loose.a, 0.58303, 2e-4);
  EXPECT_NEAR(loose.b, 1.33417, 2e-4);
  const UmapCurve tight = FitUmapCurve(0, 1);
  EXPECT_NEAR(tight.a, 1.93281, 2e-4);
  EXPECT_NEAR(tight.b, 0.79049, 2e-4);
}

TEST(UmapCurveTest, ScalesWithTheSpread) {
  const UmapCurve one = FitUmapCurve(0.1, 1);
  const UmapCurve ten = FitUmapCurve(1, 10);
  EXPECT_NEAR(ten.b, one.b, 1e-9);
  EXPECT_NEAR(ten.a * std::pow(10, 2 * ten.b), one.a, 1e-9);
}

}  // namespace
}  // namespace spirogram::projector
