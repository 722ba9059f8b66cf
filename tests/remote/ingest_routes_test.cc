// The HTTP side: types, bounds, statuses and headers.
#include <gmock/gmock.h>

#include "store/ingest_log.h"
#include "tests/testing/event_builder.h"
#include "tests/testing/temp_dir.h"
#include "tests/web/raw_client.h"
#include "tests/web/service_fixture.h"
#include "web/security.h"
#include "web/server.h"

namespace spirogram::web {
namespace {

using testing::EventBuilder;
using testing::FakeStore;
using ::testing::HasSubstr;
using testing::MakeRequest;
using testing::RawClient;

std::string Records(int count) {
  EventBuilder events;
  for (int i = 0; i < count; ++i) events.Scalar("loss", i, 1);
  return events.bytes();
}

std::unique_ptr<store::IngestLog> OpenLog(const std::string& dir, uint64_t bytes_max) {
  store::IngestOptions options;
  options.dir = dir;
  options.bytes_max = bytes_max;
  options.free_bytes_min = 0;
  auto log = store::IngestLog::Open(options);
  CHECK(log.ok());
  return std::move(log).value();
}

class IngestRoutesTest : public ::testing::Test {
 protected:
  IngestRoutesTest()
      : log_(OpenLog(folder_.path(), 100'000)),
        service_(ContextWith(log_.get()), HostRules("127.0.0.1", {})) {}

  ServerContext ContextWith(store::IngestLog* log) {
    ServerContext context = testing::MakeContext(&store_);
    context.ingest = log;
    return context;
  }
  Response Post(const std::string& query, const std::string& body,
                std::string_view type = kRecordsType) {
    return service_.Handle(MakeRequest("POST", "/api/v1/ingest?" + query,
                                       {{"Content-Type", std::string(type)}}, body));
  }
  Response Get(const std::string& query) {
    return service_.Handle(MakeRequest("GET", "/api/v1/ingest?" + query));
  }
  int RefusedStatus(std::vector<Header> headers, const std::string& method = "POST") {
    const auto refused = service_.Refuse(MakeRequest(method, "/api/v1/ingest", std::move(headers)));
    return refused ? refused->status : 0;
  }

  testing::TempDir folder_;
  FakeStore store_;
  std::unique_ptr<store::IngestLog> log_;
  Service service_;
};

TEST_F(IngestRoutesTest, StoresAndSaysWhereTheNextBatchBegins) {
  const std::string body = Records(3);
  const std::string end = std::to_string(body.size());
  const Response stored = Post("run=group/a%20b&writer=w&offset=0", body);
  EXPECT_EQ(stored.status, 200);
  EXPECT_EQ(stored.body, R"({"run":"group/a b","writer":"w","offset":)" + end + "}");
  EXPECT_EQ(stored.Get("Upload-Offset"), end);
  EXPECT_EQ(Post("run=group/a%20b&writer=w&offset=0", body).status, 200);
  const Response position = Get("run=group/a%20b&writer=w");
  EXPECT_EQ(position.status, 200);
  EXPECT_EQ(position.Get("Upload-Offset"), end);
  EXPECT_EQ(position.Get("Upload-Sequence"), "0");
  EXPECT_THAT(position.body, HasSubstr("\"sequence\":0"));
  EXPECT_EQ(Get("run=other&writer=w").Get("Upload-Offset"), "0");
}

TEST_F(IngestRoutesTest, AnswersAGapWithAnOffsetAndADifferenceWithout) {
  const std::string body = Records(3);
  const Response gap = Post("run=a&writer=w&offset=9", body);
  EXPECT_EQ(gap.status, 409);
  EXPECT_EQ(gap.Get("Upload-Offset"), "0");
  EXPECT_THAT(gap.body, HasSubstr("want 0"));
  Post("run=a&writer=w&offset=0", body);
  const Response differs = Post("run=a&writer=w&offset=1", body);
  EXPECT_EQ(differs.status, 409);
  EXPECT_FALSE(HasHeader(differs.headers, "Upload-Offset"));
}

TEST_F(IngestRoutesTest, NamesWhatIsWrongWithARequest) {
  const std::string body = Records(1);
  const auto expect = [&](const Response& response, int status, const char* part) {
    EXPECT_EQ(response.status, status) << part;
    EXPECT_THAT(response.body, HasSubstr(part));
  };
  expect(Post("writer=w&offset=0", body), 400, "run");
  expect(Post("run=a&offset=0", body), 400, "writer");
  expect(Post("run=a&writer=w", body), 400, "offset");
  expect(Post("run=a&writer=w&offset=-1", body), 400, "offset");
  expect(Post("run=a&writer=w&offset=0&sequence=0", body), 400, "sequence");
  expect(Post("run=a&writer=w&offset=0", body, kScalarsType), 400, "offset");
  expect(Post("run=a&writer=w&sequence=0", body, kScalarsType), 400, "SPS1");
  expect(Post("run=a&writer=w&offset=0&force=1", body), 400, "force");
  expect(Post("run=..%2Fa&writer=w&offset=0", body), 400, "run");
  expect(Post("run=a%00b&writer=w&offset=0", body), 400, "");
  expect(Post("run=a&writer=..%2Fw&offset=0", body), 400, "writer");
  expect(Post("run=a&writer=w&offset=0", ""), 400, "empty");
  expect(Post("run=a&writer=w&offset=0", body.substr(1)), 400, "damaged");
  expect(Get("run=a"), 400, "writer");
  EXPECT_EQ(service_.Handle(MakeRequest("PUT", "/api/v1/ingest")).Get("Allow"),
            "POST, GET, HEAD, OPTIONS");
}

TEST_F(IngestRoutesTest, SaysWhenItIsFullAndWhenToComeAgain) {
  testing::TempDir folder;
  const auto log = OpenLog(folder.path(), 100);
  Service service(ContextWith(log.get()), HostRules("127.0.0.1", {}));
  const Response full =
      service.Handle(MakeRequest("POST", "/api/v1/ingest?run=a&writer=w&offset=0",
                                 {{"Content-Type", std::string(kRecordsType)}}, Records(10)));
  EXPECT_EQ(full.status, 507);
  EXPECT_EQ(full.Get("Retry-After"), "30");
  EXPECT_THAT(full.body, HasSubstr("--ingest-max-gb"));
}

TEST_F(IngestRoutesTest, RefusesEverythingWhereNothingIsTakenIn) {
  Service service(ContextWith(nullptr), HostRules("127.0.0.1", {}));
  const Response post =
      service.Handle(MakeRequest("POST", "/api/v1/ingest?run=a&writer=w&offset=0",
                                 {{"Content-Type", std::string(kRecordsType)}}, Records(1)));
  EXPECT_EQ(post.status, 403);
  EXPECT_THAT(post.body, HasSubstr("--allow-ingest"));
  EXPECT_EQ(service.Handle(MakeRequest("GET", "/api/v1/ingest?run=a&writer=w")).status, 403);
}

TEST_F(IngestRoutesTest, JudgesBodiesByTheirHeadAlone) {
  const std::string records(kRecordsType);
  EXPECT_EQ(RefusedStatus({{"Content-Type", records}, {"Content-Length", "8388608"}}), 0);
  EXPECT_EQ(RefusedStatus({{"Content-Type", records}, {"Content-Length", "8388609"}}), 413);
  EXPECT_EQ(RefusedStatus({{"Content-Type", "application/json"}, {"Content-Length", "10"}}), 415);
  EXPECT_EQ(RefusedStatus({{"Content-Type", "text/plain"}, {"Content-Length", "10"}}), 415);
  EXPECT_EQ(RefusedStatus({{"Content-Length", "10"}}), 415);
  EXPECT_EQ(RefusedStatus({{"Content-Type", records}, {"Content-Length", "65537"}}, "GET"), 413);
  EXPECT_EQ(
      RefusedStatus(
          {{"Content-Type", records}, {"Content-Length", "10"}, {"Origin", "http://evil.example"}}),
      403);
  EXPECT_EQ(RefusedStatus({{"Content-Type", records}, {"Host", "evil.example"}}), 421);
}

// A real server: bodies of the full size, and no more of them at once than it has room for.
class IngestServerTest : public ::testing::Test {
 protected:
  IngestServerTest() : log_(OpenLog(folder_.path(), uint64_t{1} << 30)) {
    ServerContext context = testing::MakeContext(&store_);
    context.ingest = log_.get();
    ServerOptions options;
    options.port = 0;
    options.io_threads = 2;
    auto server = Server::Start(options, context);
    CHECK(server.ok());
    server_ = std::move(server).value();
  }
  static std::string Head(size_t bytes, const std::string& writer) {
    return "POST /api/v1/ingest?run=a&writer=" + writer +
           "&offset=0 HTTP/1.1\r\nHost: localhost\r\nContent-Type: " + std::string(kRecordsType) +
           "\r\nContent-Length: " + std::to_string(bytes) + "\r\n\r\n";
  }

  testing::TempDir folder_;
  FakeStore store_;
  std::unique_ptr<store::IngestLog> log_;
  std::unique_ptr<Server> server_;
};

TEST_F(IngestServerTest, TakesABodyOfEightMebibytes) {
  EventBuilder events;
  std::string body;
  for (int i = 0; body.size() + 1'000'100 < kIngestBodyBytesMax; ++i) {
    body += EventBuilder().Texts("t", i, "text", {}, {std::string(1'000'000, 'x')}).bytes();
  }
  RawClient client(server_->port());
  ASSERT_TRUE(client.Send(Head(body.size(), "w")) && client.Send(body));
  const auto answer = client.Read();
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_TRUE(answer.Has("Upload-Offset: " + std::to_string(body.size())));
}

TEST_F(IngestServerTest, HoldsFewLargeBodiesAtOnce) {
  std::vector<std::unique_ptr<RawClient>> slow;
  for (int i = 0; i < 16; ++i) {
    slow.push_back(std::make_unique<RawClient>(server_->port()));
    ASSERT_TRUE(slow.back()->Send(Head(1'000'000, std::to_string(i)) + "x"));
  }
  RawClient late(server_->port());
  testing::RawResponse answer;
  while (answer.status != 429) {  // until all sixteen heads are read
    RawClient next(server_->port());
    ASSERT_TRUE(next.Send(Head(1'000'000, "late")));
    next.EndOfSending();
    answer = next.Read();
  }
  EXPECT_TRUE(answer.Has("Retry-After: 1"));
  slow.clear();
  const std::string body = Records(2000);
  ASSERT_GT(body.size(), kBodyBytesMax);
  while (answer.status != 200) {  // the places come back with their connections
    RawClient again(server_->port());
    again.Send(Head(body.size(), "late"));
    again.Send(body);
    answer = again.Read();
  }
}

}  // namespace
}  // namespace spirogram::web
