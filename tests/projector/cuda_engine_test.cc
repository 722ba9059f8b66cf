// The CUDA twin against the CPU engine. Without a GPU all but the refusal is skipped.
#include <gtest/gtest.h>

#include <cmath>

#include "gpu/library.h"
#include "projector/engine.h"
#include "projector/init.h"
#include "projector/neighbors.h"
#include "projector/projector.h"
#include "tests/projector/test_data.h"

namespace spirogram::projector {
namespace {

TEST(CudaEngineTest, IsUnavailableWithAReasonWhereThereIsNoGpu) {
  if (gpu::Library::Get().ok()) GTEST_SKIP() << "this machine has a GPU";
  TsneOptions options;
  options.perplexity = 5;
  options.device = Device::kCuda;
  const auto result = ExactTsne(Gaussian(60, 3, 1).view(), options, {}, {});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(result.error().message, gpu::Library::Get().error().message);
}

TEST(CudaEngineTest, SaysWhyTheMeshAndTheNeighborsHaveNoGpu) {
  if (gpu::Library::Get().ok()) GTEST_SKIP() << "this machine has a GPU";
  const Matrix matrix = Gaussian(60, 3, 1);
  TsneOptions options;
  options.perplexity = 5;
  options.method = TsneOptions::Method::kParticleMesh;
  options.device = Device::kCuda;
  const auto map = Tsne(matrix.view(), options, {}, {});
  ASSERT_FALSE(map.ok());
  EXPECT_EQ(map.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(map.error().message, gpu::Library::Get().error().message);

  ThreadPool pool(1);
  NeighborOptions nearest;
  nearest.neighbors = 3;
  nearest.device = Device::kCuda;
  const auto graph = NearestNeighbors(matrix.view(), nearest, &pool, {}, {});
  ASSERT_FALSE(graph.ok());
  EXPECT_EQ(graph.error().code, ErrorCode::kUnavailable);
}

TEST(CudaEngineTest, LeavesTheWorkToTheCpuWhereThereIsNoGpu) {
  if (gpu::Library::Get().ok()) GTEST_SKIP() << "this machine has a GPU";
  TsneOptions options;
  options.perplexity = 5;
  options.iterations = 10;
  const auto result = ExactTsne(Gaussian(60, 3, 1).view(), options, {}, {});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->device, "cpu");
}

class CudaMapTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto& library = gpu::Library::Get();
    if (!library.ok()) GTEST_SKIP() << library.error().message;
  }
};

TEST_F(CudaMapTest, DrawsTheSameMapTwice) {
  for (const auto& [points, dims] : {std::pair{4, 2}, {257, 2}, {1500, 2}, {1500, 3}}) {
    SCOPED_TRACE(points);
    TsneOptions options;
    options.dims = dims;
    options.perplexity = 1;
    options.iterations = 300;
    options.device = Device::kCuda;
    const Matrix matrix = Gaussian(points, 6, 4);
    const auto first = ExactTsne(matrix.view(), options, {}, {});
    const auto second = ExactTsne(matrix.view(), options, {}, {});
    ASSERT_TRUE(first.ok() && second.ok());
    EXPECT_EQ(first->coordinates, second->coordinates);
  }
}

TEST_F(CudaMapTest, ReachesTheKlDivergenceOfTheCpu) {
  const Matrix matrix = Clusters(1000, 10, 5, 6, 5);
  TsneOptions options;
  options.device = Device::kCuda;
  const auto cuda = ExactTsne(matrix.view(), options, {}, {});
  options.device = Device::kCpu;
  const auto cpu = ExactTsne(matrix.view(), options, {}, {});
  ASSERT_TRUE(cuda.ok() && cpu.ok());
  EXPECT_NEAR(cuda->kl_divergence, cpu->kl_divergence, 0.01);
  EXPECT_EQ(NeighbourAccuracy(cuda->coordinates, 1000, 2, 5),
            NeighbourAccuracy(cpu->coordinates, 1000, 2, 5));
}

NeighborGraph Neighbors(const Matrix& matrix, int count, Metric metric, Device device) {
  ThreadPool pool(0);
  NeighborOptions options;
  options.neighbors = count;
  options.metric = metric;
  options.method = NeighborOptions::Method::kExact;
  options.device = device;
  auto graph = NearestNeighbors(matrix.view(), options, &pool, {}, {});
  EXPECT_TRUE(graph.ok()) << graph.error().message;
  return graph.ok() ? std::move(*graph) : NeighborGraph();
}

void ExpectTheNeighborsOfTheCpu(const Matrix& matrix, int count, Metric metric) {
  const NeighborGraph want = Neighbors(matrix, count, metric, Device::kCpu);
  const NeighborGraph got = Neighbors(matrix, count, metric, Device::kCuda);
  EXPECT_EQ(got.indices, want.indices);
  EXPECT_EQ(got.distances, want.distances);
}

TEST_F(CudaMapTest, FindsTheNeighborsOfTheCpu) {
  ExpectTheNeighborsOfTheCpu(Gaussian(9000, 50, 6), 90, Metric::kEuclidean);
  ExpectTheNeighborsOfTheCpu(Clusters(6000, 130, 10, 8, 7), 45, Metric::kCosine);
  ExpectTheNeighborsOfTheCpu(Gaussian(3000, 1, 8), 15, Metric::kEuclidean);
  Matrix far = Gaussian(3000, 20, 9);
  for (float& value : far.values) value += 1e4F;
  ExpectTheNeighborsOfTheCpu(far, 15, Metric::kEuclidean);
}

// Rows at one distance from each other, copies, and a grid: what no bound can tell apart.
TEST_F(CudaMapTest, OrdersEqualNeighborsAsTheCpu) {
  Matrix corners = Zeros(500, 500);
  for (int64_t i = 0; i < 500; ++i) corners.at(i, i) = 1;
  ExpectTheNeighborsOfTheCpu(corners, 20, Metric::kEuclidean);
  Matrix grid = Zeros(4900, 2);
  for (int64_t i = 0; i < grid.points; ++i) {
    grid.at(i, 0) = static_cast<float>(i % 70);
    grid.at(i, 1) = static_cast<float>(i / 70 % 35);  // each twice
  }
  ExpectTheNeighborsOfTheCpu(grid, 30, Metric::kEuclidean);
}

TEST_F(CudaMapTest, FindsThePrincipalComponentsOfTheCpu) {
  const Matrix matrix = Clusters(3000, 600, 5, 10, 13);
  PcaOptions options;
  const auto want = Pca(matrix.view(), options);
  options.device = Device::kCuda;
  const auto got = Pca(matrix.view(), options);
  ASSERT_TRUE(want.ok() && got.ok());
  for (size_t at = 0; at < want->coordinates.size(); ++at) {
    ASSERT_NEAR(got->coordinates[at], want->coordinates[at], 1e-4);
  }
}

TEST_F(CudaMapTest, StepsByTheMeshAsTheCpuDoes) {
  const Matrix matrix = Clusters(30'000, 20, 10, 6, 10);
  ThreadPool pool(0);
  for (const int dims : {2, 3}) {
    SCOPED_TRACE(dims);
    const NeighborGraph graph = Neighbors(matrix, 30, Metric::kEuclidean, Device::kCuda);
    const SparseAffinities p = PerplexityAffinities(graph, 10, &pool, {}).value();
    const MapPoints start = RandomMap(matrix.points, dims, 5, 11);
    const auto cpu = MakeSparseEngine(p, start, 0.35, &pool);
    const auto cuda = MakeSparseCudaEngine(p, start, 0.35);
    ASSERT_TRUE(cuda.ok()) << cuda.error().message;
    for (int step = 0; step < 5; ++step) {
      const StepParameters parameters{4, static_cast<double>(matrix.points), 0.5};
      ASSERT_TRUE(cpu->Step(parameters, {}).ok());
      const Status status = (*cuda)->Step(parameters, {});
      ASSERT_TRUE(status.ok()) << status.error().message;
    }
    EXPECT_GT((*cuda)->spacing(), 0);
    std::vector<float> want(start.values.size());
    std::vector<float> got(want.size());
    ASSERT_TRUE(cpu->ReadCoordinates(want).ok());
    ASSERT_TRUE((*cuda)->ReadCoordinates(got).ok());
    double error = 0;
    double size = 0;
    for (size_t at = 0; at < want.size(); ++at) {
      error += std::pow(double{got[at]} - want[at], 2);
      size += std::pow(double{want[at]}, 2);
    }
    EXPECT_LT(std::sqrt(error / size), 2e-2);
    EXPECT_NEAR(*(*cuda)->KlDivergence({}), *cpu->KlDivergence({}), 1e-2);
  }
}

TEST_F(CudaMapTest, DrawsAMapByTheMeshAsWellAsTheCpuAndTheSameTwice) {
  const Matrix matrix = Clusters(20'000, 20, 10, 6, 12);
  TsneOptions options;
  options.method = TsneOptions::Method::kParticleMesh;
  options.device = Device::kCuda;
  const auto first = Tsne(matrix.view(), options, {}, {});
  const auto second = Tsne(matrix.view(), options, [](const TsneProgress&) {}, {});
  options.device = Device::kCpu;
  const auto cpu = Tsne(matrix.view(), options, {}, {});
  ASSERT_TRUE(first.ok()) << first.error().message;
  ASSERT_TRUE(second.ok() && cpu.ok());
  EXPECT_EQ(first->coordinates, second->coordinates);
  EXPECT_NE(first->device, "cpu");
  EXPECT_GT(first->grid_spacing, 0);
  EXPECT_NEAR(first->kl_divergence, cpu->kl_divergence, 0.02);
}

}  // namespace
}  // namespace spirogram::projector
