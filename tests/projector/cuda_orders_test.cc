// What only the CPU can show of the CUDA kernels (tests/cuda_on_cpu): all of them promise the same
// bits each time, so other orders of threads and a GPU that lags behind the host must change none.
#include <cuda_runtime.h>
#include <gtest/gtest.h>

#include <functional>
#include <numeric>

#include "projector/affinity.h"
#include "projector/cuda/affinities.h"
#include "projector/cuda/device_buffer.h"
#include "projector/cuda/knn.h"
#include "projector/cuda/pca.h"
#include "projector/cuda/sparse_engine.h"
#include "projector/engine.h"
#include "projector/knn_distance.h"
#include "tests/cuda_on_cpu/fibers.h"
#include "tests/projector/test_data.h"
#include "tests/projector/test_graphs.h"

namespace spirogram::projector {
namespace {

using Numbers = std::vector<double>;

void ExpectTheSameBits(const std::function<Numbers()>& run) {
  const Numbers want = run();
  EXPECT_FALSE(want.empty());
  for (const auto order : {cuda_on_cpu::Order::kBackward, cuda_on_cpu::Order::kShuffled}) {
    SCOPED_TRACE(order == cuda_on_cpu::Order::kBackward ? "backward" : "shuffled");
    cuda_on_cpu::SetOrder(order);
    EXPECT_EQ(run(), want);
  }
  cuda_on_cpu::SetOrder(cuda_on_cpu::Order::kForward);
  SCOPED_TRACE("lazy");
  cuda_on_cpu::TheDevice().is_lazy = true;
  EXPECT_EQ(run(), want);
  cuda_on_cpu::TheDevice().is_lazy = false;
}

// Where the engine put the points, and what it says of the map.
Numbers MapOf(TsneEngine* engine, size_t values) {
  std::vector<float> map(values);
  EXPECT_TRUE(engine->ReadCoordinates(map).ok());
  Numbers numbers(map.begin(), map.end());
  const auto kl = engine->KlDivergence({});
  EXPECT_TRUE(kl.ok());
  numbers.push_back(*kl);
  return numbers;
}

TEST(CudaOrdersTest, StepTheSameInAnyOrder) {
  constexpr int64_t kMesh = 0;
  constexpr int64_t kDirect = 1'000;
  for (const auto& [dims, direct_points] :
       {std::pair{2, kMesh}, std::pair{2, kDirect}, std::pair{3, kDirect}}) {
    SCOPED_TRACE(testing::Message() << dims << " dims, direct up to " << direct_points);
    const SparseAffinities p = AffinitiesOf(Clusters(140, 10, 4, 5, 1), 15, 5);
    const MapPoints start = RandomMap(140, dims, 5, 2);
    ExpectTheSameBits([&p, &start, direct = direct_points] {
      const auto engine = MakeSparseEngineOnDevice(p, start, 0.5, "test", direct).value();
      for (const double rate : {140.0, 70.0, 35.0}) {  // each step its own
        EXPECT_TRUE(engine->Step({4, rate, 0.5}, {}).ok());
      }
      return MapOf(engine.get(), start.values.size());
    });
  }
}

TEST(CudaOrdersTest, StepByAllPairsTheSameInAnyOrder) {
  ThreadPool pool(1);
  const auto p = ComputeAffinities(Gaussian(70, 6, 2).view(), 5, &pool, {}).value();
  for (const int dims : {2, 3}) {
    SCOPED_TRACE(dims);
    const MapPoints start = RandomMap(70, dims, 3, 3);
    ExpectTheSameBits([&] {
      const auto engine = MakeCudaEngine(p, start, &pool, {}).value();
      for (int step = 0; step < 2; ++step) EXPECT_TRUE(engine->Step({4, 70, 0.5}, {}).ok());
      return MapOf(engine.get(), start.values.size());
    });
  }
}

// Few neighbours of random rows; many of rows at one distance, which are compared again.
TEST(CudaOrdersTest, FindTheSameNeighborsInAnyOrder) {
  Matrix corners = Zeros(130, 130);
  for (int64_t i = 0; i < 130; ++i) corners.at(i, i) = 1;
  for (const Matrix& matrix : {Gaussian(150, 9, 4), corners}) {
    const std::vector<double> scales = InverseNorms(matrix.view());
    std::vector<int32_t> columns(static_cast<size_t>(matrix.points));
    std::iota(columns.begin(), columns.end(), 0);
    ExpectTheSameBits([&] {
      std::vector<int32_t> indices(static_cast<size_t>(matrix.points) * 5);
      std::vector<float> distances(indices.size());
      int64_t again = 0;
      const Status status = FindNeighborsOnDevice({matrix.view(), scales, columns, 5, 70, 50},
                                                  indices, distances, &again, {}, {});
      EXPECT_TRUE(status.ok()) << status.error().message;
      Numbers numbers(indices.begin(), indices.end());
      numbers.insert(numbers.end(), distances.begin(), distances.end());
      numbers.push_back(static_cast<double>(again));
      return numbers;
    });
  }
}

TEST(CudaOrdersTest, ShareProbabilityTheSameInAnyOrder) {
  ThreadPool pool(1);
  NeighborOptions options;
  options.neighbors = 40;
  const Matrix matrix = Clusters(120, 6, 3, 8, 5);
  const NeighborGraph graph = NearestNeighbors(matrix.view(), options, &pool, {}, {}).value();
  ExpectTheSameBits([&] {
    Stream stream;
    EXPECT_TRUE(stream.Create().ok());
    const DeviceAffinities p = AffinitiesOfNeighbors(graph, {12, 0}, stream.get()).value();
    Numbers numbers(p.columns.data(), p.columns.data() + p.columns.size());
    numbers.insert(numbers.end(), p.values.data(), p.values.data() + p.values.size());
    return numbers;
  });
}

TEST(CudaOrdersTest, SumAndProjectTheSameInAnyOrder) {
  const Matrix matrix = Gaussian(150, 40, 6);
  ExpectTheSameBits([&] {
    const auto pca = MakeDevicePca(matrix.view()).value();
    Numbers numbers(40 * 40);
    EXPECT_TRUE(pca->Scatter(numbers).ok());
    for (size_t column = 0; column < 40; ++column) {  // above the diagonal nothing is said
      for (size_t row = 0; row < column; ++row) numbers[column * 40 + row] = 0;
    }
    std::vector<float> coordinates(150 * 2);
    const Numbers directions(numbers.begin(), numbers.begin() + 2 * 40);
    EXPECT_TRUE(pca->Project(directions, 2, coordinates).ok());
    numbers.insert(numbers.end(), coordinates.begin(), coordinates.end());
    return numbers;
  });
}

}  // namespace
}  // namespace spirogram::projector
