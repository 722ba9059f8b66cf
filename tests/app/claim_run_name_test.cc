#include "app/claim_run_name.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"
#include "tests/testing/temp_dir.h"

namespace spirogram::app {
namespace {

TEST(ClaimRunNameTest, GivesNoNameTwiceThoughNothingIsLoggedYet) {
  const testing::TempDir folder;
  const std::string logdir = folder.File("new/runs");
  EXPECT_EQ(ClaimRunName(logdir, "mnist").value(), "mnist-1");
  EXPECT_EQ(ClaimRunName(logdir, "mnist").value(), "mnist-2");
  EXPECT_EQ(ClaimRunName(logdir, "recsys").value(), "recsys-1");
  EXPECT_TRUE(std::filesystem::is_directory(logdir + "/mnist-2"));
  // A file takes a name as well.
  ASSERT_TRUE(AppendFile::Open(logdir + "/mnist-3").ok());
  EXPECT_EQ(ClaimRunName(logdir, "mnist").value(), "mnist-4");
  EXPECT_FALSE(ClaimRunName(logdir + "/mnist-3", "mnist").ok());
}

}  // namespace
}  // namespace spirogram::app
