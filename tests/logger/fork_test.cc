#include "tests/testing/fork.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "logger/logger.h"
#include "logger/remote/spool.h"
#include "tests/logger/event_reader.h"
#include "tests/testing/temp_dir.h"

namespace spirogram::logger {
namespace {

using ::spirogram::testing::EventFilesIn;
using ::spirogram::testing::EventsOf;
using ::spirogram::testing::ReadEvents;
using ::spirogram::testing::StatusOfFork;
using ::spirogram::testing::TempDir;

TEST(LoggerForkTest, AForkLogsNothingAndIsNeverHeldUp) {
  const TempDir dir;
  const std::string run_dir = dir.File("run");
  auto logger = Logger::Open({.run_dir = run_dir});
  logger->Scalar("loss", 1, 0.5);
  logger->Flush();
  logger->Scalar("loss", 2, 0.25);  // waits in the queue while the fork is made
  const int status = StatusOfFork([&logger] {
    logger->Scalar("loss", 3, 0.125);
    logger->Flush();
    const bool is_counted = logger->GetCounters().dropped == 1;
    logger.reset();
    return is_counted ? 0 : 1;
  });
  EXPECT_EQ(status, 0);
  logger->Scalar("loss", 4, 0.0625);
  logger.reset();
  EXPECT_EQ(EventsOf(ReadEvents(run_dir), "loss").size(), 3u);
  EXPECT_EQ(EventFilesIn(run_dir).size(), 1u);
}

TEST(LoggerForkTest, AForkOpensALoggerOfItsOwn) {
#if defined(SPIROGRAM_THREAD_SANITIZER) || defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "under this sanitizer a thread that starts in a fork of several may wait forever";
#endif
  const TempDir dir;
  auto logger = Logger::Open({.run_dir = dir.File("parent")});
  const int status = StatusOfFork([&dir] {
    auto own = Logger::Open({.run_dir = dir.File("child")});
    own->Scalar("loss", 1, 0.5);
    own.reset();
    return EventsOf(ReadEvents(dir.File("child")), "loss").size() == 1 ? 0 : 1;
  });
  EXPECT_EQ(status, 0);
}

TEST(LoggerForkTest, AForkOfOneThatSendsIsNeverHeldUp) {
  const TempDir dir;
  auto logger = Logger::Open({.url = "http://127.0.0.1:1",
                              .run = "forked",
                              .spool_dir = dir.File("spool"),
                              .close_timeout_ms = 100});
  logger->Scalar("loss", 1, 0.5);
  const int status = StatusOfFork([&logger] {
    logger->WaitForUpload(60'000);
    logger.reset();
    return 0;
  });
  EXPECT_EQ(status, 0);
}

// A worker that loads data may outlive the training that forked it.
TEST(LoggerForkTest, AForkHoldsNoLockOfAnEventFile) {
#if defined(SPIROGRAM_THREAD_SANITIZER)
  GTEST_SKIP() << "this sanitizer lets no fork of several threads start another";
#endif
  const TempDir dir;
  int pipe_of_worker[2];
  int has_begun[2];
  ASSERT_EQ(pipe(pipe_of_worker), 0);
  ASSERT_EQ(pipe(has_begun), 0);
  const int status = StatusOfFork([&] {
    auto logger = Logger::Open({.run_dir = dir.File("run")});
    logger->Scalar("loss", 1, 0.5);
    logger->Flush();
    if (fork() != 0) return 0;
    close(pipe_of_worker[1]);
    char byte = 0;
    ssize_t moved = write(has_begun[1], &byte, 1);
    moved = read(pipe_of_worker[0], &byte, 1);  // until its end
    _exit(static_cast<int>(moved));
  });
  EXPECT_EQ(status, 0);
  // What a fork lets go of it lets go of as it begins, which may be after the training's end.
  char byte = 0;
  close(has_begun[1]);
  EXPECT_EQ(read(has_begun[0], &byte, 1), 1);
  const std::vector<std::string> files = EventFilesIn(dir.File("run"));
  ASSERT_EQ(files.size(), 1u);
  const auto orphan = OrphanFile::Claim(files[0]);
  EXPECT_TRUE(orphan.ok()) << orphan.error().ToString();
  close(has_begun[0]);
  close(pipe_of_worker[1]);
  close(pipe_of_worker[0]);
}

}  // namespace
}  // namespace spirogram::logger
