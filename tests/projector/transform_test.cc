#include "projector/transform.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/projector/test_data.h"

namespace spirogram::projector {
namespace {

struct Case {
  Matrix rows;
  std::vector<float> map;
};

// Four clusters and their t-SNE map.
Case MappedClusters(int64_t points, int dims) {
  Case result{Clusters(points, 8, 4, 10, 1), {}};
  TsneOptions options;
  options.dims = dims;
  options.perplexity = 15;
  options.iterations = 400;
  options.device = Device::kCpu;
  options.threads = 2;
  result.map = Tsne(result.rows.view(), options, {}, {})->coordinates;
  return result;
}

TransformOptions Options(int dims = 2) {
  TransformOptions options;
  options.dims = dims;
  options.threads = 2;
  return options;
}

std::vector<float> Placed(const Case& c, const Matrix& rows, const TransformOptions& options) {
  auto result = TransformPoints(c.rows.view(), c.map, rows.view(), options, {}, {});
  EXPECT_TRUE(result.ok()) << result.error().message;
  return std::move(result->coordinates);
}

// The old row whose place on the map is nearest to that of a new row.
int64_t NearestOld(const Case& c, const std::vector<float>& places, int64_t row, int dims) {
  int64_t nearest = 0;
  double smallest = 1e300;
  for (int64_t j = 0; j < c.rows.points; ++j) {
    double square = 0;
    for (int k = 0; k < dims; ++k) {
      square += std::pow(double{places[static_cast<size_t>(row * dims + k)]} -
                             c.map[static_cast<size_t>(j * dims + k)],
                         2);
    }
    if (square < smallest) {
      smallest = square;
      nearest = j;
    }
  }
  return nearest;
}

TEST(TransformTest, PlacesNewPointsIntoTheirCluster) {
  for (const int dims : {2, 3}) {
    const Case c = MappedClusters(400, dims);
    const Matrix rows = Clusters(80, 8, 4, 10, 2);
    const std::vector<float> places = Placed(c, rows, Options(dims));
    for (int64_t i = 0; i < 80; ++i) EXPECT_EQ(NearestOld(c, places, i, dims) % 4, i % 4);
  }
}

TEST(TransformTest, PlacesAnOldRowNearItsOwnPlace) {
  const Case c = MappedClusters(400, 2);
  const std::vector<float> places = Placed(c, c.rows, Options());
  double moved = 0;
  for (size_t at = 0; at < places.size(); ++at) {
    moved += std::abs(double{places[at]} - c.map[at]) / static_cast<double>(places.size());
  }
  const auto [low, high] = std::minmax_element(c.map.begin(), c.map.end());
  EXPECT_LT(moved, 0.05 * (*high - *low));
}

TEST(TransformTest, PlacesAPointAloneAsAmongOthers) {
  const Case c = MappedClusters(400, 2);
  Matrix rows = Clusters(30, 8, 4, 10, 3);
  const std::vector<float> together = Placed(c, rows, Options());
  TransformOptions options = Options();
  options.threads = 5;
  EXPECT_EQ(Placed(c, rows, options), together);
  rows.points = 1;
  rows.values.resize(8);
  const std::vector<float> alone = Placed(c, rows, Options());
  EXPECT_EQ(alone[0], together[0]);
  EXPECT_EQ(alone[1], together[1]);
}

TEST(TransformTest, TellsHowManyNeighboursThePlacesKeep) {
  const Case c = MappedClusters(400, 2);
  const Matrix rows = Clusters(40, 8, 4, 10, 3);
  const TransformResult placed =
      TransformPoints(c.rows.view(), c.map, rows.view(), Options(), {}, {}).value();
  // The old rows in the order of their distance.
  const auto nearest = [](const float* to, const float* among, int64_t points, int64_t dims) {
    std::vector<std::pair<double, int64_t>> order;
    for (int64_t i = 0; i < points; ++i) {
      double square = 0;
      for (int64_t k = 0; k < dims; ++k) {
        square += (double{to[k]} - among[i * dims + k]) * (double{to[k]} - among[i * dims + k]);
      }
      order.emplace_back(square, i);
    }
    std::sort(order.begin(), order.end());
    return order;
  };
  double sum = 0;
  for (int64_t i = 0; i < 40; ++i) {
    const auto by_rows = nearest(rows.values.data() + 8 * i, c.rows.values.data(), 400, 8);
    const auto by_map = nearest(placed.coordinates.data() + 2 * i, c.map.data(), 400, 2);
    for (int a = 0; a < 10; ++a) {
      for (int b = 0; b < 10; ++b) sum += by_rows[a].second == by_map[b].second ? 0.1 : 0;
    }
  }
  EXPECT_EQ(placed.neighbors_judged, 10);
  EXPECT_NEAR(placed.recall, sum / 40, 1e-9);
  EXPECT_GT(placed.recall, 0.2);
}

TEST(TransformTest, TakesAFarOutlierAndDuplicates) {
  Case c = MappedClusters(400, 2);
  Matrix rows = Zeros(3, 8);
  rows.at(0, 0) = 1e20F;
  for (int64_t k = 0; k < 8; ++k) rows.at(1, k) = rows.at(2, k) = c.rows.at(7, k);
  const std::vector<float> places = Placed(c, rows, Options());
  for (const float value : places) EXPECT_TRUE(std::isfinite(value));
  EXPECT_EQ(places[2], places[4]);
}

TEST(TransformTest, TellsItsProgressAndStops) {
  const Case c = MappedClusters(400, 2);
  const Matrix rows = Clusters(200, 8, 4, 10, 4);
  double last = 0;
  std::stop_source source;
  const auto result = TransformPoints(
      c.rows.view(), c.map, rows.view(), Options(),
      [&](const TransformProgress& at) {
        EXPECT_GT(at.share, last);
        last = at.share;
        ASSERT_EQ(at.coordinates.size(), static_cast<size_t>(2 * rows.view().points));
        for (int64_t row = 0; row < rows.view().points; ++row) {
          EXPECT_EQ(std::isnan(at.coordinates[static_cast<size_t>(2 * row)]), row >= at.placed);
        }
        source.request_stop();
      },
      source.get_token());
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kCancelled);
  EXPECT_LT(last, 0.5);
}

TEST(TransformTest, RefusesWhatDoesNotFit) {
  const Case c{Gaussian(20, 3, 5), std::vector<float>(40, 0.0F)};
  const auto refuses = [&](const Matrix& rows, const TransformOptions& options) {
    const auto result = TransformPoints(c.rows.view(), c.map, rows.view(), options, {}, {});
    return !result.ok() && result.error().code == ErrorCode::kInvalidArgument;
  };
  EXPECT_FALSE(refuses(Gaussian(4, 3, 6), Options()));
  EXPECT_TRUE(refuses(Gaussian(4, 2, 6), Options()));
  EXPECT_TRUE(refuses(Gaussian(4, 3, 6), Options(3)));
  TransformOptions options = Options();
  options.perplexity = 7;
  EXPECT_TRUE(refuses(Gaussian(4, 3, 6), options));
  options = Options();
  options.learning_rate = std::nan("");
  EXPECT_TRUE(refuses(Gaussian(4, 3, 6), options));
  Matrix rows = Gaussian(4, 3, 6);
  rows.at(2, 1) = std::nanf("");
  EXPECT_TRUE(refuses(rows, Options()));
}

}  // namespace
}  // namespace spirogram::projector
