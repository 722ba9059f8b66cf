#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "projector/affinity.h"
#include "projector/engine.h"
#include "projector/projector.h"
#include "tests/projector/test_data.h"

namespace spirogram::projector {
namespace {

TsneOptions Options(double perplexity, int iterations = 500) {
  TsneOptions options;
  options.perplexity = perplexity;
  options.iterations = iterations;
  options.device = Device::kCpu;
  options.threads = 2;
  return options;
}

TsneResult MapOf(const Matrix& matrix, const TsneOptions& options) {
  auto result = ExactTsne(matrix.view(), options, {}, {});
  EXPECT_TRUE(result.ok()) << result.error().message;
  return std::move(result).value();
}

double SpanOf(const TsneResult& map) {
  const auto [low, high] = std::minmax_element(map.coordinates.begin(), map.coordinates.end());
  return *high - *low;
}

void ExpectFinite(const TsneResult& map) {
  for (const float value : map.coordinates) EXPECT_TRUE(std::isfinite(value));
  EXPECT_TRUE(std::isfinite(map.kl_divergence));
}

void ExpectRefused(const Matrix& matrix, const TsneOptions& options, const std::string& message) {
  const auto result = ExactTsne(matrix.view(), options, {}, {});
  ASSERT_FALSE(result.ok()) << message;
  EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
  EXPECT_NE(result.error().message.find(message), std::string::npos) << result.error().message;
}

TEST(TsneTest, SeparatesThreeClustersInTwoAndInThreeDims) {
  const Matrix matrix = Clusters(300, 10, 3, 12, 1);
  for (const int dims : {2, 3}) {
    TsneOptions options = Options(20);
    options.dims = dims;
    const TsneResult map = MapOf(matrix, options);
    EXPECT_EQ(NeighbourAccuracy(map.coordinates, 300, dims, 3), 1);
    EXPECT_EQ(map.device, "cpu");
    EXPECT_EQ(map.iterations, 500);
  }
}

TEST(TsneTest, SeparatesThreeClustersFromARandomStart) {
  TsneOptions options = Options(20);
  options.init = TsneOptions::Init::kRandom;
  const TsneResult map = MapOf(Clusters(300, 10, 3, 12, 2), options);
  EXPECT_EQ(NeighbourAccuracy(map.coordinates, 300, 2, 3), 1);
}

TEST(TsneTest, ReportsTheKlDivergenceOfItsCoordinates) {
  const Matrix matrix = Gaussian(100, 5, 3);
  const TsneResult map = MapOf(matrix, Options(10));
  ThreadPool pool(1);
  const auto p = ComputeAffinities(matrix.view(), 10, &pool, {});
  std::vector<double> y(200);
  for (size_t i = 0; i < 100; ++i) {
    y[i] = map.coordinates[2 * i];
    y[100 + i] = map.coordinates[2 * i + 1];
  }
  EXPECT_NEAR(map.kl_divergence, SlowKlDivergence(*p, y, 100, 2), 1e-5);
}

TEST(TsneTest, GivesTheSameBitsForAnyNumberOfThreads) {
  const Matrix matrix = Gaussian(333, 8, 4);
  TsneOptions options = Options(15, 300);
  options.threads = 1;
  const TsneResult one = MapOf(matrix, options);
  options.threads = 7;
  const TsneResult seven = MapOf(matrix, options);
  EXPECT_EQ(one.coordinates, seven.coordinates);
  EXPECT_EQ(one.kl_divergence, seven.kl_divergence);
}

TEST(TsneTest, DrawsAnotherMapForAnotherSeed) {
  const Matrix matrix = Gaussian(60, 5, 5);
  TsneOptions options = Options(5, 50);
  const TsneResult first = MapOf(matrix, options);
  options.seed = 2;
  EXPECT_NE(first.coordinates, MapOf(matrix, options).coordinates);
}

// Exaggerated twelvefold, the affinities of a cloud without structure pull all points together. Set
// free at once they end in a worse map than if they had never been drawn together; little by
// little, in a better one.
TEST(TsneTest, GainsByTheEarlyExaggerationOfACloud) {
  for (const uint64_t seed : {6, 7, 8}) {
    const Matrix matrix = Gaussian(300, 10, seed);
    TsneOptions options = Options(30, 750);
    const TsneResult exaggerated = MapOf(matrix, options);
    options.early_exaggeration = 1;
    const TsneResult plain = MapOf(matrix, options);
    ExpectFinite(exaggerated);
    EXPECT_GT(SpanOf(exaggerated), 1);
    EXPECT_LT(exaggerated.kl_divergence, plain.kl_divergence) << seed;
  }
}

TEST(TsneTest, KeepsClustersApartUnderEarlyExaggeration) {
  const TsneResult map = MapOf(Clusters(300, 10, 3, 12, 6), Options(20, 250));
  EXPECT_GT(SpanOf(map), 1);
  EXPECT_EQ(NeighbourAccuracy(map.coordinates, 300, 2, 3), 1);
}

TEST(TsneTest, KeepsDuplicatesTogetherAndFinite) {
  Matrix matrix = Gaussian(120, 5, 7);
  for (int64_t i = 0; i < 120; i += 2) {
    for (int64_t k = 0; k < 5; ++k) matrix.at(i, k) = 3;
  }
  const TsneResult map = MapOf(matrix, Options(10));
  ExpectFinite(map);
  EXPECT_GT(NeighbourAccuracy(map.coordinates, 120, 2, 2), 0.98);
}

TEST(TsneTest, TakesPointsThatAreAllOne) {
  const TsneResult map = MapOf(Zeros(40, 3), Options(5));
  ExpectFinite(map);
  // P and Q are uniform at the start, and a map can hardly be better.
  EXPECT_LT(map.kl_divergence, 1);
}

TEST(TsneTest, TakesOneFarOutlier) {
  Matrix matrix = Clusters(150, 5, 3, 12, 8);
  matrix.at(0, 0) = 1e20F;
  const TsneResult map = MapOf(matrix, Options(10));
  ExpectFinite(map);
  EXPECT_GT(NeighbourAccuracy(map.coordinates, 150, 2, 3), 0.98);
}

TEST(TsneTest, TakesOneDimension) {
  Matrix line = Zeros(60, 1);
  for (int64_t i = 0; i < 60; ++i) line.at(i, 0) = static_cast<float>(i);
  const TsneResult map = MapOf(line, Options(5));
  ExpectFinite(map);
  EXPECT_LT(map.kl_divergence, 0.5);
}

TEST(TsneTest, TakesFourPointsAtPerplexityOne) {
  const TsneResult map = MapOf({4, 1, {0, 1, 10, 11}}, Options(1));
  ExpectFinite(map);
  EXPECT_LT(std::abs(map.coordinates[0] - map.coordinates[2]), SpanOf(map));
}

TEST(TsneTest, RefusesAPerplexityThatThePointsCannotReach) {
  ExpectRefused(Gaussian(90, 3, 9), Options(30), "got perplexity 30, want 1 to 29.6");
  ExpectRefused(Gaussian(90, 3, 9), Options(0.5), "got perplexity 0.5");
  ExpectRefused(Gaussian(90, 3, 9), Options(std::nan("")), "got perplexity nan");
  ExpectRefused(Gaussian(3, 3, 9), Options(1), "got 3 points, want at least 4");
}

TEST(TsneTest, RefusesTooFewAndTooManyPoints) {
  ExpectRefused(Gaussian(1, 3, 9), Options(1), "got 1 points, want at least 4");
  ExpectRefused(Zeros(10'001, 1), Options(30), "got 10001 points, want 4 to 10000");
}

TEST(TsneTest, RefusesOptionsOutOfRange) {
  const Matrix matrix = Gaussian(30, 3, 10);
  TsneOptions options = Options(5);
  options.dims = 4;
  ExpectRefused(matrix, options, "got 4 dims");
  ExpectRefused(matrix, Options(5, 0), "got 0 iterations");
  options = Options(5);
  options.early_exaggeration = std::numeric_limits<double>::infinity();
  ExpectRefused(matrix, options, "got early exaggeration inf");
  options = Options(5);
  options.report_interval = 0;
  ExpectRefused(matrix, options, "got report interval 0");
  options = Options(5);
  options.threads = -1;
  ExpectRefused(matrix, options, "-1 threads");
}

TEST(TsneTest, NamesTheRowOfANaN) {
  Matrix matrix = Gaussian(30, 3, 11);
  matrix.at(12, 1) = std::nanf("");
  ExpectRefused(matrix, Options(5), "row 12, column 1 is nan");
}

TEST(TsneTest, ReportsProgressAtEachIntervalAndAtTheEnd) {
  const Matrix matrix = Gaussian(40, 3, 12);
  TsneOptions options = Options(5, 125);
  options.report_interval = 20;
  std::vector<int> iterations;
  std::vector<double> divergences;
  std::vector<float> last;
  const auto result =
      ExactTsne(matrix.view(), options,
                [&](const TsneProgress& progress) {
                  EXPECT_EQ(progress.iterations, 125);
                  iterations.push_back(progress.iteration);
                  divergences.push_back(progress.kl_divergence);
                  last.assign(progress.coordinates.begin(), progress.coordinates.end());
                },
                {});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(iterations, (std::vector<int>{20, 40, 60, 80, 100, 120, 125}));
  EXPECT_TRUE(std::isnan(divergences[1]));
  EXPECT_TRUE(std::isfinite(divergences[2]));
  EXPECT_EQ(divergences.back(), result->kl_divergence);
  EXPECT_EQ(last, result->coordinates);
}

TEST(TsneTest, LowersTheKlDivergenceAfterEarlyExaggeration) {
  std::vector<double> divergences;
  const auto result = ExactTsne(Clusters(200, 10, 4, 6, 13).view(), Options(20, 750),
                                [&](const TsneProgress& progress) {
                                  if (progress.iteration > 300 && progress.iteration % 50 == 0) {
                                    divergences.push_back(progress.kl_divergence);
                                  }
                                },
                                {});
  ASSERT_TRUE(result.ok());
  for (size_t i = 1; i < divergences.size(); ++i) {
    EXPECT_LT(divergences[i], divergences[i - 1] + 1e-3);
  }
}

TEST(TsneTest, StopsWithinTheIterationInWhichItIsAsked) {
  std::stop_source source;
  int calls = 0;
  const auto result = ExactTsne(
      Gaussian(60, 3, 14).view(), Options(5),
      [&](const TsneProgress&) {
        ++calls;
        source.request_stop();
      },
      source.get_token());
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(calls, 1);
}

TEST(TsneTest, StopsBeforeItBegins) {
  std::stop_source source;
  source.request_stop();
  const auto result = ExactTsne(Gaussian(60, 3, 15).view(), Options(5), {}, source.get_token());
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kCancelled);
}

TEST(TsneEngineTest, LeavesTheMapAsItWasWhenStopped) {
  ThreadPool pool(2);
  auto p = ComputeAffinities(Gaussian(100, 3, 16).view(), 5, &pool, {}).value();
  const auto engine = MakeCpuEngine(std::move(p), RandomMap(100, 2, 1, 1), &pool);
  std::vector<float> before(200);
  std::vector<float> after(200);
  std::stop_source source;
  source.request_stop();
  ASSERT_TRUE(engine->ReadCoordinates(before).ok());
  EXPECT_FALSE(engine->Step({}, source.get_token()).ok());
  ASSERT_TRUE(engine->ReadCoordinates(after).ok());
  EXPECT_EQ(before, after);
}

TEST(TsneEngineTest, KeepsTheMapCentred) {
  ThreadPool pool(2);
  auto p = ComputeAffinities(Gaussian(100, 3, 17).view(), 5, &pool, {}).value();
  MapPoints map = RandomMap(100, 2, 1, 2);
  for (float& value : map.values) value += 100;
  const auto engine = MakeCpuEngine(std::move(p), std::move(map), &pool);
  ASSERT_TRUE(engine->Step({}, {}).ok());
  std::vector<float> coordinates(200);
  ASSERT_TRUE(engine->ReadCoordinates(coordinates).ok());
  double sum = 0;
  for (const float value : coordinates) sum += value;
  EXPECT_NEAR(sum / 200, 0, 1e-5);
}

}  // namespace
}  // namespace spirogram::projector
