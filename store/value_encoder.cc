#include "store/value_encoder.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/message_lite.h>

#include <bit>
#include <span>
#include <unordered_map>
#include <utility>

#include "base/str.h"
#include "base/wire.h"
#include "proto/hparams.pb.h"
#include "proto/spirogram.pb.h"
#include "proto/summary.pb.h"
#include "store/data_compat.h"
#include "store/histogram_codec.h"
#include "store/hparams_content.h"
#include "store/plot_value.h"
#include "store/record_details.h"
#include "store/value_codec.h"

namespace spirogram::store {
namespace {

static_assert(std::endian::native == std::endian::little, "tensor_content is little-endian");

// Maps in the order of their keys, so that the same values are the same bytes.
std::string Serialize(const google::protobuf::MessageLite& message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

proto::Summary::Value NewValue(const TagMeta& tag, proto::DataClass data_class) {
  proto::Summary::Value value;
  value.set_tag(tag.name);
  proto::SummaryMetadata* metadata = value.mutable_metadata();
  metadata->mutable_plugin_data()->set_plugin_name(tag.plugin);
  metadata->mutable_plugin_data()->set_content(tag.content);
  metadata->set_display_name(tag.display_name);
  metadata->set_summary_description(tag.description);
  metadata->set_data_class(data_class);
  return value;
}

proto::Tensor* SetTensor(proto::DataType dtype, const std::vector<int64_t>& shape,
                         proto::Summary::Value* value) {
  proto::Tensor* tensor = value->mutable_tensor();
  tensor->set_dtype(dtype);
  proto::TensorShape* dims = tensor->mutable_tensor_shape();
  for (const int64_t size : shape) dims->add_dim()->set_size(size);
  return tensor;
}

template <typename T>
void AppendNumbers(const std::vector<T>& numbers, proto::Tensor* tensor) {
  tensor->mutable_tensor_content()->append(reinterpret_cast<const char*>(numbers.data()),
                                           numbers.size() * sizeof(T));
}

Result<std::string> EncodeHistogramValue(const TagMeta& tag, const StoredItem& item) {
  ASSIGN_OR_RETURN(const Histogram histogram, DecodeHistogram(item.content));
  proto::Summary::Value value = NewValue(tag, proto::DATA_CLASS_TENSOR);
  const auto buckets = static_cast<int64_t>(histogram.counts.size());
  std::vector<double> rows;
  for (size_t i = 0; i < histogram.counts.size(); ++i) {
    rows.insert(rows.end(), {histogram.edges[i], histogram.edges[i + 1], histogram.counts[i]});
  }
  AppendNumbers(rows, SetTensor(proto::DT_DOUBLE, {buckets, 3}, &value));
  return Serialize(value);
}

Result<std::string> EncodeTextValue(const TagMeta& tag, const StoredItem& item) {
  ASSIGN_OR_RETURN(const Text text, DecodeText(item.content));
  proto::Summary::Value value = NewValue(tag, proto::DATA_CLASS_TENSOR);
  proto::Tensor* tensor = SetTensor(proto::DT_STRING, text.shape, &value);
  for (const std::string& part : text.values) tensor->add_string_val(part);
  return Serialize(value);
}

// None where the one row stands for that.
std::span<const StoredItem> SamplesOf(const std::vector<StoredItem>& items) {
  return std::span(items).first(items[0].is_none ? 0 : items.size());
}

std::string EncodeImages(const TagMeta& tag, const std::vector<StoredItem>& items) {
  const auto images = SamplesOf(items);
  proto::Summary::Value value = NewValue(tag, proto::DATA_CLASS_BLOB_SEQUENCE);
  proto::Tensor* tensor =
      SetTensor(proto::DT_STRING, {static_cast<int64_t>(images.size()) + 2}, &value);
  tensor->add_string_val(StrCat(items.front().width));
  tensor->add_string_val(StrCat(items.front().height));
  for (const StoredItem& image : images) tensor->add_string_val(image.content);
  return Serialize(value);
}

Result<std::string> EncodeAudioValue(const TagMeta& tag, const std::vector<StoredItem>& items) {
  proto::Summary::Value value = NewValue(tag, proto::DATA_CLASS_BLOB_SEQUENCE);
  const auto clips = SamplesOf(items);
  proto::Tensor* tensor =
      SetTensor(proto::DT_STRING, {static_cast<int64_t>(clips.size()), 2}, &value);
  for (const StoredItem& item : clips) {
    AudioClip clip;
    if (!item.details.empty()) RETURN_IF_ERROR(DecodeAudioDetails(item.details, &clip));
    tensor->add_string_val(item.content);
    tensor->add_string_val(clip.label);
  }
  return Serialize(value);
}

Result<std::string> EncodePrCurveValue(const TagMeta& tag, const StoredItem& item) {
  ASSIGN_OR_RETURN(const PrCurve curve, DecodePrCurve(item.content));
  proto::Summary::Value value = NewValue(tag, proto::DATA_CLASS_TENSOR);
  proto::Tensor* tensor =
      SetTensor(proto::DT_DOUBLE, {6, static_cast<int64_t>(curve.true_positives.size())}, &value);
  for (const auto* row : {&curve.true_positives, &curve.false_positives, &curve.true_negatives,
                          &curve.false_negatives, &curve.precision, &curve.recall}) {
    AppendNumbers(*row, tensor);
  }
  return Serialize(value);
}

// Samples of one event have the same number of rows: they are one tensor.
Result<std::string> EncodeMeshValue(const TagMeta& tag, const std::vector<StoredItem>& items) {
  ASSIGN_OR_RETURN(const MeshContent content, ParseMeshContent(tag.content));
  proto::DataType dtype = proto::DT_FLOAT;
  if (content.part == MeshContent::Part::kFace) dtype = proto::DT_INT32;
  if (content.part == MeshContent::Part::kColour) dtype = proto::DT_UINT8;
  proto::Summary::Value value = NewValue(tag, proto::DATA_CLASS_TENSOR);
  const auto samples = SamplesOf(items);
  proto::Tensor* tensor =
      SetTensor(dtype, {static_cast<int64_t>(samples.size()), items[0].height, 3}, &value);
  for (const StoredItem& item : samples) tensor->mutable_tensor_content()->append(item.content);
  return Serialize(value);
}

std::string EncodeLayoutValue(const TagMeta& tag, const StoredItem& item) {
  proto::Summary::Value value = NewValue(tag, proto::DATA_CLASS_TENSOR);
  SetTensor(proto::DT_STRING, {}, &value)->add_string_val(item.content);
  return Serialize(value);
}

Result<std::string> EncodeEmbeddingValue(const TagMeta& tag, const StoredItem& item) {
  ASSIGN_OR_RETURN(const std::vector<float> values, DecodeEmbeddingValues(item.content));
  proto::Summary::Value value = NewValue(tag, proto::DATA_CLASS_TENSOR);
  AppendNumbers(values, SetTensor(proto::DT_FLOAT, {item.height, item.width}, &value));
  return Serialize(value);
}

Result<std::string> EncodeMetadataTable(TagMeta tag, const StoredItem& item) {
  ASSIGN_OR_RETURN(const EmbeddingMetadata table, DecodeEmbeddingMetadata(item.content));
  proto::EmbeddingMetadataContent content;
  for (const std::string& column : table.columns) content.add_columns(column);
  tag.content = Serialize(content);
  proto::Summary::Value value = NewValue(tag, proto::DATA_CLASS_TENSOR);
  const size_t rows = table.values.empty() ? 0 : table.values[0].size();
  proto::Tensor* tensor =
      SetTensor(proto::DT_STRING,
                {static_cast<int64_t>(rows), static_cast<int64_t>(table.columns.size())}, &value);
  for (size_t row = 0; row < rows; ++row) {
    for (const auto& column : table.values) tensor->add_string_val(column[row]);
  }
  return Serialize(value);
}

Result<std::string> EncodeStats(TagMeta tag, const StoredItem& item) {
  ASSIGN_OR_RETURN(const EntityStats stats, DecodeEntityStats(item.content));
  proto::EntityStatsContent content;
  content.set_entity(stats.entity == EntityStats::Entity::kRow ? proto::EntityStatsContent::ROW
                                                               : proto::EntityStatsContent::UNIT);
  for (const std::string& column : stats.columns) content.add_columns(column);
  content.set_first_step(stats.first_step);
  content.set_samples(stats.samples);
  for (const auto& [name, text] : stats.attributes) (*content.mutable_attributes())[name] = text;
  tag.content = Serialize(content);
  proto::Summary::Value value = NewValue(tag, proto::DATA_CLASS_TENSOR);
  proto::Tensor* tensor = SetTensor(
      proto::DT_FLOAT, {static_cast<int64_t>(stats.columns.size()), stats.entities}, &value);
  for (const std::vector<float>& column : stats.values) AppendNumbers(column, tensor);
  return Serialize(value);
}

// The tensor of a plugin that the store does not know stands there as it was logged.
std::string EncodeUnknown(const TagMeta& tag, const StoredItem& item) {
  proto::Summary::Value value = NewValue(tag, proto::DATA_CLASS_UNKNOWN);
  std::string bytes = Serialize(value);
  AppendBytesField(proto::Summary::Value::kTensorFieldNumber, item.content, &bytes);
  return bytes;
}

std::string EncodeHparamsData(const TagMeta& tag, std::string content) {
  TagMeta with_content = tag;
  with_content.content = std::move(content);
  proto::Summary::Value value = NewValue(with_content, proto::DATA_CLASS_TENSOR);
  SetTensor(proto::DT_FLOAT, {0}, &value);  // the value itself is nothing
  return Serialize(value);
}

void SetHparam(const HparamValue& value, google::protobuf::Value* out) {
  switch (value.type) {
    case HparamValue::Type::kNumber:
      return out->set_number_value(value.number);
    case HparamValue::Type::kString:
      return out->set_string_value(value.text);
    case HparamValue::Type::kBool:
      return out->set_bool_value(value.boolean);
  }
}

}  // namespace

Result<std::string> EncodeRecordValue(const TagMeta& tag, const std::vector<StoredItem>& items) {
  if (items.empty()) return Internal(StrCat("tag ", Quoted(tag.name), ": a value without rows"));
  switch (tag.kind) {
    case DataKind::kHistogram:
      return EncodeHistogramValue(tag, items[0]);
    case DataKind::kText:
      return EncodeTextValue(tag, items[0]);
    case DataKind::kImage:
      return EncodeImages(tag, items);
    case DataKind::kAudio:
      return EncodeAudioValue(tag, items);
    case DataKind::kPrCurve:
      return EncodePrCurveValue(tag, items[0]);
    case DataKind::kMesh:
      return EncodeMeshValue(tag, items);
    case DataKind::kCustomScalars:
      return EncodeLayoutValue(tag, items[0]);
    case DataKind::kEmbedding:
      return EncodeEmbeddingValue(tag, items[0]);
    case DataKind::kEntityStats:
      return EncodeStats(tag, items[0]);
    case DataKind::kOther:
      if (tag.plugin == kEmbeddingMetadataPlugin) return EncodeMetadataTable(tag, items[0]);
      return EncodeUnknown(tag, items[0]);
    case DataKind::kScalar:
    case DataKind::kHparams:
    case DataKind::kProfile:
    case DataKind::kGraph:
      break;
  }
  return Internal(StrCat("tag ", Quoted(tag.name), " is of kind ", DataKindName(tag.kind),
                         ", which is no value of a summary"));
}

std::string EncodeProfileValue(const TagMeta& tag, const ProfileSlices& slices, size_t from,
                               size_t count) {
  proto::ProfileSlices columns;
  std::unordered_map<uint32_t, uint32_t> indices;  // of names of the run -> of this message
  // Differences wrap around as two's complement does, so that any two values have one.
  const auto difference = [](int64_t a, int64_t b) {
    return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
  };
  for (size_t i = from; i < from + count; ++i) {
    const auto [index, is_new] =
        indices.try_emplace(slices.name[i], static_cast<uint32_t>(indices.size()));
    if (is_new) columns.add_names(slices.names[slices.name[i]]);
    columns.add_kind(static_cast<uint32_t>(slices.kind[i]));
    columns.add_name(index->second);
    columns.add_start_ns(difference(slices.start_ns[i], i == from ? 0 : slices.start_ns[i - 1]));
    columns.add_duration_ns(static_cast<uint64_t>(slices.duration_ns[i]));
    columns.add_step(difference(slices.step[i], i == from ? 0 : slices.step[i - 1]));
    columns.add_correlation_id(slices.correlation_id[i]);
    columns.add_stream(slices.stream[i]);
  }
  proto::Summary::Value value = NewValue(tag, proto::DATA_CLASS_TENSOR);
  SetTensor(proto::DT_STRING, {}, &value)->add_string_val(Serialize(columns));
  return Serialize(value);
}

std::string EncodeNoteValue(const TagMeta& tag, const ProfileNote& note) {
  proto::Summary::Value value = NewValue(tag, proto::DATA_CLASS_TENSOR);
  SetTensor(proto::DT_STRING, {}, &value)->add_string_val(note.message);
  return Serialize(value);
}

std::string EncodeHparamsValue(const TagMeta& tag, const Hparams& hparams, RunEnd run_end) {
  const Result<HparamsMessage> message = ParseHparamsMessage(tag.content);
  proto::HParamsPluginData data;
  if (message.ok() && message->start) {
    auto* start = data.mutable_session_start_info();
    start->set_model_uri(message->start->model_uri);
    start->set_monitor_url(message->start->monitor_url);
    start->set_group_name(message->start->group_name);
    start->set_start_time_secs(message->start->start_time);
    for (const auto& [name, value] : hparams) SetHparam(value, &(*start->mutable_hparams())[name]);
    return EncodeHparamsData(tag, Serialize(data));
  }
  if (message.ok() && message->end && IsSessionEnd(run_end)) {
    auto* end = data.mutable_session_end_info();
    end->set_status(run_end == RunEnd::kSuccess   ? proto::STATUS_SUCCESS
                    : run_end == RunEnd::kFailure ? proto::STATUS_FAILURE
                                                  : proto::STATUS_UNKNOWN);
    end->set_end_time_secs(message->end->end_time);
    return EncodeHparamsData(tag, Serialize(data));
  }
  return EncodeHparamsData(tag, tag.content);
}

}  // namespace spirogram::store
