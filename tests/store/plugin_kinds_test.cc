// Audio, PR curves, meshes, custom scalar layouts, graphs and run metadata, from the bytes of an
// event file to the store's answer.
#include <gmock/gmock.h>

#include <random>

#include "base/record.h"
#include "store/graph_nodes.h"
#include "tests/store/store_fixture.h"
#include "tests/testing/wire_builder.h"

namespace spirogram::store {
namespace {

using ::testing::ElementsAre;
using testing::EventBuilder;
using testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using testing::Varint;

class PluginKindsTest : public StoreFixture {
 protected:
  RunId run() { return FindRun("run").id; }
};

// 16-bit PCM.
std::string Wav(uint16_t channels, uint32_t rate, uint32_t frames) {
  const uint32_t data_bytes = frames * channels * 2;
  std::string out = "RIFF";
  const auto put = [&out](auto value) {
    out.append(reinterpret_cast<const char*>(&value), sizeof value);
  };
  put(36 + data_bytes);
  out += "WAVEfmt ";
  put(uint32_t{16});
  put(uint16_t{1});
  put(channels);
  put(rate);
  put(rate * channels * 2);
  put(static_cast<uint16_t>(channels * 2));
  put(uint16_t{16});
  out += "data";
  put(data_bytes);
  return out.append(data_bytes, '\x01');
}

// Case 49.
TEST_F(PluginKindsTest, ReadsAudioWithAndWithoutLabels) {
  const std::string content = Varint(2, 11);  // AudioPluginData.encoding WAV
  EventBuilder()
      .Texts("labelled", 7, "audio", {2, 2}, {Wav(2, 44100, 5), "one", Wav(1, 8000, 3), "tw\xFF"},
             content)
      .Texts("bare", 8, "audio", {1}, {Wav(1, 16000, 4)}, content)
      .AppendTo(EventFile("run"));
  Load();
  const auto labelled = store_->ReadAudio(run(), "labelled");
  ASSERT_TRUE(labelled.ok()) << labelled.error().ToString();
  ASSERT_THAT(*labelled, SizeIs(2));
  EXPECT_EQ((*labelled)[0].step, 7);
  EXPECT_EQ((*labelled)[0].index, 0);
  EXPECT_EQ((*labelled)[0].sample_rate, 44100);
  EXPECT_EQ((*labelled)[0].channels, 2);
  EXPECT_EQ((*labelled)[0].frames, 5);
  EXPECT_EQ((*labelled)[0].content_type, "audio/wav");
  EXPECT_EQ((*labelled)[0].label, "one");
  EXPECT_EQ((*labelled)[0].bytes, 64u);
  EXPECT_EQ((*labelled)[1].label, "tw\xEF\xBF\xBD");
  EXPECT_EQ(store_->ReadAudioBytes(run(), "labelled", 7, 1).value(), Wav(1, 8000, 3));
  EXPECT_EQ(store_->ReadAudioBytes(run(), "labelled", 7, 2).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store_->ReadAudio(run(), "bare")->at(0).label, "");
  EXPECT_EQ(store_->ReadSamplesMax(run(), "labelled").value(), 2);
}

TEST_F(PluginKindsTest, ReadsOldAudioByWhatTheEventSays) {
  proto::Event event;
  proto::Summary::Value* value = event.mutable_summary()->add_value();
  value->set_tag("old/audio_summary");
  value->mutable_audio()->set_sample_rate(22050);
  value->mutable_audio()->set_num_channels(1);
  value->mutable_audio()->set_length_frames(9);
  value->mutable_audio()->set_encoded_audio_string("OggS....");
  value->mutable_audio()->set_content_type("audio/ogg");
  EventBuilder().Add(3, event).AppendTo(EventFile("run"));
  Load();
  const auto clips = store_->ReadAudio(run(), "old/audio_summary");
  ASSERT_THAT(*clips, SizeIs(1));
  EXPECT_EQ((*clips)[0].sample_rate, 22050);
  EXPECT_EQ((*clips)[0].frames, 9);
  EXPECT_EQ((*clips)[0].content_type, "audio/ogg");
  EXPECT_EQ(store_->ReadAudioBytes(run(), "old/audio_summary", 3, 0).value(), "OggS....");
}

TEST_F(PluginKindsTest, SurvivesWavHeadersThatLie) {
  std::string endless = Wav(1, 8000, 2);
  for (size_t i = 40; i < 44; ++i) endless[i] = '\xFF';  // data of 4 GiB
  std::string no_frame = Wav(1, 8000, 2);
  no_frame[32] = no_frame[33] = 0;  // block align 0
  EventBuilder file;
  file.Texts("endless", 0, "audio", {1}, {endless}).Texts("zero", 0, "audio", {1}, {no_frame});
  for (size_t size = 0; size < 44; ++size) {
    file.Texts("cut", static_cast<Step>(size), "audio", {1}, {Wav(1, 8000, 2).substr(0, size)});
  }
  file.AppendTo(EventFile("run"));
  Load();
  EXPECT_EQ(store_->ReadAudio(run(), "endless")->at(0).frames, 2);
  EXPECT_EQ(store_->ReadAudio(run(), "zero")->at(0).frames, 0);
  EXPECT_THAT(*store_->ReadAudio(run(), "cut"), SizeIs(44));
}

TEST_F(PluginKindsTest, WarnsOfAudioOfAnotherShape) {
  EventBuilder()
      .Texts("rank 0", 0, "audio", {}, {"RIFF"})
      .Texts("three", 0, "audio", {1, 3}, {"a", "b", "c"})
      .Floats("numbers", 0, "audio", {1}, {1})
      .AppendTo(EventFile("run"));
  Load();
  EXPECT_THAT(*store_->ReadWarnings(run()), SizeIs(3));
}

TEST_F(PluginKindsTest, ReadsPrCurvesOfBothEncodings) {
  const std::vector<float> numbers = {4, 2, 0, 6,    1,    0, 0, 5,    6,
                                      0, 2, 4, 0.4f, 0.5f, 1, 1, 0.5f, 0};
  proto::Tensor packed = EventBuilder::Shaped(proto::DT_FLOAT, {6, 3});
  packed.set_tensor_content(
      std::string(reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(float)));
  EventBuilder()
      .Floats("pr", 1, "pr_curves", {6, 3}, numbers)
      .Tensor("pr", 2, "pr_curves", packed)
      .Floats("pr", 3, "pr_curves", {5, 3}, std::vector<float>(15))
      .Floats("one", 1, "pr_curves", {6, 1}, {1, 2, 3, 4, 5, 6})
      .Floats("none", 1, "pr_curves", {6, 0}, {})
      .AppendTo(EventFile("run"));
  Load();
  const auto curves = store_->ReadPrCurves(run(), "pr");
  ASSERT_THAT(*curves, SizeIs(2));
  for (const PrCurve& curve : *curves) {
    EXPECT_THAT(curve.thresholds, ElementsAre(0, 0.5, 1));
    EXPECT_THAT(curve.true_positives, ElementsAre(4, 2, 0));
    EXPECT_THAT(curve.false_positives, ElementsAre(6, 1, 0));
    EXPECT_THAT(curve.true_negatives, ElementsAre(0, 5, 6));
    EXPECT_THAT(curve.false_negatives, ElementsAre(0, 2, 4));
    EXPECT_THAT(curve.precision, ElementsAre(static_cast<double>(0.4f), 0.5, 1));
    EXPECT_THAT(curve.recall, ElementsAre(1, 0.5, 0));
  }
  EXPECT_THAT(*store_->ReadPrCurves(run(), "pr", 2), SizeIs(1));
  EXPECT_EQ(store_->ReadPrCurves(run(), "pr", 1, 1)->at(0).step, 1);
  EXPECT_THAT(*store_->ReadPrCurves(run(), "pr", 3), IsEmpty());
  EXPECT_THAT(*store_->ListPrCurves(run(), "pr"), SizeIs(2));
  EXPECT_EQ(store_->ListPrCurves(run(), "pr", 2)->at(0).step, 2);
  // Seven numbers of eight bytes a threshold.
  EXPECT_GE(store_->ListPrCurves(run(), "pr", 2)->at(0).bytes, 3 * 7 * 8u);
  EXPECT_THAT(store_->ReadPrCurves(run(), "one")->at(0).thresholds, ElementsAre(0));
  EXPECT_THAT(store_->ReadPrCurves(run(), "none")->at(0).recall, IsEmpty());
  EXPECT_THAT(*store_->ReadWarnings(run()), SizeIs(1));
}

std::string MeshContent(const std::string& name, int part, const std::string& config = "") {
  return Field(2, name) + Varint(3, part) + Field(5, config);
}

TEST_F(PluginKindsTest, JoinsThePartsOfAMeshAndItsSamples) {
  proto::Tensor faces = EventBuilder::Shaped(proto::DT_INT32, {2, 1, 3});
  for (const int corner : {0, 1, 2, 2, 1, 0}) faces.add_int_val(corner);
  proto::Tensor colours = EventBuilder::Shaped(proto::DT_UINT8, {2, 3, 3});
  colours.set_tensor_content(std::string(18, '\xC8'));
  EventBuilder()
      .Floats("m_VERTEX", 5, "mesh", {2, 3, 3},
              {0, 0, 0, 1, 0, 0, 0, 1, 0, 9, 9, 9, 8, 8, 8, 7, 7, 7},
              MeshContent("m", 1, R"({"camera":1})"))
      .Tensor("m_FACE", 5, "mesh", faces, MeshContent("m", 2))
      .Tensor("m_COLOR", 5, "mesh", colours, MeshContent("m", 3))
      .Floats("m_VERTEX", 6, "mesh", {1, 1, 3}, {1, 2, 3}, MeshContent("m", 1))
      .AppendTo(EventFile("run"));
  Load();
  const auto series = store_->ReadMeshes(run(), "m");
  ASSERT_TRUE(series.ok()) << series.error().ToString();
  EXPECT_EQ(series->name, "m");
  EXPECT_EQ(series->json_config, R"({"camera":1})");
  ASSERT_THAT(series->samples, SizeIs(3));
  EXPECT_EQ(series->samples[1].index, 1);
  EXPECT_EQ(series->samples[1].vertices, 3);
  EXPECT_EQ(series->samples[1].faces, 1);
  EXPECT_EQ(series->samples[1].colours, 3);
  EXPECT_EQ(series->samples[1].faces_time, series->samples[1].vertices_time + 1);
  EXPECT_EQ(series->samples[1].wall_time, series->samples[1].colours_time);
  EXPECT_EQ(series->samples[2].step, 6);
  EXPECT_EQ(series->samples[2].faces, 0);
  EXPECT_THAT(store_->ReadMeshes(run(), "m", 6)->samples, SizeIs(1));
  EXPECT_EQ(store_->ReadMeshes(run(), "m", 7)->json_config, R"({"camera":1})");
  const auto mesh = store_->ReadMesh(run(), "m_FACE", 5, 1);
  EXPECT_THAT(mesh->vertices, ElementsAre(9, 9, 9, 8, 8, 8, 7, 7, 7));
  EXPECT_THAT(mesh->faces, ElementsAre(2, 1, 0));
  EXPECT_EQ(mesh->colours, std::vector<uint8_t>(9, 200));
  EXPECT_EQ(store_->ReadMesh(run(), "m", 5, 2).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store_->ReadMeshes(run(), "other").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(store_->ReadSamplesMax(run(), "m_VERTEX").value(), 2);
}

TEST_F(PluginKindsTest, OneMalformedContentLeavesTheOtherMeshesReadable) {
  EventBuilder()
      .Floats("bad_VERTEX", 0, "mesh", {1, 1, 3}, {1, 2, 3}, "\xFF\xFF")
      .Floats("bad_VERTEX", 1, "mesh", {1, 1, 3}, {1, 2, 3}, MeshContent("bad", 1))
      .Floats("m_VERTEX", 0, "mesh", {1, 1, 3}, {1, 2, 3}, MeshContent("m", 1))
      .Floats("m_VERTEX", 1, "mesh", {1, 1, 3}, {4, 5, 6}, MeshContent("m", 3))
      .AppendTo(EventFile("run"));
  Load();
  EXPECT_THAT(*store_->ReadWarnings(run()), SizeIs(2));
  EXPECT_EQ(store_->ReadMeshes(run(), "bad_VERTEX").error().code, ErrorCode::kNotFound);
  EXPECT_THAT(store_->ReadMeshes(run(), "m")->samples, SizeIs(2));
  // What a tag is a part of is said by its first event.
  EXPECT_THAT(store_->ReadMesh(run(), "m", 1, 0)->vertices, ElementsAre(4, 5, 6));
}

TEST_F(PluginKindsTest, ReadsMeshesOfFloatsAlone) {
  EventBuilder()
      .Floats("m_VERTEX", 0, "mesh", {1, 3, 3}, std::vector<float>(9, 1), MeshContent("m", 1))
      .Floats("m_FACE", 0, "mesh", {1, 1, 3}, {0, 1, 2}, MeshContent("m", 2))
      .Floats("m_COLOR", 0, "mesh", {1, 3, 3}, {0, 128, 255, 300, -4, 1, 2, 3, 4},
              MeshContent("m", 3))
      .AppendTo(EventFile("run"));
  Load();
  const auto mesh = store_->ReadMesh(run(), "m", 0, 0);
  EXPECT_THAT(mesh->faces, ElementsAre(0, 1, 2));
  EXPECT_THAT(mesh->colours, ElementsAre(0, 128, 255, 255, 0, 1, 2, 3, 4));
}

TEST_F(PluginKindsTest, WarnsOfMeshesThatAreNone) {
  EventBuilder()
      .Floats("shape", 0, "mesh", {1, 3, 2}, std::vector<float>(6), MeshContent("a", 1))
      .Floats("corner", 0, "mesh", {1, 1, 3}, {0, -1, 2}, MeshContent("b", 2))
      .Floats("part", 0, "mesh", {1, 1, 3}, {0, 1, 2}, MeshContent("c", 0))
      .Floats("content", 0, "mesh", {1, 1, 3}, {0, 1, 2}, "\xFF\xFF")
      .Floats("many", 0, "mesh", {1 << 20, 1, 3}, {0}, MeshContent("d", 1))
      .AppendTo(EventFile("run"));
  Load();
  EXPECT_THAT(*store_->ReadWarnings(run()), SizeIs(5));
}

TEST_F(PluginKindsTest, ReadsTheNewestLayoutOfCustomScalars) {
  const std::string margin = Field(1, Field(1, "acc") + Field(2, "low") + Field(3, "high"));
  const std::string layout =
      Field(2, Field(1, "losses") +
                   Field(2, Field(1, "all") + Field(2, Field(1, "loss.*") + Field(1, "x"))) +
                   Field(2, Field(1, "band") + Field(3, margin)) + Field(2, Field(1, "nothing")) +
                   Varint(3, 1));
  EventBuilder()
      .Texts("custom_scalars__config__", 0, "custom_scalars", {}, {Field(2, Field(1, "old"))})
      .Texts("custom_scalars__config__", 1, "custom_scalars", {}, {layout})
      .Texts("custom_scalars__config__", 2, "custom_scalars", {}, {"\xFF\xFF"})
      .AppendTo(EventFile("run"));
  EventBuilder().Scalar("x", 0, 0).AppendTo(EventFile("other"));
  Load();
  const auto read = store_->ReadCustomScalarLayout(run());
  ASSERT_TRUE(read.ok()) << read.error().ToString();
  ASSERT_THAT(read->categories, SizeIs(1));
  const CustomCategory& category = read->categories[0];
  EXPECT_EQ(category.title, "losses");
  EXPECT_TRUE(category.is_closed);
  ASSERT_THAT(category.charts, SizeIs(3));
  EXPECT_THAT(category.charts[0].tags, ElementsAre("loss.*", "x"));
  EXPECT_EQ(category.charts[2].kind, CustomChart::Kind::kNone);
  EXPECT_EQ(category.charts[1].kind, CustomChart::Kind::kMargin);
  EXPECT_EQ(category.charts[1].series.at(0).upper, "high");
  EXPECT_THAT(*store_->ReadWarnings(run()), SizeIs(1));
  EXPECT_EQ(store_->ReadCustomScalarLayout(FindRun("other").id).error().code, ErrorCode::kNotFound);
}

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

// An event of every kind, for damage.
std::vector<std::string> EventsOfEveryKind() {
  EventBuilder file;
  proto::HParamsPluginData start;
  (*start.mutable_session_start_info()->mutable_hparams())["lr"].set_number_value(1);
  proto::Event tagged;
  tagged.mutable_tagged_run_metadata()->set_tag("step1");
  tagged.mutable_tagged_run_metadata()->set_run_metadata("metadata");
  proto::HistogramProto histo;
  histo.add_bucket_limit(1);
  histo.add_bucket(2);
  file.Texts("audio", 1, "audio", {1, 2}, {Wav(1, 8000, 2), "label"}, Varint(2, 11))
      .Floats("pr", 1, "pr_curves", {6, 2}, std::vector<float>(12, 1))
      .Floats("m_VERTEX", 1, "mesh", {1, 2, 3}, std::vector<float>(6, 1), MeshContent("m", 1))
      .Texts("custom_scalars__config__", 1, "custom_scalars", {},
             {Field(2, Field(1, "c") + Field(2, Field(2, Field(1, "x"))))})
      .Texts("keras", 1, "graph_keras_model", {}, {"{}"})
      .Floats("other", 1, "mine", {2}, {1, 2})
      .OldHistogram("histo", 1, histo)
      .Add(1, GraphEvent(Field(1, Field(1, "node"))))
      .Add(1, MetaGraphEvent("graph"))
      .Add(1, tagged)
      .Hparams(start, "_hparams_/session_start_info");
  std::vector<std::string> events;
  for (size_t i = 0; i < file.offsets().size(); ++i) {
    const size_t begin = file.offsets()[i] + kRecordHeaderBytes;
    const size_t end =
        (i + 1 < file.offsets().size() ? file.offsets()[i + 1] : file.bytes().size()) -
        kRecordFooterBytes;
    events.push_back(file.bytes().substr(begin, end - begin));
  }
  return events;
}

TEST_F(PluginKindsTest, SurvivesRandomDamageOfEveryKind) {
  const std::vector<std::string> events = EventsOfEveryKind();
  std::mt19937 random(1);
  EventBuilder file;
  for (int i = 0; i < 5000; ++i) {
    std::string event = events[random() % events.size()];
    for (size_t flips = 1 + random() % 3; flips > 0; --flips) {
      event[random() % event.size()] ^= static_cast<char>(1 << random() % 8);
    }
    file.Raw(event);
  }
  file.AppendTo(EventFile("run"));
  EventBuilder intact;
  for (const std::string& event : events) intact.Raw(event);
  intact.AppendTo(EventFile("intact"));
  Load();
  const auto tags = store_->ReadTags({});
  ASSERT_TRUE(tags.ok());
  for (const Tag& tag : *tags) {
    static_cast<void>(store_->ReadAudio(tag.run, tag.name));
    static_cast<void>(store_->ReadPrCurves(tag.run, tag.name));
    static_cast<void>(store_->ReadMeshes(tag.run, tag.name));
    static_cast<void>(store_->ReadTensors(tag.run, tag.name));
    const auto graph = store_->ReadGraphBytes(tag.run, tag.name);
    if (graph.ok()) {
      static_cast<void>(ParseGraphNodes(GraphType::kRunGraph, *graph, 0, 10));
      static_cast<void>(ParseGraphNodes(GraphType::kRunMetadataGraph, *graph, 0, 10));
    }
  }
  EXPECT_TRUE(store_->ReadHparamsData().ok());
  const RunId intact_run = FindRun("intact").id;
  EXPECT_TRUE(store_->ReadCustomScalarLayout(intact_run).ok());
  EXPECT_EQ(store_->ReadGraphBytes(intact_run, "keras").value(), "{}");
  EXPECT_THAT(*store_->ReadWarnings(intact_run), IsEmpty());
}

}  // namespace
}  // namespace spirogram::store
