#include "app/data_dir.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "tests/testing/temp_dir.h"

namespace spirogram::app {
namespace {

using testing::TempDir;

class DataDirTest : public ::testing::Test {
 protected:
  DataDirTest() : before_(std::filesystem::current_path()) {}
  ~DataDirTest() override { std::filesystem::current_path(before_); }

 private:
  const std::filesystem::path before_;
};

// A server may be started before the training that makes its log directory.
TEST_F(DataDirTest, IsTheSameBeforeAndAfterTheLogdirIsThere) {
  const TempDir project;
  std::filesystem::current_path(project.path());
  const auto spellings = [&] {
    return std::set<std::string>{DefaultDataDir("runs"), DefaultDataDir("./runs/"),
                                 DefaultDataDir("new/../runs"),
                                 DefaultDataDir(project.File("runs"))};
  };
  const std::set<std::string> before = spellings();
  std::filesystem::create_directory("runs");
  std::filesystem::create_directory("new");
  EXPECT_EQ(before.size(), 1u);
  EXPECT_EQ(spellings(), before);
}

TEST_F(DataDirTest, IsThatOfAFolderWhichALinkWillLeadTo) {
  const TempDir project;
  std::filesystem::current_path(project.path());
  std::filesystem::create_symlink("scratch/runs", "link");
  std::filesystem::create_symlink(project.File("link"), "runs");
  const std::string before = DefaultDataDir("runs/");
  EXPECT_EQ(DefaultDataDir("scratch/runs"), before);
  std::filesystem::create_directories("scratch/runs");
  EXPECT_EQ(DefaultDataDir("runs"), before);
}

TEST_F(DataDirTest, IsAnotherInEachProject) {
  const TempDir one;
  std::filesystem::current_path(one.path());
  const std::string of_one = DefaultDataDir("runs");
  const TempDir other;
  std::filesystem::current_path(other.path());
  EXPECT_NE(DefaultDataDir("runs"), of_one);
  EXPECT_EQ(std::filesystem::path(of_one).filename().string().substr(0, 5), "runs-");
}

}  // namespace
}  // namespace spirogram::app
