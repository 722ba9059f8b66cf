#include "store/plugin_content.h"

#include <algorithm>

#include "base/str.h"
#include "base/wire.h"
#include "store/byte_planes.h"
#include "store/map_entry.h"

namespace spirogram::store {
namespace {

using Type = WireReader::Type;

// Numbers of a packed or unpacked list, appended through `convert`.
template <typename T, typename Convert>
bool AppendVarints(const WireReader& reader, Convert&& convert, std::vector<T>* values) {
  if (reader.type() == Type::kVarint) {
    values->push_back(convert(reader.number()));
    return true;
  }
  if (reader.type() != Type::kBytes) return false;
  WireReader packed(reader.bytes());
  while (packed.has_rest()) values->push_back(convert(packed.ReadVarint()));
  return packed.ok();
}

// The columns as they are on the wire; delta-coded ones are not yet added up.
struct RawSlices {
  ProfileSlices slices;
  std::vector<uint64_t> kind;
};

bool ParseRawSlices(std::string_view message, RawSlices* raw) {
  const auto plain = [](uint64_t value) { return value; };
  const auto narrow = [](uint64_t value) { return static_cast<uint32_t>(value); };
  const auto wide = [](uint64_t value) { return static_cast<int64_t>(value); };
  const auto zigzag = [](uint64_t value) { return static_cast<int64_t>(UnZigZag(value)); };
  ProfileSlices& slices = raw->slices;
  bool is_valid = true;
  WireReader reader(message);
  while (is_valid && reader.Next()) {
    switch (reader.field()) {
      case 1:
        is_valid = reader.type() == Type::kBytes;
        if (is_valid) slices.names.push_back(ToValidUtf8(reader.bytes()));
        break;
      case 2:
        is_valid = AppendVarints(reader, plain, &raw->kind);
        break;
      case 3:
        is_valid = AppendVarints(reader, narrow, &slices.name);
        break;
      case 4:
        is_valid = AppendVarints(reader, zigzag, &slices.start_ns);
        break;
      case 5:
        is_valid = AppendVarints(reader, wide, &slices.duration_ns);
        break;
      case 6:
        is_valid = AppendVarints(reader, zigzag, &slices.step);
        break;
      case 7:
        is_valid = AppendVarints(reader, narrow, &slices.correlation_id);
        break;
      case 8:
        is_valid = AppendVarints(reader, narrow, &slices.stream);
        break;
      default:
        break;
    }
  }
  return is_valid && reader.ok();
}

void AddUp(std::vector<int64_t>* differences) {
  uint64_t sum = 0;
  for (int64_t& value : *differences) {
    sum += static_cast<uint64_t>(value);
    value = static_cast<int64_t>(sum);
  }
}

}  // namespace

Result<std::vector<std::string>> ParseEmbeddingColumns(std::string_view content) {
  std::vector<std::string> columns;
  WireReader reader(content);
  while (reader.Next()) {
    if (reader.Is(2, Type::kBytes)) columns.push_back(ToValidUtf8(reader.bytes()));
  }
  if (!reader.ok()) return Corruption("embedding metadata: malformed plugin content");
  return columns;
}

Result<EntityStats> ParseEntityStatsContent(std::string_view content) {
  EntityStats stats;
  bool is_valid = true;
  WireReader reader(content);
  while (is_valid && reader.Next()) {
    if (reader.Is(2, Type::kVarint)) {
      stats.entity = reader.number() == 1 ? EntityStats::Entity::kRow : EntityStats::Entity::kUnit;
    } else if (reader.Is(3, Type::kBytes)) {
      stats.columns.push_back(ToValidUtf8(reader.bytes()));
    } else if (reader.Is(4, Type::kVarint)) {
      stats.first_step = static_cast<Step>(reader.number());
    } else if (reader.Is(5, Type::kFixed64)) {
      stats.samples = reader.fixed64_double();
    } else if (reader.Is(6, Type::kBytes)) {
      MapEntry entry;
      is_valid = ParseMapEntry(reader.bytes(), &entry);
      stats.attributes.emplace_back(ToValidUtf8(entry.key), ToValidUtf8(entry.value));
    }
  }
  if (!is_valid || !reader.ok()) return Corruption("entity statistics: malformed plugin content");
  std::sort(stats.attributes.begin(), stats.attributes.end());
  return stats;
}

Result<ProfileSlices> ParseProfileSlices(std::string_view message) {
  RawSlices raw;
  if (!ParseRawSlices(message, &raw)) return Corruption("profile: malformed slices");
  ProfileSlices& slices = raw.slices;
  const size_t count = slices.start_ns.size();
  if (raw.kind.size() != count || slices.name.size() != count ||
      slices.duration_ns.size() != count || slices.step.size() != count ||
      slices.correlation_id.size() != count || slices.stream.size() != count) {
    return Corruption(StrCat("profile: columns are not all of length ", count));
  }
  for (size_t i = 0; i < count; ++i) {
    if (raw.kind[i] > static_cast<uint64_t>(ProfileSlices::Kind::kCall) ||
        slices.name[i] >= slices.names.size()) {
      return Corruption(StrCat("profile: slice ", i, " has an unknown kind or name"));
    }
    slices.kind.push_back(static_cast<ProfileSlices::Kind>(raw.kind[i]));
  }
  AddUp(&slices.start_ns);
  AddUp(&slices.step);
  return std::move(slices);
}

}  // namespace spirogram::store
