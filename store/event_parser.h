// One record of an event file (a serialized Event, proto/event.proto) as plain values. Stateless;
// everything parsed points into the record's bytes, but for messages that stand there in parts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <forward_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/types.h"

namespace spirogram::store {

struct ParsedValue {
  enum class Payload {
    kNone,
    kSimpleValue,
    kHistogram,
    kImage,
    kAudio,
    kTensor,
    kOther,
    // Of the event itself, not of a Summary:
    kGraphDef,
    kMetaGraphDef,
    kTaggedMetadata,  // the whole TaggedRunMetadata
  };

  std::string_view tag;
  Payload payload = Payload::kNone;
  float simple_value = 0;  // for kSimpleValue
  std::string_view bytes;  // the message of the other payloads
  bool has_metadata = false;
  std::string_view metadata;  // the SummaryMetadata message
};

struct ParsedEvent {
  double wall_time = 0;  // as written: may be NaN or infinite
  Step step = 0;
  bool is_session_start = false;  // a SessionLog with status START
  bool is_session_stop = false;   // a SessionLog with status STOP
  // Of a LogMessage of level WARN or above: what the program wants to be known. Else empty.
  std::string_view program_warning;
  // Of the Summary; a graph or run metadata, which an event holds instead of one, is a value too.
  std::vector<ParsedValue> values;
  // What values point to where a message stood in parts.
  std::forward_list<std::string> joined;
  size_t joined_bytes = 0;
};

// What is parsed of a value takes 40 times as much memory as an empty one has bytes, so a record of
// nothing else would take 10 GiB. No program comes near so many at one step.
inline constexpr size_t kEventValuesMax = size_t{1} << 20;
// Each further part of a message is a copy of it.
inline constexpr size_t kJoinedBytesMax = size_t{64} << 20;

// Parses into `event`, whose memory is reused. False when the bytes are not an Event, or one of
// more values or joined parts than that; the messages inside values are checked when they are
// decoded (data_compat.h).
bool ParseEvent(std::string_view record, ParsedEvent* event);

// What a SummaryMetadata says. Missing parts are empty.
struct ParsedMetadata {
  std::string_view plugin;
  std::string_view content;
  std::string_view display_name;
  std::string_view description;
};
bool ParseMetadata(std::string_view bytes, ParsedMetadata* metadata);

}  // namespace spirogram::store
