// The kernels of the CUDA engine and all around them, run on the CPU (cuda_on_cpu/), against the
// CPU's own engine: what a GPU is to compute, held to the same answers where there is none.
#include <cuda_runtime.h>
#include <gtest/gtest.h>

#include <cmath>
#include <tuple>

#include "projector/cuda/affinities.h"
#include "projector/cuda/device_buffer.h"
#include "projector/cuda/launch.h"
#include "projector/cuda/mesh.h"
#include "projector/cuda/pca.h"
#include "projector/cuda/sparse_engine.h"
#include "projector/init.h"
#include "projector/neighbors.h"
#include "projector/particle_mesh.h"
#include "projector/tsne_descent.h"
#include "tests/projector/test_data.h"
#include "tests/projector/test_graphs.h"

namespace spirogram::projector {
namespace {

std::vector<float> MapOf(TsneEngine* engine, const MapPoints& shape) {
  std::vector<float> map(shape.values.size());
  EXPECT_TRUE(engine->ReadCoordinates(map).ok());
  return map;
}

TEST(CudaKernelsTest, StepAsTheCpuDoes) {
  for (const int dims : {2, 3}) {
    SCOPED_TRACE(dims);
    const Matrix matrix = Clusters(1500, 10, 4, 5, 1);
    const SparseAffinities p = AffinitiesOf(matrix, 30, 10);
    const MapPoints start = RandomMap(1500, dims, 5, 2);
    ThreadPool pool(2);
    const auto cpu = MakeSparseEngine(p, start, 0.25, &pool);
    auto cuda = MakeSparseEngineOnDevice(p, start, 0.25, "test");
    ASSERT_TRUE(cuda.ok()) << cuda.error().message;
    for (int step = 0; step < 5; ++step) {
      const StepParameters parameters{4, 1500, 0.5};
      ASSERT_TRUE(cpu->Step(parameters, {}).ok());
      const Status status = (*cuda)->Step(parameters, {});
      ASSERT_TRUE(status.ok()) << status.error().message;
    }
    EXPECT_LT(RelativeRms(MapOf(cuda->get(), start), MapOf(cpu.get(), start)), 1e-2);
    EXPECT_NEAR(*(*cuda)->KlDivergence({}), *cpu->KlDivergence({}), 1e-2);
  }
}

template <int kDims>
DeviceBuffer<DevicePoint<kDims>> OnDevice(const PackedMap& map) {
  DeviceBuffer<DevicePoint<kDims>> points;
  EXPECT_TRUE(points.Allocate(static_cast<size_t>(map.points)).ok());
  std::memcpy(points.data(), map.values.data(), points.bytes());
  return points;
}

// Both with the same grid: what is left is single precision.
template <int kDims>
void ExpectTheForcesOfTheCpu(int64_t count, double span, double spacing) {
  PackedMap map(count, kDims);
  Random random(3);
  for (int64_t i = 0; i < count; ++i) {
    for (int k = 0; k < kDims; ++k) {
      map.point(i)[k] = static_cast<float>(span * (random.NextUniform() - 0.5));
    }
  }
  ThreadPool pool(2);
  ParticleMesh cpu(kDims, spacing);
  std::vector<float> want(map.values.size());
  const MapBounds bounds = BoundsOf(map, 0, count);
  const double z = cpu.Repulsion(map, bounds, want, &pool, {}).value();

  MeshPlan plan = PlanMesh(bounds.Span(kDims), kDims, spacing);
  MeshBox box{};
  for (int k = 0; k < kDims; ++k) {
    box.origin[k] = MeshOrigin(bounds.low[static_cast<size_t>(k)], plan.spacing);
  }
  const auto points = OnDevice<kDims>(map);
  DeviceBuffer<DevicePoint<kDims>> forces;
  DeviceBuffer<float> potentials;
  ASSERT_TRUE(forces.Allocate(static_cast<size_t>(count)).ok());
  ASSERT_TRUE(potentials.Allocate(static_cast<size_t>(count)).ok());
  MeshOnDevice<kDims> mesh;
  ASSERT_TRUE(mesh.Prepare(plan, nullptr).ok());
  int is_outgrown = 0;
  ASSERT_TRUE(mesh.Repulsion(points.data(), count, &box, forces.data(), potentials.data(),
                             &is_outgrown, nullptr)
                  .ok());
  EXPECT_EQ(is_outgrown, 0);
  std::vector<float> got(want.size());
  std::memcpy(got.data(), forces.data(), forces.bytes());
  EXPECT_LT(RelativeRms(got, want), 1e-4);
  double sum = 0;
  for (int64_t i = 0; i < count; ++i) sum += potentials.data()[i];
  EXPECT_NEAR(sum / z, 1, 1e-5);
}

TEST(CudaKernelsTest, RepelByTheMeshAsTheCpuDoes) {
  ExpectTheForcesOfTheCpu<2>(2000, 40, 0.5);
  ExpectTheForcesOfTheCpu<2>(500, 100, 0.25);
  ExpectTheForcesOfTheCpu<2>(500, 1, 0.5);  // without folding (influence.cc)
  ExpectTheForcesOfTheCpu<3>(1000, 20, 0.5);
}

TEST(CudaKernelsTest, SayWhenAPointLeavesTheGrid) {
  PackedMap map(2, 2);
  map.point(1)[0] = 8;
  const auto points = OnDevice<2>(map);
  MeshBox box{};
  box.origin[0] = box.origin[1] = -1;
  DevicePoint<2> forces[2];
  float potentials[2];
  MeshOnDevice<2> mesh;
  ASSERT_TRUE(mesh.Prepare({32, 0.5}, nullptr).ok());
  for (const auto& [x, want] : {std::pair{8.0F, 0},
                                {13.4F, 0},
                                {13.9F, 0},
                                {14.1F, 1},
                                {-0.6F, 1},
                                {std::nanf(""), 1},
                                {1e30F, 1}}) {
    SCOPED_TRACE(x);
    int is_outgrown = 0;
    const_cast<DevicePoint<2>*>(points.data())[1].at[0] = x;
    ASSERT_TRUE(
        mesh.Repulsion(points.data(), 2, &box, forces, potentials, &is_outgrown, nullptr).ok());
    EXPECT_EQ(is_outgrown, want);
  }
}

struct Repelled {
  std::vector<DevicePoint<2>> forces;
  int64_t atomic_adds = 0;
};

// Of points at x = 0.7 or 5.7, of the second kind where `is_second`.
Repelled RepelInTwoCells(const std::vector<bool>& is_second) {
  const auto count = static_cast<int64_t>(is_second.size());
  PackedMap map(count, 2);
  int64_t of_kind[2] = {0, 0};
  for (int64_t i = 0; i < count; ++i) {
    const bool kind = is_second[static_cast<size_t>(i)];
    map.point(i)[0] = kind ? 5.7F : 0.7F;
    map.point(i)[1] = 0.6F + 1e-4F * static_cast<float>(of_kind[kind ? 1 : 0]++);
  }
  const auto points = OnDevice<2>(map);
  MeshBox box{};
  box.origin[0] = box.origin[1] = -1;
  Repelled repelled;
  repelled.forces.resize(is_second.size());
  std::vector<float> potentials(is_second.size());
  MeshOnDevice<2> mesh;
  EXPECT_TRUE(mesh.Prepare({32, 0.5}, nullptr).ok());
  const int64_t before = cuda_on_cpu::TheDevice().atomic_adds;
  int is_outgrown = 0;
  EXPECT_TRUE(mesh.Repulsion(points.data(), count, &box, repelled.forces.data(), potentials.data(),
                             &is_outgrown, nullptr)
                  .ok());
  EXPECT_EQ(is_outgrown, 0);
  repelled.atomic_adds = cuda_on_cpu::TheDevice().atomic_adds - before;
  return repelled;
}

// Of a warp in one cell a GPU need not add each point's charge by itself: all would wait for one
// another at the same 16 nodes.
TEST(CudaKernelsTest, AddUpTheChargesOfAWarpInOneCell) {
  constexpr size_t kPoints = 256;
  constexpr size_t kRest = 3;  // a warp that is not whole
  std::vector<bool> one_after_the_other(kPoints + kRest);
  std::vector<bool> mixed(kPoints + kRest);
  for (size_t i = 0; i < kPoints + kRest; ++i) {
    one_after_the_other[i] = i >= kPoints / 2;
    mixed[i] = i % 2 != 0 || i >= kPoints;
  }
  const Repelled want = RepelInTwoCells(mixed);
  const Repelled got = RepelInTwoCells(one_after_the_other);
  EXPECT_EQ(want.atomic_adds, 16 * (kPoints + kRest));
  EXPECT_EQ(got.atomic_adds, 16 * (kPoints / 32 + kRest));
  for (size_t i = 0; i < kPoints; ++i) {
    const size_t same = i < kPoints / 2 ? 2 * i : 2 * (i - kPoints / 2) + 1;
    EXPECT_EQ(got.forces[i].at[0], want.forces[same].at[0]);
    EXPECT_EQ(got.forces[i].at[1], want.forces[same].at[1]);
  }
}

TEST(GridPlaceTest, IsRightAtTheEndsOfTheLargestGrids) {
  const GridPlace<2> flat(int64_t{8192} * 8194 - 1, 8194, 8192);
  EXPECT_EQ(std::tuple(flat.x, flat.y, flat.z), std::tuple(8193, 8191, 0));
  const GridPlace<3> deep(int64_t{512} * 512 * 514 - 1, 514, 512);
  EXPECT_EQ(std::tuple(deep.x, deep.y, deep.z), std::tuple(513, 511, 511));
  const GridPlace<3> second(514 * 512 + 514 + 7, 514, 512);
  EXPECT_EQ(std::tuple(second.x, second.y, second.z), std::tuple(7, 1, 1));
}

// The mesh whatever the number of points: kDirectPointsMax would need too many here.
std::unique_ptr<TsneEngine> MeshEngine(const SparseAffinities& p, const MapPoints& start,
                                       double spacing) {
  auto engine = MakeSparseEngineOnDevice(p, start, spacing, "test", 0);
  EXPECT_TRUE(engine.ok()) << engine.error().message;
  return std::move(*engine);
}

TEST(CudaKernelsTest, StepByTheMeshInThreeDims) {
  const SparseAffinities p = AffinitiesOf(Clusters(300, 10, 4, 5, 12), 30, 10);
  const MapPoints start = RandomMap(300, 3, 3, 13);
  ThreadPool pool(2);
  const auto cpu = MakeSparseEngine(p, start, 0.5, &pool);
  const auto cuda = MeshEngine(p, start, 0.5);
  for (int step = 0; step < 3; ++step) {
    ASSERT_TRUE(cpu->Step({4, 300, 0.5}, {}).ok());
    ASSERT_TRUE(cuda->Step({4, 300, 0.5}, {}).ok());
  }
  EXPECT_LT(RelativeRms(MapOf(cuda.get(), start), MapOf(cpu.get(), start)), 1e-2);
}

TEST(CudaKernelsTest, DescendByTheMeshAsFarAsTheCpu) {
  const Matrix matrix = Clusters(300, 10, 5, 6, 4);
  const SparseAffinities p = AffinitiesOf(matrix, 30, 10);
  const MapPoints start = PcaInit(matrix.view(), {.components = 2}, {}).value();
  TsneOptions options;
  options.iterations = 150;
  options.early_exaggeration_iterations = 50;
  ThreadPool pool(2);
  const auto cpu = MakeSparseEngine(p, start, 0.25, &pool);
  const auto cuda = MeshEngine(p, start, 0.25);
  const auto want = Descend(300, options, cpu.get(), {}, {});
  const auto got = Descend(300, options, cuda.get(), {}, {});
  ASSERT_TRUE(want.ok());
  ASSERT_TRUE(got.ok()) << got.error().message;
  EXPECT_GT(got->grid_spacing, 0);
  EXPECT_NEAR(got->kl_divergence, want->kl_divergence, 0.03);
  EXPECT_NEAR(NeighbourAccuracy(got->coordinates, 300, 2, 5),
              NeighbourAccuracy(want->coordinates, 300, 2, 5), 0.05);
}

// The map grows by far more than the room of a grid within the steps between two looks.
TEST(CudaKernelsTest, TakeStepsBackThatLeaveTheGrid) {
  const Matrix matrix = Clusters(200, 5, 2, 5, 5);
  const SparseAffinities p = AffinitiesOf(matrix, 15, 5);
  const MapPoints start = RandomMap(200, 2, 0.5, 6);
  const auto cuda = MeshEngine(p, start, 0.5);
  ThreadPool pool(2);
  const auto cpu = MakeSparseEngine(p, start, 0.5, &pool);
  const StepParameters violent{1, 2e4, 0.5};
  for (int step = 0; step < 3; ++step) {
    ASSERT_TRUE(cuda->Step(violent, {}).ok());
    ASSERT_TRUE(cpu->Step(violent, {}).ok());
  }
  const std::vector<float> want = MapOf(cpu.get(), start);
  EXPECT_GT(*std::max_element(want.begin(), want.end()), 8);
  EXPECT_LT(RelativeRms(MapOf(cuda.get(), start), want), 0.1);
}

// What is made once in a process is not the first map's to wait for, and is told apart.
TEST(CudaKernelsTest, WakeTheDeviceOnceBeforeTheClockOfAMapRuns) {
  const Matrix matrix = Gaussian(40, 3, 19);
  TsneOptions options;
  options.perplexity = 5;
  options.iterations = 2;
  options.device = Device::kCpu;
  const auto on_cpu = Tsne(matrix.view(), options, {}, {});
  ASSERT_TRUE(on_cpu.ok());
  EXPECT_EQ(on_cpu->device_seconds, 0);
  options.device = Device::kCuda;
  for (const auto method : {TsneOptions::Method::kExact, TsneOptions::Method::kParticleMesh}) {
    options.method = method;
    const auto on_gpu = Tsne(matrix.view(), options, {}, {});
    ASSERT_TRUE(on_gpu.ok()) << on_gpu.error().message;
    EXPECT_EQ(on_gpu->device, "the CPU");
    EXPECT_GT(on_gpu->device_seconds, 0);
    EXPECT_EQ(cuda_on_cpu::TheDevice().times_woken, 1);
  }
}

// A plan costs as much as a dozen steps: a grid as large as the points are many is made once,
// before the map has grown to it.
TEST(CudaKernelsTest, MakeOneGridForAMapThatGrows) {
  const SparseAffinities p = AffinitiesOf(Clusters(4300, 4, 4, 5, 17), 6, 2);
  const auto cuda = MeshEngine(p, RandomMap(4300, 2, 0.3, 18), 0.5);
  const size_t plans = PlansOnCpu().size();
  float farthest = 0;
  for (int step = 0; step < 30 && farthest < 3; ++step) {
    ASSERT_TRUE(cuda->Step({1, 5000, 0.5}, {}).ok());
    const std::vector<float> map = MapOf(cuda.get(), MapPoints(4300, 2));
    farthest = *std::max_element(map.begin(), map.end());
  }
  EXPECT_GT(farthest, 3);
  EXPECT_EQ(PlansOnCpu().size(), plans);
}

TEST(CudaKernelsTest, GiveTheSameMapWhoeverLooks) {
  const Matrix matrix = Clusters(200, 5, 2, 5, 7);
  const SparseAffinities p = AffinitiesOf(matrix, 15, 5);
  const MapPoints start = PcaInit(matrix.view(), {.components = 2}, {}).value();
  TsneOptions options;
  options.iterations = 60;
  options.early_exaggeration_iterations = 20;
  options.report_interval = 7;
  const auto first = Descend(200, options, MeshEngine(p, start, 0.5).get(), {}, {});
  int reports = 0;
  const auto second = Descend(200, options, MeshEngine(p, start, 0.5).get(),
                              [&reports](const TsneProgress&) { ++reports; }, {});
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(reports, 9);
  EXPECT_EQ(first->coordinates, second->coordinates);
  EXPECT_EQ(first->kl_divergence, second->kl_divergence);
}

void ExpectTheAffinitiesOfTheCpu(const NeighborGraph& graph, const AffinityKind& kind) {
  ThreadPool pool(2);
  const SparseAffinities want =
      kind.uniform_neighbors > 0
          ? UniformAffinities(graph, kind.uniform_neighbors, &pool, {}).value()
          : PerplexityAffinities(graph, kind.perplexity, &pool, {}).value();
  const auto got = AffinitiesOfNeighbors(graph, kind, nullptr);
  ASSERT_TRUE(got.ok()) << got.error().message;
  const std::vector<int64_t> starts(got->row_starts.data(),
                                    got->row_starts.data() + got->row_starts.size());
  const std::vector<int32_t> columns(got->columns.data(),
                                     got->columns.data() + got->columns.size());
  EXPECT_EQ(starts, want.row_starts);
  ASSERT_EQ(columns, want.columns);
  for (size_t at = 0; at < want.values.size(); ++at) {
    ASSERT_NEAR(got->values.data()[at], want.values[at], 1e-4 * want.values[at] + 1e-30) << at;
  }
}

TEST(CudaKernelsTest, ShareProbabilityAsTheCpuDoes) {
  ThreadPool pool(2);
  NeighborOptions options;
  options.neighbors = 45;
  Matrix matrix = Clusters(300, 6, 3, 8, 14);
  for (int64_t i = 0; i < 20; ++i) {  // copies, more than the perplexity
    for (int64_t k = 0; k < 6; ++k) matrix.at(i, k) = 1;
  }
  const NeighborGraph graph = NearestNeighbors(matrix.view(), options, &pool, {}, {}).value();
  ExpectTheAffinitiesOfTheCpu(graph, {15, 0});
  ExpectTheAffinitiesOfTheCpu(graph, {2.5, 0});
  ExpectTheAffinitiesOfTheCpu(graph, {44, 0});
  ExpectTheAffinitiesOfTheCpu(graph, {30, 7});
}

TEST(CudaKernelsTest, SumAndProjectRowsForPca) {
  Matrix matrix = Gaussian(150, 40, 15);
  for (float& value : matrix.values) value += 3;
  auto pca = MakeDevicePca(matrix.view());
  ASSERT_TRUE(pca.ok()) << pca.error().message;
  std::vector<double> scatter(40 * 40);
  ASSERT_TRUE((*pca)->Scatter(scatter).ok());
  std::vector<double> mean(40, 0.0);
  for (int64_t i = 0; i < 150; ++i) {
    for (int64_t k = 0; k < 40; ++k) mean[static_cast<size_t>(k)] += matrix.at(i, k) / 150.0;
  }
  for (int64_t a = 0; a < 40; ++a) {
    for (int64_t b = a; b < 40; ++b) {
      double want = 0;
      for (int64_t i = 0; i < 150; ++i) {
        want += (matrix.at(i, a) - mean[static_cast<size_t>(a)]) *
                (matrix.at(i, b) - mean[static_cast<size_t>(b)]);
      }
      EXPECT_NEAR(scatter[static_cast<size_t>(a * 40 + b)], want, 1e-9);
    }
  }
  std::vector<double> directions(2 * 40, 0.0);
  directions[7] = 1;
  directions[40 + 9] = directions[40 + 11] = -0.5;
  std::vector<float> coordinates(150 * 3);
  ASSERT_TRUE((*pca)->Project(directions, 3, coordinates).ok());
  for (int64_t i = 0; i < 150; ++i) {
    const auto at = static_cast<size_t>(3 * i);
    EXPECT_NEAR(coordinates[at], matrix.at(i, 7) - mean[7], 1e-6);
    const double both = matrix.at(i, 9) - mean[9] + matrix.at(i, 11) - mean[11];
    EXPECT_NEAR(coordinates[at + 1], -0.5 * both, 1e-6);
    EXPECT_EQ(coordinates[at + 2], 0);
  }
}

TEST(CudaKernelsTest, SayHowMuchMemoryIsMissing) {
  const SparseAffinities p = AffinitiesOf(Gaussian(300, 5, 8), 15, 5);
  auto& device = cuda_on_cpu::TheDevice();
  const size_t bytes_before = device.bytes_used;
  device.bytes_max = bytes_before + 100'000;
  const auto engine = MakeSparseEngineOnDevice(p, RandomMap(300, 2, 1, 9), 0.5, "test", 0);
  device.bytes_max = size_t{4} << 30;
  ASSERT_FALSE(engine.ok());
  EXPECT_EQ(engine.error().code, ErrorCode::kExhausted);
  EXPECT_NE(engine.error().message.find("bytes are needed"), std::string::npos);
  EXPECT_EQ(device.bytes_used, bytes_before);  // nothing stays behind
}

TEST(CudaKernelsTest, ForgetAnErrorThatWasToldOf) {
  EXPECT_FALSE(
      Launch(
          "test", ForEachKernel<void (*)(int64_t)>, int64_t{1} << 31, nullptr, 1, +[](int64_t) {})
          .ok());
  ASSERT_FALSE(CudaStatus(cudaMemsetAsync(&cuda_on_cpu::TheDevice(), 0, 1, nullptr), "test").ok());
  ThreadPool pool(1);
  NeighborOptions options;
  options.neighbors = 8;
  const NeighborGraph graph =
      NearestNeighbors(Gaussian(40, 3, 16).view(), options, &pool, {}, {}).value();
  ExpectTheAffinitiesOfTheCpu(graph, {3, 0});  // CUB looks for errors
}

TEST(CudaKernelsTest, FailWhereTheMapDiverges) {
  const SparseAffinities p = AffinitiesOf(Gaussian(100, 5, 10), 15, 5);
  MapPoints start = RandomMap(100, 2, 1, 11);
  start.values[7] = std::nanf("");
  const auto engine = MakeSparseEngineOnDevice(p, start, 0.5, "test", 0);
  ASSERT_TRUE(engine.ok());
  Status status;
  for (int step = 0; step < 40 && status.ok(); ++step) status = (*engine)->Step({}, {});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kInternal);
}

}  // namespace
}  // namespace spirogram::projector
