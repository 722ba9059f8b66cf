#include "web/security.h"

#include <gtest/gtest.h>

#include "base/str.h"
#include "tests/web/service_fixture.h"
#include "web/router.h"

namespace spirogram::web {
namespace {

using spirogram::testing::MakeRequest;
using spirogram::testing::ServiceFixture;

std::string Concrete(std::string_view pattern) {
  std::string path(pattern);
  const size_t open = path.find('{');
  if (open != std::string::npos) path.replace(open, path.find('}') - open + 1, "1");
  return path;
}

TEST(HostRulesTest, AllowThisMachineAndWhatIsListed) {
  const HostRules rules("192.168.1.5", {"Box.Local", "gpu1."});
  for (const char* host : {"localhost", "LOCALHOST:6006", "localhost.", "localhost.:6006",
                           "127.0.0.1", "127.0.0.1:80", "127.1.2.3", "[::1]", "[::1]:6006",
                           "192.168.1.5:6006", "box.local", "BOX.LOCAL.:1", "gpu1:6006"}) {
    EXPECT_TRUE(rules.IsAllowed(host)) << host;
  }
}

TEST(HostRulesTest, AreOfNamesThatAHostHeaderCanHold) {
  for (const char* host : {"box", "Box.example.org.", "box:6006", "10.0.0.1", "::1", "[::1]:80",
                           "my_box", "xn--mller-kva.example"}) {
    EXPECT_TRUE(CheckAllowedHost(host).ok()) << host;
  }
  for (const char* host : {"", "http://box", "https://box:6006/", "box/path", "*", "*.example.org",
                           "a box", "box:port", "m\xc3\xbcller.example", "[::1"}) {
    const Status status = CheckAllowedHost(host);
    ASSERT_FALSE(status.ok()) << host;
    EXPECT_EQ(status.error().code, ErrorCode::kInvalidArgument);
    EXPECT_NE(status.error().message.find(StrCat("--allowed-hosts: got \"", host, "\"")),
              std::string::npos);
  }
}

TEST(HostRulesTest, RefuseAllElse) {
  const HostRules rules("127.0.0.1", {"box.local"});
  for (const char* host : {"",
                           "evil.example",
                           "evil.example:6006",
                           "localhost.evil.example",
                           "evillocalhost",
                           "localhost..",
                           "127.0.0.1.evil.example",
                           "127.evil.example",
                           "192.168.1.5",
                           "10.0.0.1",
                           "[::2]",
                           "[::1",
                           "[::1]x",
                           "::1",
                           "0.0.0.0",
                           "xbox.local",
                           "box.local.evil",
                           ":6006",
                           "localhost:port",
                           "localhost:6006:6006",
                           "2130706433",
                           "0x7f.1"}) {
    EXPECT_FALSE(rules.IsAllowed(host)) << host;
  }
}

TEST(HostRulesTest, AllowAddressesButNoNamesWhenBoundToAll) {
  const HostRules rules("0.0.0.0", {});
  EXPECT_TRUE(rules.IsAllowed("192.168.1.5:6006"));
  EXPECT_TRUE(rules.IsAllowed("[fe80::1]:6006"));
  EXPECT_FALSE(rules.IsAllowed("rebound.example:6006"));
}

TEST(SecurityTest, RefusesAForeignHostOnEveryRoute) {
  ServiceFixture fixture;
  for (const Route& route : Routes()) {
    const auto refused = fixture.service.Refuse(MakeRequest(
        std::string(route.method), Concrete(route.pattern), {{"Host", "evil.example:6006"}}));
    ASSERT_TRUE(refused.has_value()) << route.pattern;
    EXPECT_EQ(refused->status, 421) << route.pattern;
  }
  for (const char* page : {"/", "/runs", "/index.html", "/assets/index.js"}) {
    EXPECT_EQ(fixture.service.Refuse(MakeRequest("GET", page, {{"Host", "evil.example"}}))->status,
              421);
  }
}

TEST(SecurityTest, RefusesOtherSitesOnEveryRouteWithEveryMethod) {
  ServiceFixture fixture;
  const std::vector<std::vector<Header>> foreign = {
      {{"Origin", "http://evil.example"}},
      {{"Origin", "null"}},
      {{"Origin", "http://localhost.evil.example"}},
      {{"Origin", "http://localhost:9999"}},
      {{"Origin", ""}},
      {{"Origin", "file://localhost"}},
      {{"Sec-Fetch-Site", "cross-site"}},
      {{"Sec-Fetch-Site", "same-site"}},
      {{"Sec-Fetch-Site", "nonsense"}},
      {{"Origin", "http://localhost"}, {"Sec-Fetch-Site", "cross-site"}},
  };
  for (const Route& route : Routes()) {
    for (const char* method :
         {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"}) {
      for (const auto& headers : foreign) {
        const auto refused =
            fixture.service.Refuse(MakeRequest(method, Concrete(route.pattern), headers));
        ASSERT_TRUE(refused.has_value()) << method << route.pattern << headers[0].value;
        EXPECT_EQ(refused->status, 403);
        EXPECT_FALSE(HasHeader(refused->headers, "Access-Control-Allow-Origin"));
      }
    }
  }
}

TEST(SecurityTest, AcceptsItsOwnPagesAndToolsWithoutAnOrigin) {
  ServiceFixture fixture;
  const std::vector<std::vector<Header>> own = {
      {},
      {{"Host", "localhost:6006"}, {"Origin", "http://localhost:6006"}},
      {{"Host", "localhost:6006"}, {"Origin", "https://LOCALHOST:6006"}},
      {{"Sec-Fetch-Site", "same-origin"}},
      {{"Sec-Fetch-Site", "none"}},
  };
  for (const auto& headers : own) {
    EXPECT_FALSE(fixture.service.Refuse(MakeRequest("GET", "/api/v1/runs", headers)).has_value());
    EXPECT_FALSE(fixture.service.Refuse(MakeRequest("DELETE", "/api/v1/projections/1", headers))
                     .has_value());
  }
}

TEST(SecurityTest, LetsALinkOnAnotherSiteOpenAPageButNotTheApi) {
  ServiceFixture fixture;
  const std::vector<Header> link = {{"Sec-Fetch-Site", "cross-site"},
                                    {"Sec-Fetch-Mode", "navigate"},
                                    {"Sec-Fetch-Dest", "document"}};
  EXPECT_FALSE(fixture.service.Refuse(MakeRequest("GET", "/health", link)).has_value());
  EXPECT_EQ(fixture.service.Refuse(MakeRequest("POST", "/health", link))->status, 403);
  EXPECT_EQ(fixture.service.Refuse(MakeRequest("GET", "/api/v1/runs", link))->status, 403);
  std::vector<Header> frame = link;
  frame[2].value = "iframe";
  EXPECT_EQ(fixture.service.Refuse(MakeRequest("GET", "/health", frame))->status, 403);
}

TEST(SecurityTest, TakesJsonBodiesOnly) {
  ServiceFixture fixture;
  const auto status = [&](std::vector<Header> headers) {
    headers.push_back({"Content-Length", "10"});
    const auto refused =
        fixture.service.Refuse(MakeRequest("POST", "/api/v1/projections", headers));
    return refused ? refused->status : 0;
  };
  EXPECT_EQ(status({{"Content-Type", "application/x-www-form-urlencoded"}}), 415);
  EXPECT_EQ(status({{"Content-Type", "multipart/form-data; boundary=x"}}), 415);
  EXPECT_EQ(status({{"Content-Type", "text/plain"}}), 415);
  EXPECT_EQ(status({{"Content-Type", "text/plain; application/json"}}), 415);
  EXPECT_EQ(status({}), 415);
  EXPECT_EQ(status({{"Content-Type", "application/json"}}), 0);
  EXPECT_EQ(status({{"Content-Type", "application/json"}, {"Content-Encoding", "gzip"}}), 415);
  EXPECT_EQ(status({{"Content-Type", "application/json"}, {"Content-Encoding", "Identity"}}), 0);
  EXPECT_EQ(status({{"Content-Type", "Application/JSON ; charset=utf-8"}}), 0);
}

TEST(SecurityTest, RefusesAMethodBeforeTheBodyThatComesWithIt) {
  ServiceFixture fixture;
  const std::vector<Header> body = {{"Content-Type", "application/vnd.spirogram.records"},
                                    {"Content-Length", "100000"}};
  const auto refused = fixture.service.Refuse(MakeRequest("PUT", "/api/v1/ingest", body));
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(refused->status, 405);
  EXPECT_EQ(refused->Get("Allow"), "POST, GET, HEAD, OPTIONS");
  EXPECT_FALSE(fixture.service.Refuse(MakeRequest("POST", "/api/v1/ingest", body)).has_value());
}

TEST(SecurityTest, RefusesLargeBodiesByTheirHead) {
  ServiceFixture fixture;
  const auto refuse = [&](const char* path, const char* length) {
    return fixture.service.Refuse(MakeRequest(
        "POST", path, {{"Content-Type", "application/json"}, {"Content-Length", length}}));
  };
  for (const char* length : {"65537", "999999999999999", "99999999999999999999"}) {
    const auto refused = refuse("/api/v1/runs/bulk", length);
    ASSERT_TRUE(refused.has_value());
    EXPECT_EQ(refused->status, 413);
  }
  // Groups of rows may be longer.
  EXPECT_FALSE(refuse("/api/v1/projections", "8388608").has_value());
  EXPECT_EQ(refuse("/api/v1/projections", "8388609")->status, 413);
}

TEST(SecurityTest, SendsItsHeadersWithEveryAnswer) {
  ServiceFixture fixture;
  for (const char* target : {"/api/v1/runs", "/api/v1/nothing", "/", "/x.js", "/-/healthy"}) {
    const Response response = fixture.Get(target);
    EXPECT_EQ(response.Get("X-Request-Id"), "id") << target;
    EXPECT_EQ(response.Get("X-Content-Type-Options"), "nosniff") << target;
    EXPECT_EQ(response.Get("Referrer-Policy"), "no-referrer") << target;
    EXPECT_EQ(response.Get("Cross-Origin-Resource-Policy"), "same-origin") << target;
    EXPECT_NE(response.Get("Content-Security-Policy").find("default-src 'none'"),
              std::string_view::npos)
        << target;
    EXPECT_FALSE(HasHeader(response.headers, "Access-Control-Allow-Origin")) << target;
  }
}

TEST(RequestIdTest, IsHexAndDoesNotRepeat) {
  const std::string a = Service::NewRequestId();
  const std::string b = Service::NewRequestId();
  EXPECT_EQ(a.size(), 16u);
  EXPECT_EQ(a.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_NE(a, b);
}

}  // namespace
}  // namespace spirogram::web
