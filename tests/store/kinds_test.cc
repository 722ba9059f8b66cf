// Every kind of value, from the bytes of an event file to the store's answer.
#include <gmock/gmock.h>

#include <cfloat>
#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "store/graph_nodes.h"
#include "tests/store/store_fixture.h"

namespace spirogram::store {
namespace {

using ::testing::ElementsAre;
using testing::EventBuilder;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class KindsTest : public StoreFixture {};

TEST_F(KindsTest, ReadsScalarTensorsOfEveryNumericType) {
  const auto content = [](proto::DataType dtype, const auto& number) {
    proto::Tensor tensor = EventBuilder::Shaped(dtype, {});
    tensor.set_tensor_content(std::string(reinterpret_cast<const char*>(&number), sizeof number));
    return tensor;
  };
  EventBuilder file;
  file.Tensor("f32", 0, "scalars", content(proto::DT_FLOAT, 0.5f));
  file.Tensor("f64", 0, "scalars", content(proto::DT_DOUBLE, 0.1));
  file.Tensor("i64", 0, "scalars", content(proto::DT_INT64, int64_t{-7}));
  file.Tensor("u8", 0, "scalars", content(proto::DT_UINT8, uint8_t{200}));
  file.Tensor("half", 0, "scalars", content(proto::DT_HALF, uint16_t{0x3e00}));
  file.Tensor("bfloat", 0, "scalars", content(proto::DT_BFLOAT16, uint16_t{0x3fc0}));
  proto::Tensor listed = EventBuilder::Shaped(proto::DT_DOUBLE, {});
  listed.add_double_val(1e300);
  file.Tensor("listed", 0, "scalars", listed);
  proto::Tensor half = EventBuilder::Shaped(proto::DT_HALF, {});
  half.add_half_val(0xfc00);
  file.Tensor("-inf", 0, "scalars", half);
  proto::Tensor integer = EventBuilder::Shaped(proto::DT_INT32, {});
  integer.add_int_val(-3);
  file.Tensor("i32", 0, "scalars", integer);
  file.AppendTo(EventFile("run"));
  Load();
  const auto value = [&](const std::string& tag) { return Scalars("run", tag).mean.at(0); };
  EXPECT_EQ(value("f32"), 0.5);
  EXPECT_EQ(value("f64"), 0.1);
  EXPECT_EQ(value("i64"), -7);
  EXPECT_EQ(value("u8"), 200);
  EXPECT_EQ(value("half"), 1.5);
  EXPECT_EQ(value("bfloat"), 1.5);
  EXPECT_EQ(value("listed"), 1e300);
  EXPECT_EQ(value("-inf"), -INFINITY);
  EXPECT_EQ(value("i32"), -3);
}

TEST_F(KindsTest, TrimsOldHistogramsLikeThePythonLoader) {
  proto::HistogramProto histo;
  histo.set_min(-1.75);
  histo.set_max(1.25);
  for (const double limit : {-2.0, -1.0, 0.0, 1.0, 2.0, DBL_MAX}) histo.add_bucket_limit(limit);
  for (const double count : {0, 3, 0, 4, 5, 0}) histo.add_bucket(count);
  proto::HistogramProto uneven = histo;
  uneven.add_bucket(1);
  EventBuilder()
      .OldHistogram("h", 3, histo)
      .OldHistogram("empty", 0, {})
      .OldHistogram("uneven", 0, uneven)
      .AppendTo(EventFile("run"));
  Load();
  const RunId run = FindRun("run").id;
  const auto histograms = store_->ReadHistograms(run, "h", 10);
  ASSERT_TRUE(histograms.ok());
  ASSERT_EQ(histograms->size(), 1u);
  EXPECT_EQ((*histograms)[0].step, 3);
  EXPECT_THAT((*histograms)[0].edges, ElementsAre(-1.75, -1, 0, 1, 1.25));
  EXPECT_THAT((*histograms)[0].counts, ElementsAre(3, 0, 4, 5));
  EXPECT_THAT(store_->ReadHistograms(run, "empty", 10)->at(0).edges, IsEmpty());
  const auto warnings = store_->ReadWarnings(run);
  ASSERT_EQ(warnings->size(), 1u);
  EXPECT_THAT((*warnings)[0].message, HasSubstr("6 limits for 7 buckets"));
}

TEST_F(KindsTest, ReadsNewHistogramsAndSpreadsThem) {
  EventBuilder file;
  for (Step step = 0; step < 20; ++step) {
    file.Floats("h", step, "histograms", {2, 3}, {0, 1, 5, 1, 2, 6});
  }
  file.AppendTo(EventFile("run"));
  Load();
  const auto histograms = store_->ReadHistograms(FindRun("run").id, "h", 5);
  ASSERT_EQ(histograms->size(), 5u);
  EXPECT_THAT(histograms->front().edges, ElementsAre(0, 1, 2));
  EXPECT_THAT(histograms->front().counts, ElementsAre(5, 6));
  EXPECT_EQ(histograms->front().step, 0);
  EXPECT_EQ(histograms->back().step, 19);
}

TEST_F(KindsTest, ListsWhatLiesFromAStepOn) {
  EventBuilder file;
  for (Step step = 0; step < 6; ++step) {
    file.Floats("h", step, "histograms", {1, 3}, {0, 1, 5})
        .Texts("t", step, "text", {}, {"a"})
        .Texts("i", step, "images", {3}, {"1", "1", "PNG"})
        .Texts("a", step, "audio", {1}, {"OggS"})
        .Floats("x", step, "mine", {1}, {1});
  }
  file.Texts("i", 5, "images", {3}, {"1", "1", "again"}).AppendTo(EventFile("run"));
  Load();
  const RunId run = FindRun("run").id;
  EXPECT_EQ(store_->ReadHistograms(run, "h", 2, 3)->front().step, 3);
  EXPECT_THAT(*store_->ReadHistograms(run, "h", 10, 3), SizeIs(3));
  EXPECT_THAT(*store_->ReadTexts(run, "t", 4), SizeIs(2));
  EXPECT_THAT(*store_->ReadTexts(run, "t", 2, 3), SizeIs(2));
  EXPECT_THAT(*store_->ListTexts(run, "t", 4), SizeIs(2));
  EXPECT_GE(store_->ListTexts(run, "t")->front().bytes, 1u);
  EXPECT_THAT(*store_->ReadAudio(run, "a", 4), SizeIs(2));
  EXPECT_THAT(*store_->ReadTensors(run, "x", 6), IsEmpty());
  const auto images = store_->ReadImages(run, "i", 5);
  ASSERT_EQ(images->size(), 2u);
  EXPECT_EQ(images->back().repeat, 1);
}

TEST_F(KindsTest, HidesOfAListFromAStepOnWhatARestartHides) {
  EventBuilder first(1000);
  for (Step step = 0; step < 6; ++step) first.Texts("t", step, "text", {}, {"old"});
  first.AppendTo(EventFile("run", "1"));
  EventBuilder(2000)
      .Texts("t", 2, "text", {}, {"new"})
      .Texts("t", 3, "text", {}, {"new"})
      .AppendTo(EventFile("run", "2"));
  Load();
  const auto texts = store_->ReadTexts(FindRun("run").id, "t", 3);
  ASSERT_EQ(texts->size(), 1u);
  EXPECT_THAT(texts->front().values, ElementsAre("new"));
}

TEST_F(KindsTest, ReadsTextsOfAnyShapeAsValidUtf8) {
  EventBuilder()
      .Texts("t", 1, "text", {}, {"h\xC3\xA9llo"})
      .Texts("t", 2, "text", {1, 2}, {"a", "b\xFF"})
      .AppendTo(EventFile("run"));
  Load();
  const auto texts = store_->ReadTexts(FindRun("run").id, "t");
  ASSERT_EQ(texts->size(), 2u);
  EXPECT_THAT((*texts)[0].values, ElementsAre("h\xC3\xA9llo"));
  EXPECT_THAT((*texts)[1].values, ElementsAre("a", "b\xEF\xBF\xBD"));
  EXPECT_THAT((*texts)[1].shape, ElementsAre(1, 2));
}

TEST_F(KindsTest, ReadsImagesOfBothStyles) {
  EventBuilder()
      .OldImage("old", 1, 8, 4, "PNG1")
      .Texts("new", 2, "images", {4}, {"16", "9", "PNG2", "PNG3"})
      .AppendTo(EventFile("run"));
  Load();
  const RunId run = FindRun("run").id;
  const auto images = store_->ReadImages(run, "new");
  ASSERT_EQ(images->size(), 2u);
  EXPECT_EQ((*images)[1].index, 1);
  EXPECT_EQ((*images)[1].width, 16);
  EXPECT_EQ((*images)[1].height, 9);
  EXPECT_EQ((*images)[1].bytes, 4u);
  EXPECT_EQ(store_->ReadImageBytes(run, "new", 2, 1).value(), "PNG3");
  EXPECT_EQ(store_->ReadImageBytes(run, "old", 1, 0).value(), "PNG1");
  EXPECT_EQ(store_->ReadImageBytes(run, "old", 1, 5).error().code, ErrorCode::kNotFound);
}

TEST_F(KindsTest, ReadsEveryValueOfAStepThatWasLoggedTwice) {
  EventBuilder()
      .Texts("i", 3, "images", {4}, {"1", "1", "first", "second"})
      .Texts("i", 3, "images", {3}, {"1", "1", "third"})
      .Texts("a", 3, "audio", {1}, {"OggS1"})
      .Texts("a", 3, "audio", {1}, {"OggS2"})
      .Floats("t", 3, "mine", {1}, {1})
      .Floats("t", 3, "mine", {1}, {2})
      .AppendTo(EventFile("run"));
  Load();
  const RunId run = FindRun("run").id;
  const auto listed = store_->ReadImages(run, "i");
  std::vector<std::string> images;
  for (const ImageInfo& image : *listed) {
    images.push_back(
        store_->ReadImageBytes(run, "i", image.step, image.index, image.repeat).value());
  }
  EXPECT_THAT(images, ElementsAre("first", "second", "third"));
  EXPECT_EQ(store_->ReadImageBytes(run, "i", 3, 0).value(), "third");
  const Error missing = store_->ReadImageBytes(run, "i", 3, 0, 2).error();
  EXPECT_EQ(missing.code, ErrorCode::kNotFound);
  EXPECT_THAT(missing.message, HasSubstr("has no image 0 at step 3, repeat 2"));
  const auto clips = store_->ReadAudio(run, "a");
  ASSERT_EQ(clips->size(), 2u);
  EXPECT_EQ((*clips)[1].repeat, 1);
  EXPECT_EQ(store_->ReadAudioBytes(run, "a", 3, 0, 0).value(), "OggS1");
  EXPECT_EQ(store_->ReadAudioBytes(run, "a", 3, 0, 1).value(), "OggS2");
  EXPECT_EQ((*store_->ReadTensors(run, "t"))[1].repeat, 1);
  EXPECT_NE(store_->ReadTensor(run, "t", 3, 0)->data, store_->ReadTensor(run, "t", 3, 1)->data);
}

TEST_F(KindsTest, ReadsHyperparametersSortedAndReplacesThemWhole) {
  proto::HParamsPluginData start;
  auto& hparams = *start.mutable_session_start_info()->mutable_hparams();
  hparams["optimizer"].set_string_value("adam");
  hparams["lr"].set_number_value(0.1);
  hparams["nesterov"].set_bool_value(true);
  EventBuilder().Hparams(start, "_hparams_/session_start_info").AppendTo(EventFile("run"));
  Load();
  const auto all = store_->ReadHparams();
  ASSERT_EQ(all->size(), 1u);
  const Hparams& read = (*all)[0].hparams;
  ASSERT_EQ(read.size(), 3u);
  EXPECT_EQ(read[0].first, "lr");
  EXPECT_EQ(read[0].second.number, 0.1);
  EXPECT_TRUE(read[1].second.boolean);
  EXPECT_EQ(read[2].second.text, "adam");
}

TEST_F(KindsTest, ReadsEmbeddingsWithTheirMetadata) {
  proto::EmbeddingMetadataContent columns;
  columns.add_columns("name");
  columns.add_columns("city");
  EventBuilder()
      .Floats("embeddings/user", 10, "spirogram_embedding", {2, 3}, {1, 2, 3, 4, 5, 6})
      .Texts("embeddings/user/metadata", 0, "spirogram_embedding_metadata", {2, 2},
             {"Ada", "Oslo", "Bob", "Lima"}, columns.SerializeAsString())
      .AppendTo(EventFile("run"));
  Load();
  const RunId run = FindRun("run").id;
  const auto infos = store_->ReadEmbeddings(run, "embeddings/user");
  ASSERT_EQ(infos->size(), 1u);
  EXPECT_EQ((*infos)[0].rows, 2);
  EXPECT_EQ((*infos)[0].dims, 3);
  EXPECT_THAT(store_->ReadEmbedding(run, "embeddings/user", 10)->values,
              ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_EQ(store_->ReadEmbedding(run, "embeddings/user", 11).error().code, ErrorCode::kNotFound);
  const auto metadata = store_->ReadEmbeddingMetadata(run, "embeddings/user");
  EXPECT_THAT(metadata->columns, ElementsAre("name", "city"));
  EXPECT_THAT(metadata->values[1], ElementsAre("Oslo", "Lima"));
}

TEST_F(KindsTest, ReadsEntityStatistics) {
  proto::EntityStatsContent content;
  content.set_entity(proto::EntityStatsContent::ROW);
  content.add_columns("touches");
  content.add_columns("row_norm");
  content.set_first_step(1);
  content.set_samples(512);
  (*content.mutable_attributes())["padding_row"] = "0";
  EventBuilder file;
  for (const Step step : {100, 200}) {
    file.Floats("embeddings/user/rows", step, "spirogram_entity_stats", {2, 3},
                {1, 0, 2, 0.5, 0.25, 1}, content.SerializeAsString());
  }
  file.AppendTo(EventFile("run"));
  Load();
  const auto windows = store_->ReadEntityStats(FindRun("run").id, "embeddings/user/rows", 100);
  ASSERT_EQ(windows->size(), 1u);
  const EntityStats& window = windows->front();
  EXPECT_EQ(window.step, 200);
  EXPECT_EQ(window.entity, EntityStats::Entity::kRow);
  EXPECT_EQ(window.entities, 3);
  EXPECT_EQ(window.samples, 512);
  EXPECT_THAT(window.columns, ElementsAre("touches", "row_norm"));
  EXPECT_THAT(window.values[0], ElementsAre(1, 0, 2));
  EXPECT_EQ(window.attributes[0].first, "padding_row");
}

TEST_F(KindsTest, ReadsProfilesAndNotes) {
  proto::ProfileSlices slices;
  slices.add_names("forward");
  slices.add_names("gemm");
  for (int i = 0; i < 6; ++i) {
    slices.add_kind(i % 2 == 0 ? 0 : 1);
    slices.add_name(static_cast<uint32_t>(i % 2));
    slices.add_start_ns(i == 0 ? 1'700'000'000'000'000'000 : 1000);
    slices.add_duration_ns(500);
    slices.add_step(i == 0 ? 5 : i % 2 == 0 ? 1 : 0);
    slices.add_correlation_id(static_cast<uint32_t>(i));
    slices.add_stream(7);
  }
  EventBuilder()
      .Texts("profile", 5, "spirogram_profile", {}, {slices.SerializeAsString()})
      .Texts("profile", 8, "spirogram_profile", {}, {slices.SerializeAsString()})
      .Texts("profile/notes", 0, "spirogram_profile_note", {}, {"no GPU slices"})
      .AppendTo(EventFile("run"));
  Load();
  const RunId run = FindRun("run").id;
  EXPECT_EQ(store_->ReadProfile(run, 0, 100)->size(), 12u);
  const auto step_6 = store_->ReadProfile(run, 6, 6);
  ASSERT_EQ(step_6->size(), 4u);
  EXPECT_EQ(step_6->names[step_6->name[1]], "gemm");
  EXPECT_EQ(step_6->start_ns[0], 1'700'000'000'000'002'000);
  EXPECT_EQ(step_6->stream[0], 7u);
  EXPECT_EQ(store_->ReadProfileNotes(run)->at(0).message, "no GPU slices");
}

TEST_F(KindsTest, KeepsTheFirstMetadataOfATag) {
  EventBuilder()
      .Floats("x", 0, "scalars", {}, {1})
      .Floats("x", 1, "other_plugin", {}, {2})
      .AppendTo(EventFile("run"));
  EventBuilder().Floats("y", 0, "unknown_plugin", {2}, {1, 2}).AppendTo(EventFile("run", "2"));
  Load();
  EXPECT_THAT(Scalars("run", "x").mean, ElementsAre(1, 2));
  const auto tags = store_->ReadTags(std::vector<RunId>{FindRun("run").id});
  ASSERT_EQ(tags->size(), 2u);
  EXPECT_EQ((*tags)[1].kind, DataKind::kOther);
  EXPECT_EQ((*tags)[1].plugin, "unknown_plugin");
  EXPECT_EQ((*tags)[1].count, 1);
}

TEST_F(KindsTest, WarnsOfValuesAndRecordsThatCannotBeRead) {
  EventBuilder file;
  file.Scalar("ok", 0, 1).Raw("\xFF\xFFnot an event").Floats("bad", 1, "scalars", {2}, {1, 2});
  file.Scalar("ok", 2, 3).AppendTo(EventFile("run"));
  Load();
  EXPECT_THAT(Steps("run", "ok"), ElementsAre(0, 2));
  const auto warnings = store_->ReadWarnings(FindRun("run").id);
  ASSERT_EQ(warnings->size(), 2u);
  EXPECT_EQ((*warnings)[0].offset, file.offsets()[1]);
  EXPECT_THAT((*warnings)[0].message, HasSubstr("not an Event"));
  EXPECT_THAT((*warnings)[1].message, HasSubstr("tag \"bad\" at step 1"));
  EXPECT_EQ((*warnings)[0].file, "run/events.out.tfevents.1");
}

TEST_F(KindsTest, MakesWallTimesFinite) {
  EventBuilder file(100);
  file.Scalar("x", 0, 1);
  file.set_wall_time(NAN);
  file.Scalar("x", 1, 1);
  file.set_wall_time(-INFINITY);
  file.Scalar("x", 2, 1).AppendTo(EventFile("run"));
  Load();
  EXPECT_THAT(Scalars("run", "x").wall_time, ElementsAre(100, 100, 100));
}

// Real files, which TensorFlow 1 and PyTorch wrote.
TEST_F(KindsTest, ReadsRealEventFiles) {
  const char* set = std::getenv("SPIROGRAM_TEST_DATA");
  const std::filesystem::path data = set != nullptr ? set : "../shared/data";
  if (!std::filesystem::exists(data / "events")) {
    GTEST_SKIP() << "no real event files at " << data << ": set SPIROGRAM_TEST_DATA";
  }
  std::filesystem::copy(
      data / "events", logdir(),
      std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
  Load();
  const auto runs = store_->ReadRuns();
  EXPECT_EQ(runs->size(), 7u);
  for (const store::Run& run : *runs) {
    EXPECT_EQ(store_->ReadWarnings(run.id)->size(), 0u) << run.name;
  }
  const auto strict = Scalars("reducer/strict/run_1", "strict/foo");
  EXPECT_GT(strict.points, 0);
  const store::Run guild = FindRun("guild-tf1/logs");
  const auto tags = store_->ReadTags(std::vector<RunId>{guild.id});
  std::vector<std::string> names;
  for (const Tag& tag : *tags) {
    names.push_back(tag.name);
    if (tag.kind == DataKind::kGraph) continue;
    EXPECT_EQ(tag.kind, DataKind::kScalar);
    EXPECT_EQ(tag.count, 20);
  }
  const auto graph = store_->ReadGraphBytes(guild.id, kRunGraphTag);
  ASSERT_TRUE(graph.ok()) << graph.error().ToString();
  const auto nodes = ParseGraphNodes(GraphType::kRunGraph, *graph, 0, 20'000);
  ASSERT_TRUE(nodes.ok()) << nodes.error().ToString();
  EXPECT_GT(nodes->nodes.size(), 100u);
  EXPECT_EQ(nodes->total, static_cast<int64_t>(nodes->nodes.size()));
  EXPECT_THAT(names, ElementsAre(kRunGraphTag, "acc", "loss", "val_acc", "val_loss"));
}

}  // namespace
}  // namespace spirogram::store
