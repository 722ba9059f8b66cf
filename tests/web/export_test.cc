// The export route, and how its body travels.
#include <gmock/gmock.h>

#include "tests/web/server_fixture.h"

namespace spirogram::web {
namespace {

using ::testing::HasSubstr;
using testing::MakeContext;
using testing::RawClient;
using testing::RawResponse;
using testing::ServiceFixture;
using ::testing::StartsWith;

std::string Drain(const Response& response) {
  std::string body;
  while (true) {
    const auto part = response.stream->NextPart();
    if (!part.ok()) return part.error().ToString();
    if (part->empty()) return body;
    body += *part;
  }
}

TEST(ExportTest, AnswersWithTheChosenSeries) {
  ServiceFixture fixture;
  const Response response = fixture.Get("/api/v1/export?format=csv&run=2&from=20");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.Get("Content-Type"), "text/csv; charset=utf-8");
  EXPECT_THAT(std::string(response.Get("Content-Disposition")), HasSubstr("spirogram.csv"));
  ASSERT_NE(response.stream, nullptr);
  EXPECT_THAT(Drain(response), StartsWith("run,tag,step,wall_time,value\r\nsick,loss/train,"));
}

TEST(ExportTest, NamesTheFileOfOneTagByIt) {
  ServiceFixture fixture;
  const auto name = [&](const std::string& tag) {
    return std::string(
        fixture.Get("/api/v1/export?format=csv&tag=" + tag).Get("Content-Disposition"));
  };
  EXPECT_EQ(name("loss%2Ftrain"), "attachment; filename=\"loss_train.csv\"");
  fixture.store.tags.push_back(
      {1, "..\"\r\n/\xC3\xA9", store::DataKind::kScalar, "scalars", "", "", 1, 2, 2});
  fixture.store.scalars[{1, "..\"\r\n/\xC3\xA9"}] = fixture.store.scalars.begin()->second;
  EXPECT_EQ(name("..%22%0D%0A%2F%C3%A9"), "attachment; filename=\"spirogram.csv\"");
}

TEST(ExportTest, RefusesWhatItDoesNotKnow) {
  ServiceFixture fixture;
  const Response missing = fixture.Get("/api/v1/export");
  EXPECT_EQ(missing.status, 400);
  EXPECT_NE(missing.body.find("want csv, json, jsonl, arrow or events"), std::string::npos);
  EXPECT_EQ(fixture.Get("/api/v1/export?format=xml").status, 400);
  EXPECT_EQ(fixture.Get("/api/v1/export?format=csv&run=9").status, 404);
  EXPECT_EQ(fixture.Get("/api/v1/export?format=csv&tag_regex=(").status, 400);
  EXPECT_EQ(fixture.Get("/api/v1/export?format=csv&wide=2").status, 400);
  EXPECT_EQ(fixture.Get("/api/v1/export?format=csv&path=/etc/passwd").status, 400);
  EXPECT_EQ(fixture.Get("/api/v1/export?format=events").status, 400);
  EXPECT_EQ(fixture.Get("/api/v1/export?format=events&run=1").status, 200);
}

TEST(ExportTest, BoundsHowManyAreUnderWay) {
  ServiceFixture fixture;
  std::vector<Response> held;
  for (int i = 0; i < 16; ++i) held.push_back(fixture.Get("/api/v1/export?format=csv"));
  EXPECT_EQ(held.back().status, 200);
  EXPECT_EQ(fixture.Get("/api/v1/export?format=csv").status, 429);
  held.pop_back();
  EXPECT_EQ(fixture.Get("/api/v1/export?format=csv").status, 200);
}

class ExportServerTest : public testing::ServerTest {
 protected:
  static constexpr size_t kPoints = 300'000;

  ExportServerTest() {
    store::ScalarRows rows;
    for (size_t i = 0; i < kPoints; ++i) {
      rows.step.push_back(static_cast<Step>(i));
      rows.wall_time.push_back(1);
      rows.mean.push_back(0.5);
    }
    store_.scalars[{1, "loss/train"}] = rows;
  }
  static std::string Get(const char* version, const char* connection) {
    return std::string("GET /api/v1/export?format=csv&run=1 HTTP/") + version +
           "\r\nHost: localhost\r\nConnection: " + connection + "\r\n\r\n";
  }
  static std::string Unchunked(std::string_view body, bool* is_whole) {
    std::string all;
    *is_whole = false;
    while (true) {
      const size_t line = body.find("\r\n");
      if (line == std::string_view::npos) return all;
      const size_t size = std::stoul(std::string(body.substr(0, line)), nullptr, 16);
      if (size == 0) {
        *is_whole = true;
        return all;
      }
      if (body.size() < line + 2 + size + 2) return all;
      all += body.substr(line + 2, size);
      body.remove_prefix(line + 2 + size + 2);
    }
  }
};

TEST_F(ExportServerTest, SendsTheBodyInChunksAndServesOn) {
  Start();
  RawClient client(port());
  ASSERT_TRUE(client.Send(Get("1.1", "keep-alive")));
  const RawResponse response = client.Read();
  EXPECT_EQ(response.status, 200);
  EXPECT_TRUE(response.Has("Transfer-Encoding: chunked"));
  EXPECT_FALSE(response.Has("Content-Length"));
  EXPECT_TRUE(response.Has("X-Content-Type-Options: nosniff"));
  const std::string body = client.ReadUntil("\r\n0\r\n\r\n");
  bool is_whole = false;
  const std::string csv = Unchunked(body, &is_whole);
  EXPECT_TRUE(is_whole);
  EXPECT_EQ(static_cast<size_t>(std::count(csv.begin(), csv.end(), '\n')), kPoints + 1);
  ASSERT_TRUE(client.Send("GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  EXPECT_EQ(client.Read().status, 200);
}

TEST_F(ExportServerTest, EndsTheBodyWithTheConnectionForOldClients) {
  Start();
  RawClient client(port());
  ASSERT_TRUE(client.Send(Get("1.0", "close")));
  const RawResponse response = client.Read();
  EXPECT_EQ(response.status, 200);
  EXPECT_FALSE(response.Has("Transfer-Encoding"));
  const std::string csv = client.ReadUntil("");
  EXPECT_EQ(static_cast<size_t>(std::count(csv.begin(), csv.end(), '\n')), kPoints + 1);
}

TEST_F(ExportServerTest, TellsTheHeadAlone) {
  Start();
  RawClient client(port());
  ASSERT_TRUE(
      client.Send("HEAD /api/v1/export?format=csv&run=1 HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  EXPECT_EQ(client.Read(true).status, 200);
  ASSERT_TRUE(client.Send("GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  EXPECT_EQ(client.Read().body, "ok\n");
}

TEST_F(ExportServerTest, SurvivesClientsThatGoAwayInTheMiddle) {
  Start();
  for (int i = 0; i < 40; ++i) {
    RawClient client(port());
    ASSERT_TRUE(client.Send(Get("1.1", "close")));
    EXPECT_EQ(client.Read().status, 200);  // and hangs up
  }
  RawClient client(port());
  for (int tries = 0; tries < 200; ++tries) {  // their slots come back
    ASSERT_TRUE(
        client.Send("HEAD /api/v1/export?format=csv&run=1 HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    if (client.Read(true).status == 200) return;
  }
  FAIL() << "the exports of the clients that went away still hold their places";
}

}  // namespace
}  // namespace spirogram::web
