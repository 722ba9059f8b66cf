#include "web/path_prefix.h"

#include <gmock/gmock.h>

#include <string>
#include <string_view>
#include <utility>

#include "tests/web/service_fixture.h"

namespace spirogram::web {
namespace {

using ::spirogram::testing::FakeStore;
using ::spirogram::testing::MakeContext;
using ::spirogram::testing::MakeRequest;
using ::testing::HasSubstr;

PathPrefix Parsed(std::string_view text) {
  const auto prefix = PathPrefix::Parse(text);
  EXPECT_TRUE(prefix.ok()) << text;
  return prefix.ok() ? *prefix : PathPrefix();
}

TEST(PathPrefixTest, IsAPathOfPlainParts) {
  EXPECT_EQ(Parsed("").text(), "");
  EXPECT_EQ(Parsed("/").text(), "");
  EXPECT_EQ(Parsed("/team").text(), "/team");
  EXPECT_EQ(Parsed("/user/j.doe~1/proxy/6006/").text(), "/user/j.doe~1/proxy/6006");
  for (const std::string text : {"team", "//", "/a//b", "/a/../b", "/.", "/a b", "/a?b", "/%61",
                                 "/a;b", "http://x/a", "/\xC3\xA4"}) {
    const auto prefix = PathPrefix::Parse(text);
    ASSERT_FALSE(prefix.ok()) << text;
    EXPECT_EQ(prefix.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(prefix.error().message, HasSubstr("--path-prefix: got"));
  }
  EXPECT_FALSE(PathPrefix::Parse("/" + std::string(256, 'a')).ok());
}

TEST(PathPrefixTest, IsTakenOffTheTarget) {
  const PathPrefix prefix = Parsed("/team/a");
  const auto enter = [&](std::string target) {
    const PathPrefix::Place place = prefix.Enter(&target);
    return std::pair(place, target);
  };
  using Place = PathPrefix::Place;
  EXPECT_EQ(enter("/team/a/"), std::pair(Place::kBelow, std::string("/")));
  EXPECT_EQ(enter("/team/a/runs?x=/team/a"),
            std::pair(Place::kBelow, std::string("/runs?x=/team/a")));
  EXPECT_EQ(enter("/team/a//x"), std::pair(Place::kBelow, std::string("//x")));
  EXPECT_EQ(enter("/team/a?run=1"), std::pair(Place::kAt, std::string("/team/a?run=1")));
  for (const std::string target :
       {"/", "/team", "/team/", "/team/ab", "/team/ab/runs", "/TEAM/a/", "/x/team/a/", "*"}) {
    EXPECT_EQ(enter(target), std::pair(Place::kOutside, target));
  }
  std::string target = "/runs";
  EXPECT_EQ(PathPrefix().Enter(&target), Place::kBelow);
  EXPECT_EQ(target, "/runs");
}

class PrefixedServiceTest : public ::testing::Test {
 protected:
  // The status of what is refused, 0 of what may go on.
  int StatusOf(Request request) {
    const auto refusal = service_.Admit(&request);
    return refusal ? refusal->status : 0;
  }

  FakeStore store_;
  Service service_{MakeContext(&store_), HostRules("127.0.0.1", {}), Parsed("/team/a")};
};

TEST_F(PrefixedServiceTest, AnswersBelowThePrefixAlone) {
  Request request = MakeRequest("GET", "/team/a/api/v1/runs?run=1");
  ASSERT_FALSE(service_.Admit(&request).has_value());
  EXPECT_EQ(request.target, "/api/v1/runs?run=1");
  EXPECT_EQ(service_.Handle(request).status, 200);
  for (const char* target : {"/", "/api/v1/runs", "/team/ab", "/data/runs"}) {
    EXPECT_EQ(StatusOf(MakeRequest("GET", target)), 404) << target;
  }
}

TEST_F(PrefixedServiceTest, LeadsFromThePrefixToThePage) {
  Request request = MakeRequest("GET", "/team/a?run=1");
  const auto answer = service_.Admit(&request);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 308);
  EXPECT_EQ(answer->Get("Location"), "/team/a/?run=1");
}

TEST_F(PrefixedServiceTest, ChecksHostAndOriginInEveryPlace) {
  for (const char* target : {"/team/a/api/v1/runs", "/team/a", "/elsewhere"}) {
    EXPECT_EQ(StatusOf(MakeRequest("GET", target, {{"Host", "evil.example"}})), 421) << target;
    EXPECT_EQ(StatusOf(MakeRequest("GET", target,
                                   {{"Host", "localhost"}, {"Origin", "http://evil.example"}})),
              403)
        << target;
  }
}

}  // namespace
}  // namespace spirogram::web
