// The profiler with what is installed on this machine.
#include <gtest/gtest.h>

#include "logger/profiler/cupti_api.h"
#include "logger/profiler/profiler.h"
#include "tests/testing/temp_dir.h"

namespace spirogram::logger {
namespace {

TEST(ProfilerWithoutGpuTest, NamesTheMissingDriver) {
  if (IsCudaDriverInstalled()) GTEST_SKIP() << "there is an NVIDIA driver";
  const spirogram::testing::TempDir dir;
  const auto logger = Logger::Open({.run_dir = dir.path()});
  const auto profiler = Profiler::Start(logger.get());
  ASSERT_FALSE(profiler.ok());
  EXPECT_EQ(profiler.error().message, "no GPU kernel slices: libcuda.so.1 is not installed");
}

}  // namespace
}  // namespace spirogram::logger
