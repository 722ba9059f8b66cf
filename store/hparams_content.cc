#include "store/hparams_content.h"

#include <map>
#include <utility>

#include "base/str.h"
#include "base/wire.h"
#include "store/map_entry.h"

namespace spirogram::store {
namespace {

using Type = WireReader::Type;

// Lists and structs within lists and structs.
constexpr int kNestingMax = 16;

bool AppendValueText(std::string_view bytes, int depth, std::string* out);

bool AppendListText(std::string_view bytes, int depth, std::string* out) {
  std::string_view separator;
  out->push_back('[');
  WireReader reader(bytes);
  while (reader.Next()) {
    if (!reader.Is(1, Type::kBytes)) continue;
    out->append(std::exchange(separator, ", "));
    if (!AppendValueText(reader.bytes(), depth + 1, out)) return false;
  }
  out->push_back(']');
  return reader.ok();
}

bool AppendStructText(std::string_view bytes, int depth, std::string* out) {
  std::string_view separator;
  out->push_back('{');
  WireReader reader(bytes);
  while (reader.Next()) {
    if (!reader.Is(1, Type::kBytes)) continue;
    MapEntry entry;
    if (!ParseMapEntry(reader.bytes(), &entry)) return false;
    out->append(std::exchange(separator, ", "));
    out->append(StrCat(ToValidUtf8(entry.key), ": "));
    if (!AppendValueText(entry.value, depth + 1, out)) return false;
  }
  out->push_back('}');
  return reader.ok();
}

// A google.protobuf.Value for people to read.
bool AppendValueText(std::string_view bytes, int depth, std::string* out) {
  if (depth > kNestingMax) return false;
  std::string text = "null";
  bool is_valid = true;
  WireReader reader(bytes);
  while (is_valid && reader.Next()) {
    if (reader.Is(2, Type::kFixed64)) text = StrCat(reader.fixed64_double());
    if (reader.Is(3, Type::kBytes)) text = ToValidUtf8(reader.bytes());
    if (reader.Is(4, Type::kVarint)) text = reader.number() != 0 ? "true" : "false";
    if (reader.Is(5, Type::kBytes) || reader.Is(6, Type::kBytes)) {
      text.clear();
      is_valid = reader.field() == 5 ? AppendStructText(reader.bytes(), depth, &text)
                                     : AppendListText(reader.bytes(), depth, &text);
    }
  }
  out->append(text);
  return is_valid && reader.ok();
}

// A google.protobuf.Value; nothing in `value` for null. Lists and structs, which TensorBoard's own
// API cannot hold, become texts.
bool ParseValue(std::string_view bytes, std::optional<HparamValue>* value) {
  WireReader reader(bytes);
  while (reader.Next()) {
    HparamValue parsed;
    if (reader.Is(1, Type::kVarint)) {
      value->reset();
      continue;
    }
    if (reader.Is(2, Type::kFixed64)) {
      parsed.type = HparamValue::Type::kNumber;
      parsed.number = reader.fixed64_double();
    } else if (reader.Is(3, Type::kBytes)) {
      parsed.type = HparamValue::Type::kString;
      parsed.text = ToValidUtf8(reader.bytes());
    } else if (reader.Is(4, Type::kVarint)) {
      parsed.type = HparamValue::Type::kBool;
      parsed.boolean = reader.number() != 0;
    } else if (reader.Is(5, Type::kBytes) || reader.Is(6, Type::kBytes)) {
      parsed.type = HparamValue::Type::kString;
      const auto append = reader.field() == 5 ? AppendStructText : AppendListText;
      if (!append(reader.bytes(), 0, &parsed.text)) return false;
    } else {
      continue;
    }
    *value = std::move(parsed);
  }
  return reader.ok();
}

// Nothing for null. Of a name that stands there twice the last value counts, as in every map of a
// protobuf.
using HparamMap = std::map<std::string, std::optional<HparamValue>>;

bool SetHparam(std::string_view bytes, HparamMap* hparams) {
  MapEntry entry;
  std::optional<HparamValue> value;
  if (!ParseMapEntry(bytes, &entry) || !ParseValue(entry.value, &value)) return false;
  hparams->insert_or_assign(ToValidUtf8(entry.key), std::move(value));
  return true;
}

Hparams WithoutNulls(HparamMap&& map) {
  Hparams hparams;
  for (auto& [name, value] : map) {
    if (value) hparams.emplace_back(name, *std::move(value));
  }
  return hparams;
}

bool ParseStart(std::string_view bytes, SessionStartInfo* start) {
  bool is_valid = true;
  HparamMap hparams;
  WireReader reader(bytes);
  while (is_valid && reader.Next()) {
    if (reader.Is(1, Type::kBytes)) is_valid = SetHparam(reader.bytes(), &hparams);
    if (reader.Is(2, Type::kBytes)) start->model_uri = ToValidUtf8(reader.bytes());
    if (reader.Is(3, Type::kBytes)) start->monitor_url = ToValidUtf8(reader.bytes());
    if (reader.Is(4, Type::kBytes)) start->group_name = ToValidUtf8(reader.bytes());
    if (reader.Is(5, Type::kFixed64)) start->start_time = reader.fixed64_double();
  }
  start->hparams = WithoutNulls(std::move(hparams));
  return is_valid && reader.ok();
}

bool ParseEnd(std::string_view bytes, SessionEndInfo* end) {
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.Is(1, Type::kVarint) && reader.number() <= 3) {
      end->status = static_cast<HparamsStatus>(reader.number());
    }
    if (reader.Is(2, Type::kFixed64)) end->end_time = reader.fixed64_double();
  }
  return reader.ok();
}

bool ParseDiscrete(std::string_view list, std::vector<HparamValue>* values) {
  WireReader reader(list);
  while (reader.Next()) {
    if (!reader.Is(1, Type::kBytes)) continue;
    std::optional<HparamValue> value;
    if (!ParseValue(reader.bytes(), &value)) return false;
    if (value) values->push_back(*std::move(value));
  }
  return reader.ok();
}

bool ParseInterval(std::string_view bytes, HparamInfo::Interval* interval) {
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.Is(1, Type::kFixed64)) interval->min = reader.fixed64_double();
    if (reader.Is(2, Type::kFixed64)) interval->max = reader.fixed64_double();
  }
  return reader.ok();
}

HparamInfo::Type TypeOfCode(uint64_t code) {
  switch (code) {
    case 1:
      return HparamInfo::Type::kString;
    case 2:
      return HparamInfo::Type::kBool;
    case 3:
      return HparamInfo::Type::kNumber;
    default:
      return HparamInfo::Type::kUnset;
  }
}

bool ParseHparamInfo(std::string_view bytes, HparamInfo* info) {
  bool is_valid = true;
  WireReader reader(bytes);
  while (is_valid && reader.Next()) {
    if (reader.Is(1, Type::kBytes)) info->name = ToValidUtf8(reader.bytes());
    if (reader.Is(2, Type::kBytes)) info->display_name = ToValidUtf8(reader.bytes());
    if (reader.Is(3, Type::kBytes)) info->description = ToValidUtf8(reader.bytes());
    if (reader.Is(4, Type::kVarint)) info->type = TypeOfCode(reader.number());
    if (reader.Is(5, Type::kBytes)) {
      info->domain_interval.reset();
      is_valid = ParseDiscrete(reader.bytes(), &info->domain_discrete);
    } else if (reader.Is(6, Type::kBytes)) {
      info->domain_discrete.clear();
      HparamInfo::Interval interval;
      is_valid = ParseInterval(reader.bytes(), &interval);
      info->domain_interval = interval;
    }
    if (reader.Is(7, Type::kVarint)) info->differs = reader.number() != 0;
  }
  return is_valid && reader.ok();
}

bool ParseMetricName(std::string_view bytes, MetricInfo* info) {
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.Is(1, Type::kBytes)) info->group = ToValidUtf8(reader.bytes());
    if (reader.Is(2, Type::kBytes)) info->tag = ToValidUtf8(reader.bytes());
  }
  return reader.ok();
}

bool ParseMetricInfo(std::string_view bytes, MetricInfo* info) {
  bool is_valid = true;
  WireReader reader(bytes);
  while (is_valid && reader.Next()) {
    if (reader.Is(1, Type::kBytes)) is_valid = ParseMetricName(reader.bytes(), info);
    if (reader.Is(3, Type::kBytes)) info->display_name = ToValidUtf8(reader.bytes());
    if (reader.Is(4, Type::kBytes)) info->description = ToValidUtf8(reader.bytes());
    if (reader.Is(5, Type::kVarint) && reader.number() <= 2) {
      info->dataset = static_cast<MetricInfo::Dataset>(reader.number());
    }
  }
  return is_valid && reader.ok();
}

bool ParseExperiment(std::string_view bytes, HparamsExperiment* experiment) {
  bool is_valid = true;
  WireReader reader(bytes);
  while (is_valid && reader.Next()) {
    if (reader.Is(1, Type::kBytes)) experiment->description = ToValidUtf8(reader.bytes());
    if (reader.Is(2, Type::kBytes)) experiment->user = ToValidUtf8(reader.bytes());
    if (reader.Is(3, Type::kFixed64)) experiment->time_created = reader.fixed64_double();
    if (reader.Is(4, Type::kBytes)) {
      is_valid = ParseHparamInfo(reader.bytes(), &experiment->hparams.emplace_back());
    }
    if (reader.Is(5, Type::kBytes)) {
      is_valid = ParseMetricInfo(reader.bytes(), &experiment->metrics.emplace_back());
    }
    if (reader.Is(6, Type::kBytes)) experiment->name = ToValidUtf8(reader.bytes());
  }
  return is_valid && reader.ok();
}

}  // namespace

Result<HparamsMessage> ParseHparamsMessage(std::string_view content) {
  HparamsMessage message;
  bool is_valid = true;
  WireReader reader(content);
  while (is_valid && reader.Next()) {
    if (reader.Is(2, Type::kBytes)) {
      is_valid = ParseExperiment(reader.bytes(), &message.experiment.emplace());
    } else if (reader.Is(3, Type::kBytes)) {
      is_valid = ParseStart(reader.bytes(), &message.start.emplace());
    } else if (reader.Is(4, Type::kBytes)) {
      is_valid = ParseEnd(reader.bytes(), &message.end.emplace());
    }
  }
  if (!is_valid || !reader.ok()) return Corruption("hparams: malformed plugin content");
  return message;
}

bool HasSameParts(const HparamsMessage& a, const HparamsMessage& b) {
  return a.experiment.has_value() == b.experiment.has_value() &&
         a.start.has_value() == b.start.has_value() && a.end.has_value() == b.end.has_value();
}

}  // namespace spirogram::store
