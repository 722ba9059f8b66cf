// The CUDA twin against the CPU engine. Without a GPU all but the refusal is skipped.
#include <gtest/gtest.h>

#include <cmath>

#include "gpu/library.h"
#include "projector/affinity.h"
#include "projector/engine.h"
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

class CudaTwinTest : public CudaMapTest,
                     public testing::WithParamInterface<std::pair<int64_t, int>> {};
INSTANTIATE_TEST_SUITE_P(PointsAndDims, CudaTwinTest,
                         testing::Values(std::pair{4, 2}, std::pair{257, 2}, std::pair{1500, 2},
                                         std::pair{1500, 3}));

TEST_P(CudaTwinTest, StepsAndMeasuresAsTheCpuDoes) {
  const auto [points, dims] = GetParam();
  ThreadPool pool(2);
  const auto p = ComputeAffinities(Gaussian(points, 6, 2).view(), 1, &pool, {}).value();
  const MapPoints map = RandomMap(points, dims, 3, 3);
  const auto cpu = MakeCpuEngine(p, map, &pool);
  const auto cuda = MakeCudaEngine(p, map, &pool, {});
  ASSERT_TRUE(cuda.ok()) << cuda.error().message;
  std::vector<float> want(map.values.size());
  std::vector<float> got(map.values.size());
  for (int step = 0; step < 3; ++step) {
    const StepParameters parameters{4.0, static_cast<double>(points), 0.5};
    ASSERT_TRUE(cpu->Step(parameters, {}).ok());
    const Status status = (*cuda)->Step(parameters, {});
    ASSERT_TRUE(status.ok()) << status.error().message;
    ASSERT_TRUE(cpu->ReadCoordinates(want).ok());
    ASSERT_TRUE((*cuda)->ReadCoordinates(got).ok());
    for (size_t at = 0; at < want.size(); ++at) EXPECT_NEAR(got[at], want[at], 1e-3);
    EXPECT_NEAR(*(*cuda)->KlDivergence({}), *cpu->KlDivergence({}), 1e-4);
  }
}

TEST_P(CudaTwinTest, GivesTheSameMapTwice) {
  const auto [points, dims] = GetParam();
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

}  // namespace
}  // namespace spirogram::projector
