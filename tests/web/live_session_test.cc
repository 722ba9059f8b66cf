#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <future>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "tests/web/columns_reader.h"
#include "tests/web/server_fixture.h"

namespace spirogram::web {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using nlohmann::json;
using spirogram::testing::MakeContext;
using spirogram::testing::RawClient;
using spirogram::testing::RawResponse;
using spirogram::testing::ReadColumns;
using spirogram::testing::ServerTest;

// A page's socket, by the library's own client.
class LivePage {
 public:
  explicit LivePage(uint16_t port) : stream_(context_) {
    stream_.next_layer().connect({asio::ip::make_address("127.0.0.1"), port});
    stream_.handshake("localhost:" + std::to_string(port), "/api/v1/live");
    stream_.read_message_max(64 << 20);
  }

  void Send(const std::string& text) { stream_.write(asio::buffer(text)); }

  std::string Read() {
    beast::flat_buffer buffer;
    stream_.read(buffer);
    return beast::buffers_to_string(buffer.data());
  }
  json ReadJson() { return json::parse(Read()); }
  bool is_text() const { return stream_.got_text(); }

  // Reads until the server closes; the code it gave.
  int ReadUntilClosed() {
    boost::system::error_code error;
    while (!error) {
      beast::flat_buffer buffer;
      stream_.read(buffer, error);
    }
    return stream_.reason().code;
  }

 private:
  asio::io_context context_;
  websocket::stream<asio::ip::tcp::socket> stream_;
};

using LiveSessionTest = ServerTest;

std::string Handshake(std::string_view fields) {
  return "GET /api/v1/live HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
         std::string(fields) + "\r\n";
}

TEST_F(LiveSessionTest, GreetsAndTellsWhatChanged) {
  Start();
  LivePage page(port());
  EXPECT_EQ(page.ReadJson().at("type"), "hello");
  server_->OnCommit({1, true, false, {{1, "loss/train", store::DataKind::kScalar, 11, 20}}});
  const json changes = page.ReadJson();
  EXPECT_EQ(changes.at("type"), "changes");
  EXPECT_EQ(changes.at("runs_changed"), true);
  EXPECT_EQ(changes.at("changes")[0].at("last_step"), 20);
  EXPECT_EQ(changes.at("progress").at("runs_found"), 2);
}

TEST_F(LiveSessionTest, AnswersNonsenseAndGoesOn) {
  Start();
  LivePage page(port());
  page.ReadJson();
  page.Send("nonsense");
  EXPECT_EQ(page.ReadJson().at("type"), "error");
  server_->OnCommit({1, false, false, {}});
  EXPECT_EQ(page.ReadJson().at("type"), "changes");
}

TEST_F(LiveSessionTest, ChecksTheHandshakeLikeEveryRequest) {
  Start();
  const struct {
    const char* fields;
    int status;
  } cases[] = {
      {"Host: evil.example\r\n", 421},
      {"Host: localhost\r\nOrigin: http://evil.example\r\n", 403},
      {"Host: localhost\r\nOrigin: null\r\n", 403},
      {"Host: localhost\r\nSec-Fetch-Site: cross-site\r\n", 403},
      {"Host: localhost\r\nSec-Fetch-Site: same-site\r\n", 403},
      {"Host: localhost\r\nOrigin: http://localhost\r\n", 101},
  };
  for (const auto& test : cases) {
    RawClient client(port());
    ASSERT_TRUE(client.Send(Handshake(test.fields)));
    EXPECT_EQ(client.Read().status, test.status) << test.fields;
  }
}

TEST_F(LiveSessionTest, AsksAPlainRequestToUpgrade) {
  Start();
  RawClient client(port());
  ASSERT_TRUE(client.Send("GET /api/v1/live HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  EXPECT_EQ(client.Read().status, 426);
}

TEST_F(LiveSessionTest, RefusesLargeMessages) {
  Start();
  LivePage page(port());
  page.ReadJson();
  page.Send(std::string(64 * 1024 + 1, 'x'));
  EXPECT_EQ(page.ReadUntilClosed(), websocket::close_code::too_big);
}

TEST_F(LiveSessionTest, ClosesWithGoingAwayWhenTheServerStops) {
  Start();
  LivePage page(port());
  page.ReadJson();
  auto stopped = std::async(std::launch::async, [&] { server_->Stop(); });
  EXPECT_EQ(page.ReadUntilClosed(), websocket::close_code::going_away);
  stopped.get();
}

// A text frame of a client, masked with zeros.
std::string ClientFrame(const std::string& text) {
  return std::string("\x81") + static_cast<char>(0x80 | text.size()) + std::string(4, '\0') + text;
}

std::string StartProjection(const std::string& body) {
  return "POST /api/v1/projections HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
         "application/json\r\n"
         "Content-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

constexpr std::string_view kProjection =
    "GET /api/v1/projections/1 HTTP/1.1\r\nHost: localhost\r\n\r\n";

TEST_F(LiveSessionTest, CutsAPageThatReadsNothing) {
  options_.live_write_timeout_ms = 1'500;
  // One frame of it is larger than all buffers between server and page.
  const store::Embedding large{{700, 1, 2'000'000, 2}, std::vector<float>(4'000'000, 1.0f)};
  store_.embeddings[{1, "large"}] = {large};
  Start();
  RawClient deaf;
  const int small = 4096;
  setsockopt(deaf.fd(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  deaf.Connect(port());
  ASSERT_TRUE(deaf.Send(Handshake("Host: localhost\r\n")));
  ASSERT_EQ(deaf.Read().status, 101);
  RawClient client(port());
  ASSERT_TRUE(client.Send(StartProjection(R"({"run":1,"tag":"large","method":"pca"})")));
  ASSERT_EQ(client.Read().status, 201);
  std::string projection;
  while (projection.find(R"("state":"done")") == std::string::npos) {
    ASSERT_TRUE(client.Send(kProjection));
    projection = client.Read().body;
  }
  // It is sent no large frame, for which a busy machine could leave it too little time.
  LivePage other(port());
  other.ReadJson();
  ASSERT_TRUE(deaf.Send(ClientFrame(R"({"type":"watch_projection","id":1})")));
  while (deaf.Send(ClientFrame("{}"))) std::this_thread::yield();
  // The others are as well as before.
  server_->OnCommit({1, false, false, {}});
  EXPECT_EQ(other.ReadJson().at("type"), "changes");
}

TEST_F(LiveSessionTest, FindsOutThatAPageIsGone) {
  options_.idle_timeout_ms = 100;
  Start();
  std::optional<RawClient> silent;  // answers no ping
  do {  // one that the machine holds up before its handshake is idle, too
    silent.emplace(port());
  } while (!silent->Send(Handshake("Host: localhost\r\n")) || silent->Read().status != 101);
  EXPECT_TRUE(silent->DiscardToEnd());
}

TEST_F(LiveSessionTest, SendsCoordinatesOfAWatchedProjectionUntilItEnds) {
  std::promise<void> watched;
  std::future<void> is_watched = watched.get_future();
  web::ServerContext context = MakeContext(&store_);
  context.projector.tsne = [&](const projector::MatrixView& matrix,
                               const projector::TsneOptions& options,
                               const std::function<void(const projector::TsneProgress&)>& progress,
                               std::stop_token) -> Result<projector::TsneResult> {
    is_watched.wait();
    const std::vector<float> early(static_cast<size_t>(matrix.points * options.dims), 1.0f);
    progress({10, options.iterations, 4.5, early});
    projector::TsneResult result;
    result.coordinates.assign(early.size(), 3.0f);
    result.kl_divergence = 1.5;
    result.iterations = options.iterations;
    result.seconds = 0.25;
    result.device = "cpu";
    return result;
  };
  Start(std::move(context));
  auto page = std::make_unique<LivePage>(port());
  page->ReadJson();
  RawClient client(port());
  ASSERT_TRUE(client.Send(
      StartProjection(R"({"run":1,"tag":"embeddings/item","method":"tsne","perplexity":1})")));
  ASSERT_EQ(client.Read().status, 201);
  page->Send(R"({"type":"watch_projection","id":1})");
  auto message = ReadColumns(page->Read());
  EXPECT_FALSE(page->is_text());
  watched.set_value();
  while (message.items[0].at("state") != "done") message = ReadColumns(page->Read());
  EXPECT_EQ(message.Column<float>(0, "coordinates").at(0), 3.0f);
  page.reset();
  server_.reset();
}

TEST_F(LiveSessionTest, ServesManyPagesWhileTheStoreCommits) {
  Start();
  std::vector<std::unique_ptr<LivePage>> pages;
  for (int i = 0; i < 20; ++i) pages.push_back(std::make_unique<LivePage>(port()));
  for (auto& page : pages) page->ReadJson();
  constexpr uint64_t kCommits = 200;
  std::thread writer([&] {
    for (uint64_t i = 1; i <= kCommits; ++i) {
      server_->OnCommit(
          {i,
           false,
           false,
           {{1, "loss", store::DataKind::kScalar, static_cast<Step>(i), static_cast<Step>(i)}}});
    }
  });
  for (auto& page : pages) {
    // However the commits were merged, no step is missing and the last one arrives.
    Step next = 1;
    while (next <= static_cast<Step>(kCommits)) {
      const json change = page->ReadJson().at("changes").at(0);
      EXPECT_EQ(change.at("first_step"), next);
      next = change.at("last_step").get<Step>() + 1;
    }
  }
  writer.join();
}

}  // namespace
}  // namespace spirogram::web
