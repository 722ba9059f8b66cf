#include "base/log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <latch>
#include <string>
#include <thread>

#include "tests/testing/fork.h"

namespace spirogram {
namespace {

// A folder of a log directory may be called anything.
TEST(LogTest, WritesALineWhateverStandsInTheMessage) {
  ::testing::internal::CaptureStderr();
  LogWarning("cannot watch runs/\x1b[2K\n2026-01-01 all is well");
  const std::string line = ::testing::internal::GetCapturedStderr();
  EXPECT_TRUE(line.ends_with("Z W cannot watch runs/\\x1b[2K 2026-01-01 all is well\n")) << line;
}

// A host may fork its workers while a thread of the logger writes a line.
TEST(LogTest, AForkLogsThoughAnotherThreadWasLogging) {
  const pid_t parent = getpid();
  std::latch is_writing(1);
  std::latch may_end(1);
  SetLogSink([&](LogLevel, std::string_view) {
    if (getpid() != parent) return;
    is_writing.count_down();
    may_end.wait();
  });
  std::thread writer([] { LogWarning("a slow line"); });
  is_writing.wait();
  const int status = testing::StatusOfFork([] {
    LogWarning("a line of the fork");
    return 0;
  });
  may_end.count_down();
  writer.join();
  SetLogSink({});
  EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace spirogram
