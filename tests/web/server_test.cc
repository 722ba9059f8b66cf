#include "web/server.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <condition_variable>
#include <future>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/log.h"
#include "tests/web/server_fixture.h"

namespace spirogram::web {
namespace {

using spirogram::testing::MakeContext;
using spirogram::testing::RawClient;
using spirogram::testing::RawResponse;
using spirogram::testing::ServerTest;
using ::testing::HasSubstr;

constexpr std::string_view kHealthy = "GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\n";

std::string Get(std::string_view target, std::string_view fields = "") {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n" + std::string(fields) +
         "\r\n";
}

std::string Post(std::string_view target, std::string_view body) {
  return "POST " + std::string(target) +
         " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

// A handler that waits here until the test lets it go on.
class Gate {
 public:
  void Enter() {
    std::unique_lock lock(mutex_);
    ++entered_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return is_open_; });
  }
  void WaitUntilEntered() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return entered_ > 0; });
  }
  void Open() {
    std::lock_guard lock(mutex_);
    is_open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int entered_ = 0;
  bool is_open_ = false;
};

class GatedStore : public spirogram::testing::FakeStore {
 public:
  Result<std::vector<store::Run>> ReadRuns() override {
    gate.Enter();
    return runs;
  }
  Gate gate;
};

TEST_F(ServerTest, AnswersAndKeepsTheConnection) {
  Start();
  RawClient client(port());
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(client.Send(Get("/api/v1/runs/1")));
    const RawResponse response = client.Read();
    EXPECT_EQ(response.status, 200);
    EXPECT_THAT(response.body, HasSubstr("\"healthy\""));
    EXPECT_TRUE(response.Has("X-Request-Id: "));
    EXPECT_TRUE(response.Has("Date: "));
  }
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  Start();
  RawClient client(port());
  std::string requests;
  for (int i = 0; i < 50; ++i) {
    requests +=
        Get("/api/v1/runs/" + std::to_string(i % 2 + 1)) + Post("/api/v1/projections", "[]");
  }
  ASSERT_TRUE(client.Send(requests));
  for (int i = 0; i < 50; ++i) {
    EXPECT_THAT(client.Read().body, HasSubstr("\"id\":" + std::to_string(i % 2 + 1)));
    EXPECT_EQ(client.Read().status, 400);
  }
}

TEST_F(ServerTest, ReadsARequestThatComesByteByByte) {
  Start();
  RawClient client(port());
  for (const char byte : Post("/api/v1/projections", "[]")) {
    ASSERT_TRUE(client.Send(std::string_view(&byte, 1)));
  }
  EXPECT_EQ(client.Read().status, 400);
}

TEST_F(ServerTest, SendsHeadWithTheLengthAndNoBody) {
  Start();
  RawClient client(port());
  ASSERT_TRUE(client.Send("HEAD /api/v1/runs/1 HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  ASSERT_TRUE(client.Send(kHealthy));
  const RawResponse head = client.Read(/*is_head=*/true);
  EXPECT_EQ(head.status, 200);
  EXPECT_FALSE(head.Has("Content-Length: 0\r\n"));
  EXPECT_EQ(client.Read().body, "ok\n");
}

TEST_F(ServerTest, SendsNoLengthWithNoContent) {
  Start();
  RawClient client(port());
  ASSERT_TRUE(client.Send("OPTIONS /api/v1/runs HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  ASSERT_TRUE(client.Send(kHealthy));
  const RawResponse options = client.Read();
  EXPECT_EQ(options.status, 204);
  EXPECT_FALSE(options.Has("Content-Length"));
  EXPECT_EQ(client.Read().body, "ok\n");
}

TEST_F(ServerTest, ClosesWhenTheClientAsksForIt) {
  Start();
  RawClient client(port());
  ASSERT_TRUE(client.Send(Get("/-/healthy", "Connection: close\r\n")));
  EXPECT_TRUE(client.Read().Has("Connection: close"));
  EXPECT_TRUE(client.IsAtEnd());
  RawClient old(port());
  ASSERT_TRUE(old.Send("GET /-/healthy HTTP/1.0\r\nHost: localhost\r\n\r\n"));
  EXPECT_EQ(old.Read().status, 200);
  EXPECT_TRUE(old.IsAtEnd());
}

TEST_F(ServerTest, AnswersAClientThatHasEndedSending) {
  Start();
  RawClient client(port());
  ASSERT_TRUE(client.Send(kHealthy));
  client.EndOfSending();
  EXPECT_EQ(client.Read().status, 200);
  EXPECT_TRUE(client.IsAtEnd());
}

TEST_F(ServerTest, TakesAQueryAsItWasTyped) {
  Start();
  RawClient client(port());
  ASSERT_TRUE(client.Send(Get("/api/v1/tags?run=1&match_start=layer\\d")));
  EXPECT_EQ(client.Read().status, 200);
}

TEST_F(ServerTest, RefusesGarbageAndCloses) {
  Start();
  const struct {
    std::string bytes;
    int status;
  } cases[] = {
      {std::string("\x16\x03\x01\x02\x00\x01", 6), 400},
      {"hello\r\n\r\n", 400},
      {"GET /\r\n\r\n", 400},
      {"GET /../etc/passwd\\x HTTP/1.1\r\nHost: localhost\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", 400},
      {"POST /api/v1/projections HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
       "Content-Type: application/json\r\n\r\n0\r\n\r\nGET /-/healthy HTTP/1.1\r\n\r\n",
       411},
      {"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(60'000, 'y'), 431},
      {"GET /" + std::string(40'000, 'y') + " HTTP/1.1\r\nHost: localhost\r\n\r\n", 414},
      {"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421},
      {Get("/", "Origin: http://evil.example\r\n"), 403},
      {"POST /api/v1/runs/bulk HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
       "Content-Length: 70000\r\n\r\n" +
           std::string(70'000, 'x'),
       413},
      {"POST /api/v1/projections HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
       "Content-Length: 2\r\n\r\n{}",
       415},
      {"POST /api/v1/projections HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
       "Content-Length: 2\r\nExpect: miracles\r\n\r\n{}",
       417},
  };
  for (const auto& test : cases) {
    RawClient client(port());
    client.Send(test.bytes);
    const RawResponse response = client.Read();
    EXPECT_EQ(response.status, test.status) << test.bytes.substr(0, 60);
    EXPECT_TRUE(response.Has("application/problem+json"));
    EXPECT_TRUE(client.IsAtEnd());
  }
}

TEST_F(ServerTest, RefusesABodyThatIsTooLargeAlsoToAClientThatSendsAllOfItFirst) {
  Start();
  const std::string body(size_t{32} << 20, 'x');
  RawClient client(port());
  ASSERT_TRUE(client.Send(Post("/api/v1/projections", body)));
  const auto response = client.Read();
  EXPECT_EQ(response.status, 413);
  EXPECT_NE(response.body.find("longer than the 8388608 bytes"), std::string::npos);
}

TEST_F(ServerTest, InvitesABodyThatWaitsForIt) {
  Start();
  RawClient client(port());
  ASSERT_TRUE(client.Send(
      "POST /api/v1/projections HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
      "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n"));
  EXPECT_EQ(client.Read().status, 100);
  ASSERT_TRUE(client.Send("[]"));
  EXPECT_EQ(client.Read().status, 400);
}

TEST_F(ServerTest, ReadsAFormOfAMebibyteForTensorBoardsRoutes) {
  Start();
  RawClient client(port());
  std::string form = "tag=loss%2Ftrain&runs=healthy&x=";
  form.resize(size_t{1} << 20, 'y');
  EXPECT_TRUE(
      client.Send("POST /data/plugin/scalars/scalars_multirun HTTP/1.1\r\n"
                  "Host: localhost\r\n"
                  "Content-Type: application/x-www-form-urlencoded\r\n"
                  "Content-Length: 1048576\r\n\r\n" +
                  form + Get("/-/healthy")));
  const auto answer = client.Read();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"healthy": [[100.0, 0, 2.0], [110.0, 10, "NaN"]]})");
  EXPECT_EQ(client.Read().status, 200);
}

TEST_F(ServerTest, CutsAHeadThatComesTooSlowly) {
  options_.header_timeout_ms = 50;
  Start();
  RawClient client(port());
  ASSERT_TRUE(client.Send("GET / HTTP/1.1\r\nHost: loc"));
  EXPECT_TRUE(client.IsAtEnd());
}

TEST_F(ServerTest, CutsABodyThatComesTooSlowly) {
  options_.body_timeout_ms = 50;
  Start();
  RawClient client(port());
  std::string cut = Post("/api/v1/projections", "[]");
  cut.pop_back();
  ASSERT_TRUE(client.Send(cut));
  EXPECT_TRUE(client.IsAtEnd());
}

TEST_F(ServerTest, CutsAnIdleConnection) {
  options_.idle_timeout_ms = 50;
  Start();
  std::optional<RawClient> client;
  do {  // a client that the machine holds up before it asks is idle, too
    client.emplace(port());
  } while (!client->Send(kHealthy) || client->Read().status != 200);
  EXPECT_TRUE(client->IsAtEnd());
}

TEST_F(ServerTest, AnswersConnectionsAboveItsBoundWith503) {
  options_.connections_max = 2;
  Start();
  RawClient first(port());
  RawClient second(port());
  for (RawClient* client : {&first, &second}) {
    ASSERT_TRUE(client->Send(kHealthy));
    EXPECT_EQ(client->Read().status, 200);
  }
  RawClient third(port());
  EXPECT_EQ(third.Read().status, 503);
  EXPECT_TRUE(third.IsAtEnd());
}

TEST_F(ServerTest, CompressesWhereItIsAsked) {
  for (int i = 0; i < 100; ++i) store_.runs.push_back(store_.runs[0]);
  Start();
  RawClient client(port());
  ASSERT_TRUE(client.Send(Get("/api/v1/runs", "Accept-Encoding: gzip\r\n")));
  const RawResponse zipped = client.Read();
  EXPECT_TRUE(zipped.Has("Content-Encoding: gzip"));
  ASSERT_TRUE(client.Send(Get("/api/v1/runs", "Accept-Encoding: gzip;q=0\r\n")));
  const RawResponse plain = client.Read();
  EXPECT_FALSE(plain.Has("Content-Encoding"));
  EXPECT_LT(zipped.body.size(), plain.body.size());
}

TEST_F(ServerTest, NamesThePortThatIsInUse) {
  Start();
  ServerOptions options;
  options.port = port();
  const auto second = Server::Start(options, MakeContext(&store_));
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(second.error().message,
              HasSubstr("port " + std::to_string(port()) + " on 127.0.0.1 is in use"));
}

TEST_F(ServerTest, RefusesAHostThatIsNotOfThisMachine) {
  ServerOptions options;
  options.port = 0;
  options.host = "192.0.2.1";
  EXPECT_EQ(Server::Start(options, MakeContext(&store_)).error().code, ErrorCode::kInvalidArgument);
}

TEST_F(ServerTest, FreesItsPortWhenStopped) {
  Start();
  options_.port = port();
  server_->Stop();
  server_->Stop();
  Start();
  RawClient client(port());
  ASSERT_TRUE(client.Send(kHealthy));
  EXPECT_EQ(client.Read().status, 200);
}

TEST_F(ServerTest, LetsARequestUnderWayFinishWhenStopped) {
  GatedStore store;
  spirogram::testing::FillFakeStore(&store);
  Start(MakeContext(&store));
  RawClient idle(port());
  RawClient busy(port());
  ASSERT_TRUE(idle.Send(kHealthy));
  EXPECT_EQ(idle.Read().status, 200);
  ASSERT_TRUE(busy.Send(Get("/api/v1/runs")));
  store.gate.WaitUntilEntered();
  auto stopped = std::async(std::launch::async, [&] { server_->Stop(); });
  EXPECT_TRUE(idle.IsAtEnd());
  store.gate.Open();
  const RawResponse response = busy.Read();
  EXPECT_EQ(response.status, 200);
  EXPECT_TRUE(response.Has("Connection: close"));
  EXPECT_TRUE(busy.IsAtEnd());
  stopped.get();
  server_.reset();
}

TEST_F(ServerTest, CutsWhatDoesNotEndInTimeWhenStopped) {
  options_.drain_timeout_ms = 50;
  Start();
  RawClient slow(port());
  ASSERT_TRUE(slow.Send("GET / HTTP/1.1\r\nHost: loc"));
  RawClient other(port());
  ASSERT_TRUE(other.Send(kHealthy));
  EXPECT_EQ(other.Read().status, 200);
  server_->Stop();
  EXPECT_TRUE(slow.IsAtEnd());
}

TEST_F(ServerTest, ServesOthersWhileAHandlerWaits) {
  GatedStore store;
  spirogram::testing::FillFakeStore(&store);
  options_.io_threads = 1;
  Start(MakeContext(&store));
  RawClient busy(port());
  ASSERT_TRUE(busy.Send(Get("/api/v1/runs")));
  store.gate.WaitUntilEntered();
  RawClient other(port());
  ASSERT_TRUE(other.Send(kHealthy));
  EXPECT_EQ(other.Read().status, 200);
  store.gate.Open();
  EXPECT_EQ(busy.Read().status, 200);
  busy.EndOfSending();
  server_.reset();
}

TEST_F(ServerTest, AcceptsAgainWhenDescriptorsAreFreed) {
  std::mutex mutex;
  std::condition_variable changed;
  bool has_paused = false;
  SetLogSink([&](LogLevel, std::string_view message) {
    std::lock_guard lock(mutex);
    has_paused |= message.find("accept: ") != std::string_view::npos;
    changed.notify_all();
  });
  Start();
  RawClient client;
  rlimit old_limit{};
  getrlimit(RLIMIT_NOFILE, &old_limit);
  const rlimit low{256, old_limit.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  std::vector<FileDescriptor> held;
  for (int fd = dup(client.fd()); fd >= 0; fd = dup(client.fd())) held.emplace_back(fd);
  client.Connect(port());
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return has_paused; });
  }
  held.clear();
  setrlimit(RLIMIT_NOFILE, &old_limit);
  ASSERT_TRUE(client.Send(kHealthy));
  EXPECT_EQ(client.Read().status, 200);
  server_.reset();
  SetLogSink({});
}

TEST_F(ServerTest, DoesNotStartWithoutDescriptorsForItsLoops) {
  rlimit old_limit{};
  getrlimit(RLIMIT_NOFILE, &old_limit);
  const rlimit low{64, old_limit.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  options_.io_threads = 64;
  const auto server = web::Server::Start(options_, MakeContext(&store_));
  setrlimit(RLIMIT_NOFILE, &old_limit);
  ASSERT_FALSE(server.ok());
  EXPECT_EQ(server.error().code, ErrorCode::kExhausted);
  EXPECT_NE(server.error().message.find("Too many open files"), std::string::npos);
}

TEST_F(ServerTest, WithstandsManyClientsAtOnce) {
  Start();
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        RawClient client(port());
        client.Send(Get("/api/v1/scalars?run=1,2&tag=loss/train"));
        if (i % 5 == t % 5) continue;  // leaves without reading
        good += client.Read().status == 200;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 8 * 40);
}

}  // namespace
}  // namespace spirogram::web
