// What an output leaves and takes: whole files, or nothing.
#include "transfer/output_file.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/file.h"
#include "base/str.h"
#include "tests/testing/sync_spy.h"
#include "tests/testing/temp_dir.h"
#include "transfer/import.h"

namespace spirogram::transfer {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

class OutputFileTest : public ::testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& text) {
    std::string path = folder_.File(name);
    CHECK(AppendFile::Open(path)->Append(text).ok());
    return path;
  }

  const testing::TempDir folder_;
};

TEST_F(OutputFileTest, TakesThePlaceOfNothingButARegularFile) {
  const std::string pipe = folder_.File("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const std::string link = folder_.File("link");
  std::filesystem::create_symlink(pipe, link);
  for (const std::string& path : {pipe, link, folder_.path()}) {
    const auto output = OutputFile::Create(path);
    ASSERT_FALSE(output.ok()) << path;
    EXPECT_THAT(output.error().message, HasSubstr("want the name of a file"));
  }
  EXPECT_TRUE(std::filesystem::is_fifo(pipe));
}

// A file may get no longer than this while it lives: as a disk that is full.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  const sighandler_t handler_;
};

TEST_F(OutputFileTest, AnImportThatFailsLeavesNoRunOfSeveral) {
  std::string text = "run,step,loss\nfirst,1,0.5\n";
  for (int i = 0; i < 1000; ++i) text += StrCat("second,", i, ",1.25\n");
  const std::string path = Write("metrics.csv", text);
  const ImportOptions options{.files = {path}, .logdir = folder_.File("logs"), .run = ""};
  {
    const FileSizeLimit limit(4096);
    const auto failed = ImportFiles(options);
    ASSERT_FALSE(failed.ok());
    EXPECT_THAT(failed.error().message, HasSubstr("too large"));
  }
  EXPECT_FALSE(std::filesystem::exists(folder_.File("logs")));
  EXPECT_EQ(ImportFiles(options)->runs.size(), 2u);
}

// A file is lost with its name, and a name with the folder that it stands in, where a machine fails
// before these are on the disk.
TEST_F(OutputFileTest, IsOnTheDiskByItsNameOnceItIsCommitted) {
  auto output = OutputFile::Create(folder_.File("new/deep/a.csv"));
  ASSERT_TRUE(output.ok()) << output.error().ToString();
  ASSERT_TRUE(output->Append("a").ok());
  testing::TakeSynced();
  ASSERT_TRUE(output->Commit().ok());
  EXPECT_THAT(testing::TakeSynced(), ElementsAre(EndsWith(".part"), folder_.File("new/deep"),
                                                 folder_.File("new"), folder_.path()));
}

// A thousand runs are one import: what ends it among their renames must not leave some of them.
TEST_F(OutputFileTest, StandsWithAllOthersOfItsCommitOrNotAtAll) {
  auto first = OutputFile::Create(folder_.File("first/a.csv"));
  auto second = OutputFile::Create(folder_.File("second/b.csv"));
  ASSERT_TRUE(first->Append("a").ok() && second->Append("b").ok());
  // A folder in its place: the rename of the second fails.
  std::filesystem::create_directories(folder_.File("second/b.csv/taken"));
  OutputFile* const files[] = {&*first, &*second};
  const auto failed = OutputFile::CommitAll(files);
  ASSERT_FALSE(failed.ok());
  EXPECT_THAT(failed.error().message, HasSubstr("second/b.csv"));
  EXPECT_FALSE(std::filesystem::exists(folder_.File("first/a.csv")));
}

// Ends the program as a signal does once the first of two stands.
void CommitUntilSignal(const testing::TempDir& folder) {
  auto first = OutputFile::Create(folder.File("first/a.csv"));
  auto second = OutputFile::Create(folder.File("second/b.csv"));
  OutputFile* const files[] = {&*first, &*second};
  testing::OnSync([&](const std::string& path) {
    if (path != folder.File("second")) return;  // the name of the second is synced last
    CHECK(std::filesystem::exists(folder.File("first/a.csv")));
    RunCleanups();
    _exit(0);
  });
  static_cast<void>(OutputFile::CommitAll(files));
}

TEST_F(OutputFileTest, IsTakenBackByASignalBeforeAllOfItsCommitStand) {
  EXPECT_EXIT(CommitUntilSignal(folder_), ::testing::ExitedWithCode(0), "");
  EXPECT_FALSE(std::filesystem::exists(folder_.File("first")));
  EXPECT_FALSE(std::filesystem::exists(folder_.File("second")));
}

// A signal has the file that is in the making removed while the thread that writes it goes on.
TEST_F(OutputFileTest, OnceRemovedTakesNoFilesPlace) {
  const std::string path = Write("precious.csv", "precious");
  auto output = OutputFile::Create(path);
  ASSERT_TRUE(output.ok()) << output.error().ToString();
  ASSERT_TRUE(output->Append("half").ok());
  const auto parts = [&] {
    std::vector<std::filesystem::path> found;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
      if (entry.path().extension() == ".part") found.push_back(entry.path());
    }
    return found;
  };
  ASSERT_EQ(parts().size(), 1u);
  std::filesystem::remove(parts().front());
  EXPECT_EQ(output->Append("more").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(output->Commit().error().code, ErrorCode::kNotFound);
  EXPECT_EQ(parts().size(), 0u);
  EXPECT_EQ(*ReadFile(path, 100), "precious");
}

}  // namespace
}  // namespace spirogram::transfer
