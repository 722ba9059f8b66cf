// UMAP, from rows to a map.
#include "projector/umap.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <thread>

#include "projector/quality.h"
#include "tests/projector/test_data.h"

namespace spirogram::projector {
namespace {

UmapOptions Options(int neighbors = 15, int epochs = 200) {
  UmapOptions options;
  options.neighbors = neighbors;
  options.epochs = epochs;
  options.threads = 2;
  return options;
}

UmapResult MapOf(const Matrix& matrix, const UmapOptions& options) {
  auto result = Umap(matrix.view(), options, {}, {});
  EXPECT_TRUE(result.ok()) << result.error().message;
  return std::move(result).value();
}

void ExpectMap(const Matrix& matrix, const UmapOptions& options) {
  const UmapResult map = MapOf(matrix, options);
  ASSERT_EQ(std::ssize(map.coordinates), matrix.points * options.dims);
  for (const float value : map.coordinates) ASSERT_TRUE(std::isfinite(value));
}

void ExpectRefused(const Matrix& matrix, const UmapOptions& options, const std::string& message) {
  const auto result = Umap(matrix.view(), options, {}, {});
  ASSERT_FALSE(result.ok()) << message;
  EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(result.error().message.find(message), std::string::npos) << result.error().message;
}

TEST(UmapTest, SeparatesClustersInTwoAndInThreeDims) {
  const Matrix matrix = Clusters(1500, 12, 6, 12, 1);
  for (const int dims : {2, 3}) {
    UmapOptions options = Options();
    options.dims = dims;
    const UmapResult map = MapOf(matrix, options);
    EXPECT_GT(NeighbourAccuracy(map.coordinates, 1500, dims, 6), 0.999);
    EXPECT_EQ(map.epochs, 200);
    EXPECT_EQ(map.neighbors, "exact");
    EXPECT_GE(map.edges, 1500 * 14 / 2);
    EXPECT_NEAR(map.a, 1.577, 0.001);
    EXPECT_NEAR(map.b, 0.895, 0.001);
  }
}

TEST(UmapTest, KeepsNeighboursTogether) {
  const Matrix matrix = Clusters(1000, 8, 4, 6, 2);
  for (const Metric metric : {Metric::kEuclidean, Metric::kCosine}) {
    UmapOptions options = Options(15, 300);
    options.metric = metric;
    const UmapResult map = MapOf(matrix, options);
    ThreadPool pool(2);
    QualityOptions judge;
    judge.metric = metric;
    const auto quality =
        JudgeMap(matrix.view(), {map.coordinates, 1000, 2}, nullptr, {}, judge, &pool, {}, {});
    ASSERT_TRUE(quality.ok());
    EXPECT_GT(quality->trustworthiness.value, 0.94);
    EXPECT_GT(quality->recall_10.value, 0.25);
  }
}

TEST(UmapTest, GivesTheSameBitsForAnyNumberOfThreads) {
  const Matrix matrix = Clusters(2500, 10, 5, 5, 3);
  UmapOptions options = Options(10, 60);
  options.threads = 1;
  const UmapResult one = MapOf(matrix, options);
  options.threads = 5;
  EXPECT_EQ(one.coordinates, MapOf(matrix, options).coordinates);
  options.courtesy = Courtesy::kYield;
  EXPECT_EQ(one.coordinates, MapOf(matrix, options).coordinates);
  options.seed = 2;
  EXPECT_NE(one.coordinates, MapOf(matrix, options).coordinates);
}

TEST(UmapTest, RunsAsManyEpochsAsSuitThePoints) {
  UmapOptions options;
  EXPECT_EQ(UmapEpochs(10'000, options), 500);
  EXPECT_EQ(UmapEpochs(10'001, options), 200);
  options.epochs = 7;
  EXPECT_EQ(UmapEpochs(10'001, options), 7);
}

TEST(UmapTest, EndsAtAGoalThatMoves) {
  std::atomic<int> goal = 100;
  UmapOptions options = Options();
  options.goal = &goal;
  int reports = 0;
  const auto result = Umap(Gaussian(300, 4, 4).view(), options,
                           [&](const UmapProgress& progress) {
                             ++reports;
                             EXPECT_EQ(std::ssize(progress.coordinates), 600);
                             if (progress.epoch == 20) goal = 40;
                           },
                           {});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->epochs, 40);
  EXPECT_EQ(reports, 4);
}

TEST(UmapTest, BeginsFromAGivenMapAndFromNoise) {
  const Matrix matrix = Clusters(300, 6, 3, 15, 5);
  UmapOptions options = Options();
  options.init = TsneOptions::Init::kRandom;
  const UmapResult random = MapOf(matrix, options);
  EXPECT_GT(NeighbourAccuracy(random.coordinates, 300, 2, 3), 0.99);
  options.init = TsneOptions::Init::kGiven;
  options.start = random.coordinates;
  options.epochs = 1;
  options.learning_rate = 1e-6;
  const UmapResult given = MapOf(matrix, options);
  for (size_t at = 0; at < given.coordinates.size(); ++at) {
    EXPECT_NEAR(given.coordinates[at], random.coordinates[at], 1e-2);
  }
}

TEST(UmapTest, GoesOnAsALongerDescentWould) {
  const Matrix matrix = Clusters(300, 6, 3, 8, 5);
  UmapOptions options = Options(15, 400);
  std::vector<float> halfway;
  const auto whole =
      Umap(matrix.view(), options,
           [&](const UmapProgress& progress) {
             if (progress.epoch == 200) {
               halfway.assign(progress.coordinates.begin(), progress.coordinates.end());
             }
           },
           {});
  ASSERT_TRUE(whole.ok());
  options.init = TsneOptions::Init::kGiven;
  options.start = halfway;
  options.epochs = 200;
  EXPECT_NE(MapOf(matrix, options).coordinates, whole->coordinates) << "at full rate again";
  options.epochs_before = 200;
  EXPECT_EQ(MapOf(matrix, options).coordinates, whole->coordinates);
}

TEST(UmapTest, BeginsFromTheSpectrumOfItsGraph) {
  const Matrix matrix = Clusters(900, 6, 3, 4, 5);
  UmapOptions options = Options(15, 1);
  options.init = TsneOptions::Init::kSpectral;
  options.learning_rate = 1e-6;
  const UmapResult start = MapOf(matrix, options);
  EXPECT_EQ(start.start_fallback, "");
  float farthest = 0;
  for (const float value : start.coordinates) farthest = std::max(farthest, std::abs(value));
  EXPECT_NEAR(farthest, 10, 0.01);
  EXPECT_GT(NeighbourAccuracy(start.coordinates, 900, 2, 3), 0.9);
  options = Options(15, 200);
  options.init = TsneOptions::Init::kSpectral;
  options.threads = 1;
  const UmapResult one = MapOf(matrix, options);
  EXPECT_GT(NeighbourAccuracy(one.coordinates, 900, 2, 3), 0.99);
  options.threads = 3;
  EXPECT_EQ(MapOf(matrix, options).coordinates, one.coordinates);
}

TEST(UmapTest, LaysOutComponentsOfTheGraphOneByOne) {
  const Matrix far = Clusters(400, 4, 4, 1e6F, 11);
  UmapOptions options = Options(10, 100);
  options.init = TsneOptions::Init::kSpectral;
  EXPECT_EQ(NeighbourAccuracy(MapOf(far, options).coordinates, 400, 2, 4), 1);
  // Pairs of equal rows, each its own component: too few points for a spectrum of their own.
  Matrix pairs = Gaussian(20, 3, 4);
  for (int64_t i = 1; i < 20; i += 2) {
    for (int64_t k = 0; k < 3; ++k) pairs.at(i, k) = pairs.at(i - 1, k);
  }
  options.neighbors = 2;
  const UmapResult map = MapOf(pairs, options);
  EXPECT_NE(map.start_fallback.find("10 of 10 components by principal components: too few points"),
            std::string::npos)
      << map.start_fallback;
}

TEST(UmapTest, PacksPointsTighterForASmallerMinDist) {
  const Matrix matrix = Clusters(600, 6, 3, 12, 6);
  // The mean distance to the next point of the same cluster.
  const auto gap = [&](double min_dist) {
    UmapOptions options = Options(15, 300);
    options.min_dist = min_dist;
    const UmapResult map = MapOf(matrix, options);
    double sum = 0;
    for (size_t i = 0; i < 600; ++i) {
      double nearest = 1e9;
      for (size_t j = 0; j < 600; ++j) {
        if (i == j) continue;
        nearest = std::min(
            nearest, std::hypot(double{map.coordinates[2 * i]} - map.coordinates[2 * j],
                                double{map.coordinates[2 * i + 1]} - map.coordinates[2 * j + 1]));
      }
      sum += nearest;
    }
    return sum / 600;
  };
  EXPECT_LT(gap(0.01), gap(0.8));
}

TEST(UmapTest, TakesDegenerateRows) {
  Matrix duplicates = Gaussian(200, 4, 7);
  for (int64_t i = 0; i < 150; ++i) {
    for (int64_t k = 0; k < 4; ++k) duplicates.at(i, k) = 1;
  }
  Matrix outlier = Gaussian(200, 4, 8);
  outlier.at(17, 2) = 1e12F;
  for (const auto init : {TsneOptions::Init::kPca, TsneOptions::Init::kSpectral}) {
    const auto with = [&](int neighbors) {
      UmapOptions options = Options(neighbors);
      options.init = init;
      return options;
    };
    ExpectMap(Zeros(100, 5), with(15));  // all equal, all columns constant
    ExpectMap(duplicates, with(15));
    ExpectMap(outlier, with(15));
    ExpectMap(Gaussian(200, 1, 9), with(15));
    ExpectMap(Gaussian(2, 3, 10), with(2));
    ExpectMap(Gaussian(15, 3, 10), with(15));
  }
}

TEST(UmapTest, KeepsTwoFarClustersApart) {
  const Matrix matrix = Clusters(400, 3, 2, 1e6F, 11);
  EXPECT_EQ(NeighbourAccuracy(MapOf(matrix, Options()).coordinates, 400, 2, 2), 1);
}

TEST(UmapTest, RefusesWhatItCannotDo) {
  Matrix matrix = Gaussian(100, 3, 12);
  ExpectRefused(Gaussian(1, 3, 12), Options(), "got 1 points, want 2 to");
  ExpectRefused(Gaussian(10, 3, 12), Options(), "got 15 neighbours, want 2 to 10");
  ExpectRefused(matrix, Options(1), "got 1 neighbours, want 2 to 100");
  UmapOptions options = Options();
  options.min_dist = 1.5;
  ExpectRefused(matrix, options, "got min_dist 1.5, want 0 to 1");
  options.min_dist = std::nan("");
  ExpectRefused(matrix, options, "got min_dist nan");
  options = Options();
  options.spread = 0;
  ExpectRefused(matrix, options, "got spread 0");
  options = Options();
  options.learning_rate = 0;
  ExpectRefused(matrix, options, "got learning rate 0");
  options = Options();
  options.dims = 4;
  ExpectRefused(matrix, options, "got 4 dims, want 2 or 3");
  options = Options();
  options.negative_samples = -1;
  ExpectRefused(matrix, options, "got -1 negative samples");
  options = Options();
  options.epochs_before = 5;
  ExpectRefused(matrix, options, "got 5 epochs before, want 0 to");
  options.init = TsneOptions::Init::kGiven;
  options.epochs_before = -1;
  ExpectRefused(matrix, options, "got -1 epochs before");
  options.epochs_before = 0;
  ExpectRefused(matrix, options, "got a start of 0 values, want 100 x 2");
  std::vector<float> start(200, 1.0F);
  start[77] = std::nanf("");
  options.start = start;
  ExpectRefused(matrix, options, "start of row 38 is nan");
  matrix.at(12, 1) = std::nanf("");
  ExpectRefused(matrix, Options(), "row 12, column 1 is nan");
  Matrix zero = Gaussian(100, 3, 13);
  for (int64_t k = 0; k < 3; ++k) zero.at(5, k) = 0;
  options = Options();
  options.metric = Metric::kCosine;
  ExpectRefused(zero, options, "row 5");
}

TEST(UmapTest, StopsSoonWhenAsked) {
  std::stop_source source;
  std::chrono::steady_clock::time_point asked;
  const auto result = Umap(
      Clusters(20'000, 10, 5, 5, 14).view(), Options(),
      [&](const UmapProgress&) {
        asked = std::chrono::steady_clock::now();
        source.request_stop();
      },
      source.get_token());
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kCancelled);
  const std::chrono::duration<double> waited = std::chrono::steady_clock::now() - asked;
  RecordProperty("milliseconds", static_cast<int>(waited.count() * 1000));
}

TEST(UmapTest, SaysWhatMemoryItNeeds) {
  UmapOptions options;
  EXPECT_LT(UmapMemoryBytes(70'000, 50, options), int64_t{256} << 20);
  EXPECT_GT(UmapMemoryBytes(100'000'000, 50, options), int64_t{8} << 30);
  options.neighbors = 100;
  EXPECT_GT(UmapMemoryBytes(70'000, 50, options), UmapMemoryBytes(70'000, 50, UmapOptions{}));
}

}  // namespace
}  // namespace spirogram::projector
