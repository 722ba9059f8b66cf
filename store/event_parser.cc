#include "store/event_parser.h"

#include "base/wire.h"
#include "store/graph.h"

namespace spirogram::store {
namespace {

using Type = WireReader::Type;
using Payload = ParsedValue::Payload;

// Null where there is room for no more.
ParsedValue* NewValue(std::vector<ParsedValue>* values) {
  return values->size() < kEventValuesMax ? &values->emplace_back() : nullptr;
}

// Adds a part to a message. No program writes one in parts, but protobuf reads it: the parts, one
// behind the other, are the message.
bool AddPart(std::string_view part, ParsedEvent* event, std::string_view* message) {
  if (message->empty()) {
    *message = part;
    return true;
  }
  std::string& joined = event->joined.emplace_front(*message);
  joined.append(part);
  *message = joined;
  event->joined_bytes += joined.size();
  return event->joined_bytes <= kJoinedBytesMax;
}

bool ParseValue(std::string_view bytes, ParsedEvent* event, ParsedValue* value) {
  WireReader reader(bytes);
  bool is_whole = true;
  const auto take = [&](Payload payload) {
    if (value->payload != payload) value->bytes = {};
    value->payload = payload;
    is_whole = AddPart(reader.bytes(), event, &value->bytes);
  };
  while (is_whole && reader.Next()) {
    if (reader.Is(1, Type::kBytes)) {
      value->tag = reader.bytes();
    } else if (reader.Is(2, Type::kFixed32)) {
      value->payload = Payload::kSimpleValue;
      value->simple_value = reader.fixed32_float();
    } else if (reader.Is(3, Type::kBytes)) {
      take(Payload::kOther);
    } else if (reader.Is(4, Type::kBytes)) {
      take(Payload::kImage);
    } else if (reader.Is(5, Type::kBytes)) {
      take(Payload::kHistogram);
    } else if (reader.Is(6, Type::kBytes)) {
      take(Payload::kAudio);
    } else if (reader.Is(8, Type::kBytes)) {
      take(Payload::kTensor);
    } else if (reader.Is(9, Type::kBytes)) {
      value->has_metadata = true;
      is_whole = AddPart(reader.bytes(), event, &value->metadata);
    }
  }
  return is_whole && reader.ok();
}

bool ParseSummary(std::string_view bytes, ParsedEvent* event) {
  WireReader reader(bytes);
  while (reader.Next()) {
    if (!reader.Is(1, Type::kBytes)) continue;
    ParsedValue* value = NewValue(&event->values);
    if (value == nullptr || !ParseValue(reader.bytes(), event, value)) return false;
  }
  return reader.ok();
}

bool AddTaggedMetadata(std::string_view bytes, std::vector<ParsedValue>* values) {
  ParsedValue* value = NewValue(values);
  if (value == nullptr) return false;
  value->payload = Payload::kTaggedMetadata;
  value->bytes = bytes;
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.Is(1, Type::kBytes)) value->tag = reader.bytes();
  }
  return reader.ok();
}

bool AddRunGraph(Payload payload, std::string_view bytes, std::vector<ParsedValue>* values) {
  ParsedValue* value = NewValue(values);
  if (value == nullptr) return false;
  value->tag = kRunGraphTag;
  value->payload = payload;
  value->bytes = bytes;
  return true;
}

bool ParseSessionLog(std::string_view bytes, ParsedEvent* event) {
  WireReader reader(bytes);
  while (reader.Next()) {
    if (!reader.Is(1, Type::kVarint)) continue;
    const uint64_t status = reader.number();
    event->is_session_start = status == 1;
    event->is_session_stop = status == 2;
  }
  return reader.ok();
}

bool ParseLogMessage(std::string_view bytes, ParsedEvent* event) {
  constexpr int64_t kWarn = 30;  // LogMessage.Level: ERROR and FATAL lie above
  int64_t level = 0;
  std::string_view message;
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.Is(1, Type::kVarint)) level = static_cast<int64_t>(reader.number());
    if (reader.Is(2, Type::kBytes)) message = reader.bytes();
  }
  if (level >= kWarn) event->program_warning = message;
  return reader.ok();
}

}  // namespace

bool ParseEvent(std::string_view record, ParsedEvent* event) {
  event->wall_time = 0;
  event->step = 0;
  event->is_session_start = false;
  event->is_session_stop = false;
  event->program_warning = {};
  event->values.clear();
  event->joined.clear();
  event->joined_bytes = 0;
  WireReader reader(record);
  while (reader.Next()) {
    if (reader.Is(1, Type::kFixed64)) {
      event->wall_time = reader.fixed64_double();
    } else if (reader.Is(2, Type::kVarint)) {
      event->step = static_cast<Step>(reader.number());
    } else if (reader.Is(5, Type::kBytes)) {
      if (!ParseSummary(reader.bytes(), event)) return false;
    } else if (reader.Is(6, Type::kBytes)) {
      if (!ParseLogMessage(reader.bytes(), event)) return false;
    } else if (reader.Is(7, Type::kBytes)) {
      if (!ParseSessionLog(reader.bytes(), event)) return false;
    } else if (reader.Is(8, Type::kBytes)) {
      if (!AddTaggedMetadata(reader.bytes(), &event->values)) return false;
    } else if (reader.Is(4, Type::kBytes)) {
      if (!AddRunGraph(Payload::kGraphDef, reader.bytes(), &event->values)) return false;
    } else if (reader.Is(9, Type::kBytes)) {
      if (!AddRunGraph(Payload::kMetaGraphDef, reader.bytes(), &event->values)) return false;
    }
  }
  return reader.ok();
}

bool ParseMetadata(std::string_view bytes, ParsedMetadata* metadata) {
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.Is(1, Type::kBytes)) {
      WireReader plugin(reader.bytes());
      while (plugin.Next()) {
        if (plugin.Is(1, Type::kBytes)) metadata->plugin = plugin.bytes();
        if (plugin.Is(2, Type::kBytes)) metadata->content = plugin.bytes();
      }
      if (!plugin.ok()) return false;
    } else if (reader.Is(2, Type::kBytes)) {
      metadata->display_name = reader.bytes();
    } else if (reader.Is(3, Type::kBytes)) {
      metadata->description = reader.bytes();
    }
  }
  return reader.ok();
}

}  // namespace spirogram::store
