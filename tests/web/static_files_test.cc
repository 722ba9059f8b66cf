#include "web/static_files.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/web/service_fixture.h"

namespace spirogram::web {
namespace {

using spirogram::testing::MakeRequest;

constexpr StaticFile kFiles[] = {
    {"/index.html", "text/html; charset=utf-8", "\"aa\"", "<p>app", "", false},
    {"/assets/index-4f3a.js", "text/javascript; charset=utf-8", "\"bb\"", "js", "zipped", true},
};

TEST(ServeStaticTest, ServesTheAppForPagePaths) {
  for (const char* path : {"/", "/index.html", "/runs", "/health", "/compare?a=b", "/b-c_d"}) {
    const Response response = ServeStatic(MakeRequest("GET", path), kFiles);
    EXPECT_EQ(response.status, 200) << path;
    EXPECT_EQ(response.body, "<p>app") << path;
    EXPECT_EQ(
        response.Get("Content-Security-Policy"),
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: "
        "data:; media-src 'self'; connect-src 'self'; font-src 'self'; worker-src 'self' blob:; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'self'");
  }
}

TEST(ServeStaticTest, FindsOnlyWhatStandsInTheTable) {
  for (const char* path : {"/favicon.ico", "/assets/other.js", "/assets/index-4f3a.js/",
                           "/../index.html", "/assets/%69ndex-4f3a.js", "/INDEX.HTML",
                           "//index.html", "/a//b", "/a/b", "/a/b/", "//", "/runs;x", "/%72uns"}) {
    EXPECT_EQ(ServeStatic(MakeRequest("GET", path), kFiles).status, 404) << path;
  }
}

// Pages name their files relative to their own path, which a slash would make one deeper.
TEST(ServeStaticTest, LeadsFromASlashAtTheEndToThePage) {
  const Response response = ServeStatic(MakeRequest("GET", "/runs/?run=1"), kFiles);
  EXPECT_EQ(response.status, 308);
  EXPECT_EQ(response.Get("Location"), "../runs?run=1");
}

TEST(ServeStaticTest, SendsTheCompressedFormWhereItIsAccepted) {
  const Response zipped = ServeStatic(
      MakeRequest("GET", "/assets/index-4f3a.js", {{"Accept-Encoding", "gzip, br"}}), kFiles);
  EXPECT_EQ(zipped.body, "zipped");
  EXPECT_EQ(zipped.Get("Content-Encoding"), "gzip");
  EXPECT_EQ(zipped.Get("ETag"), "\"bb-gz\"");
  EXPECT_EQ(zipped.Get("Cache-Control"), "public, max-age=31536000, immutable");
  const Response plain = ServeStatic(MakeRequest("GET", "/assets/index-4f3a.js"), kFiles);
  EXPECT_EQ(plain.body, "js");
  EXPECT_EQ(plain.Get("ETag"), "\"bb\"");
}

TEST(ServeStaticTest, SaysNotModifiedForATagThatMatches) {
  for (const char* tag : {"\"aa\"", "W/\"aa\"", "\"x\", \"aa\"", "*"}) {
    const Response response =
        ServeStatic(MakeRequest("GET", "/", {{"If-None-Match", tag}}), kFiles);
    EXPECT_EQ(response.status, 304) << tag;
    EXPECT_TRUE(response.body.empty());
    EXPECT_EQ(response.Get("ETag"), "\"aa\"");
  }
  EXPECT_EQ(ServeStatic(MakeRequest("GET", "/", {{"If-None-Match", "\"a\""}}), kFiles).status, 200);
}

TEST(ServeStaticTest, SaysThatTheAppWasNotBuilt) {
  const Response response = ServeStatic(MakeRequest("GET", "/runs"), {});
  EXPECT_EQ(response.status, 503);
  EXPECT_NE(response.body.find("was not built"), std::string::npos);
}

TEST(ServeStaticTest, KnowsItsMethods) {
  const Response response = ServeStatic(MakeRequest("DELETE", "/"), kFiles);
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.Get("Allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(ServeStatic(MakeRequest("OPTIONS", "/"), kFiles).status, 204);
}

}  // namespace
}  // namespace spirogram::web
