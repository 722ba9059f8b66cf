#include "store/value_codec.h"

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/str.h"
#include "store/byte_io.h"

namespace spirogram::store {
namespace {

constexpr uint8_t kFormat = 1;

ByteWriter Begin() {
  ByteWriter writer;
  writer.Put(kFormat);
  return writer;
}

bool HasFormat(ByteReader* reader) {
  return reader->Get<uint8_t>() == kFormat;
}

Status CheckEnd(const ByteReader& reader, bool has_format, std::string_view what) {
  if (has_format && reader.ok() && reader.is_at_end()) return {};
  return Corruption(StrCat("stored ", what, " is not what its format promises"));
}

// Whoever wrote the bytes: what reads columns side by side must not read past one.
Status CheckLength(uint64_t got, uint64_t want, std::string_view what) {
  if (got == want) return {};
  return Corruption(StrCat("stored ", what, ": a column of ", got, ", want ", want));
}

void PutStrings(const std::vector<std::string>& strings, ByteWriter* writer) {
  writer->Put(static_cast<uint64_t>(strings.size()));
  for (const std::string& string : strings) writer->PutString(string);
}

std::vector<std::string> GetStrings(ByteReader* reader) {
  std::vector<std::string> strings(reader->GetCount(8));
  for (std::string& string : strings) string = reader->GetString();
  return strings;
}

}  // namespace

std::string EncodeText(const Text& text) {
  ByteWriter writer = Begin();
  writer.PutVector(text.shape);
  PutStrings(text.values, &writer);
  return writer.Take();
}

Result<Text> DecodeText(std::string_view bytes) {
  ByteReader reader(bytes);
  const bool has_format = HasFormat(&reader);
  Text text;
  text.shape = reader.GetVector<int64_t>();
  text.values = GetStrings(&reader);
  RETURN_IF_ERROR(CheckEnd(reader, has_format, "text"));
  return text;
}

std::string EncodePrCurve(const PrCurve& curve) {
  ByteWriter writer = Begin();
  for (const std::vector<double>* column :
       {&curve.thresholds, &curve.true_positives, &curve.false_positives, &curve.true_negatives,
        &curve.false_negatives, &curve.precision, &curve.recall}) {
    writer.PutVector(*column);
  }
  return writer.Take();
}

Result<PrCurve> DecodePrCurve(std::string_view bytes) {
  ByteReader reader(bytes);
  const bool has_format = HasFormat(&reader);
  PrCurve curve;
  const std::array columns = {&curve.thresholds,     &curve.true_positives,  &curve.false_positives,
                              &curve.true_negatives, &curve.false_negatives, &curve.precision,
                              &curve.recall};
  for (std::vector<double>* column : columns) *column = reader.GetVector<double>();
  RETURN_IF_ERROR(CheckEnd(reader, has_format, "PR curve"));
  for (const std::vector<double>* column : columns) {
    RETURN_IF_ERROR(CheckLength(column->size(), curve.thresholds.size(), "PR curve"));
  }
  return curve;
}

std::string EncodeEmbeddingValues(const std::vector<float>& values) {
  ByteWriter writer = Begin();
  writer.PutVector(values);
  return writer.Take();
}

Result<std::vector<float>> DecodeEmbeddingValues(std::string_view bytes) {
  ByteReader reader(bytes);
  const bool has_format = HasFormat(&reader);
  std::vector<float> values = reader.GetVector<float>();
  RETURN_IF_ERROR(CheckEnd(reader, has_format, "embedding"));
  return values;
}

std::string EncodeEmbeddingMetadata(const EmbeddingMetadata& metadata) {
  ByteWriter writer = Begin();
  writer.Put(static_cast<uint64_t>(metadata.columns.size()));
  for (size_t i = 0; i < metadata.columns.size(); ++i) {
    writer.PutString(metadata.columns[i]);
    PutStrings(metadata.values[i], &writer);
  }
  return writer.Take();
}

Result<EmbeddingMetadata> DecodeEmbeddingMetadata(std::string_view bytes) {
  ByteReader reader(bytes);
  const bool has_format = HasFormat(&reader);
  EmbeddingMetadata metadata;
  const uint64_t columns = reader.GetCount(16);
  for (uint64_t i = 0; i < columns; ++i) {
    metadata.columns.emplace_back(reader.GetString());
    metadata.values.push_back(GetStrings(&reader));
  }
  RETURN_IF_ERROR(CheckEnd(reader, has_format, "embedding metadata"));
  for (const auto& column : metadata.values) {
    RETURN_IF_ERROR(CheckLength(column.size(), metadata.values[0].size(), "embedding metadata"));
  }
  return metadata;
}

std::string EncodeEntityStats(const EntityStats& stats) {
  ByteWriter writer = Begin();
  writer.Put(stats.first_step);
  writer.Put(static_cast<uint8_t>(stats.entity));
  writer.Put(stats.entities);
  writer.Put(stats.samples);
  writer.Put(static_cast<uint64_t>(stats.columns.size()));
  for (size_t i = 0; i < stats.columns.size(); ++i) {
    writer.PutString(stats.columns[i]);
    writer.PutVector(stats.values[i]);
  }
  writer.Put(static_cast<uint64_t>(stats.attributes.size()));
  for (const auto& [name, value] : stats.attributes) {
    writer.PutString(name);
    writer.PutString(value);
  }
  return writer.Take();
}

Result<EntityStats> DecodeEntityStats(std::string_view bytes) {
  ByteReader reader(bytes);
  bool has_format = HasFormat(&reader);
  EntityStats stats;
  stats.first_step = reader.Get<int64_t>();
  const auto entity = reader.Get<uint8_t>();
  has_format = has_format && entity <= static_cast<uint8_t>(EntityStats::Entity::kRow);
  stats.entity = static_cast<EntityStats::Entity>(entity);
  stats.entities = reader.Get<int64_t>();
  stats.samples = reader.Get<double>();
  const uint64_t columns = reader.GetCount(16);
  for (uint64_t i = 0; i < columns; ++i) {
    stats.columns.emplace_back(reader.GetString());
    stats.values.push_back(reader.GetVector<float>());
  }
  const uint64_t attributes = reader.GetCount(16);
  for (uint64_t i = 0; i < attributes; ++i) {
    std::string name(reader.GetString());
    stats.attributes.emplace_back(std::move(name), reader.GetString());
  }
  RETURN_IF_ERROR(CheckEnd(reader, has_format, "entity statistics"));
  for (const auto& column : stats.values) {
    RETURN_IF_ERROR(
        CheckLength(column.size(), static_cast<uint64_t>(stats.entities), "entity statistics"));
  }
  return stats;
}

}  // namespace spirogram::store
