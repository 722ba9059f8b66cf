// A run that is exported as an event file and loaded again answers every question as before.
#include <gmock/gmock.h>

#include <bit>
#include <cmath>

#include "tests/testing/wire_builder.h"
#include "tests/transfer/transfer_fixture.h"

namespace spirogram::transfer {
namespace {

using testing::EventBuilder;
using testing::Field;

class EventsExportTest : public TransferFixture {
 protected:
  // Exports the run, loads it as the only one of a new log directory, and compares.
  void ExpectSameAfterRoundTrip(const std::string& run) {
    const store::Run before = FindRun(run);
    const std::string bytes = ExportAll({.format = Format::kEvents, .runs = {before.id}});
    const std::unique_ptr<store::Store> original = std::move(store_);
    const testing::TempDir folder;
    const std::string copy = folder.File("logs") + "/" + run;
    ASSERT_TRUE(MakeFolders(copy).ok());
    ASSERT_TRUE(AppendFile::Open(copy + "/events.out.tfevents.1")->Append(bytes).ok());
    auto opened = store::Store::Open({.logdir = folder.File("logs"), .data_dir = folder.File("d")});
    ASSERT_TRUE(opened.ok()) << opened.error().ToString();
    store_ = std::move(opened).value();
    ASSERT_TRUE(store_->LoadOnce().ok());
    const store::Run after = FindRun(run);
    EXPECT_TRUE(store_->ReadWarnings(after.id)->empty());
    ExpectSameRun(before, after);
    ExpectSameTags(*original, before.id, after.id);
    store_.reset();
    store_ = nullptr;
  }

  static void ExpectSameRun(const store::Run& a, const store::Run& b) {
    EXPECT_EQ(a.start_time, b.start_time);
    EXPECT_EQ(a.last_wall_time, b.last_wall_time);
    EXPECT_EQ(a.last_step, b.last_step);
    EXPECT_EQ(a.points, b.points);
    EXPECT_EQ(a.status, b.status);
  }

  void ExpectSameTags(store::Store& original, store::RunId a, store::RunId b) {
    const auto want = original.ReadTags(std::span(&a, 1));
    const auto got = store_->ReadTags(std::span(&b, 1));
    ASSERT_EQ(want->size(), got->size());
    for (size_t i = 0; i < want->size(); ++i) {
      const store::Tag& tag = (*want)[i];
      SCOPED_TRACE(tag.name);
      EXPECT_EQ(tag.name, (*got)[i].name);
      EXPECT_EQ(tag.kind, (*got)[i].kind);
      EXPECT_EQ(tag.plugin, (*got)[i].plugin);
      EXPECT_EQ(tag.display_name, (*got)[i].display_name);
      EXPECT_EQ(tag.description, (*got)[i].description);
      EXPECT_EQ(tag.count, (*got)[i].count);
      EXPECT_EQ(tag.first_step, (*got)[i].first_step);
      EXPECT_EQ(tag.last_step, (*got)[i].last_step);
      if (tag.kind == store::DataKind::kScalar) ExpectSamePoints(original, a, b, tag.name);
      if (tag.kind == store::DataKind::kScalar) continue;
      // What event files hold of a kind is all that the store can answer of it.
      if (tag.kind != store::DataKind::kGraph) ExpectSameValues(original, a, b, tag.name);
    }
    ExpectSameGraphs(original, a, b);
  }

  void ExpectSameGraphs(store::Store& original, store::RunId a, store::RunId b) {
    const auto want = original.ReadGraphs(a);
    const auto got = store_->ReadGraphs(b);
    ASSERT_EQ(want->size(), got->size());
    for (size_t i = 0; i < want->size(); ++i) {
      const store::GraphInfo& graph = (*want)[i];
      SCOPED_TRACE(graph.tag);
      EXPECT_EQ(graph.tag, (*got)[i].tag);
      EXPECT_EQ(graph.type, (*got)[i].type);
      EXPECT_EQ(graph.step, (*got)[i].step);
      EXPECT_EQ(graph.wall_time, (*got)[i].wall_time);
      EXPECT_EQ(*original.ReadGraphBytes(a, graph.tag), *store_->ReadGraphBytes(b, graph.tag));
    }
  }

  void ExpectSamePoints(store::Store& original, store::RunId a, store::RunId b,
                        const std::string& tag) {
    const auto want = original.ReadPoints({.run = a, .tag = tag});
    const auto got = store_->ReadPoints({.run = b, .tag = tag});
    EXPECT_EQ(want->step, got->step);
    EXPECT_EQ(want->wall_time, got->wall_time);
    ASSERT_EQ(want->size(), got->size());
    for (size_t i = 0; i < want->size(); ++i) {
      EXPECT_EQ(std::bit_cast<uint64_t>(want->value[i]), std::bit_cast<uint64_t>(got->value[i]));
    }
  }

  void ExpectSameValues(store::Store& original, store::RunId a, store::RunId b,
                        const std::string& tag) {
    const auto want = original.ReadLoggedValues({.run = a, .tag = tag});
    const auto got = store_->ReadLoggedValues({.run = b, .tag = tag});
    ASSERT_TRUE(want.ok()) << want.error().ToString();
    ASSERT_EQ(want->values.size(), got->values.size());
    for (size_t i = 0; i < want->values.size(); ++i) {
      EXPECT_EQ(want->values[i].step, got->values[i].step);
      EXPECT_EQ(want->values[i].wall_time, got->values[i].wall_time);
      EXPECT_EQ(want->values[i].summary_value, got->values[i].summary_value);
    }
  }

  static proto::HParamsPluginData SessionStart() {
    proto::HParamsPluginData data;
    auto& hparams = *data.mutable_session_start_info()->mutable_hparams();
    hparams["rate"].set_number_value(0.1);
    hparams["name"].set_string_value("adam");
    hparams["flag"].set_bool_value(true);
    return data;
  }
  static proto::HParamsPluginData SessionEnd(proto::SessionStatus status = proto::STATUS_SUCCESS) {
    proto::HParamsPluginData data;
    data.mutable_session_end_info()->set_status(status);
    return data;
  }
};

TEST_F(EventsExportTest, KeepsScalarsBitByBit) {
  proto::Tensor tenth = EventBuilder::Shaped(proto::DT_DOUBLE, {});
  tenth.add_double_val(0.1);
  EventBuilder file;
  file.FileVersion().Scalar("float", 0, 0.1f).Tensor("double", 0, "scalars", tenth);
  file.Scalar("float", 1, NAN).Scalar("float", 2, -INFINITY).Scalar("float", -5, -0.0f);
  file.AppendTo(EventFile("run"));
  Load();
  ExpectSameAfterRoundTrip("run");
}

TEST_F(EventsExportTest, KeepsEveryOtherKind) {
  proto::HistogramProto old;
  old.set_min(-1);
  old.set_max(1);
  for (const double limit : {-1.0, 0.0, 2.0}) old.add_bucket_limit(limit);
  for (const double count : {1.0, 0.0, 2.0}) old.add_bucket(count);
  proto::EntityStatsContent stats;
  stats.set_entity(proto::EntityStatsContent::ROW);
  for (const char* column : {"touches", "row_norm"}) stats.add_columns(column);
  stats.set_first_step(1);
  stats.set_samples(64);
  (*stats.mutable_attributes())["frozen"] = "true";
  proto::EmbeddingMetadataContent columns;
  columns.add_columns("city");
  columns.add_columns("size");
  proto::ProfileSlices slices;
  slices.add_names("gemm");
  for (int i = 0; i < 3; ++i) {
    slices.add_kind(1);
    slices.add_name(0);
    slices.add_start_ns(i == 0 ? 1'700'000'000'000'000'000 : 1000);
    slices.add_duration_ns(10);
    slices.add_step(i == 0 ? 7 : 0);
    slices.add_correlation_id(static_cast<uint32_t>(i));
    slices.add_stream(1);
  }
  EventBuilder file;
  file.FileVersion().Hparams(SessionStart(), "_hparams_/session_start_info");
  file.OldHistogram("h/old", 1, old).OldHistogram("h/empty", 1, {});
  file.Floats("h/new", 2, "histograms", {2, 3}, {0, 1, 5, 2, 3, 6});
  file.Texts("text", 3, "text", {2, 1}, {"a", "größe"}).Texts("text", 4, "text", {}, {"one"});
  file.OldImage("image/old", 1, 8, 4, "PNG1");
  file.Texts("image/new", 2, "images", {5}, {"16", "9", "PNG2", "", "PNG3"});
  // Values without images or clips are values too, alone and among others.
  file.Texts("image/none", 3, "images", {2}, {"16", "9"});
  file.Texts("image/new", 4, "images", {2}, {"16", "9"});
  file.Texts("audio/none", 3, "audio", {0}, {}).Texts("audio/none", 4, "audio", {0, 2}, {});
  file.Floats("emb", 5, "spirogram_embedding", {2, 2}, {1, 2, 3, NAN});
  file.Texts("emb/metadata", 5, "spirogram_embedding_metadata", {2, 2}, {"Oslo", "1", "Lima", "2"},
             columns.SerializeAsString());
  file.Floats("rows", 6, "spirogram_entity_stats", {2, 3}, {1, 2, 3, 4, 5, 6},
              stats.SerializeAsString());
  file.Floats("strange", 6, "a_plugin_of_tomorrow", {2}, {1, 2}, "its content");
  file.Texts("profile/note", 0, "spirogram_profile_note", {}, {"no GPU"});
  file.set_wall_time(1'700'000'000.000002);
  file.Texts("profile", 7, "spirogram_profile", {}, {slices.SerializeAsString()});
  file.set_wall_time(1'700'000'100);
  file.Hparams(SessionEnd(), "_hparams_/session_end_info");
  file.AppendTo(EventFile("run"));
  Load();
  ASSERT_TRUE(store_->ReadWarnings(FindRun("run").id)->empty());
  ASSERT_EQ(FindRun("run").status, store::RunStatus::kFinished);
  ExpectSameAfterRoundTrip("run");
}

TEST_F(EventsExportTest, KeepsTheSizeThatAValueWithoutImagesStates) {
  EventBuilder file;
  file.FileVersion().Texts("image", 3, "images", {2}, {"16", "9"});
  file.AppendTo(EventFile("run"));
  Load();
  proto::Tensor size;
  size.add_string_val("16");
  size.add_string_val("9");
  const std::string events = ExportAll({.format = Format::kEvents});
  EXPECT_NE(events.find(size.SerializeAsString()), std::string::npos);
}

TEST_F(EventsExportTest, KeepsGraphsAndRunMetadataOfEveryType) {
  proto::Event graph;
  graph.set_graph_def(Field(1, Field(1, "node")));
  proto::Event tagged;
  tagged.mutable_tagged_run_metadata()->set_tag("step 1");
  tagged.mutable_tagged_run_metadata()->set_run_metadata(std::string("\0\xff", 2));
  EventBuilder file;
  file.FileVersion().Add(3, graph).Add(4, tagged);
  file.Texts("keras", 5, "graph_keras_model", {}, {"{}"});
  file.Texts("trace", 6, "graph_run_metadata_graph", {}, {Field(3, graph.graph_def())});
  file.Texts("metadata", 7, "graph_run_metadata", {}, {"bytes"});
  file.AppendTo(EventFile("run"));
  Load();
  ASSERT_EQ(store_->ReadGraphs(FindRun("run").id)->size(), 5u);
  ExpectSameAfterRoundTrip("run");
}

TEST_F(EventsExportTest, KeepsTheNewestGraphOfThoseThatAreChosen) {
  proto::Event old_graph;
  old_graph.set_graph_def(Field(1, Field(1, "old")));
  proto::Event new_graph;
  new_graph.set_graph_def(Field(1, Field(1, "new")));
  EventBuilder file;
  file.FileVersion().Add(1, old_graph).Add(9, new_graph).Scalar("x", 1, 1);
  file.AppendTo(EventFile("run"));
  Load();
  const auto holds = [&](const ExportQuery& query, std::string_view text) {
    return ExportAll(query).find(text) != std::string::npos;
  };
  const ExportQuery all{.format = Format::kEvents};
  EXPECT_TRUE(holds(all, "new"));
  EXPECT_FALSE(holds(all, "old"));
  EXPECT_FALSE(holds({.format = Format::kEvents, .to = 5}, "new"));
  EXPECT_FALSE(holds({.format = Format::kEvents, .tag = "x"}, "new"));
}

TEST_F(EventsExportTest, ARunThatWentOnAfterItsEndStaysUnfinished) {
  EventBuilder file;
  file.FileVersion().Hparams(SessionEnd(), "_hparams_/session_end_info");
  file.Hparams(SessionStart(), "_hparams_/session_start_info").Scalar("x", 0, 1);
  file.AppendTo(EventFile("run"));
  Load();
  ASSERT_EQ(FindRun("run").status, store::RunStatus::kStopped);
  ExpectSameAfterRoundTrip("run");
}

// The tag's metadata are those of its first event, which says another end.
TEST_F(EventsExportTest, ARunThatWasStoppedStaysStopped) {
  EventBuilder file;
  file.FileVersion().Hparams(SessionStart(), "_hparams_/session_start_info");
  file.Hparams(SessionEnd(), "_hparams_/session_end_info").Scalar("x", 0, 1);
  file.Hparams(SessionEnd(proto::STATUS_UNKNOWN), "_hparams_/session_end_info");
  file.AppendTo(EventFile("run"));
  Load();
  ASSERT_EQ(FindRun("run").evidence.end, store::RunEnd::kUnknown);
  const auto values = store_->ReadLoggedValues(
      {.run = FindRun("run").id, .tag = std::string(store::kSessionEndTag)});
  ASSERT_TRUE(values.ok()) << values.error().ToString();
  proto::Summary::Value value;
  ASSERT_TRUE(value.ParseFromString(values->values.at(0).summary_value));
  proto::HParamsPluginData data;
  ASSERT_TRUE(data.ParseFromString(value.metadata().plugin_data().content()));
  ASSERT_TRUE(data.has_session_end_info());
  EXPECT_EQ(data.session_end_info().status(), proto::STATUS_UNKNOWN);
}

TEST_F(EventsExportTest, KeepsWhatARunStatedLastOfItsSession) {
  const auto start = [](const std::string& group) {
    proto::HParamsPluginData data = SessionStart();
    data.mutable_session_start_info()->set_group_name(group);
    return data;
  };
  const auto end = [](double time) {
    proto::HParamsPluginData data = SessionEnd();
    data.mutable_session_end_info()->set_end_time_secs(time);
    return data;
  };
  EventBuilder first;
  first.FileVersion().Hparams(start("before"), "_hparams_/session_start_info");
  first.Hparams(end(100), "_hparams_/session_end_info").AppendTo(EventFile("run", "1"));
  EventBuilder resumed(first.wall_time() + 100);
  resumed.FileVersion().Hparams(start("after"), "_hparams_/session_start_info");
  resumed.Hparams(end(200), "_hparams_/session_end_info").AppendTo(EventFile("run", "2"));
  Load();
  const std::string bytes = ExportAll({.format = Format::kEvents});
  ASSERT_TRUE(MakeFolders(logdir() + "/copy").ok());
  ASSERT_TRUE(AppendFile::Open(EventFile("copy"))->Append(bytes).ok());
  ASSERT_TRUE(store_->LoadOnce().ok());
  const auto data = store_->ReadHparamsData();
  ASSERT_EQ(data->sessions.size(), 2u);
  for (const auto& session : data->sessions) {
    EXPECT_EQ(session.group_name, "after");
    EXPECT_EQ(session.end_time, 200);
  }
}

TEST_F(EventsExportTest, WritesWhatIsVisibleAndSaysSoOfMoreThanOneRun) {
  EventBuilder first;
  for (Step step = 0; step < 10; ++step) {
    first.Scalar("x", step, 1).Texts("t", step, "text", {}, {"first"});
  }
  first.AppendTo(EventFile("run", "1"));
  EventBuilder second(first.wall_time() + 100);
  second.Scalar("x", 5, 2).Texts("t", 5, "text", {}, {"second"}).AppendTo(EventFile("run", "2"));
  EventBuilder().Scalar("x", 0, 1).AppendTo(EventFile("other"));
  Load();
  EXPECT_EQ(TryExport({.format = Format::kEvents}).error().code, ErrorCode::kInvalidArgument);
  const auto texts = store_->ReadLoggedValues({.run = FindRun("run").id, .tag = "t"});
  ASSERT_EQ(texts->values.size(), 6u);
  const std::string bytes = ExportAll({.format = Format::kEvents, .run_regex = "run"});
  EventBuilder().Raw("").AppendTo(EventFile("unused"));
  ASSERT_TRUE(MakeFolders(logdir() + "/copy").ok());
  ASSERT_TRUE(AppendFile::Open(EventFile("copy"))->Append(bytes).ok());
  ASSERT_TRUE(store_->LoadOnce().ok());
  EXPECT_THAT(Scalars("copy", "x").mean, ::testing::ElementsAre(1, 1, 1, 1, 1, 2));
}

TEST_F(EventsExportTest, ReadsLongTagsInParts) {
  EventBuilder file;
  for (Step step = 0; step < 50; ++step) {
    file.Texts("t", step / 2, "text", {}, {std::string(1'000, 'a' + static_cast<char>(step % 26))});
  }
  file.AppendTo(EventFile("run"));
  Load();
  store::LoggedValuesQuery query{.run = FindRun("run").id, .tag = "t", .bytes_max = 2'500};
  std::vector<Step> steps;
  for (int parts = 0; parts < 100; ++parts) {
    const auto chunk = store_->ReadLoggedValues(query);
    ASSERT_TRUE(chunk.ok());
    EXPECT_LE(chunk->values.size(), 3u);
    for (const auto& value : chunk->values) steps.push_back(value.step);
    query.after = chunk->last;
    if (chunk->is_end) break;
  }
  ASSERT_EQ(steps.size(), 50u);
  for (size_t i = 0; i < 50; ++i) EXPECT_EQ(steps[i], static_cast<Step>(i / 2));
}

}  // namespace
}  // namespace spirogram::transfer
