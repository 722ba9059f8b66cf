#include "tests/testing/every_kind.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <string>

#include "base/check.h"

namespace spirogram::testing {
namespace {

// Maps in the order of their keys, so that the same file comes out each time.
std::string SerializeInOrder(const proto::HParamsPluginData& message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  CHECK(message.SerializeToCodedStream(&coded));
  coded.Trim();
  return bytes;
}

void AddHparams(EventBuilder* file) {
  proto::HParamsPluginData experiment;
  experiment.mutable_experiment()->set_description("sweep");
  experiment.mutable_experiment()->add_hparam_infos()->set_name("lr");
  experiment.mutable_experiment()->add_metric_infos()->mutable_name()->set_tag("loss");
  proto::HParamsPluginData start;
  auto& hparams = *start.mutable_session_start_info()->mutable_hparams();
  hparams["lr"].set_number_value(0.1);
  hparams["optimizer"].set_string_value("adam");
  hparams["nesterov"].set_bool_value(true);
  proto::HParamsPluginData end;
  end.mutable_session_end_info()->set_status(proto::STATUS_SUCCESS);
  file->Floats("_hparams_/experiment", 0, "hparams", {0}, {}, SerializeInOrder(experiment));
  file->Floats("_hparams_/session_start_info", 0, "hparams", {0}, {}, SerializeInOrder(start));
  file->Floats("_hparams_/session_end_info", 0, "hparams", {0}, {}, SerializeInOrder(end));
}

void AddGraphs(EventBuilder* file) {
  const std::string node("\x0a\x07\x0a\x01x\x12\x02Op", 9);  // a GraphDef of one node
  proto::Event graph;
  graph.set_graph_def(node);
  file->Add(0, graph);
  proto::Event meta_graph;
  meta_graph.set_meta_graph_def("\x12\x09" + node);
  file->Add(0, meta_graph);
  proto::Event tagged;
  tagged.mutable_tagged_run_metadata()->set_tag("step1");
  tagged.mutable_tagged_run_metadata()->set_run_metadata(node);
  file->Add(0, tagged);
  file->Texts("keras", 0, "graph_keras_model", {}, {"{\"config\": {\"layers\": []}}"});
}

void AddOldStyleMedia(EventBuilder* file) {
  proto::HistogramProto histogram;
  for (const double limit : {-1.0, 0.5, 2.0}) {
    histogram.add_bucket_limit(limit);
    histogram.add_bucket(limit + 1);
  }
  file->OldHistogram("old/histogram", 1, histogram).OldImage("old/image", 1, 2, 3, "PNG bytes");
  proto::Event audio;
  proto::Summary::Value* value = audio.mutable_summary()->add_value();
  value->set_tag("old/audio");
  value->mutable_audio()->set_sample_rate(8000);
  value->mutable_audio()->set_num_channels(1);
  value->mutable_audio()->set_encoded_audio_string("RIFF bytes");
  value->mutable_audio()->set_content_type("audio/wav");
  file->Add(1, audio);
}

void AddPlots(EventBuilder* file) {
  file->Floats("pr", 1, "pr_curves", {6, 2}, {3, 1, 2, 0, 1, 3, 0, 2, 0.6F, 1, 1, 0.25F});
  // MeshPluginData: name "m", content_type VERTEX, shape [1, 2, 3].
  file->Floats("m_VERTEX", 1, "mesh", {1, 2, 3}, {0, 0, 0, 1, 1, 1},
               std::string("\x12\x01m\x18\x01\x32\x03\x01\x02\x03", 10));
  // A Layout of one category with one multiline chart of the tag "loss".
  const std::string chart = std::string("\x0a\x01t\x12\x06\x0a\x04loss", 11);
  const std::string category = std::string("\x0a\x01\x63\x12\x0b", 5) + chart;
  file->Texts("custom_scalars__config__", 0, "custom_scalars", {},
              {std::string("\x12\x10", 2) + category});
}

void AddOwnKinds(EventBuilder* file) {
  proto::EmbeddingMetadataContent columns;
  columns.add_columns("name");
  proto::EntityStatsContent stats;
  stats.set_entity(proto::EntityStatsContent::ROW);
  stats.add_columns("touches");
  stats.set_first_step(1);
  stats.set_samples(64);
  (*stats.mutable_attributes())["padding_row"] = "0";
  proto::ProfileSlices slices;
  slices.add_names("forward");
  for (int i = 0; i < 3; ++i) {
    slices.add_kind(0), slices.add_name(0), slices.add_start_ns(1000), slices.add_duration_ns(5);
    slices.add_step(1), slices.add_correlation_id(0), slices.add_stream(0);
  }
  file->Floats("embeddings/e", 1, "spirogram_embedding", {2, 2}, {1, 2, 3, 4});
  file->Texts("embeddings/e/metadata", 0, "spirogram_embedding_metadata", {2, 1}, {"a", "b"},
              columns.SerializeAsString());
  file->Floats("rows", 8, "spirogram_entity_stats", {1, 2}, {1, 2}, stats.SerializeAsString());
  file->Texts("profile", 5, "spirogram_profile", {}, {slices.SerializeAsString()});
  file->Texts("profile/notes", 0, "spirogram_profile_note", {}, {"no GPU slices"});
}

}  // namespace

EventBuilder EveryKind() {
  EventBuilder file;
  file.FileVersion().SessionStart(0);
  AddGraphs(&file);
  AddHparams(&file);
  for (int step = 0; step < 3; ++step) {
    file.Scalar("loss", step, 1.5F / static_cast<float>(step + 1));
    file.Floats("accuracy", step, "scalars", {}, {0.25F * static_cast<float>(step)});
  }
  AddOldStyleMedia(&file);
  file.Floats("histogram", 1, "histograms", {2, 3}, {0, 1, 5, 1, 2, 7});
  file.Texts("image", 1, "images", {3}, {"2", "3", "PNG bytes"});
  file.Texts("audio", 1, "audio", {1, 2}, {"RIFF bytes", "a label"});
  file.Texts("text", 1, "text", {2}, {"one", "two"});
  AddPlots(&file);
  AddOwnKinds(&file);
  file.Floats("unknown", 1, "a_plugin_of_tomorrow", {2}, {1, 2});
  return file;
}

}  // namespace spirogram::testing
