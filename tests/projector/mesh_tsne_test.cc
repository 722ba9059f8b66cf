// t-SNE by the particle mesh, from rows to a map.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>

#include "projector/projector.h"
#include "tests/projector/test_data.h"

namespace spirogram::projector {
namespace {

TsneOptions MeshOptions(double perplexity, int iterations = 500) {
  TsneOptions options;
  options.method = TsneOptions::Method::kParticleMesh;
  options.perplexity = perplexity;
  options.iterations = iterations;
  options.device = Device::kCpu;
  options.threads = 2;
  return options;
}

TsneResult MapOf(const Matrix& matrix, const TsneOptions& options) {
  auto result = Tsne(matrix.view(), options, {}, {});
  EXPECT_TRUE(result.ok()) << result.error().message;
  return std::move(result).value();
}

void ExpectFinite(const TsneResult& map) {
  for (const float value : map.coordinates) ASSERT_TRUE(std::isfinite(value));
  EXPECT_TRUE(std::isfinite(map.kl_divergence));
}

void ExpectRefused(const Matrix& matrix, const TsneOptions& options, const std::string& message,
                   ErrorCode code = ErrorCode::kInvalidArgument) {
  const auto result = Tsne(matrix.view(), options, {}, {});
  ASSERT_FALSE(result.ok()) << message;
  EXPECT_EQ(result.error().code, code);
  EXPECT_NE(result.error().message.find(message), std::string::npos) << result.error().message;
}

TEST(MeshTsneTest, SeparatesClustersInTwoAndInThreeDims) {
  const Matrix matrix = Clusters(3000, 12, 6, 12, 1);
  for (const int dims : {2, 3}) {
    TsneOptions options = MeshOptions(30, 400);
    options.dims = dims;
    const TsneResult map = MapOf(matrix, options);
    EXPECT_GT(NeighbourAccuracy(map.coordinates, 3000, dims, 6), 0.999);
    EXPECT_EQ(map.method, "particle mesh");
    EXPECT_EQ(map.neighbors, "exact");
    EXPECT_LE(map.grid_spacing, 0.5);
  }
}

TEST(MeshTsneTest, GivesTheSameBitsForAnyNumberOfThreads) {
  const Matrix matrix = Clusters(5000, 10, 5, 5, 3);
  TsneOptions options = MeshOptions(10, 300);
  options.threads = 1;
  const TsneResult one = MapOf(matrix, options);
  options.threads = 5;
  const TsneResult five = MapOf(matrix, options);
  EXPECT_EQ(one.coordinates, five.coordinates);
  EXPECT_EQ(one.kl_divergence, five.kl_divergence);
  options.courtesy = Courtesy::kYield;
  EXPECT_EQ(MapOf(matrix, options).coordinates, one.coordinates);
  options.seed = 2;
  EXPECT_NE(MapOf(matrix, options).coordinates, one.coordinates);
}

TEST(MeshTsneTest, ChoosesTheExactMethodForFewPoints) {
  TsneOptions options = MeshOptions(10, 50);
  options.method = TsneOptions::Method::kAuto;
  EXPECT_EQ(MapOf(Gaussian(200, 5, 4), options).method, "exact");
  EXPECT_EQ(MapOf(Gaussian(2001, 5, 4), options).method, "particle mesh");
  options.metric = Metric::kCosine;
  EXPECT_EQ(MapOf(Gaussian(200, 5, 4), options).method, "particle mesh");
}

TEST(MeshTsneTest, DrawsAFastLookFromUniformAffinities) {
  TsneOptions options = MeshOptions(1e9, 300);  // the perplexity is not looked at
  options.affinity = TsneOptions::Affinity::kUniform;
  const TsneResult map = MapOf(Clusters(3000, 12, 6, 12, 6), options);
  EXPECT_GT(NeighbourAccuracy(map.coordinates, 3000, 2, 6), 0.999);
}

TEST(MeshTsneTest, ContinuesAMap) {
  const Matrix matrix = Clusters(2500, 10, 5, 4, 7);
  TsneOptions options = MeshOptions(30, 300);
  const TsneResult first = MapOf(matrix, options);
  options.init = TsneOptions::Init::kGiven;
  options.start = first.coordinates;
  options.early_exaggeration_iterations = 0;
  options.iterations = 200;
  const TsneResult more = MapOf(matrix, options);
  EXPECT_LT(more.kl_divergence, first.kl_divergence);
}

TEST(MeshTsneTest, StopsOnceTheKlDivergenceHardlyFalls) {
  TsneOptions options = MeshOptions(10, 5000);
  options.kl_tolerance = 0.01;
  const TsneResult map = MapOf(Clusters(2100, 10, 5, 12, 8), options);
  EXPECT_LT(map.iterations, 5000);
  EXPECT_GE(map.iterations, 350);
  EXPECT_EQ(map.iterations % 50, 0);
}

TEST(MeshTsneTest, TightensClustersByLateExaggeration) {
  const Matrix matrix = Clusters(2500, 10, 5, 4, 9);
  TsneOptions options = MeshOptions(30, 500);
  const auto span = [](const TsneResult& map) {
    const auto [low, high] = std::minmax_element(map.coordinates.begin(), map.coordinates.end());
    return *high - *low;
  };
  const float plain = span(MapOf(matrix, options));
  options.late_exaggeration = 4;
  options.late_exaggeration_iterations = 200;
  EXPECT_LT(span(MapOf(matrix, options)), plain);
}

TEST(MeshTsneTest, KeepsMoreDuplicatesThanNeighboursTogether) {
  Matrix matrix = Gaussian(2200, 5, 10);
  for (int64_t i = 0; i < 2200; i += 2) {
    for (int64_t k = 0; k < 5; ++k) matrix.at(i, k) = 30;
  }
  const TsneResult map = MapOf(matrix, MeshOptions(30, 300));
  ExpectFinite(map);
  EXPECT_GT(NeighbourAccuracy(map.coordinates, 2200, 2, 2), 0.98);
}

TEST(MeshTsneTest, TakesConstantColumnsAndPointsThatAreAllOne) {
  Matrix matrix = Gaussian(2200, 5, 11);
  for (int64_t i = 0; i < 2200; ++i) matrix.at(i, 3) = 7;
  ExpectFinite(MapOf(matrix, MeshOptions(10, 300)));
  ExpectFinite(MapOf(Zeros(2200, 3), MeshOptions(10, 300)));
}

TEST(MeshTsneTest, TakesOneFarOutlier) {
  Matrix matrix = Clusters(2200, 5, 3, 12, 12);
  matrix.at(0, 0) = 1e12F;
  const TsneResult map = MapOf(matrix, MeshOptions(10, 300));
  ExpectFinite(map);
  EXPECT_GT(NeighbourAccuracy(map.coordinates, 2200, 2, 3), 0.98);
}

TEST(MeshTsneTest, TakesOneDimensionAndFewPoints) {
  Matrix line = Zeros(2200, 1);
  for (int64_t i = 0; i < 2200; ++i) line.at(i, 0) = static_cast<float>(i);
  ExpectFinite(MapOf(line, MeshOptions(10, 300)));
  ExpectFinite(MapOf({4, 1, {0, 1, 10, 11}}, MeshOptions(1)));
}

// The grid cannot reach across: direct sums take over, and nothing is lost.
TEST(MeshTsneTest, TakesTwoFarClustersAsAStart) {
  const Matrix matrix = Clusters(3000, 5, 2, 100, 13);
  std::vector<float> start(6000);
  Random random(1);
  for (size_t at = 0; at < start.size(); ++at) {
    start[at] = static_cast<float>(random.NextNormal() + (at % 4 == 0 ? 5000 : 0));
  }
  TsneOptions options = MeshOptions(30, 100);
  options.init = TsneOptions::Init::kGiven;
  options.start = start;
  options.early_exaggeration_iterations = 0;
  const TsneResult map = MapOf(matrix, options);
  ExpectFinite(map);
  EXPECT_EQ(map.grid_spacing, 0);
  EXPECT_EQ(NeighbourAccuracy(map.coordinates, 3000, 2, 2), 1);
}

TEST(MeshTsneTest, RefusesWhatItCannotDo) {
  ExpectRefused(Gaussian(90, 3, 9), MeshOptions(30), "got perplexity 30, want 1 to 29.6");
  ExpectRefused(Gaussian(1, 3, 9), MeshOptions(1), "got 1 points, want 4 to");
  ExpectRefused(Gaussian(3, 3, 9), MeshOptions(1), "got 3 points, want 4 to");
  Matrix matrix = Gaussian(2100, 3, 11);
  TsneOptions options = MeshOptions(5);
  options.grid_spacing = 0.01;
  ExpectRefused(matrix, options, "got grid spacing 0.01, want");
  options = MeshOptions(5);
  options.kl_tolerance = std::nan("");
  ExpectRefused(matrix, options, "got KL tolerance nan");
  options = MeshOptions(5);
  options.late_exaggeration = 0;
  ExpectRefused(matrix, options, "got late exaggeration 0");
  options = MeshOptions(5);
  options.init = TsneOptions::Init::kGiven;
  ExpectRefused(matrix, options, "got a start of 0 values, want 2100 x 2");
  std::vector<float> start(4200, 1.0F);
  start[77] = std::nanf("");
  options.start = start;
  ExpectRefused(matrix, options, "start of row 38 is nan");
  options = MeshOptions(5);
  options.affinity = TsneOptions::Affinity::kUniform;
  options.uniform_neighbors = 0;
  ExpectRefused(matrix, options, "got 0 neighbours of one weight");
  matrix.at(12, 1) = std::nanf("");
  ExpectRefused(matrix, MeshOptions(5), "row 12, column 1 is nan");
}

TEST(MeshTsneTest, StopsSoonWhenAsked) {
  const Matrix matrix = Clusters(20'000, 10, 5, 5, 14);
  std::stop_source source;
  std::chrono::steady_clock::time_point asked;
  const auto result = Tsne(
      matrix.view(), MeshOptions(30),
      [&](const TsneProgress& progress) {
        EXPECT_EQ(std::ssize(progress.coordinates), 40'000);
        asked = std::chrono::steady_clock::now();
        source.request_stop();
      },
      source.get_token());
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kCancelled);
  const std::chrono::duration<double> waited = std::chrono::steady_clock::now() - asked;
  RecordProperty("milliseconds", static_cast<int>(waited.count() * 1000));
}

// Other programs own the cores: the map is the same, and comes all the same.
TEST(MeshTsneTest, FinishesWhileTheCoresAreBusy) {
  std::vector<std::jthread> busy;
  for (unsigned i = 0; i < std::thread::hardware_concurrency(); ++i) {
    busy.emplace_back([](const std::stop_token& stop) {
      volatile uint64_t count = 0;
      while (!stop.stop_requested()) count = count + 1;
    });
  }
  TsneOptions options = MeshOptions(5, 60);
  const Matrix matrix = Clusters(2200, 6, 3, 8, 15);
  const TsneResult starved = MapOf(matrix, options);
  busy.clear();
  EXPECT_EQ(starved.coordinates, MapOf(matrix, options).coordinates);
}

TEST(MeshTsneTest, SaysWhatMemoryItNeeds) {
  TsneOptions options;
  EXPECT_LT(TsneMemoryBytes(70'000, 50, options), int64_t{1} << 30);
  EXPECT_GT(TsneMemoryBytes(10'000'000, 50, options), int64_t{8} << 30);
  EXPECT_GT(TsneMemoryBytes(70'000, 50, options), TsneMemoryBytes(60'000, 50, options));
}

}  // namespace
}  // namespace spirogram::projector
