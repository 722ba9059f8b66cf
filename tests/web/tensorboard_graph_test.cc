// Graphs as text, from bytes that the tests write field by field.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/wire.h"
#include "tests/testing/wire_builder.h"
#include "web/tensorboard/graph_edit.h"
#include "web/tensorboard/graph_schema.h"
#include "web/tensorboard/keras_graph.h"
#include "web/tensorboard/proto_text.h"

namespace spirogram::web::tensorboard {
namespace {

using testing::Field;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Varint;

std::string Attribute(std::string_view key, std::string_view value) {
  return Field(5, Field(1, key) + Field(2, value));
}

std::string Node(std::string_view name, std::string_view rest = {}) {
  return Field(1, Field(1, name) + std::string(rest));
}

std::string Print(std::string_view graph) {
  const auto text = PrintMessage(SchemaOf("GraphDef"), graph);
  return text.ok() ? *text : text.error().ToString();
}

TEST(ProtoTextTest, PrintsFieldsByNumberAndMapsByKey) {
  const std::string node =
      Node("a", Attribute("b", Varint(5, 0)) + Attribute("T", Varint(6, 1)) + Field(2, "MatMul"));
  EXPECT_EQ(Print(Field(4, Varint(1, 987)) + node),
            "node {\n  name: \"a\"\n  op: \"MatMul\"\n"
            "  attr {\n    key: \"T\"\n    value {\n      type: DT_FLOAT\n    }\n  }\n"
            "  attr {\n    key: \"b\"\n    value {\n      b: false\n    }\n  }\n}\n"
            "versions {\n  producer: 987\n}\n");
}

TEST(ProtoTextTest, EscapesBytesWhollyAndTextsOnlyWhereItMust) {
  const std::string text =
      Print(Node("gr\xC3\xB6\xC3\x9F"
                 "e\n\"'",
                 Attribute("s", Field(2, std::string("\0\xFF\t\\", 4)))));
  EXPECT_THAT(text, HasSubstr("name: \"gr\xC3\xB6\xC3\x9F"
                              "e\\n\\\"\\'\"\n"));
  EXPECT_THAT(text, HasSubstr("s: \"\\000\\377\\t\\\\\"\n"));
}

TEST(ProtoTextTest, ReadsPackedAndUnpackedListsAlike) {
  std::string packed;
  for (const uint64_t value : {uint64_t{1}, ~uint64_t{0}}) AppendVarint(value, &packed);
  const std::string expected = "i: 1\n        i: -1\n";
  EXPECT_THAT(Print(Node("a", Attribute("l", Field(1, Field(3, packed))))), HasSubstr(expected));
  EXPECT_THAT(Print(Node("a", Attribute("l", Field(1, Varint(3, 1) + Varint(3, ~uint64_t{0}))))),
              HasSubstr(expected));
}

TEST(ProtoTextTest, LeavesOutZerosUnknownFieldsAndWhatIsOverwritten) {
  EXPECT_EQ(Print(Varint(3, 0) + Varint(99, 5) + Field(98, "x")), "");
  EXPECT_EQ(Print(Varint(3, 7) + Varint(3, 8)), "version: 8\n");
  // A message in two parts is one.
  EXPECT_EQ(Print(Field(4, Varint(1, 5)) + Field(4, Varint(2, 6))),
            "versions {\n  producer: 5\n  min_consumer: 6\n}\n");
}

TEST(ProtoTextTest, NumbersEnumValuesWithoutAName) {
  EXPECT_THAT(Print(Node("a", Attribute("T", Varint(6, 101)))), HasSubstr("type: DT_FLOAT_REF\n"));
  EXPECT_THAT(Print(Node("a", Attribute("T", Varint(6, 999)))), HasSubstr("type: 999\n"));
}

TEST(ProtoTextTest, SurvivesTruncationAtEveryByteAndDeepNesting) {
  const std::string graph =
      Node("a", Attribute("v", Field(8, Varint(1, 2) + Field(4, std::string(20, 'x')))));
  for (size_t length = 0; length <= graph.size(); ++length) {
    const auto text = PrintMessage(SchemaOf("GraphDef"), graph.substr(0, length));
    EXPECT_EQ(text.ok(), length == 0 || length == graph.size()) << length;
  }
  std::string function;  // NameAttrList within AttrValue within NameAttrList ...
  for (int i = 0; i < 10'000; ++i) {
    function = Field(2, Field(1, "k") + Field(2, Field(10, function)));
    if (function.size() > 100'000) break;
  }
  const auto deep = PrintMessage(SchemaOf("NameAttrList"), function);
  ASSERT_FALSE(deep.ok());
  EXPECT_EQ(deep.error().code, ErrorCode::kExhausted);
}

TEST(GraphEditTest, ListsAttributesThatAreTooLarge) {
  const std::string graph = Node(
      "a", Attribute("big", Field(2, std::string(50, 'x'))) + Attribute("small", Varint(5, 1)));
  const auto limited = LimitAttributes(graph, 10, "_large");
  ASSERT_TRUE(limited.ok());
  const std::string text = Print(*limited);
  EXPECT_THAT(text, HasSubstr("key: \"_large\"\n    value {\n      list {\n        s: \"big\"\n"));
  EXPECT_THAT(text, HasSubstr("key: \"small\""));
  EXPECT_THAT(text, Not(HasSubstr("xxx")));
  EXPECT_EQ(*LimitAttributes(graph, 1000, "_large"), graph);
}

TEST(GraphEditTest, KeepsNamesOfJoinedGraphsApart) {
  const std::string call = Node(
      "n", Field(2, "PartitionedCall") + Field(3, "m") + Attribute("f", Field(10, Field(1, "g"))));
  const std::string graph = call + Field(2, Field(1, Field(1, Field(1, "g"))));
  const auto merged = MergeGraphs({graph, graph});
  ASSERT_TRUE(merged.ok());
  const std::string text = Print(*merged);
  EXPECT_THAT(text, HasSubstr("name: \"graph_1/n\""));
  EXPECT_THAT(text, HasSubstr("input: \"graph_2/m\""));
  EXPECT_THAT(text, HasSubstr("name: \"graph_2_g\""));
  EXPECT_EQ(*MergeGraphs({graph}), graph);
  EXPECT_EQ(*MergeGraphs({}), "");
  // A library without functions, as of graphs that TensorFlow 2 traced.
  const std::string traced = call + Field(2, "");
  EXPECT_THAT(Print(*MergeGraphs({traced, traced})), Not(HasSubstr("library")));
}

TEST(GraphEditTest, RefusesBytesThatAreNoGraph) {
  EXPECT_FALSE(LimitAttributes("\x0A\xFF", 10, "x").ok());
  EXPECT_FALSE(MergeGraphs({"\x0A\xFF", "\x0A\xFF"}).ok());
  EXPECT_FALSE(FunctionGraphs("\x22\x05x").ok());
}

TEST(KerasGraphTest, ConnectsTheLayersOfASequentialModelInOrder) {
  const auto graph = KerasGraph(R"({"config": {"name": "m", "layers": [
      {"class_name": "Dense", "config": {"name": "a", "dtype": "float32"}},
      {"class_name": "Dense", "config": {"name": "b"}}]}})");
  ASSERT_TRUE(graph.ok()) << graph.error().message;
  const std::string text = Print(*graph);
  EXPECT_THAT(text, HasSubstr("name: \"m/b\"\n  input: \"m/a\"\n"));
  EXPECT_THAT(text, HasSubstr("key: \"dtype\"\n    value {\n      type: DT_FLOAT\n"));
  EXPECT_THAT(text, HasSubstr("s: \"Dense\""));
}

TEST(KerasGraphTest, ConnectsAFunctionalModelByItsHistories) {
  const auto graph = KerasGraph(R"({"config": {"name": "m", "input_layers": [["x", 0, 0]],
      "output_layers": [["z", 0, 0]], "layers": [
      {"config": {"name": "x"}, "inbound_nodes": []},
      {"config": {"name": "z"}, "inbound_nodes": [{"args": [[
          {"config": {"keras_history": ["x", 0, 0]}}, {"config": {"keras_history": ["y", 0, 0]}}]]}]}
      ]}})");
  ASSERT_TRUE(graph.ok()) << graph.error().message;
  EXPECT_THAT(Print(*graph), HasSubstr("input: \"m/x\"\n  input: \"m/y\"\n"));
}

TEST(KerasGraphTest, RefusesWhatIsNoModel) {
  for (const char* text : {"", "[]", "{}", "{\"config\": 1}", "{\"config\": {\"layers\": [1]}}"}) {
    EXPECT_FALSE(KerasGraph(text).ok()) << text;
  }
  std::string deep = "{\"config\": {\"name\": \"l\"}}";
  for (int i = 0; i < 50; ++i) deep = "{\"config\": {\"name\": \"m\", \"layers\": [" + deep + "]}}";
  EXPECT_EQ(KerasGraph(deep).error().code, ErrorCode::kExhausted);
}

}  // namespace
}  // namespace spirogram::web::tensorboard
