#include "app/open_files.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <string>

namespace spirogram::app {
namespace {

class OpenFilesTest : public ::testing::Test {
 protected:
  OpenFilesTest() { getrlimit(RLIMIT_NOFILE, &before_); }
  ~OpenFilesTest() override { setrlimit(RLIMIT_NOFILE, &before_); }

  rlimit before_{};
};

TEST_F(OpenFilesTest, TakesWhatTheSystemAllows) {
  const rlimit low{100, before_.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  ASSERT_GT(before_.rlim_max, 100u);
  EXPECT_TRUE(AllowOpenFiles(80).ok());
  rlimit now{};
  getrlimit(RLIMIT_NOFILE, &now);
  EXPECT_EQ(now.rlim_cur, std::min<rlim_t>(before_.rlim_max, kOpenFilesMax));
  EXPECT_EQ(now.rlim_max, before_.rlim_max);
}

TEST_F(OpenFilesTest, LowersNoLimit) {
  if (before_.rlim_max <= kOpenFilesMax) GTEST_SKIP() << "no more is allowed than is taken";
  const rlimit high{kOpenFilesMax + 1, before_.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &high), 0);
  EXPECT_TRUE(AllowOpenFiles(80).ok());
  rlimit now{};
  getrlimit(RLIMIT_NOFILE, &now);
  EXPECT_EQ(now.rlim_cur, high.rlim_cur);
}

TEST_F(OpenFilesTest, NamesTheLimitAndWhatIsWanted) {
  const rlimit low{100, before_.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  const Status status = AllowOpenFiles(kOpenFilesMax + 1);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kExhausted);
  EXPECT_NE(status.error().message.find(" files open (ulimit -n), want at least 65537"),
            std::string::npos);
}

}  // namespace
}  // namespace spirogram::app
