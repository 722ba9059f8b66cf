#include "projector/graph_spectrum.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "projector/spectral_start.h"

namespace spirogram::projector {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Rings of so many points each; a point's two neighbours alone, with weight 1.
SymmetricEdges Rings(const std::vector<int64_t>& sizes) {
  SymmetricEdges graph;
  graph.row_starts.push_back(0);
  for (const int64_t size : sizes) {
    for (int64_t i = 0; i < size; ++i) {
      std::vector<int64_t> pair{(i + 1) % size, (i + size - 1) % size};
      std::sort(pair.begin(), pair.end());
      for (const int64_t other : pair) {
        graph.columns.push_back(static_cast<int32_t>(graph.points + other));
        graph.values.push_back(1);
      }
      graph.row_starts.push_back(std::ssize(graph.columns));
    }
    graph.points += size;
  }
  return graph;
}

GraphSpectrum Spectrum(const SymmetricEdges& graph, int k, int threads = 1) {
  ThreadPool pool(threads);
  auto spectrum = LowestGraphVectors(graph, k, 1, &pool, {});
  EXPECT_TRUE(spectrum.ok());
  return std::move(*spectrum);
}

// The eigenvalues of a ring are 1 - cos(2 pi j / n), each twice but for j = 0.
class RingTest : public ::testing::TestWithParam<int64_t> {};

TEST_P(RingTest, HasTheEigenvaluesOfTheFormula) {
  const int64_t n = GetParam();
  const GraphSpectrum spectrum = Spectrum(Rings({n}), 3);
  ASSERT_TRUE(spectrum.has_converged);
  const double angle = 2 * std::numbers::pi / static_cast<double>(n);
  const double first = 1 - std::cos(angle);
  EXPECT_NEAR(spectrum.values[0], first, 0.01 * first);
  EXPECT_NEAR(spectrum.values[1], first, 0.01 * first);
  EXPECT_NEAR(spectrum.values[2], 1 - std::cos(2 * angle), 0.01 * (1 - std::cos(2 * angle)));
}

TEST_P(RingTest, LaysTheRingOutAsACircle) {
  const int64_t n = GetParam();
  const GraphSpectrum spectrum = Spectrum(Rings({n}), 2);
  for (size_t row = 0; row < static_cast<size_t>(n); ++row) {
    const double radius = std::hypot(spectrum.vectors[2 * row], spectrum.vectors[2 * row + 1]);
    EXPECT_NEAR(radius * std::sqrt(static_cast<double>(n) / 2), 1, 0.05);
  }
}

// By all eigenvalues at once, and by the iteration.
INSTANTIATE_TEST_SUITE_P(Sizes, RingTest, ::testing::Values(50, 97, 500));

TEST(LowestGraphVectorsTest, TellsTwoPartsByTheSignOfTheFirst) {
  // Two rings of 150 and a weak bridge.
  SymmetricEdges graph = Rings({150, 150});
  graph = [&] {
    SymmetricEdges joined;
    joined.points = graph.points;
    joined.row_starts.push_back(0);
    for (int64_t row = 0; row < graph.points; ++row) {
      const auto columns = graph.RowColumns(row);
      const int32_t other = row == 0 ? 150 : row == 150 ? 0 : -1;
      bool is_in = other < 0;
      for (const int32_t column : columns) {
        if (!is_in && other < column) {
          joined.columns.push_back(other);
          joined.values.push_back(0.01F);
          is_in = true;
        }
        joined.columns.push_back(column);
        joined.values.push_back(1);
      }
      if (!is_in) {
        joined.columns.push_back(other);
        joined.values.push_back(0.01F);
      }
      joined.row_starts.push_back(std::ssize(joined.columns));
    }
    return joined;
  }();
  const GraphSpectrum spectrum = Spectrum(graph, 1);
  ASSERT_TRUE(spectrum.has_converged);
  for (size_t row = 0; row < 300; ++row) {
    EXPECT_EQ(spectrum.vectors[row] > 0, spectrum.vectors[0] > 0 ? row < 150 : row >= 150) << row;
  }
}

TEST(LowestGraphVectorsTest, IsTheSameForAnyNumberOfThreads) {
  const SymmetricEdges graph = Rings({5000});
  const GraphSpectrum one = Spectrum(graph, 2, 1);
  EXPECT_EQ(one.vectors, Spectrum(graph, 2, 3).vectors);
  EXPECT_EQ(one.values, Spectrum(graph, 2, 2).values);
}

TEST(LowestGraphVectorsTest, StopsWhenToldTo) {
  std::stop_source stop;
  stop.request_stop();
  ThreadPool pool(1);
  const auto spectrum = LowestGraphVectors(Rings({500}), 2, 1, &pool, stop.get_token());
  ASSERT_FALSE(spectrum.ok());
  EXPECT_EQ(spectrum.error().code, ErrorCode::kCancelled);
}

TEST(GraphComponentsTest, NumbersThemByTheirFirstPoints) {
  EXPECT_THAT(GraphComponents(Rings({3, 4})), ElementsAre(0, 0, 0, 1, 1, 1, 1));
}

SpectralStart Layout(const SymmetricEdges& graph, const std::vector<float>& pca) {
  ThreadPool pool(1);
  auto start = SpectralLayout(graph, pca, 2, 1, &pool, {});
  EXPECT_TRUE(start.ok());
  return std::move(*start);
}

TEST(SpectralLayoutTest, KeepsTheCentreAndTheSizeOfEachComponent) {
  const SymmetricEdges graph = Rings({120, 40});
  std::vector<float> pca;
  for (int64_t row = 0; row < 160; ++row) {  // two lines, far apart
    const bool is_first = row < 120;
    pca.push_back(is_first ? static_cast<float>(row) / 40 : 30.0F);
    pca.push_back(is_first ? 5.0F : static_cast<float>(row - 120) / 40);
  }
  const SpectralStart start = Layout(graph, pca);
  EXPECT_EQ(start.components, 2);
  EXPECT_EQ(start.fallback, "");
  for (const auto& [first, last] : {std::pair(0, 120), std::pair(120, 160)}) {
    double sums[2][3] = {};
    for (int row = first; row < last; ++row) {
      for (int which = 0; which < 2; ++which) {
        const auto& map = which == 0 ? pca : start.coordinates;
        const double x = map[static_cast<size_t>(2 * row)];
        const double y = map[static_cast<size_t>(2 * row + 1)];
        sums[which][0] += x / (last - first);
        sums[which][1] += y / (last - first);
        sums[which][2] += (x * x + y * y) / (last - first);
      }
    }
    for (int k = 0; k < 3; ++k) EXPECT_NEAR(sums[0][k], sums[1][k], 1e-3 * std::abs(sums[0][k]));
  }
}

TEST(SpectralLayoutTest, LeavesComponentsOfFewPointsWhereTheyAre) {
  std::vector<float> pca;
  for (int value = 0; value < 2 * 53; ++value) pca.push_back(static_cast<float>(value % 7));
  const SpectralStart start = Layout(Rings({50, 3}), pca);
  EXPECT_THAT(start.fallback, HasSubstr("1 of 2 components by principal components: too few"));
  for (size_t at = 100; at < 106; ++at) EXPECT_EQ(start.coordinates[at], pca[at]);
}

}  // namespace
}  // namespace spirogram::projector
