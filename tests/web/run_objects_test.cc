// What the API lets a client change about runs, and what it refuses.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/web/service_fixture.h"

namespace spirogram::web {
namespace {

using Action = store::RunChange::Action;
using spirogram::testing::ServiceFixture;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string DetailOf(const Response& response) {
  return nlohmann::json::parse(response.body).value("detail", "");
}

TEST(RunObjectsTest, AnEditAnswersTheRunWithItsNewRevisionAsETag) {
  ServiceFixture fixture;
  const Response response = fixture.Send(
      "PATCH", "/api/v1/runs/1",
      R"({"name":"Best","note":"why\nnot","tags":["b","a"],"colour":"#AABBCC","is_pinned":true})");
  ASSERT_EQ(response.status, 200) << response.body;
  const auto run = nlohmann::json::parse(response.body);
  EXPECT_EQ(run["name"], "Best");
  EXPECT_EQ(run["path"], "healthy");
  EXPECT_EQ(run["note"], "why\nnot");
  EXPECT_EQ(run["tags"], nlohmann::json({"a", "b"}));
  EXPECT_EQ(run["colour"], "#aabbcc");
  EXPECT_EQ(run["is_pinned"], true);
  EXPECT_EQ(response.Get("ETag"), "\"0\"");  // the fake counts no revisions
}

TEST(RunObjectsTest, NullTakesAFieldBack) {
  ServiceFixture fixture;
  fixture.store.runs[1].labels = {
      .name = "Best", .note = "n", .tags = {"a"}, .colour = "#000000", .is_archived = true};
  const Response response =
      fixture.Send("PATCH", "/api/v1/runs/1",
                   R"({"name":null,"note":null,"tags":null,"colour":null,"is_archived":null})");
  ASSERT_EQ(response.status, 200) << response.body;
  const auto run = nlohmann::json::parse(response.body);
  EXPECT_EQ(run["name"], "healthy");
  EXPECT_EQ(run["note"], "");
  EXPECT_TRUE(run["tags"].empty());
  EXPECT_TRUE(run["colour"].is_null());
  EXPECT_EQ(run["is_archived"], false);
}

TEST(RunObjectsTest, AnEditThatIsWrongNamesTheField) {
  struct Case {
    const char* body;
    const char* detail;
  };
  for (const Case& wrong : {
           Case{"", "not one JSON object"},
           Case{"[]", "not one JSON object"},
           Case{R"({"name":"a","name":"b"})", "not one JSON object"},
           Case{R"({"path":"x"})", "field path: unknown"},
           Case{R"({"add_tags":["x"]})", "field add_tags: unknown"},
           Case{R"({"name":7})", "field name: got 7, want a text or null"},
           Case{R"({"tags":"a"})", "field tags: got \"a\", want a list of texts"},
           Case{R"({"tags":[1]})", "field tags: got 1, want a text"},
           Case{R"({"tags":[""]})", "field tags: a tag is empty"},
           Case{R"({"is_pinned":1})", "field is_pinned: got 1, want true or false"},
           Case{R"({"colour":"blue"})", "want \"#rrggbb\" or null"},
           Case{R"({"name":"a\u0000b"})", "field name: has a control"},
       }) {
    ServiceFixture fixture;
    const Response response = fixture.Send("PATCH", "/api/v1/runs/1", wrong.body);
    EXPECT_EQ(response.status, 400) << wrong.body;
    EXPECT_THAT(DetailOf(response), HasSubstr(wrong.detail));
    EXPECT_TRUE(fixture.store.run_changes.empty()) << wrong.body;
  }
}

TEST(RunObjectsTest, AnEditOfAMissingRunIs404) {
  ServiceFixture fixture;
  EXPECT_EQ(fixture.Send("PATCH", "/api/v1/runs/7", "{}").status, 404);
  EXPECT_EQ(fixture.Send("PATCH", "/api/v1/runs/x", "{}").status, 400);
}

TEST(RunObjectsTest, AStaleIfMatchIs412AndAWrongOne400) {
  ServiceFixture fixture;
  fixture.store.runs[1].labels.revision = 5;
  const auto edit = [&](const char* if_match) {
    return fixture.Send("PATCH", "/api/v1/runs/1", R"({"is_pinned":true})",
                        {{"If-Match", if_match}});
  };
  EXPECT_EQ(edit("\"4\"").status, 412);
  EXPECT_EQ(edit("\"5\"").status, 200);
  EXPECT_EQ(edit("*").status, 200);
  EXPECT_EQ(edit("5").status, 400);
  EXPECT_EQ(edit("W/\"5\"").status, 400);
  EXPECT_EQ(fixture.Get("/api/v1/runs/1").Get("ETag"), "\"5\"");
}

TEST(RunObjectsTest, DeleteRestoreAndPurgeAskTheStore) {
  ServiceFixture fixture;
  EXPECT_EQ(fixture.Send("DELETE", "/api/v1/runs/1").status, 200);
  EXPECT_EQ(fixture.Send("POST", "/api/v1/runs/1/restore").status, 200);
  EXPECT_EQ(fixture.Send("POST", "/api/v1/runs/1/purge").status, 202);
  EXPECT_EQ(fixture.Send("POST", "/api/v1/runs/1/purge", R"({"delete_files":true})").status, 202);
  ASSERT_EQ(fixture.store.run_changes.size(), 4u);
  EXPECT_EQ(fixture.store.run_changes[0].action, Action::kDelete);
  EXPECT_EQ(fixture.store.run_changes[1].action, Action::kRestore);
  EXPECT_EQ(fixture.store.run_changes[2].action, Action::kPurge);
  EXPECT_FALSE(fixture.store.run_changes[2].delete_files);
  EXPECT_TRUE(fixture.store.run_changes[3].delete_files);
}

TEST(RunObjectsTest, FilesGoOnlyWhenTheBodySaysSoClearly) {
  for (const char* body : {R"({"delete_files":1})", R"({"delete_files":"true"})",
                           R"({"delete":true})", R"({"delete_files":null})", "true"}) {
    ServiceFixture fixture;
    EXPECT_EQ(fixture.Send("POST", "/api/v1/runs/1/purge", body).status, 400) << body;
    EXPECT_TRUE(fixture.store.run_changes.empty());
  }
}

TEST(RunObjectsTest, ABulkChangeNamesItsRunsAndItsAction) {
  ServiceFixture fixture;
  const Response response = fixture.Send(
      "POST", "/api/v1/runs/bulk",
      R"({"runs":[1,2],"action":"edit","edit":{"add_tags":["x"],"remove_tags":["y"]}})");
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(nlohmann::json::parse(response.body)["runs"].size(), 2u);
  ASSERT_EQ(fixture.store.run_changes.size(), 1u);
  EXPECT_THAT(fixture.store.run_changes[0].runs, ElementsAre(1, 2));
  EXPECT_THAT(fixture.store.run_changes[0].edit.add_tags, ElementsAre("x"));
  EXPECT_THAT(fixture.store.run_changes[0].edit.remove_tags, ElementsAre("y"));
}

TEST(RunObjectsTest, ABulkChangeThatIsWrongChangesNothing) {
  for (const char* body : {
           R"({"action":"delete"})",
           R"({"runs":[1]})",
           R"({"runs":[1],"action":"edit"})",
           R"({"runs":[1],"action":"delete","edit":{}})",
           R"({"runs":[1],"action":"delete","delete_files":true})",
           R"({"runs":[1],"action":"edit","edit":{"name":"all the same"}})",
           R"({"runs":[0],"action":"delete"})",
           R"({"runs":1,"action":"delete"})",
           R"({"runs":[1],"action":"explode"})",
           R"({"runs":[1],"action":"delete","also":1})",
       }) {
    ServiceFixture fixture;
    EXPECT_EQ(fixture.Send("POST", "/api/v1/runs/bulk", body).status, 400) << body;
    EXPECT_TRUE(fixture.store.run_changes.empty()) << body;
  }
}

TEST(RunObjectsTest, ANoteMayBeLongerInJsonThanOtherBodies) {
  const auto length = [](const char* method, const char* target, size_t bytes) {
    web::Request head;
    head.method = method;
    head.target = target;
    head.headers = {{"Content-Type", "application/json"},
                    {"Content-Length", std::to_string(bytes)}};
    const auto refusal = CheckBody(head);
    return refusal ? refusal->status : 200;
  };
  EXPECT_EQ(length("PATCH", "/api/v1/runs/1", 512 * 1024), 200);
  EXPECT_EQ(length("PATCH", "/api/v1/runs/1", 512 * 1024 + 1), 413);
  EXPECT_EQ(length("POST", "/api/v1/runs/bulk", 64 * 1024 + 1), 413);
}

}  // namespace
}  // namespace spirogram::web
