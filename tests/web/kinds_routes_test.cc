// Answers of the routes of audio, graphs, tensors, hparams and sprites.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <optional>

#include "tests/web/service_fixture.h"
#include "transfer/npy.h"
#include "web/byte_range.h"
#include "web/hparam_groups.h"
#include "web/json_kinds.h"

namespace spirogram::web {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

using spirogram::testing::MakeRequest;
using spirogram::testing::ServiceFixture;

std::string RiffBytes() {
  return std::string("RIFF\x04\0\0\0WAVEfmt 0123456789", 26);
}

TEST(AudioRoutesTest, ListClipsWithWhatAPlayerNeeds) {
  ServiceFixture fixture;
  fixture.store.audio[{1, "sound"}] = {{3, 103, 1, 0, 44100, 2, 10, "audio/wav", "one", 84}};
  EXPECT_EQ(fixture.Get("/api/v1/audio?run=1&tag=sound").body,
            R"({"clips":[{"step":3,"wall_time":103.0,"index":1,"repeat":0,"sample_rate":44100.0,)"
            R"("channels":2,"frames":10,"content_type":"audio/wav","label":"one","bytes":84}]})");
  EXPECT_EQ(fixture.Get("/api/v1/audio?run=1&tag=none").status, 404);
}

TEST(AudioRoutesTest, ServeAClipByItsOwnBytesAndInRanges) {
  ServiceFixture fixture;
  fixture.store.audio_bytes[{1, "sound"}] = RiffBytes();
  fixture.store.audio_bytes[{1, "page"}] = "<script>alert(1)</script>";
  const std::string target = "/api/v1/audio/data?run=1&tag=sound&step=3";
  const Response whole = fixture.Get(target);
  EXPECT_EQ(whole.status, 200);
  EXPECT_EQ(whole.Get("Content-Type"), "audio/wav");
  EXPECT_EQ(whole.Get("Accept-Ranges"), "bytes");
  const Response part =
      fixture.service.Handle(MakeRequest("GET", target, {{"Range", "bytes=8-11"}}));
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, "WAVE");
  EXPECT_EQ(part.Get("Content-Range"), "bytes 8-11/26");
  const Response behind =
      fixture.service.Handle(MakeRequest("GET", target, {{"Range", "bytes=26-"}}));
  EXPECT_EQ(behind.status, 416);
  EXPECT_EQ(behind.Get("Content-Range"), "bytes */26");
  const Response head =
      fixture.service.Handle(MakeRequest("HEAD", target, {{"Range", "bytes=8-11"}}));
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.body.size(), 26u);
  EXPECT_EQ(fixture.Get("/api/v1/audio/data?run=1&tag=page&step=3").status, 415);
}

// A player that has a part asks for the rest of the same clip.
TEST(AudioRoutesTest, SendARangeOfNoOtherClipThanTheOneThatWasBegun) {
  ServiceFixture fixture;
  fixture.store.audio_bytes[{1, "sound"}] = RiffBytes();
  const std::string target = "/api/v1/audio/data?run=1&tag=sound&step=3";
  const std::string etag(fixture.Get(target).Get("ETag"));
  const auto status_of = [&](const std::string& begun) {
    const auto request = MakeRequest("GET", target, {{"Range", "bytes=8-11"}, {"If-Range", begun}});
    return fixture.service.Handle(request).status;
  };
  EXPECT_EQ(status_of(etag), 206);
  EXPECT_EQ(status_of("\"another\""), 200);
}

TEST(ByteRangeTest, TakesOneRangeAndIgnoresWhatItIsNot) {
  const struct {
    const char* range;
    int status;
    const char* body;
  } cases[] = {
      {"", 200, "0123456789"},
      {"bytes=0-0", 206, "0"},
      {"bytes=3-5", 206, "345"},
      {"bytes=7-", 206, "789"},
      {"bytes=-2", 206, "89"},
      {"bytes=-99", 206, "0123456789"},
      {"bytes=5-999999999999999999999999", 206, "56789"},
      {"bytes=-0", 416, ""},
      {"bytes=10-", 416, ""},
      {"bytes=99999999999999999999-", 416, ""},
      {"bytes=5-3", 200, "0123456789"},
      {"bytes=0-1,3-4", 200, "0123456789"},
      {"bytes=-", 200, "0123456789"},
      {"bytes=a-b", 200, "0123456789"},
      {"bytes=+1-2", 200, "0123456789"},
      {"lines=1-2", 200, "0123456789"},
  };
  for (const auto& test : cases) {
    Response response;
    response.body = "0123456789";
    ApplyRange(test.range, &response);
    EXPECT_EQ(response.status, test.status) << test.range;
    EXPECT_EQ(response.body, test.body) << test.range;
  }
}

TEST(GraphRoutesTest, AnswerNodesInPagesAndTheBytesAsADownload) {
  ServiceFixture fixture;
  fixture.store.graphs = {{"__run_graph__", store::GraphType::kRunGraph, "graphs", 0, 100, 10},
                          {"meta", store::GraphType::kRunMetadata, "graph_run_metadata", 1, 1, 1},
                          {"bad", store::GraphType::kRunGraph, "graphs", 0, 100, 1}};
  fixture.store.graph_bytes[{1, "__run_graph__"}] = "\x0a\x03\x0a\x01x\x0a\x03\x0a\x01y";
  fixture.store.graph_bytes[{1, "meta"}] = "";
  fixture.store.graph_bytes[{1, "bad"}] = "\xff";
  EXPECT_EQ(fixture.Get("/api/v1/graphs/nodes?run=1&tag=__run_graph__&offset=1").body,
            R"({"total":2,"offset":1,"nodes":[{"name":"y","op":"","device":"","function":"",)"
            R"("inputs":[],"attributes":{},"large_attributes":[]}]})");
  EXPECT_EQ(fixture.Get("/api/v1/graphs/nodes?run=1&tag=meta").status, 400);
  EXPECT_EQ(fixture.Get("/api/v1/graphs/nodes?run=1&tag=bad").status, 415);
  EXPECT_EQ(fixture.Get("/api/v1/graphs/nodes?run=1&tag=other").status, 404);
  EXPECT_EQ(fixture.Get("/api/v1/graphs/nodes?run=1&tag=bad&limit=20001").status, 400);
  EXPECT_EQ(fixture.Get("/api/v1/graphs/stats?run=1&tag=meta").body, R"({"nodes":[]})");
  EXPECT_EQ(fixture.Get("/api/v1/graphs/stats?run=1&tag=__run_graph__").status, 400);
  fixture.store.graph_bytes[{1, "meta"}] = "\xff";
  EXPECT_EQ(fixture.Get("/api/v1/graphs/stats?run=1&tag=meta").status, 415);
  const Response download = fixture.Get("/api/v1/graphs/data?run=1&tag=__run_graph__");
  EXPECT_EQ(download.Get("Content-Type"), "application/octet-stream");
  EXPECT_EQ(download.Get("Content-Disposition"), "attachment; filename=\"graph.pb\"");
  EXPECT_THAT(fixture.Get("/api/v1/graphs?run=1").body,
              HasSubstr(R"({"tag":"meta","type":"run_metadata","has_graph":false,)"
                        R"("is_run_metadata":true,"step":1,"wall_time":1.0,"bytes":1})"));
}

TEST(KerasNodesTest, ReadBothFormsOfInboundNodes) {
  const std::string keras_2 = R"({"class_name":"Model","config":{"layers":[
    {"name":"a","class_name":"InputLayer","inbound_nodes":[],"config":{"name":"a"}},
    {"name":"b","class_name":"Dense","inbound_nodes":[[["a",0,0,{}]]],"config":{"units":3}},
    {"name":"inner","class_name":"Sequential","inbound_nodes":[[["b",0,0,{}]]],
     "config":{"layers":[{"class_name":"Dense","config":{"name":"c"}}]}}]}})";
  const auto nodes = ParseKerasNodes(keras_2, 0, 100);
  ASSERT_TRUE(nodes.ok()) << nodes.error().ToString();
  ASSERT_THAT(nodes->nodes, SizeIs(4));
  EXPECT_THAT(nodes->nodes[1].inputs, ElementsAre("a"));
  EXPECT_EQ(nodes->nodes[1].attributes.at(0).second, "3");
  EXPECT_EQ(nodes->nodes[3].name, "inner/c");
  const std::string keras_3 = R"({"class_name":"Functional","config":{"layers":[
    {"name":"b","class_name":"Dense","inbound_nodes":[{"args":[{"class_name":"__keras_tensor__",
     "config":{"shape":[null,3],"keras_history":["a",0,0]}}],"kwargs":{}}]}]}})";
  EXPECT_THAT(ParseKerasNodes(keras_3, 0, 100)->nodes.at(0).inputs, ElementsAre("a"));
}

TEST(KerasNodesTest, RefuseWhatIsNoModel) {
  for (const std::string& text :
       {std::string(""), std::string("[]"), std::string("{}"), std::string(R"({"config":3})"),
        std::string(R"({"config":{"layers":[3]}})"), std::string(100'000, '['),
        std::string(R"({"config":{"layers":{}}})"), std::string(R"({"config":null})")}) {
    EXPECT_FALSE(ParseKerasNodes(text, 0, 100).ok()) << text.substr(0, 40);
  }
}

store::TensorValue MakeTensor(int dtype, std::vector<int64_t> shape, std::string data) {
  store::TensorValue tensor;
  tensor.info.dtype = dtype;
  tensor.info.shape = std::move(shape);
  tensor.data = std::move(data);
  return tensor;
}

TEST(TensorRoutesTest, AnswerEveryFormat) {
  ServiceFixture fixture;
  const float values[] = {0.5f, INFINITY};
  std::string data(sizeof values, '\0');
  std::memcpy(data.data(), values, sizeof values);
  fixture.store.tensors[{1, "t"}] = MakeTensor(1, {2}, data);
  const std::string target = "/api/v1/tensors/data?run=1&tag=t&step=0&format=";
  EXPECT_EQ(fixture.Get(target + "json").body,
            R"({"dtype":"float32","shape":[2],"values":[0.5,"Infinity"]})");
  EXPECT_EQ(fixture.Get(target + "json&values=1").body,
            R"({"dtype":"float32","shape":[2],"values":[0.5]})");
  EXPECT_EQ(fixture.Get(target + "json&values=9").body, fixture.Get(target + "json").body);
  EXPECT_EQ(fixture.Get(target + "npy&values=1").status, 400);
  EXPECT_EQ(fixture.Get(target + "raw").body, data);
  const std::string npy = fixture.Get(target + "npy").body;
  EXPECT_EQ(npy.size() % 64, data.size());
  EXPECT_THAT(npy, HasSubstr("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }"));
  EXPECT_EQ(fixture.Get(target + "csv").status, 400);
  EXPECT_EQ(fixture.Get("/api/v1/tensors?run=1&tag=t").body,
            R"({"tensors":[{"step":0,"wall_time":0.0,"repeat":0,"dtype":"float32","shape":[2],)"
            R"("bytes":0}]})");
}

TEST(TensorJsonTest, HoldsItsBoundForTypesOfEachSize) {
  constexpr int64_t kMost = 1'000'000;
  const auto code_of = [](int dtype, size_t element_bytes, int64_t elements) {
    const auto json = TensorJson(MakeTensor(
        dtype, {elements}, std::string(element_bytes * static_cast<size_t>(elements), '\0')));
    return json.ok() ? std::nullopt : std::optional(json.error().code);
  };
  constexpr int kFloat32 = 1;
  constexpr int kUint8 = 4;
  constexpr int kBool = 10;
  EXPECT_EQ(code_of(kUint8, 1, kMost), std::nullopt);
  EXPECT_EQ(code_of(kUint8, 1, kMost + 1), ErrorCode::kExhausted);
  EXPECT_EQ(code_of(kFloat32, 4, kMost + 1), ErrorCode::kExhausted);
  EXPECT_EQ(code_of(kBool, 1, kMost + 1), ErrorCode::kExhausted);
}

TEST(NpyTest, RefusesARankWhoseHeaderWouldNotFit) {
  store::TensorValue text = MakeTensor(7, std::vector<int64_t>(30'000, 1), "");
  text.strings = {"a"};
  EXPECT_EQ(transfer::ToNpy(text).error().code, ErrorCode::kInvalidArgument);
}

TEST(NpyTest, WidensBfloat16AndPadsTexts) {
  const auto wide = transfer::ToNpy(MakeTensor(14, {1}, "\xC0\x3F"));
  EXPECT_EQ(wide->substr(wide->size() - 4), std::string("\0\0\xC0\x3F", 4));
  store::TensorValue texts = MakeTensor(7, {2}, "");
  texts.strings = {"a", "bcd"};
  const auto padded = transfer::ToNpy(texts);
  EXPECT_THAT(*padded, HasSubstr("'|S3'"));
  EXPECT_EQ(padded->substr(padded->size() - 6), std::string("a\0\0bcd", 6));
  EXPECT_EQ(transfer::ToNpy(MakeTensor(21, {1}, "")).error().code, ErrorCode::kInvalidArgument);
}

TEST(HparamGroupsTest, JoinSessionsByNameOrByValues) {
  std::vector<store::HparamsSession> sessions(4);
  for (size_t i = 0; i < sessions.size(); ++i) {
    sessions[i].run = static_cast<store::RunId>(i + 1);
    sessions[i].hparams = {
        {"lr", {store::HparamValue::Type::kNumber, i < 2 ? 0.1 : 0.2, "", false}}};
  }
  sessions[3].group_name = "mine";
  const auto groups = GroupSessions(sessions);
  ASSERT_THAT(groups, SizeIs(3));
  EXPECT_THAT(groups[0].runs, ElementsAre(1, 2));
  EXPECT_THAT(groups[1].runs, ElementsAre(3));
  EXPECT_EQ(groups[2].name, "mine");
}

TEST(HparamGroupsTest, InferMetricsOfTheSessionsAndOfTheRunsBelow) {
  std::vector<store::HparamsSession> sessions(1);
  sessions[0].run = 1;
  std::vector<store::Run> runs(4);
  const char* names[] = {"trial", "trial/validation", "trial2", "other"};
  std::vector<store::Tag> tags(4);
  for (size_t i = 0; i < runs.size(); ++i) {
    runs[i].id = tags[i].run = static_cast<store::RunId>(i + 1);
    runs[i].name = names[i];
    tags[i].name = "loss";
    tags[i].kind = store::DataKind::kScalar;
  }
  const auto metrics = InferMetrics(sessions, runs, tags);
  ASSERT_THAT(metrics, SizeIs(2));
  EXPECT_EQ(metrics[0].group, "");
  EXPECT_EQ(metrics[1].group, "validation");
}

store::RunHparams Said(store::RunId run, double lr) {
  return {run, {{"lr", {store::HparamValue::Type::kNumber, lr, "", false}}}};
}

// As add_hparams of PyTorch and tensorboardX leaves them.
std::vector<store::Run> NamedRuns(std::initializer_list<const char*> names) {
  std::vector<store::Run> runs;
  for (const char* name : names) {
    store::Run run;
    run.id = static_cast<store::RunId>(runs.size() + 1);
    run.name = name;
    run.start_time = 1'700'000'000.25 + static_cast<double>(run.id);
    runs.push_back(run);
  }
  return runs;
}

TEST(HparamJoinTest, IsToldByTheRoute) {
  ServiceFixture fixture;
  fixture.store.runs = NamedRuns({"a", "a/1700000000.25"});
  fixture.store.hparams = {Said(2, 0.5)};
  EXPECT_EQ(
      fixture.Get("/api/v1/hparams").body,
      R"({"runs":[{"run":1,"hparams":{"lr":0.5},"sub_runs":[2]},{"run":2,"hparams":{"lr":0.5}}]})");
}

TEST(HparamsExperimentRouteTest, AnswersTheUnion) {
  ServiceFixture fixture;
  store::HparamsSession session;
  session.run = 1;
  session.hparams = {{"lr", {store::HparamValue::Type::kNumber, 0.5, "", false}}};
  session.status = store::HparamsStatus::kSuccess;
  session.end_time = 7;
  fixture.store.hparams_data.sessions = {session};
  EXPECT_EQ(fixture.Get("/api/v1/hparams/experiment").body,
            R"({"experiments":[],"hparams":[{"name":"lr","display_name":"","description":"",)"
            R"("type":"number","differs":false,"values":[0.5],"interval":null}],)"
            R"("metrics":[{"group":"","tag":"loss/train","display_name":"","description":"",)"
            R"("dataset":"unknown"}],"sessions":[{"run":1,"hparams":{"lr":0.5},"group_name":"",)"
            R"("model_uri":"","monitor_url":"","start_time":0.0,"end_time":7.0,)"
            R"("status":"success"}],"groups":[{"name":"","hparams":{"lr":0.5},"runs":[1]}]})");
}

TEST(EmbeddingRowRouteTest, SearchesAnewWhatWasWrittenAnewAtTheSameStep) {
  ServiceFixture fixture;
  const std::string target =
      "/api/v1/embeddings/row?run=1&tag=embeddings/item&step=600&row=0&neighbours=1";
  EXPECT_THAT(fixture.Get(target).body, HasSubstr(R"("row":1)"));
  store::Embedding& changed = fixture.store.embeddings[{1, "embeddings/item"}].at(1);
  changed.values = {1, 0, 0, 1, 0, -1, 1, 0};
  EXPECT_THAT(fixture.Get(target).body, HasSubstr(R"("row":1)"));  // the same checkpoint
  changed.info.wall_time += 1;
  EXPECT_THAT(fixture.Get(target).body, HasSubstr(R"("row":3)"));
}

TEST(SpriteRouteTest, ServesOnlyImages) {
  ServiceFixture fixture;
  store::ProjectorTensor tensor;
  tensor.tensor_name = "default:00007";
  tensor.tag = "default";
  tensor.step = 7;
  tensor.sprite_bytes = 9;
  fixture.store.projector_tensors = {tensor};
  auto& sprite = fixture.store.projector_assets[{1, "default:00007"}];
  sprite = "\x89PNG\r\n\x1a\npixels";
  const std::string target = "/api/v1/embeddings/sprite?run=1&tag=default&step=";
  EXPECT_EQ(fixture.Get(target + "7").Get("Content-Type"), "image/png");
  EXPECT_EQ(fixture.Get(target + "8").status, 404);
  sprite = "<svg/>";
  EXPECT_EQ(fixture.Get(target + "7").status, 415);
}

TEST(BookmarksRouteTest, ServesWhatTheConfigNames) {
  ServiceFixture fixture;
  store::ProjectorTensor tensor;
  tensor.tensor_name = tensor.tag = "default";
  fixture.store.projector_tensors = {tensor};
  const std::string target = "/api/v1/embeddings/bookmarks?run=1&tag=default&step=0";
  EXPECT_THAT(fixture.Get(target).body, HasSubstr("has no bookmarks at step 0"));
  fixture.store.projector_tensors[0].bookmarks_bytes = 2;
  fixture.store.projector_assets[{1, "default"}] = "[]";
  const Response response = fixture.Get(target);
  EXPECT_EQ(response.Get("Content-Type"), "application/json");
  EXPECT_EQ(response.body, "[]");
}

}  // namespace
}  // namespace spirogram::web
