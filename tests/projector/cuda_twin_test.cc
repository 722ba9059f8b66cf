// Direct sums on the GPU against the CPU engine: on a GPU, and their kernels on the CPU
// (tests/cuda_on_cpu).
#include <gtest/gtest.h>

#include "gpu/library.h"
#include "projector/affinity.h"
#include "projector/engine.h"
#include "projector/projector.h"
#include "tests/projector/test_data.h"

namespace spirogram::projector {
namespace {

class CudaTwinTest : public testing::TestWithParam<std::pair<int64_t, int>> {
 protected:
  void SetUp() override {
    const auto& library = gpu::Library::Get();
    if (!library.ok()) GTEST_SKIP() << library.error().message;
  }
};
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

}  // namespace
}  // namespace spirogram::projector
