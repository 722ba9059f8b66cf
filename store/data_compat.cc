#include "store/data_compat.h"

#include <algorithm>
#include <utility>

#include "base/str.h"
#include "proto/hparams.pb.h"
#include "proto/spirogram.pb.h"
#include "store/tensor.h"
#include "store/wire.h"

namespace spirogram::store {
namespace {

using Payload = ParsedValue::Payload;
using Type = WireReader::Type;

DataKind KindOfPlugin(std::string_view plugin) {
  if (plugin == "scalars") return DataKind::kScalar;
  if (plugin == "histograms") return DataKind::kHistogram;
  if (plugin == "text") return DataKind::kText;
  if (plugin == "images") return DataKind::kImage;
  if (plugin == "hparams") return DataKind::kHparams;
  if (plugin == "spirogram_embedding") return DataKind::kEmbedding;
  if (plugin == "spirogram_entity_stats") return DataKind::kEntityStats;
  if (plugin == "spirogram_profile" || plugin == kProfileNotePlugin) return DataKind::kProfile;
  return DataKind::kOther;
}

// The plugin of a value whose metadata names none: writers of TensorFlow 1 and PyTorch's defaults.
std::string_view PluginOfPayload(const ParsedValue& value) {
  switch (value.payload) {
    case Payload::kSimpleValue:
      return "scalars";
    case Payload::kHistogram:
      return "histograms";
    case Payload::kImage:
      return "images";
    case Payload::kAudio:
      return "audio";
    case Payload::kTensor:
      return IsScalarTensor(value.bytes) ? "scalars" : "";
    default:
      return "";
  }
}

Error WrongPayload(std::string_view want) {
  return Corruption(StrCat("value holds no ", want));
}

// Numbers of a packed or unpacked list of doubles.
bool AppendDoubles(const WireReader& reader, std::vector<double>* values) {
  if (reader.type() == Type::kFixed64) {
    values->push_back(reader.fixed64_double());
    return true;
  }
  if (reader.type() != Type::kBytes) return false;
  WireReader packed(reader.bytes());
  while (packed.has_rest()) values->push_back(packed.ReadFixed<double>());
  return packed.ok();
}

Result<Histogram> MigrateHistogram(std::string_view bytes) {
  double min = 0;
  double max = 0;
  std::vector<double> limits;
  std::vector<double> counts;
  bool is_valid = true;
  WireReader reader(bytes);
  while (is_valid && reader.Next()) {
    if (reader.Is(1, Type::kFixed64)) min = reader.fixed64_double();
    if (reader.Is(2, Type::kFixed64)) max = reader.fixed64_double();
    if (reader.field() == 6) is_valid = AppendDoubles(reader, &limits);
    if (reader.field() == 7) is_valid = AppendDoubles(reader, &counts);
  }
  if (!is_valid || !reader.ok()) return Corruption("histogram: malformed message");
  if (limits.size() != counts.size()) {
    return Corruption(
        StrCat("histogram: got ", limits.size(), " limits for ", counts.size(), " buckets"));
  }
  // Empty buckets at both ends go; the outer edges of what stays are the least and greatest value.
  Histogram histogram;
  const auto is_filled = [](double count) { return count > 0; };
  const auto first = std::find_if(counts.begin(), counts.end(), is_filled);
  if (first == counts.end()) return histogram;
  const auto last = std::find_if(counts.rbegin(), counts.rend(), is_filled).base();
  histogram.counts.assign(first, last);
  histogram.edges.push_back(min);
  histogram.edges.insert(histogram.edges.end(), limits.begin() + (first - counts.begin()),
                         limits.begin() + (last - counts.begin() - 1));
  histogram.edges.push_back(max);
  return histogram;
}

Result<Histogram> HistogramOfTensor(std::string_view bytes) {
  ASSIGN_OR_RETURN(const Tensor<double> tensor, ParseDoubleTensor(bytes));
  if (tensor.shape.size() != 2 || tensor.shape[1] != 3) {
    return Corruption("histogram: the tensor's shape is not [k, 3]");
  }
  Histogram histogram;
  for (size_t i = 0; i + 3 <= tensor.values.size(); i += 3) {
    const double left = tensor.values[i];
    if (histogram.edges.empty()) histogram.edges.push_back(left);
    // A gap between two buckets becomes an empty bucket.
    if (histogram.edges.back() < left) {
      histogram.edges.push_back(left);
      histogram.counts.push_back(0);
    }
    histogram.edges.push_back(tensor.values[i + 1]);
    histogram.counts.push_back(tensor.values[i + 2]);
  }
  return histogram;
}

Result<std::vector<EncodedImage>> MigrateImage(std::string_view bytes) {
  EncodedImage image;
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.Is(1, Type::kVarint)) image.height = static_cast<int32_t>(reader.varint());
    if (reader.Is(2, Type::kVarint)) image.width = static_cast<int32_t>(reader.varint());
    if (reader.Is(4, Type::kBytes)) image.bytes = reader.bytes();
  }
  if (!reader.ok()) return Corruption("image: malformed message");
  return std::vector{image};
}

}  // namespace

TagInfo ClassifyValue(const ParsedValue& value) {
  ParsedMetadata metadata;
  if (value.has_metadata && !ParseMetadata(value.metadata, &metadata)) metadata = {};
  const std::string_view plugin =
      metadata.plugin.empty() ? PluginOfPayload(value) : metadata.plugin;
  return {.kind = KindOfPlugin(plugin),
          .plugin = ToValidUtf8(plugin),
          .display_name = ToValidUtf8(metadata.display_name),
          .description = ToValidUtf8(metadata.description),
          .content = std::string(metadata.content)};
}

Result<double> ToScalar(const ParsedValue& value) {
  if (value.payload == Payload::kSimpleValue) return static_cast<double>(value.simple_value);
  if (value.payload == Payload::kTensor) return ParseScalarTensor(value.bytes);
  return WrongPayload("scalar");
}

Result<Histogram> ToHistogram(const ParsedValue& value) {
  if (value.payload == Payload::kHistogram) return MigrateHistogram(value.bytes);
  if (value.payload == Payload::kTensor) return HistogramOfTensor(value.bytes);
  return WrongPayload("histogram");
}

Result<Text> ToText(const ParsedValue& value) {
  if (value.payload != Payload::kTensor) return WrongPayload("text");
  ASSIGN_OR_RETURN(const Tensor<std::string_view> tensor, ParseStringTensor(value.bytes));
  Text text;
  text.shape = tensor.shape;
  for (const std::string_view part : tensor.values) text.values.push_back(ToValidUtf8(part));
  return text;
}

Result<std::vector<EncodedImage>> ToImages(const ParsedValue& value) {
  if (value.payload == Payload::kImage) return MigrateImage(value.bytes);
  if (value.payload != Payload::kTensor) return WrongPayload("image");
  ASSIGN_OR_RETURN(const Tensor<std::string_view> tensor, ParseStringTensor(value.bytes));
  if (tensor.shape.size() != 1 || tensor.values.size() < 2) {
    return Corruption("image: the tensor is not [width, height, image, ...]");
  }
  const auto width = ParseNumber<int64_t>(tensor.values[0]);
  const auto height = ParseNumber<int64_t>(tensor.values[1]);
  if (!width || !height) return Corruption("image: width or height is not a number");
  std::vector<EncodedImage> images;
  for (size_t i = 2; i < tensor.values.size(); ++i) {
    images.push_back({*width, *height, tensor.values[i]});
  }
  return images;
}

Result<SessionInfo> ToSessionInfo(std::string_view content) {
  proto::HParamsPluginData data;
  if (!data.ParseFromArray(content.data(), static_cast<int>(content.size()))) {
    return Corruption("hparams: malformed plugin content");
  }
  SessionInfo info;
  if (data.has_session_start_info()) {
    Hparams hparams;
    for (const auto& [name, value] : data.session_start_info().hparams()) {
      HparamValue hparam;
      if (value.has_bool_value()) {
        hparam = {.type = HparamValue::Type::kBool, .text = {}, .boolean = value.bool_value()};
      } else if (value.has_string_value()) {
        hparam = {.type = HparamValue::Type::kString, .text = value.string_value()};
      } else {
        hparam = {.type = HparamValue::Type::kNumber, .number = value.number_value(), .text = {}};
      }
      hparams.emplace_back(name, std::move(hparam));
    }
    std::sort(hparams.begin(), hparams.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    info.hparams = std::move(hparams);
  }
  if (data.has_session_end_info()) {
    const auto status = data.session_end_info().status();
    if (status == proto::STATUS_SUCCESS) info.end_status = RunStatus::kFinished;
    if (status == proto::STATUS_FAILURE) info.end_status = RunStatus::kFailed;
  }
  return info;
}

Result<Embedding> ToEmbedding(const ParsedValue& value) {
  if (value.payload != Payload::kTensor) return WrongPayload("embedding");
  ASSIGN_OR_RETURN(Tensor<float> tensor, ParseFloatTensor(value.bytes));
  if (tensor.shape.size() != 2) return Corruption("embedding: the tensor's shape is not [N, D]");
  Embedding embedding;
  embedding.info.rows = tensor.shape[0];
  embedding.info.dims = tensor.shape[1];
  embedding.values = std::move(tensor.values);
  return embedding;
}

Result<EmbeddingMetadata> ToEmbeddingMetadata(const ParsedValue& value, std::string_view content) {
  if (value.payload != Payload::kTensor) return WrongPayload("embedding metadata");
  proto::EmbeddingMetadataContent message;
  if (!message.ParseFromArray(content.data(), static_cast<int>(content.size()))) {
    return Corruption("embedding metadata: malformed plugin content");
  }
  ASSIGN_OR_RETURN(const Tensor<std::string_view> tensor, ParseStringTensor(value.bytes));
  const auto columns = static_cast<size_t>(message.columns_size());
  if (tensor.shape.size() != 2 || static_cast<size_t>(tensor.shape[1]) != columns) {
    return Corruption(StrCat("embedding metadata: the tensor's shape is not [N, ", columns, "]"));
  }
  EmbeddingMetadata metadata;
  metadata.columns.assign(message.columns().begin(), message.columns().end());
  metadata.values.resize(columns);
  for (size_t i = 0; i < tensor.values.size(); ++i) {
    metadata.values[i % columns].push_back(ToValidUtf8(tensor.values[i]));
  }
  return metadata;
}

Result<EntityStats> ToEntityStats(const ParsedValue& value, std::string_view content) {
  if (value.payload != Payload::kTensor) return WrongPayload("entity statistics");
  proto::EntityStatsContent message;
  if (!message.ParseFromArray(content.data(), static_cast<int>(content.size()))) {
    return Corruption("entity statistics: malformed plugin content");
  }
  ASSIGN_OR_RETURN(const Tensor<float> tensor, ParseFloatTensor(value.bytes));
  const auto columns = static_cast<size_t>(message.columns_size());
  if (tensor.shape.size() != 2 || static_cast<size_t>(tensor.shape[0]) != columns) {
    return Corruption(StrCat("entity statistics: the tensor's shape is not [", columns, ", E]"));
  }
  EntityStats stats;
  stats.first_step = message.first_step();
  stats.entity = message.entity() == proto::EntityStatsContent::ROW ? EntityStats::Entity::kRow
                                                                    : EntityStats::Entity::kUnit;
  stats.entities = tensor.shape[1];
  stats.samples = message.samples();
  stats.columns.assign(message.columns().begin(), message.columns().end());
  const auto entities = static_cast<std::ptrdiff_t>(stats.entities);
  auto column = tensor.values.begin();
  for (size_t i = 0; i < columns; ++i, column += entities) {
    stats.values.emplace_back(column, column + entities);
  }
  stats.attributes.assign(message.attributes().begin(), message.attributes().end());
  std::sort(stats.attributes.begin(), stats.attributes.end());
  return stats;
}

Result<ProfileSlices> ToProfileSlices(const ParsedValue& value) {
  if (value.payload != Payload::kTensor) return WrongPayload("profile");
  ASSIGN_OR_RETURN(const Tensor<std::string_view> tensor, ParseStringTensor(value.bytes));
  proto::ProfileSlices message;
  if (tensor.values.size() != 1 ||
      !message.ParseFromArray(tensor.values[0].data(), static_cast<int>(tensor.values[0].size()))) {
    return Corruption("profile: malformed slices");
  }
  const int count = message.start_ns_size();
  if (message.kind_size() != count || message.name_size() != count ||
      message.duration_ns_size() != count || message.step_size() != count ||
      message.correlation_id_size() != count || message.stream_size() != count) {
    return Corruption(StrCat("profile: columns are not all of length ", count));
  }
  ProfileSlices slices;
  for (const std::string& name : message.names()) slices.names.push_back(ToValidUtf8(name));
  uint64_t start_ns = 0;
  uint64_t step = 0;
  for (int i = 0; i < count; ++i) {
    if (message.kind(i) > 3 || message.name(i) >= slices.names.size()) {
      return Corruption(StrCat("profile: slice ", i, " has an unknown kind or name"));
    }
    start_ns += static_cast<uint64_t>(message.start_ns(i));
    step += static_cast<uint64_t>(message.step(i));
    slices.kind.push_back(static_cast<ProfileSlices::Kind>(message.kind(i)));
    slices.name.push_back(message.name(i));
    slices.start_ns.push_back(static_cast<int64_t>(start_ns));
    slices.duration_ns.push_back(static_cast<int64_t>(message.duration_ns(i)));
    slices.step.push_back(static_cast<Step>(step));
    slices.correlation_id.push_back(message.correlation_id(i));
    slices.stream.push_back(message.stream(i));
  }
  return slices;
}

Result<std::string> ToProfileNote(const ParsedValue& value) {
  ASSIGN_OR_RETURN(const Text text, ToText(value));
  if (text.values.size() != 1) return Corruption("profile note: want exactly one text");
  return text.values[0];
}

}  // namespace spirogram::store
