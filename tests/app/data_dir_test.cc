#include "app/data_dir.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <set>
#include <string>

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

// A variable of the environment while this lives; null for none.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    if (const char* before = std::getenv(name); before != nullptr) before_ = before;
    Set(value);
  }
  ~Variable() { Set(before_ ? before_->c_str() : nullptr); }

 private:
  void Set(const char* value) { value != nullptr ? setenv(name_, value, 1) : unsetenv(name_); }

  const char* const name_;
  std::optional<std::string> before_;
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

// As a service or a job of a cluster may find its environment.
TEST_F(DataDirTest, NeedsNoHomeAndNoFolderForTemporaryFiles) {
  const Variable home("HOME", nullptr);
  const Variable data_home("XDG_DATA_HOME", nullptr);
  const Variable temporary("TMPDIR", "/nonexistent");
  EXPECT_EQ(DefaultDataDir("/runs").substr(0, 20), "/tmp/spirogram/runs-");
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
