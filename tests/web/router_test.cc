#include "web/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/web/service_fixture.h"

namespace spirogram::web {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

using spirogram::testing::MakeRequest;
using spirogram::testing::ServiceFixture;

TEST(RouterTest, AnswersAnotherMethodWithWhatIsAllowed) {
  ServiceFixture fixture;
  const Response response = fixture.service.Handle(MakeRequest("PUT", "/api/v1/projections/3"));
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.Get("Allow"), "GET, HEAD, PATCH, DELETE, OPTIONS");
}

TEST(RouterTest, AnswersOptionsWithoutAnyPermissionForOtherSites) {
  ServiceFixture fixture;
  const Response response = fixture.service.Handle(MakeRequest("OPTIONS", "/api/v1/runs"));
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.Get("Allow"), "GET, HEAD, OPTIONS");
  EXPECT_FALSE(HasHeader(response.headers, "Access-Control-Allow-Origin"));
}

TEST(RouterTest, ServesHeadWhereItServesGet) {
  ServiceFixture fixture;
  const Response response = fixture.service.Handle(MakeRequest("HEAD", "/api/v1/runs"));
  EXPECT_EQ(response.status, 200);
  EXPECT_TRUE(response.is_head);
}

TEST(RouterTest, TurnsAnExceptionIntoA500WithoutItsText) {
  ServiceFixture fixture;
  const Route routes[] = {{"GET", "/api/v1/boom", {}, [](const Call&) -> Result<Response> {
                             throw std::runtime_error("secret");
                           }}};
  EmbeddingCache cache(fixture.store);
  StatusInfo status;
  ProjectionJobs jobs(fixture.store, {}, RealClock(), [](const ProjectionSnapshot&) {});
  Slots exports(1);
  BackgroundAnswers analyses;
  Context context{fixture.store, jobs, cache, status, nullptr, exports, analyses, 0};
  const Response response = Dispatch(routes, MakeRequest("GET", "/api/v1/boom"), context);
  EXPECT_EQ(response.status, 500);
  EXPECT_THAT(response.body, Not(HasSubstr("secret")));
}

// Advisories on path traversal: nothing that names a file elsewhere is found (reliability of a path
// is that it either stands in a table or does not exist).
TEST(RouterTest, FindsNothingForPathsThatLeaveTheirPlace) {
  ServiceFixture fixture;
  for (const char* target : {
           "/api/v1/runs/../../etc/passwd",
           "/api/v1/../../../etc/passwd",
           "/api/v1/runs/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
           "/api/v1/runs/%252e%252e%252fetc",
           "/api/v1/runs/..%5c..%5cx",
           "/api/v1;/../runs",
           "/api/v1/runs;x=1",
           "/api//v1/runs",
           "/api/v1/runs/",
           "/api/v1/runs/1%23",
           "/api/v1/runs/file:%2f%2f%2fetc%2fpasswd",
           "/api/v1/runs/1/warnings/..",
           "/__weave/file/tmp/../../../etc/passwd",
           "/public/plugins/x/../../../etc/passwd",
           "/static;/../../x",
           "/a;b/..",
           "//etc/passwd",
           "/assets/%2e%2e/%2e%2e/etc/passwd",
           "/assets/../index.html",
           "/%2e%2e/etc/passwd",
           "/..%2f..%2fetc/passwd",
           "/%252e%252e%252fetc",
           "/index.html%23",
           "/index.html%00",
       }) {
    const Response response = fixture.Get(target);
    EXPECT_TRUE(response.status == 404 || response.status == 400) << target << response.status;
  }
}

TEST(RouterTest, DecodesAPathParameterOnce) {
  ServiceFixture fixture;
  EXPECT_EQ(fixture.Get("/api/v1/runs/%31").status, 200);
  EXPECT_EQ(fixture.Get("/api/v1/runs/%2531").status, 400);
  EXPECT_EQ(fixture.Get("/api/v1/runs/%zz").status, 400);
  EXPECT_EQ(fixture.Get("/api/v1/runs/%00").status, 400);
}

}  // namespace
}  // namespace spirogram::web
