#include "store/data_compat.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <utility>

#include "base/str.h"
#include "base/wire.h"
#include "store/graph_value.h"
#include "store/plugin_content.h"
#include "store/tensor.h"

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
  if (plugin == "audio") return DataKind::kAudio;
  if (plugin == "pr_curves") return DataKind::kPrCurve;
  if (plugin == "mesh") return DataKind::kMesh;
  if (plugin == "custom_scalars") return DataKind::kCustomScalars;
  if (GraphTypeOfPlugin(plugin)) return DataKind::kGraph;
  if (plugin == "spirogram_embedding") return DataKind::kEmbedding;
  if (plugin == "spirogram_entity_stats") return DataKind::kEntityStats;
  if (plugin == "spirogram_profile" || plugin == kProfileNotePlugin) return DataKind::kProfile;
  return DataKind::kOther;
}

// The plugin of a value whose metadata names none: writers of TensorFlow 1 and PyTorch's defaults.
// Empty where the payload does not tell it.
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
    case Payload::kGraphDef:
    case Payload::kMetaGraphDef:
      return "graphs";
    case Payload::kTaggedMetadata:
      return "graph_tagged_run_metadata";
    case Payload::kTensor:
      return IsScalarTensor(value.bytes) ? "scalars" : "";
    default:
      return "";
  }
}

Error WrongPayload(std::string_view want) {
  return Corruption(StrCat("value holds no ", want));
}

// A list of doubles, packed or not, as it stands in a message: each part is whole numbers.
class DoubleList {
 public:
  // False where the field is no such part.
  bool Add(const WireReader& reader) {
    if (reader.type() == Type::kFixed64) {
      parts_.push_back(reader.raw().substr(reader.raw().size() - sizeof(double)));
    } else if (reader.type() == Type::kBytes && reader.bytes().size() % sizeof(double) == 0) {
      parts_.push_back(reader.bytes());
    } else {
      return false;
    }
    size_ += parts_.back().size() / sizeof(double);
    return true;
  }

  size_t size() const { return size_; }
  std::vector<double> Numbers() const {
    std::vector<double> numbers(size_);
    auto* to = reinterpret_cast<char*>(numbers.data());
    for (const std::string_view part : parts_) to = std::copy(part.begin(), part.end(), to);
    return numbers;
  }

 private:
  std::vector<std::string_view> parts_;
  size_t size_ = 0;
};

// A HistogramProto.
struct OldHistogram {
  double min = 0;
  double max = 0;
  DoubleList limits;
  DoubleList counts;
};

Result<OldHistogram> ParseOldHistogram(std::string_view bytes) {
  OldHistogram old;
  bool is_valid = true;
  WireReader reader(bytes);
  while (is_valid && reader.Next()) {
    if (reader.Is(1, Type::kFixed64)) old.min = reader.fixed64_double();
    if (reader.Is(2, Type::kFixed64)) old.max = reader.fixed64_double();
    if (reader.field() == 6) is_valid = old.limits.Add(reader);
    if (reader.field() == 7) is_valid = old.counts.Add(reader);
  }
  if (!is_valid || !reader.ok()) return Corruption("histogram: malformed message");
  if (old.limits.size() == old.counts.size()) return old;
  return Corruption(
      StrCat("histogram: got ", old.limits.size(), " limits for ", old.counts.size(), " buckets"));
}

Result<Histogram> MigrateHistogram(std::string_view bytes) {
  ASSIGN_OR_RETURN(const OldHistogram old, ParseOldHistogram(bytes));
  const std::vector<double> limits = old.limits.Numbers();
  const std::vector<double> counts = old.counts.Numbers();
  // Empty buckets at both ends go; the outer edges of what stays are the least and greatest value.
  Histogram histogram;
  const auto is_filled = [](double count) { return count > 0; };
  const auto first = std::find_if(counts.begin(), counts.end(), is_filled);
  if (first == counts.end()) return histogram;
  const auto last = std::find_if(counts.rbegin(), counts.rend(), is_filled).base();
  histogram.counts.assign(first, last);
  histogram.edges.push_back(old.min);
  histogram.edges.insert(histogram.edges.end(), limits.begin() + (first - counts.begin()),
                         limits.begin() + (last - counts.begin() - 1));
  histogram.edges.push_back(old.max);
  return histogram;
}

// Puts rows of left, right and count in order of their left edges, unless each begins where the one
// before ends or behind it, as those of all writers that we know do. NaN has no place in an order.
void SortRows(std::vector<double>* values) {
  bool fits = true;
  for (size_t i = 3; i < values->size(); i += 3) fits = fits && (*values)[i] >= (*values)[i - 2];
  if (fits) return;
  using Row = std::array<double, 3>;
  std::vector<Row> rows;
  for (size_t i = 0; i < values->size(); i += 3) {
    if (std::isnan((*values)[i])) return;
    rows.push_back({(*values)[i], (*values)[i + 1], (*values)[i + 2]});
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const Row& a, const Row& b) { return a[0] < b[0]; });
  auto value = values->begin();
  for (const Row& row : rows) value = std::copy(row.begin(), row.end(), value);
}

Result<Histogram> HistogramOfTensor(std::string_view bytes) {
  ASSIGN_OR_RETURN(Tensor<double> tensor, ParseDoubleTensor(bytes));
  if (tensor.shape.size() != 2 || tensor.shape[1] != 3) {
    return Corruption("histogram: the tensor's shape is not [k, 3]");
  }
  SortRows(&tensor.values);
  Histogram histogram;
  for (size_t i = 0; i + 3 <= tensor.values.size(); i += 3) {
    const double left = tensor.values[i];
    double right = tensor.values[i + 1];
    if (histogram.edges.empty()) histogram.edges.push_back(left);
    // A gap between two buckets becomes an empty bucket. One that begins within the bucket before
    // begins at its end: edges can say no more.
    if (histogram.edges.back() < left) {
      histogram.edges.push_back(left);
      histogram.counts.push_back(0);
    } else if (left < histogram.edges.back()) {
      right = std::max(right, histogram.edges.back());
    }
    histogram.edges.push_back(right);
    histogram.counts.push_back(tensor.values[i + 2]);
  }
  return histogram;
}

Result<EncodedImages> MigrateImage(std::string_view bytes) {
  EncodedImages one{.images = {{}}};
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.Is(1, Type::kVarint)) one.height = static_cast<int32_t>(reader.number());
    if (reader.Is(2, Type::kVarint)) one.width = static_cast<int32_t>(reader.number());
    if (reader.Is(4, Type::kBytes)) one.images[0] = reader.bytes();
  }
  if (!reader.ok()) return Corruption("image: malformed message");
  return one;
}

}  // namespace

TagInfo ClassifyValue(const ParsedValue& value) {
  ParsedMetadata metadata;
  if (value.has_metadata && !ParseMetadata(value.metadata, &metadata)) metadata = {};
  // As in TensorBoard, a payload that only one plugin writes tells more than the metadata does.
  const bool is_told_by_payload =
      value.payload != Payload::kTensor && value.payload != Payload::kNone;
  const std::string_view plugin =
      metadata.plugin.empty() || is_told_by_payload ? PluginOfPayload(value) : metadata.plugin;
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

Status CheckOldHistogram(std::string_view bytes) {
  const Result<OldHistogram> old = ParseOldHistogram(bytes);
  return old.ok() ? Status() : Status(old.error());
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

Result<std::string> ToTensorBytes(const ParsedValue& value) {
  if (value.payload == Payload::kTensor) return std::string(value.bytes);
  // An empty value of a plugin is TensorBoard's null tensor: DT_FLOAT of shape [0].
  if (value.payload == Payload::kNone && value.has_metadata) {
    return std::string("\x08\x01\x12\x02\x12\x00", 6);
  }
  return WrongPayload("tensor");
}

Result<EncodedImages> ToImages(const ParsedValue& value) {
  if (value.payload == Payload::kImage) return MigrateImage(value.bytes);
  if (value.payload != Payload::kTensor) return WrongPayload("image");
  ASSIGN_OR_RETURN(const Tensor<std::string_view> tensor, ParseStringTensor(value.bytes));
  if (tensor.shape.size() != 1 || tensor.values.size() < 2) {
    return Corruption("image: the tensor is not [width, height, image, ...]");
  }
  // The images are worth more than what is said of them.
  return EncodedImages{.width = ParseNumber<int64_t>(tensor.values[0]).value_or(0),
                       .height = ParseNumber<int64_t>(tensor.values[1]).value_or(0),
                       .images = {tensor.values.begin() + 2, tensor.values.end()}};
}

Result<Embedding> ToEmbedding(const ParsedValue& value) {
  if (value.payload != Payload::kTensor) return WrongPayload("embedding");
  ASSIGN_OR_RETURN(Tensor<float> tensor, ParseFloatTensor(value.bytes));
  if (tensor.shape.size() != 2) return Corruption("embedding: the tensor's shape is not [N, D]");
  if (tensor.shape[1] == 0) return Corruption("embedding: its rows hold no numbers");
  Embedding embedding;
  embedding.info.rows = tensor.shape[0];
  embedding.info.dims = tensor.shape[1];
  embedding.values = std::move(tensor.values);
  return embedding;
}

Result<EmbeddingMetadata> ToEmbeddingMetadata(const ParsedValue& value, std::string_view content) {
  if (value.payload != Payload::kTensor) return WrongPayload("embedding metadata");
  EmbeddingMetadata metadata;
  ASSIGN_OR_RETURN(metadata.columns, ParseEmbeddingColumns(content));
  const size_t columns = metadata.columns.size();
  ASSIGN_OR_RETURN(const Tensor<std::string_view> tensor, ParseStringTensor(value.bytes));
  if (tensor.shape.size() != 2 || static_cast<size_t>(tensor.shape[1]) != columns) {
    return Corruption(StrCat("embedding metadata: the tensor's shape is not [N, ", columns, "]"));
  }
  metadata.values.resize(columns);
  for (size_t i = 0; i < tensor.values.size(); ++i) {
    metadata.values[i % columns].push_back(ToValidUtf8(tensor.values[i]));
  }
  return metadata;
}

Result<EntityStats> ToEntityStats(const ParsedValue& value, std::string_view content) {
  if (value.payload != Payload::kTensor) return WrongPayload("entity statistics");
  ASSIGN_OR_RETURN(EntityStats stats, ParseEntityStatsContent(content));
  ASSIGN_OR_RETURN(const Tensor<float> tensor, ParseFloatTensor(value.bytes));
  const size_t columns = stats.columns.size();
  if (tensor.shape.size() != 2 || static_cast<size_t>(tensor.shape[0]) != columns) {
    return Corruption(StrCat("entity statistics: the tensor's shape is not [", columns, ", E]"));
  }
  stats.entities = tensor.shape[1];
  const auto entities = static_cast<std::ptrdiff_t>(stats.entities);
  auto column = tensor.values.begin();
  for (size_t i = 0; i < columns; ++i, column += entities) {
    stats.values.emplace_back(column, column + entities);
  }
  return stats;
}

Result<ProfileSlices> ToProfileSlices(const ParsedValue& value) {
  if (value.payload != Payload::kTensor) return WrongPayload("profile");
  ASSIGN_OR_RETURN(const Tensor<std::string_view> tensor, ParseStringTensor(value.bytes));
  if (tensor.values.size() != 1) return Corruption("profile: want exactly one text");
  return ParseProfileSlices(tensor.values[0]);
}

Result<std::string> ToProfileNote(const ParsedValue& value) {
  ASSIGN_OR_RETURN(const Text text, ToText(value));
  if (text.values.size() != 1) return Corruption("profile note: want exactly one text");
  return text.values[0];
}

}  // namespace spirogram::store
