// Real loggers, a real server, the real store: what was logged is shown once, whatever happens in
// between.
#include "logger/remote/upload.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/file.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <vector>

#include "base/log.h"
#include "base/str.h"
#include "logger/logger.h"
#include "logger/remote/spool.h"
#include "logger/remote/url.h"
#include "store/ingest_log.h"
#include "tests/store/store_fixture.h"
#include "tests/web/raw_client.h"
#include "web/server.h"

namespace spirogram::logger {
namespace {

using store::IngestLog;
using ::testing::ElementsAre;
using testing::EventBuilder;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
namespace fs = std::filesystem;

class UploadTest : public store::StoreFixture {
 protected:
  UploadTest() { CHECK(MakeFolders(spool()).ok()); }
  ~UploadTest() override { StopServer(); }

  std::string spool() const { return folder_.File("spool"); }
  std::string url() const { return StrCat("http://127.0.0.1:", port_); }
  std::string SpooledRun(const std::string& run) const {
    return SpoolOf(spool(), ParseUrl(url()).value()) + "/" + run;
  }

  // On the port of the last time, so that loggers find it again.
  void StartServer(bool takes_ingest = true) {
    auto opened = store::Store::Open(Options());
    ASSERT_TRUE(opened.ok()) << opened.error().ToString();
    store_ = std::move(opened).value();
    store_->StartTailing();
    store::IngestOptions ingest;
    ingest.dir = store::IngestDir(data_dir());
    ingest.free_bytes_min = 0;
    log_ = IngestLog::Open(ingest).value();
    web::ServerContext context;
    context.store = store_.get();
    context.static_files = {};
    context.ingest = takes_ingest ? log_.get() : nullptr;
    auto server = web::Server::Start({.port = port_, .io_threads = 1}, context);
    ASSERT_TRUE(server.ok()) << server.error().ToString();
    server_ = std::move(server).value();
    port_ = server_->port();
  }
  void StopServer() {
    server_.reset();
    log_.reset();
    store_.reset();
  }
  // Stops the server and reads all that it took in.
  void LoadAll() {
    StopServer();
    Load();
  }
  void FindPort() {
    StartServer();
    StopServer();
  }

  LoggerOptions Remote(const std::string& run) const {
    return {.url = url(), .run = run, .spool_dir = spool(), .flush_interval_ms = 5};
  }
  static void LogSteps(Logger& logger, const std::string& tag, Step from, Step to) {
    for (Step step = from; step < to; ++step) {
      logger.Scalar(tag, step, static_cast<double>(step) * 0.5);
    }
  }
  void ExpectSteps(const std::string& run, const std::string& tag, Step count) {
    const store::ScalarRows rows = Scalars(run, tag);
    ASSERT_EQ(rows.size(), static_cast<size_t>(count)) << tag;
    for (size_t i = 0; i < rows.size(); ++i) {
      ASSERT_EQ(rows.step[i], static_cast<Step>(i));
      ASSERT_EQ(rows.mean[i], static_cast<double>(i) * 0.5);
    }
  }
  std::vector<std::string> FilesIn(const std::string& folder) const {
    std::vector<std::string> files;
    std::error_code error;
    for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end; ++at) {
      if (at->is_regular_file()) files.push_back(at->path().filename().string());
    }
    return files;
  }
  static uint64_t BytesIn(const std::string& folder) {
    uint64_t bytes = 0;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (entry.is_regular_file()) bytes += entry.file_size();
    }
    return bytes;
  }

  uint16_t port_ = 0;
  std::unique_ptr<IngestLog> log_;
  std::unique_ptr<web::Server> server_;
};

TEST_F(UploadTest, SendsWhatIsLoggedAndEmptiesTheSpool) {
  StartServer();
  {
    const auto logger = Logger::Open(Remote("group/first"));
    LogSteps(*logger, "loss", 0, 3000);
    const UploadStatus status = logger->WaitForUpload(30'000);
    EXPECT_EQ(status.waiting_bytes, 0u) << status.failure;
    LogSteps(*logger, "loss", 3000, 5000);
  }
  EXPECT_THAT(FilesIn(spool()), IsEmpty());
  LoadAll();
  ExpectSteps("group/first", "loss", 5000);
}

TEST_F(UploadTest, SendsOnceTheServerIsThere) {
  FindPort();
  auto logger = Logger::Open(Remote("late"));
  LogSteps(*logger, "loss", 0, 500);
  UploadStatus before;
  while (before.failure.empty()) before = logger->WaitForUpload(100);  // until it has tried
  EXPECT_GT(before.waiting_bytes, 500u * 30);
  EXPECT_THAT(before.failure, HasSubstr("onnect"));
  StartServer();
  EXPECT_EQ(logger->WaitForUpload(30'000).waiting_bytes, 0u);
  logger.reset();
  LoadAll();
  ExpectSteps("late", "loss", 500);
}

TEST_F(UploadTest, GoesOnAfterEachRestartOfTheServer) {
  StartServer();
  auto logger = Logger::Open(Remote("a"));
  Step step = 0;
  for (int round = 0; round < 8; ++round) {
    LogSteps(*logger, "loss", step, step + 200);
    step += 200;
    if (round % 2 == 0) logger->WaitForUpload(30'000);
    StopServer();
    LogSteps(*logger, "loss", step, step + 100);
    step += 100;
    StartServer();
  }
  EXPECT_EQ(logger->WaitForUpload(30'000).waiting_bytes, 0u);
  logger.reset();
  LoadAll();
  ExpectSteps("a", "loss", step);
}

TEST_F(UploadTest, PicksUpWhatTheRunsLastLoggerLeft) {
  FindPort();
  EventBuilder left(1'600'000'000);
  for (Step step = 0; step < 100; ++step) left.Scalar("old", step, static_cast<float>(step) / 2);
  const std::string torn = EventBuilder(1'600'000'500).Scalar("old", 100, 1).bytes();
  ASSERT_TRUE(MakeFolders(SpooledRun("a")).ok());
  std::ofstream(SpooledRun("a") + "/events.out.tfevents.1600000000.host.1.0.v2", std::ios::binary)
      << left.bytes() << torn.substr(0, torn.size() - 5);
  std::ofstream(SpooledRun("a") + "/events.out.tfevents.1600000001.host.1.0.v2");  // empty
  StartServer();
  {
    const auto logger = Logger::Open(Remote("a"));
    LogSteps(*logger, "new", 0, 50);
    EXPECT_EQ(logger->WaitForUpload(30'000).waiting_bytes, 0u);
  }
  EXPECT_EQ(FilesIn(spool()).size(), 1u) << "the empty one may have an owner";
  LoadAll();
  ExpectSteps("a", "old", 100);
  ExpectSteps("a", "new", 50);
  EXPECT_TRUE(store_->ReadWarnings(FindRun("a").id)->empty());
}

// From a backup, or on a new disk: what was acknowledged and given back to this disk is gone.
TEST_F(UploadTest, GoesOnWithAServerThatHasLessThanItAcknowledged) {
  constexpr Step kGone = 50'000;
  StartServer();
  LoggerOptions options = Remote("a");
  options.close_timeout_ms = 100;
  {
    const auto logger = Logger::Open(options);
    LogSteps(*logger, "loss", 0, kGone);
    ASSERT_EQ(logger->WaitForUpload(60'000).waiting_bytes, 0u);
    StopServer();
    fs::remove_all(data_dir());
    StartServer();
    LogSteps(*logger, "loss", kGone, kGone + 100);
    EXPECT_EQ(logger->WaitForUpload(60'000).waiting_bytes, 0u);
    StopServer();
    LogSteps(*logger, "loss", kGone + 100, kGone + 200);
  }
  StartServer();
  ASSERT_TRUE(UploadFolder({.url = url(), .spool_dir = spool()}).ok());  // finds its place again
  EXPECT_THAT(FilesIn(spool()), IsEmpty());
  LoadAll();
  const store::ScalarRows rows = Scalars("a", "loss");
  ASSERT_GT(rows.size(), 0u);
  EXPECT_LE(rows.step.front(), kGone);
  EXPECT_EQ(rows.step.back(), kGone + 199);
  EXPECT_EQ(std::accumulate(rows.count.begin(), rows.count.end(), Step{0}),
            rows.step.back() - rows.step.front() + 1);
}

TEST_F(UploadTest, LeavesFilesAloneThatAnotherLoggerWrites) {
  StartServer();
  ASSERT_TRUE(MakeFolders(SpooledRun("a")).ok());
  const std::string path = SpooledRun("a") + "/events.out.tfevents.1.host.1.0.v2";
  std::ofstream(path, std::ios::binary) << EventBuilder().Scalar("foreign", 0, 1).bytes();
  const FileDescriptor owner(open(path.c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_EQ(flock(owner.get(), LOCK_EX | LOCK_NB), 0);
  {
    const auto logger = Logger::Open(Remote("a"));
    LogSteps(*logger, "loss", 0, 10);
  }
  EXPECT_THAT(FilesIn(spool()), ElementsAre("events.out.tfevents.1.host.1.0.v2"));
  LoadAll();
  const auto tags = store_->ReadTags({});
  ASSERT_EQ(tags->size(), 1u);
  EXPECT_EQ(tags->front().name, "loss");
}

TEST_F(UploadTest, JoinsTheWritersOfOneRun) {
  StartServer();
  {
    const auto one = Logger::Open(Remote("a"));
    const auto two = Logger::Open(Remote("a"));
    for (Step step = 0; step < 1000; ++step) {
      (step % 2 == 0 ? one : two)->Scalar("loss", step, static_cast<double>(step) * 0.5);
    }
  }
  EXPECT_THAT(FilesIn(spool()), IsEmpty());
  LoadAll();
  ExpectSteps("a", "loss", 1000);
}

TEST_F(UploadTest, KeepsTheFilesOfARunFolderAndShowsThemOnce) {
  StartServer();  // it serves the logdir that the logger writes into
  {
    LoggerOptions options = Remote("a");
    options.run_dir = logdir() + "/a";
    const auto logger = Logger::Open(options);
    LogSteps(*logger, "loss", 0, 400);
    EXPECT_EQ(logger->WaitForUpload(30'000).waiting_bytes, 0u);
  }
  EXPECT_EQ(FilesIn(logdir()).size(), 1u);
  EXPECT_THAT(FilesIn(spool()), IsEmpty());
  EXPECT_EQ(FilesIn(data_dir() + "/ingest").size(), 1u);
  LoadAll();
  ExpectSteps("a", "loss", 400);
}

TEST_F(UploadTest, NamesTheRunAfterItsFolder) {
  StartServer();
  {
    LoggerOptions options = Remote("");
    options.run_dir = folder_.File("elsewhere/best/");
    const auto logger = Logger::Open(options);
    LogSteps(*logger, "loss", 0, 4);
  }
  LoadAll();
  ExpectSteps("best", "loss", 4);
}

TEST_F(UploadTest, DropsNewValuesWhenTheSpoolIsFullAndGoesOnLater) {
  FindPort();
  LoggerOptions options = Remote("a");
  options.spool_bytes_max = 20'000;
  auto logger = Logger::Open(options);
  for (Step step = 0; step < 2000; ++step) {
    logger->Scalar("loss", step, static_cast<double>(step) * 0.5);
    if (step % 50 == 0) logger->Flush();
  }
  logger->Flush();
  const Counters full = logger->GetCounters();
  EXPECT_GT(full.dropped, 500u);
  EXPECT_LE(full.written_bytes, 20'000u);
  StartServer();
  EXPECT_EQ(logger->WaitForUpload(30'000).waiting_bytes, 0u);
  LogSteps(*logger, "after", 0, 100);
  logger->Flush();
  EXPECT_EQ(logger->GetCounters().dropped, full.dropped);
  logger.reset();
  LoadAll();
  const store::ScalarRows rows = Scalars("a", "loss");
  EXPECT_EQ(rows.size(), full.logged - full.dropped) << "what was kept is in order";
  ExpectSteps("a", "after", 100);
}

TEST_F(UploadTest, ClosesInTimeWithoutAServerAndKeepsTheRest) {
  FindPort();
  LoggerOptions options = Remote("a");
  options.close_timeout_ms = 200;
  {
    const auto logger = Logger::Open(options);
    LogSteps(*logger, "loss", 0, 10);
  }
  EXPECT_EQ(FilesIn(spool()).size(), 1u);
  StartServer();
  const auto summary = UploadFolder({.url = url(), .spool_dir = spool()});
  ASSERT_TRUE(summary.ok()) << summary.error().ToString();
  EXPECT_EQ(summary->files, 1);
  EXPECT_EQ(summary->removed, 1);
  EXPECT_THAT(summary->left, IsEmpty());
  EXPECT_THAT(FilesIn(spool()), IsEmpty());
  LoadAll();
  ExpectSteps("a", "loss", 10);
}

TEST_F(UploadTest, ClosesInTimeWhenTheServerNeverAnswers) {
  const FileDescriptor silent(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(bind(silent.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(listen(silent.get(), 8), 0);
  socklen_t size = sizeof address;
  ASSERT_EQ(getsockname(silent.get(), reinterpret_cast<sockaddr*>(&address), &size), 0);
  port_ = ntohs(address.sin_port);
  LoggerOptions options = Remote("a");
  options.close_timeout_ms = 100;
  {
    const auto logger = Logger::Open(options);
    LogSteps(*logger, "loss", 0, 10);
    EXPECT_GT(logger->WaitForUpload(100).waiting_bytes, 0u);
  }
  EXPECT_EQ(FilesIn(spool()).size(), 1u);
}

TEST_F(UploadTest, DoesNotWaitForAServerThatRefuses) {
  StartServer(/*takes_ingest=*/false);
  LoggerOptions options = Remote("a");
  options.close_timeout_ms = 3'600'000;
  {
    const auto logger = Logger::Open(options);
    LogSteps(*logger, "loss", 0, 10);
    EXPECT_THAT(logger->WaitForUpload(3'600'000).failure, HasSubstr("--allow-ingest"));
  }
  EXPECT_EQ(FilesIn(spool()).size(), 1u);
}

TEST_F(UploadTest, SendsAnEmbeddingLongerThanABodyMayBe) {
  StartServer();
  const std::vector<float> values(3'000'000, 0.25f);
  {
    const auto logger = Logger::Open(Remote("a"));
    LogSteps(*logger, "loss", 0, 10);
    logger->Embedding("embeddings/item", 1, values, 30'000, 100, nullptr);
    LogSteps(*logger, "loss", 10, 20);
    EXPECT_EQ(logger->WaitForUpload(60'000).waiting_bytes, 0u);
  }
  EXPECT_THAT(FilesIn(spool()), IsEmpty()) << "no files for TensorBoard's projector in the spool";
  LoadAll();
  ExpectSteps("a", "loss", 20);
  const auto embedding = store_->ReadEmbedding(FindRun("a").id, "embeddings/item", 1);
  ASSERT_TRUE(embedding.ok());
  EXPECT_EQ(embedding->values.size(), values.size());
}

// A sender that ended within a long record has left a part of it, which the next one sends again.
TEST_F(UploadTest, GoesOnBehindThePartOfALongRecordThatIsThere) {
  StartServer();
  EventBuilder file(1'700'000'000);
  file.FileVersion().Texts("note", 1, "text", {}, {std::string(size_t{5} << 20, 'x')});
  file.Scalar("loss", 2, 1).AppendTo(folder_.File("runs/a/events.out.tfevents.1"));
  const std::string part = file.bytes().substr(0, size_t{3} << 20);
  ASSERT_TRUE(log_->AppendRecords("a", "events.out.tfevents.1", 0, part).ok());
  const auto summary = UploadFolder(
      {.dir = folder_.File("runs"), .url = url(), .patience = std::chrono::seconds(0)});
  ASSERT_TRUE(summary.ok()) << summary.error().ToString();
  EXPECT_EQ(summary->bytes, file.bytes().size());
  LoadAll();
  EXPECT_THAT(Steps("a", "loss"), ElementsAre(2));
  EXPECT_EQ(store_->ReadTexts(FindRun("a").id, "note")->size(), 1u);
}

TEST_F(UploadTest, LogsLocallyWhereTheUrlMakesNoSenseAndTellsWhoAsks) {
  LoggerOptions options = Remote("a");
  options.url = "https://box";
  options.run_dir = logdir() + "/a";
  {
    const auto logger = Logger::Open(options);
    LogSteps(*logger, "loss", 0, 10);
    EXPECT_THAT(logger->WaitForUpload(0).failure, HasSubstr("TLS is not spoken here"));
  }
  options.run_dir.clear();
  {
    std::string lines;
    SetLogSink([&lines](LogLevel, std::string_view line) { lines.append(line).append("\n"); });
    const auto logger = Logger::Open(options);
    SetLogSink(nullptr);
    EXPECT_THAT(lines, HasSubstr("URL \"https://box\""));
    EXPECT_THAT(lines, Not(HasSubstr("nor a url"))) << "there is one";
    LogSteps(*logger, "loss", 0, 10);
    logger->Flush();
    EXPECT_EQ(logger->GetCounters().written_bytes, 0u);
    EXPECT_THAT(logger->WaitForUpload(0).failure, HasSubstr("TLS is not spoken here"));
  }
  Load();
  ExpectSteps("a", "loss", 10);
}

TEST_F(UploadTest, SendsAFolderAsItsRunsAndAgainForNothing) {
  EventBuilder().Scalar("loss", 0, 0).Scalar("loss", 1, 0.5f).AppendTo(EventFile("x/y"));
  EventBuilder().Scalar("loss", 0, 0).AppendTo(EventFile("z"));
  const std::string elsewhere = folder_.File("sent");
  fs::rename(logdir(), elsewhere);
  ASSERT_TRUE(MakeFolders(logdir()).ok());
  StartServer();
  const uint64_t bytes_in_all = BytesIn(elsewhere);
  for (int round = 0; round < 2; ++round) {
    std::vector<uint64_t> told;
    const auto tell = [&](uint64_t done, uint64_t of, const std::string& waits) {
      told.push_back(done);
      EXPECT_EQ(of, bytes_in_all);
      EXPECT_EQ(waits, "");
    };
    const auto summary = UploadFolder({.dir = elsewhere, .url = url(), .progress = tell});
    ASSERT_TRUE(summary.ok()) << summary.error().ToString();
    EXPECT_TRUE(std::is_sorted(told.begin(), told.end()));
    ASSERT_THAT(told, SizeIs(Ge(2u)));
    EXPECT_EQ(told.back(), bytes_in_all);
    EXPECT_EQ(summary->files, 2);
    EXPECT_EQ(summary->removed, 0);
    EXPECT_THAT(summary->left, IsEmpty());
  }
  const auto named =
      UploadFolder({.dir = elsewhere + "/z", .url = url(), .run = "named", .removes_sent = true});
  ASSERT_TRUE(named.ok());
  EXPECT_EQ(named->removed, 1);
  EXPECT_EQ(FilesIn(elsewhere).size(), 1u);
  LoadAll();
  ExpectSteps("x/y", "loss", 2);
  ExpectSteps("z", "loss", 1);
  ExpectSteps("named", "loss", 1);
}

// A folder that cannot be opened ended the search, and what came behind it was left without a word.
TEST_F(UploadTest, SendsAllRunsHoweverDeepFoldersLie) {
  constexpr size_t kRuns = 4;
  const std::string dir = folder_.File("dir");
  std::string deep;
  for (int depth = 0; depth < 60; ++depth) deep += "/deeper";
  for (size_t run = 0; run < kRuns; ++run) {
    const std::string folder = StrCat(dir, "/run", run);
    ASSERT_TRUE(MakeFolders(folder + deep).ok());
    std::ofstream(folder + "/tfevents.1", std::ios::binary)
        << EventBuilder().Scalar("loss", 0, 0).bytes();
  }
  StartServer();
  rlimit files{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &files), 0);
  const FileDescriptor lowest_free(open("/dev/null", O_RDONLY));
  const rlimit few{static_cast<rlim_t>(lowest_free.get()) + 40, files.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &few), 0);
  const auto summary = UploadFolder({.dir = dir, .url = url()});
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &files), 0);
  ASSERT_TRUE(summary.ok()) << summary.error().ToString();
  EXPECT_EQ(summary->files, static_cast<int64_t>(kRuns));
}

TEST_F(UploadTest, SaysWhatItWaitsFor) {
  FindPort();
  ASSERT_TRUE(MakeFolders(folder_.File("dir")).ok());
  std::ofstream(folder_.File("dir/tfevents.1"), std::ios::binary)
      << EventBuilder().Scalar("loss", 0, 0).bytes();
  std::string waited_for;
  const auto tell = [&](uint64_t, uint64_t, const std::string& waits) {
    if (waits.empty() || !waited_for.empty()) return;
    waited_for = waits;
    StartServer();
  };
  const auto summary = UploadFolder({.dir = folder_.File("dir"), .url = url(), .progress = tell});
  ASSERT_TRUE(summary.ok()) << summary.error().ToString();
  EXPECT_THAT(waited_for, HasSubstr("onnect"));
  EXPECT_EQ(summary->files, 1);
}

TEST_F(UploadTest, SaysWhichFilesItCannotSend) {
  const std::string dir = folder_.File("bad");
  ASSERT_TRUE(MakeFolders(dir + "/a").ok());
  std::string damaged = EventBuilder().Scalar("loss", 0, 0).Scalar("loss", 1, 1).bytes();
  damaged[damaged.size() - 6] ^= 1;
  std::ofstream(dir + "/a/tfevents.damaged", std::ios::binary) << damaged;
  std::ofstream(dir + "/a/tfevents.good", std::ios::binary)
      << EventBuilder().Scalar("good", 0, 0).bytes();
  StartServer();
  const auto summary = UploadFolder({.dir = dir, .url = url()});
  ASSERT_TRUE(summary.ok());
  EXPECT_EQ(summary->files, 1);
  EXPECT_THAT(summary->left, ElementsAre(HasSubstr("damaged at offset")));
  // Another file of the same name is found out, also where it is longer.
  std::ofstream(dir + "/a/tfevents.good", std::ios::binary)
      << EventBuilder(1'600'000'000).Scalar("evil", 0, 0).Scalar("evil", 1, 0).bytes();
  const auto again = UploadFolder({.dir = dir, .url = url()});
  ASSERT_TRUE(again.ok());
  EXPECT_THAT(again->left, ElementsAre(HasSubstr("damaged"), HasSubstr("409")));
  LoadAll();
  const auto tags = store_->ReadTags({});
  ASSERT_EQ(tags->size(), 2u);
  EXPECT_EQ((*tags)[0].name, "good");
}

TEST_F(UploadTest, GivesUpOnAServerThatStaysAway) {
  FindPort();
  ASSERT_TRUE(MakeFolders(folder_.File("dir")).ok());
  std::ofstream(folder_.File("dir/tfevents.1"), std::ios::binary)
      << EventBuilder().Scalar("loss", 0, 0).bytes();
  const auto away =
      UploadFolder({.dir = folder_.File("dir"), .url = url(), .patience = std::chrono::seconds(0)});
  ASSERT_FALSE(away.ok());
  EXPECT_EQ(away.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(UploadFolder({.dir = folder_.File("none"), .url = url()}).error().code,
            ErrorCode::kNotFound);
  EXPECT_EQ(UploadFolder({.dir = folder_.File("dir"), .url = "box"}).error().code,
            ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace spirogram::logger
