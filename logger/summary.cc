#include "logger/summary.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/str.h"
#include "logger/png.h"
#include "proto/hparams.pb.h"
#include "proto/spirogram.pb.h"

namespace spirogram::logger {
namespace {

static_assert(std::endian::native == std::endian::little, "tensor_content is little-endian");

void SetPlugin(const char* plugin, proto::DataClass data_class, proto::Summary::Value* out) {
  proto::SummaryMetadata* metadata = out->mutable_metadata();
  metadata->mutable_plugin_data()->set_plugin_name(plugin);
  metadata->set_data_class(data_class);
}

template <typename Message>
void SetPluginContent(const Message& content, proto::Summary::Value* out) {
  *out->mutable_metadata()->mutable_plugin_data()->mutable_content() = content.SerializeAsString();
}

proto::Tensor* SetTensor(proto::DataType dtype, std::initializer_list<int64_t> shape,
                         proto::Summary::Value* out) {
  proto::Tensor* tensor = out->mutable_tensor();
  tensor->set_dtype(dtype);
  proto::TensorShape* proto_shape = tensor->mutable_tensor_shape();
  for (const int64_t size : shape) proto_shape->add_dim()->set_size(size);
  return tensor;
}

void AppendFloats(std::span<const float> values, std::string* out) {
  out->append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
}

// hparams are in the metadata; the value itself is TensorBoard's null tensor.
void SetHparamsData(const proto::HParamsPluginData& data, proto::Summary::Value* out) {
  SetTensor(proto::DT_FLOAT, {0}, out);
  SetPlugin("hparams", proto::DATA_CLASS_TENSOR, out);
  SetPluginContent(data, out);
}

// TensorBoard turns hparams into JSON, which has no NaN and no infinity: those become strings.
void SetHparam(const HparamValue& value, google::protobuf::Value* out) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    out->set_string_value(ToValidUtf8(*text));
  } else if (const auto* boolean = std::get_if<bool>(&value)) {
    out->set_bool_value(*boolean);
  } else if (const double number = std::get<double>(value); std::isfinite(number)) {
    out->set_number_value(number);
  } else {
    out->set_string_value(std::isnan(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity");
  }
}

}  // namespace

bool IsLostInFloat(double value) {
  const double size = std::abs(value);
  if (!std::isfinite(value) || size == 0) return false;
  using Float = std::numeric_limits<float>;
  return size > double{Float::max()} || size < double{Float::denorm_min()};
}

void SetScalar(double value, proto::Summary::Value* out) {
  if (IsLostInFloat(value)) {
    SetTensor(proto::DT_DOUBLE, {}, out)->add_double_val(value);
  } else {
    out->set_simple_value(static_cast<float>(value));
  }
  SetPlugin("scalars", proto::DATA_CLASS_SCALAR, out);
}

void SetHistogram(const BucketedValues& values, proto::Summary::Value* out) {
  proto::HistogramProto* histogram = out->mutable_histo();
  histogram->set_min(values.min);
  histogram->set_max(values.max);
  histogram->set_num(values.count);
  histogram->set_sum(values.sum);
  histogram->set_sum_squares(values.sum_squares);
  histogram->mutable_bucket_limit()->Add(values.limits.begin(), values.limits.end());
  histogram->mutable_bucket()->Add(values.counts.begin(), values.counts.end());
  SetPlugin("histograms", proto::DATA_CLASS_TENSOR, out);
}

void SetText(const TextItem& text, proto::Summary::Value* out) {
  SetTensor(proto::DT_STRING, {1}, out)->add_string_val(ToValidUtf8(text.text));
  SetPlugin("text", proto::DATA_CLASS_TENSOR, out);
}

Status SetImage(const ImageItem& image, proto::Summary::Value* out) {
  ASSIGN_OR_RETURN(std::string png,
                   EncodePng(image.pixels, image.width, image.height, image.channels));
  proto::Summary::Image* proto_image = out->mutable_image();
  proto_image->set_width(image.width);
  proto_image->set_height(image.height);
  proto_image->set_colorspace(image.channels);
  proto_image->set_encoded_image_string(std::move(png));
  SetPlugin("images", proto::DATA_CLASS_BLOB_SEQUENCE, out);
  return {};
}

void SetEmbedding(const EmbeddingItem& embedding, proto::Summary::Value* out) {
  proto::Tensor* tensor = SetTensor(proto::DT_FLOAT, {embedding.rows, embedding.dims}, out);
  AppendFloats(embedding.values, tensor->mutable_tensor_content());
  SetPlugin("spirogram_embedding", proto::DATA_CLASS_TENSOR, out);
  SetPluginContent(proto::EmbeddingContent(), out);
}

void SetEmbeddingMetadata(const EmbeddingMetadata& metadata, proto::Summary::Value* out) {
  const size_t columns = metadata.columns.size();
  const size_t rows = columns > 0 ? metadata.values[0].size() : 0;
  proto::Tensor* tensor =
      SetTensor(proto::DT_STRING, {static_cast<int64_t>(rows), static_cast<int64_t>(columns)}, out);
  tensor->mutable_string_val()->Reserve(static_cast<int>(rows * columns));
  for (size_t row = 0; row < rows; ++row) {
    for (const auto& column : metadata.values) tensor->add_string_val(ToValidUtf8(column[row]));
  }
  SetPlugin("spirogram_embedding_metadata", proto::DATA_CLASS_TENSOR, out);
  proto::EmbeddingMetadataContent content;
  for (const std::string& name : metadata.columns) content.add_columns(ToValidUtf8(name));
  SetPluginContent(content, out);
}

void SetEntityStats(const EntityStats& stats, proto::Summary::Value* out) {
  proto::Tensor* tensor =
      SetTensor(proto::DT_FLOAT,
                {static_cast<int64_t>(stats.values.size()),
                 static_cast<int64_t>(stats.values.empty() ? 0 : stats.values[0].size())},
                out);
  for (const auto& column : stats.values) AppendFloats(column, tensor->mutable_tensor_content());
  SetPlugin("spirogram_entity_stats", proto::DATA_CLASS_TENSOR, out);

  proto::EntityStatsContent content;
  content.set_entity(stats.entity == EntityStats::Entity::kRow ? proto::EntityStatsContent::ROW
                                                               : proto::EntityStatsContent::UNIT);
  for (const std::string& name : stats.columns) content.add_columns(ToValidUtf8(name));
  content.set_first_step(stats.first_step);
  content.set_samples(stats.samples);
  for (const auto& [name, value] : stats.attributes) {
    (*content.mutable_attributes())[ToValidUtf8(name)] = ToValidUtf8(value);
  }
  SetPluginContent(content, out);
}

void SetProfile(std::span<const ProfileSlice> slices, proto::Summary::Value* out) {
  proto::ProfileSlices columns;
  std::unordered_map<std::string_view, uint32_t> name_index;
  int64_t previous_start = 0;
  Step previous_step = 0;
  // Differences wrap around as two's complement does, so that any two values have one.
  const auto difference = [](int64_t a, int64_t b) {
    return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
  };
  for (const ProfileSlice& slice : slices) {
    const auto [it, is_new] =
        name_index.try_emplace(slice.name, static_cast<uint32_t>(name_index.size()));
    if (is_new) columns.add_names(ToValidUtf8(slice.name));
    columns.add_kind(static_cast<uint32_t>(slice.kind));
    columns.add_name(it->second);
    columns.add_start_ns(difference(slice.start_ns, previous_start));
    columns.add_duration_ns(static_cast<uint64_t>(std::max<int64_t>(slice.duration_ns, 0)));
    columns.add_step(difference(slice.step, previous_step));
    columns.add_correlation_id(slice.correlation_id);
    columns.add_stream(slice.stream);
    previous_start = slice.start_ns;
    previous_step = slice.step;
  }
  SetTensor(proto::DT_STRING, {}, out)->add_string_val(columns.SerializeAsString());
  SetPlugin("spirogram_profile", proto::DATA_CLASS_TENSOR, out);
}

void SetProfileNote(const ProfileNoteItem& note, proto::Summary::Value* out) {
  SetTensor(proto::DT_STRING, {}, out)->add_string_val(ToValidUtf8(note.line));
  SetPlugin("spirogram_profile_note", proto::DATA_CLASS_TENSOR, out);
}

// There is no _hparams_/experiment: TensorBoard takes the first one that it finds for the
// experiment of the whole logdir, and shows no hparam and no metric that is not in it. Without one
// it infers both from all sessions.
void SetSessionStart(const HparamsItem& hparams, WallTime start_time, proto::Summary::Value* out) {
  proto::HParamsPluginData data;
  proto::SessionStartInfo* start = data.mutable_session_start_info();
  start->set_start_time_secs(start_time);
  for (const auto& [name, value] : hparams.hparams) {
    SetHparam(value, &(*start->mutable_hparams())[ToValidUtf8(name)]);
  }
  SetHparamsData(data, out);
}

void SetSessionEnd(EndStatus status, WallTime end_time, proto::Summary::Value* out) {
  proto::HParamsPluginData data;
  proto::SessionEndInfo* end = data.mutable_session_end_info();
  end->set_status(status == EndStatus::kSuccess   ? proto::STATUS_SUCCESS
                  : status == EndStatus::kFailure ? proto::STATUS_FAILURE
                                                  : proto::STATUS_UNKNOWN);
  end->set_end_time_secs(end_time);
  SetHparamsData(data, out);
}

}  // namespace spirogram::logger
