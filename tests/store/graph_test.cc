// Graphs and run metadata, from the bytes of an event file to lists of nodes.
#include <gmock/gmock.h>

#include "store/graph_nodes.h"
#include "store/graph_stats.h"
#include "store/maintenance.h"
#include "tests/store/store_fixture.h"
#include "tests/testing/wire_builder.h"

namespace spirogram::store {
namespace {

using ::testing::ElementsAre;
using testing::EventBuilder;
using testing::Field;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using testing::Varint;

class GraphTest : public StoreFixture {
 protected:
  RunId run() { return FindRun("run").id; }
};

proto::Event GraphEvent(const std::string& graph) {
  proto::Event event;
  event.set_graph_def(graph);
  return event;
}
proto::Event MetaGraphEvent(const std::string& graph) {
  proto::Event event;
  event.set_meta_graph_def(Field(1, "meta info") + Field(2, graph));
  return event;
}

// Case 36.
TEST_F(GraphTest, TakesTheGraphOfAMetaGraphWhereThereIsNoOther) {
  EventBuilder()
      .Add(0, MetaGraphEvent("old"))
      .Add(0, MetaGraphEvent("new"))
      .AppendTo(EventFile("run"));
  Load();
  EXPECT_EQ(store_->ReadGraphBytes(run(), kRunGraphTag).value(), "new");
}

TEST_F(GraphTest, TakesTheLastOfSeveralGraphsAndAGraphBeforeAMetaGraph) {
  EventBuilder()
      .Add(0, MetaGraphEvent("meta"))
      .Add(0, GraphEvent("first"))
      .Add(0, GraphEvent("last"))
      .Add(0, MetaGraphEvent("later meta"))
      .AppendTo(EventFile("run"));
  Load();
  EXPECT_EQ(store_->ReadGraphBytes(run(), kRunGraphTag).value(), "last");
  const auto graphs = store_->ReadGraphs(run());
  ASSERT_THAT(*graphs, SizeIs(1));
  EXPECT_EQ((*graphs)[0].type, GraphType::kRunGraph);
  EXPECT_EQ((*graphs)[0].plugin, "graphs");
  EXPECT_EQ((*graphs)[0].bytes, 4u);
}

// What TensorFlow writes of a graph that nothing was built into: versions alone, or not even those.
TEST_F(GraphTest, AnEmptyGraphHidesNoOther) {
  const std::string versions = Field(4, "\x08\x01");
  EventBuilder()
      .Add(0, MetaGraphEvent("meta"))
      .Add(1, GraphEvent(""))
      .Add(2, GraphEvent(versions))
      .AppendTo(EventFile("meta"));
  EventBuilder()
      .Add(0, GraphEvent("real"))
      .Add(1, GraphEvent(""))
      .Add(2, GraphEvent(versions + Field(2, "")))
      .AppendTo(EventFile("run"));
  EventBuilder().Add(0, GraphEvent("")).Add(1, GraphEvent(versions)).AppendTo(EventFile("only"));
  EventBuilder()
      .Add(0, GraphEvent("real"))
      .Add(1, GraphEvent(versions + Field(2, "functions")))
      .AppendTo(EventFile("library"));
  Load();
  const auto graph_of = [&](const std::string& run) {
    return store_->ReadGraphBytes(FindRun(run).id, kRunGraphTag).value();
  };
  EXPECT_EQ(graph_of("meta"), "meta");
  EXPECT_EQ(graph_of("run"), "real");
  EXPECT_EQ(graph_of("only"), versions);
  EXPECT_EQ(graph_of("library"), versions + Field(2, "functions"));
  store_->Close();
  const auto report = CheckData({.data_dir = data_dir()});
  ASSERT_TRUE(report.ok()) << report.error().ToString();
  for (const CheckProblem& problem : report->problems) ADD_FAILURE() << problem.what;
}

TEST_F(GraphTest, EveryGraphOfAMetaGraphIsCountedAndAMetaGraphWithoutOneIsAWarning) {
  proto::Event empty;
  empty.set_meta_graph_def(Field(1, "meta info"));
  EventBuilder()
      .Add(0, MetaGraphEvent("meta"))
      .Add(0, GraphEvent("graph"))
      .Add(1, empty)
      .AppendTo(EventFile("run"));
  Load();
  ASSERT_THAT(*store_->ReadWarnings(run()), SizeIs(1));
  EXPECT_THAT(store_->ReadWarnings(run())->at(0).message, HasSubstr("holds no graph"));
  store_->Close();
  const auto report = CheckData({.data_dir = data_dir()});
  ASSERT_TRUE(report.ok()) << report.error().ToString();
  for (const CheckProblem& problem : report->problems) ADD_FAILURE() << problem.what;
}

// Case 34.
TEST_F(GraphTest, KeepsAGraphThatStandsBeforeTheFirstStart) {
  EventBuilder file;
  file.FileVersion().Add(0, GraphEvent("graph")).SessionStart(0).Scalar("x", 0, 1);
  file.SessionStart(0).Scalar("x", 0, 2).AppendTo(EventFile("run"));
  Load();
  EXPECT_EQ(store_->ReadGraphBytes(run(), kRunGraphTag).value(), "graph");
  EXPECT_THAT(Scalars("run", "x").mean, ElementsAre(2));
}

// Case 50.
TEST_F(GraphTest, ReadsRunMetadataAndKerasModels) {
  proto::Event tagged;
  tagged.mutable_tagged_run_metadata()->set_tag("step1");
  tagged.mutable_tagged_run_metadata()->set_run_metadata("tagged");
  EventBuilder()
      .Add(1, tagged)
      .Texts("trace", 2, "graph_run_metadata", {}, {"metadata"}, "1")
      .Texts("trace with graph", 3, "graph_run_metadata_graph", {}, {"graphs"}, "1")
      .Texts("keras", 4, "graph_keras_model", {}, {R"({"class_name":"Sequential"})"}, "1")
      .AppendTo(EventFile("run"));
  Load();
  const auto graphs = store_->ReadGraphs(run());
  ASSERT_THAT(*graphs, SizeIs(4));
  EXPECT_EQ((*graphs)[0].type, GraphType::kKerasModel);
  EXPECT_TRUE((*graphs)[0].has_graph());
  EXPECT_EQ((*graphs)[1].type, GraphType::kTaggedMetadata);
  EXPECT_TRUE((*graphs)[1].is_run_metadata());
  EXPECT_FALSE((*graphs)[1].has_graph());
  EXPECT_EQ((*graphs)[2].type, GraphType::kRunMetadata);
  EXPECT_EQ((*graphs)[3].type, GraphType::kRunMetadataGraph);
  EXPECT_TRUE((*graphs)[3].has_graph());
  EXPECT_EQ(store_->ReadGraphBytes(run(), "step1").value(), "tagged");
  EXPECT_EQ(store_->ReadGraphBytes(run(), "trace").value(), "metadata");
  EXPECT_EQ(store_->ReadGraphBytes(run(), "trace with graph").value(), "graphs");
  EXPECT_EQ(store_->ReadGraphBytes(run(), "other").error().code, ErrorCode::kNotFound);
}

std::string Attribute(const std::string& name, const std::string& value) {
  return Field(5, Field(1, name) + Field(2, value));
}

TEST(GraphNodesTest, ListsNodesWithShortAttributes) {
  const std::string shape = Field(2, Varint(1, 3)) + Field(2, Varint(1, 4));
  const std::string node = Field(1, "dense/MatMul") + Field(2, "MatMul") + Field(3, "x") +
                           Field(3, "^init") + Field(4, "/gpu:0") + Attribute("T", Varint(6, 1)) +
                           Attribute("shape", Field(7, shape)) +
                           Attribute("big", Field(2, std::string(2000, 'b')));
  const std::string function =
      Field(1, Field(1, "loss")) + Field(3, Field(1, "sub") + Field(2, "Sub"));
  const std::string graph = Field(1, node) + Field(1, Field(1, "y")) + Field(2, Field(1, function));
  const auto read = ParseGraphNodes(GraphType::kRunGraph, graph, 0, 100);
  ASSERT_TRUE(read.ok()) << read.error().ToString();
  EXPECT_EQ(read->total, 3);
  ASSERT_THAT(read->nodes, SizeIs(3));
  EXPECT_EQ(read->nodes[0].op, "MatMul");
  EXPECT_EQ(read->nodes[0].device, "/gpu:0");
  EXPECT_THAT(read->nodes[0].inputs, ElementsAre("x", "^init"));
  EXPECT_THAT(read->nodes[0].attributes,
              ElementsAre(::testing::Pair("T", "float32"), ::testing::Pair("shape", "[3, 4]")));
  EXPECT_THAT(read->nodes[0].large_attributes, ElementsAre("big"));
  EXPECT_EQ(read->nodes[2].function, "loss");
  const auto page = ParseGraphNodes(GraphType::kRunGraph, graph, 1, 1);
  EXPECT_EQ(page->total, 3);
  ASSERT_THAT(page->nodes, SizeIs(1));
  EXPECT_EQ(page->nodes[0].name, "y");
}

// Each node of a function has its name: 20,000 nodes of one of a megabyte were 20 GB.
TEST(GraphNodesTest, BoundsAnAnswerWhoseFunctionsHaveLongNames) {
  std::string function = Field(1, Field(1, std::string(size_t{1} << 20, 'f')));
  for (int i = 0; i < 100; ++i) function += Field(3, Field(1, "n"));
  const auto read = ParseGraphNodes(GraphType::kRunGraph, Field(2, Field(1, function)), 0, 100);
  ASSERT_TRUE(read.ok()) << read.error().ToString();
  EXPECT_EQ(read->total, 100);
  EXPECT_THAT(read->nodes, SizeIs(32));
}

TEST(GraphNodesTest, SurvivesEveryCutOfAGraph) {
  const std::string graph =
      Field(1, Field(1, "n") + Attribute("a", Field(1, Field(3, "\x01\x02"))));
  for (size_t size = 0; size < graph.size(); ++size) {
    const auto read = ParseGraphNodes(GraphType::kRunGraph, graph.substr(0, size), 0, 100);
    EXPECT_EQ(read.ok(), size == 0) << size;
  }
  EXPECT_EQ(ParseGraphNodes(GraphType::kRunMetadata, "", 0, 1).error().code,
            ErrorCode::kInvalidArgument);
}

// `number` with a key and a value of any size.
std::string LongField(uint64_t number, uint64_t value) {
  std::string out;
  for (uint64_t rest : {number << 3, value}) {
    for (; rest >= 128; rest >>= 7) out.push_back(static_cast<char>((rest & 127) | 128));
    out.push_back(static_cast<char>(rest));
  }
  return out;
}
// A NodeExecStats.
std::string Execution(const std::string& name, uint64_t micros, uint64_t nanos, uint64_t bytes) {
  const std::string execution =
      Field(1, name) + LongField(5, micros) + Field(6, LongField(2, bytes));
  return Field(2, nanos == 0 ? execution : execution + LongField(16, nanos));
}
std::string TraceOf(const std::string& device, const std::string& executions) {
  return Field(1, Field(1, Field(1, device) + executions));
}

TEST(GraphStatsTest, AddsUpTheTimesOfANodeAndKeepsItsLargestMemory) {
  const std::string trace =
      TraceOf("/gpu:0",
              Execution("a", 5, 0, 64) + Execution("b", 1, 1500, 0) + Execution("a", 7, 0, 32)) +
      TraceOf("/cpu:0", Execution("a", 2, 0, 8));
  const auto stats = ParseGraphStats(GraphType::kTaggedMetadata, trace);
  ASSERT_TRUE(stats.ok()) << stats.error().ToString();
  ASSERT_THAT(*stats, SizeIs(3));
  EXPECT_EQ((*stats)[0].name, "a");
  EXPECT_EQ((*stats)[0].device, "/gpu:0");
  EXPECT_EQ((*stats)[0].executions, 2);
  EXPECT_EQ((*stats)[0].duration_us, 12);
  EXPECT_EQ((*stats)[0].memory_bytes, 64);
  EXPECT_EQ((*stats)[1].duration_us, 1.5);
  EXPECT_EQ((*stats)[2].device, "/cpu:0");
}

TEST(GraphStatsTest, CountsNegativeTimesAndMemoryAsNothing) {
  const uint64_t negative = ~uint64_t{0};
  const auto stats =
      ParseGraphStats(GraphType::kRunMetadata, TraceOf("d", Execution("a", negative, 0, negative)));
  ASSERT_TRUE(stats.ok());
  EXPECT_EQ((*stats)[0].duration_us, 0);
  EXPECT_EQ((*stats)[0].memory_bytes, 0);
}

TEST(GraphStatsTest, RefusesADeviceWithoutAnEndToItsName) {
  const auto stats = ParseGraphStats(GraphType::kRunMetadata,
                                     TraceOf(std::string(1'001, 'd'), Execution("a", 5, 6, 7)));
  EXPECT_EQ(stats.error().code, ErrorCode::kExhausted);
}

TEST(GraphStatsTest, SurvivesEveryCutOfATrace) {
  const std::string trace = TraceOf("d", Execution("a", 5, 6, 7));
  for (size_t size = 0; size < trace.size(); ++size) {
    const auto stats = ParseGraphStats(GraphType::kRunMetadata, trace.substr(0, size));
    EXPECT_EQ(stats.ok(), size == 0) << size;
  }
  EXPECT_EQ(ParseGraphStats(GraphType::kRunGraph, "").error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace spirogram::store
