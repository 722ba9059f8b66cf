// What only the CPU can show of the CUDA twin (tests/cuda_on_cpu): other orders of threads, a GPU
// that takes its time, and memory that runs out.
#include <cuda_runtime.h>
#include <gtest/gtest.h>

#include "gpu/launch.cuh"
#include "tests/cuda_on_cpu/fibers.h"
#include "tests/trainer/recording_logger.h"
#include "tests/trainer/test_backend.h"
#include "trainer/train.h"

namespace spirogram::trainer {
namespace {

using spirogram::testing::OpenTestBackend;
using spirogram::testing::RecordingLogger;

RecsysOptions SmallRecsys() {
  RecsysOptions options;
  options.train.device = Device::kCuda;
  options.train.batch = 100;
  options.train.steps = 3;
  options.train.log = {.layers = 1, .units = 1, .rows = 1, .validation = 3};
  options.data.users = 60;
  options.data.items = 40;
  options.data.impressions = 2'000;
  options.dims = 8;
  options.small_dims = 3;
  options.hidden = {40, 9};
  return options;
}

// All that a short run computed.
std::map<std::string, RecordingLogger::Series> LogOfARun() {
  RecordingLogger logger;
  const auto summary = TrainRecsys(SmallRecsys(), logger, {}, {});
  EXPECT_TRUE(summary.ok()) << summary.error().ToString();
  logger.scalars.erase("throughput/samples_per_second");
  for (const auto& [tag, events] : logger.stats) {
    for (const auto& event : events) {
      for (const auto& column : event.stats.values) {
        for (const float value : column) logger.scalars[tag].emplace_back(event.step, value);
      }
    }
  }
  return logger.scalars;
}

TEST(TrainerCudaKernelsTest, GiveTheSameBitsInAnyOrderOfThreads) {
  const auto want = LogOfARun();
  EXPECT_GT(want.size(), 20);
  for (const auto order : {cuda_on_cpu::Order::kBackward, cuda_on_cpu::Order::kShuffled}) {
    cuda_on_cpu::SetOrder(order);
    EXPECT_EQ(LogOfARun(), want);
  }
  cuda_on_cpu::SetOrder(cuda_on_cpu::Order::kForward);
}

TEST(TrainerCudaKernelsTest, WaitForTheDeviceWhereTheHostGoesOn) {
  const auto want = LogOfARun();
  cuda_on_cpu::TheDevice().is_lazy = true;
  EXPECT_EQ(LogOfARun(), want);
  cuda_on_cpu::TheDevice().is_lazy = false;
}

TEST(TrainerCudaKernelsTest, KeepTheFirstErrorAndLeaveNoneToOthers) {
  auto& device = cuda_on_cpu::TheDevice();
  const size_t bytes_before = device.bytes_used;
  {
    const auto backend = OpenTestBackend(Device::kCuda);
    device.bytes_max = bytes_before + 1000;
    const Tensor tensor(*backend, 100, 100);
    device.bytes_max = size_t{4} << 30;
    EXPECT_EQ(tensor.data(), nullptr);
    backend->Fill(tensor.data(), tensor.size(), 1);  // does nothing
    const Status status = backend->Check();
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code, ErrorCode::kExhausted);
    EXPECT_EQ(status.error().message, "allocate 40000 bytes on the GPU: out of memory");
    EXPECT_EQ(cudaGetLastError(), cudaSuccess);
  }
  EXPECT_EQ(device.bytes_used, bytes_before);
  const auto next = OpenTestBackend(Device::kCuda);
  const Tensor tensor(*next, 2, 2);
  next->Fill(tensor.data(), tensor.size(), 1);
  EXPECT_TRUE(next->Check().ok()) << next->Check().error().message;
  EXPECT_EQ(tensor.Download(), std::vector<float>(4, 1));
}

void CountBlocks(int* blocks) {
  ++*blocks;
}

TEST(TrainerCudaKernelsTest, LaunchGridsOfAllSizesThatADeviceTakes) {
  int blocks = 0;
  EXPECT_EQ(gpu::Launch(CountBlocks, 0, 1, nullptr, &blocks), cudaSuccess);
  EXPECT_EQ(blocks, 0);
  EXPECT_EQ(gpu::Launch(CountBlocks, 70'000, 1, nullptr, &blocks), cudaSuccess);
  EXPECT_EQ(blocks, 70'000);
  for (const size_t too_many : {size_t{1} << 31, (size_t{1} << 32) + 1}) {
    EXPECT_EQ(gpu::Launch(CountBlocks, too_many, 1, nullptr, &blocks),
              cudaErrorInvalidConfiguration);
  }
  EXPECT_EQ(blocks, 70'000);
}

// CUPTI's settings hold only for what is opened later (logger/profiler/profiler.h).
TEST(TrainerCudaKernelsTest, LeaveTheDeviceAloneUntilTheRunBegins) {
  const RecsysOptions options = SmallRecsys();
  const int streams_before = cuda_on_cpu::TheDevice().streams_made;
  EXPECT_TRUE(PrepareRecsys(options).ok());
  EXPECT_EQ(cuda_on_cpu::TheDevice().streams_made, streams_before);
}

}  // namespace
}  // namespace spirogram::trainer
