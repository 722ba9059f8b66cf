// Items to framed records. Holds what an encoding depends on beside the item: the tags that already
// have their metadata in the current file (it stands with the first event of a tag alone).
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "base/result.h"
#include "logger/item.h"
#include "proto/event.pb.h"

namespace spirogram::logger {

// Not thread-safe.
class ItemEncoder {
 public:
  // Appends the item's records to `records`, or nothing and the reason. May throw std::bad_alloc;
  // `records` may then end in a part that the caller cuts off.
  Status Encode(std::string_view tag, const Item& item, std::string* records);

  // A new file begins: every tag gets its metadata again.
  void ForgetTags() { tags_with_metadata_.clear(); }

 private:
  // Finds a tag by its characters, without a string of them.
  struct TagHash {
    using is_transparent = void;
    size_t operator()(std::string_view tag) const { return std::hash<std::string_view>()(tag); }
  };

  Status EncodePayload(std::string_view tag, const Item& item, std::string* records);
  Status EncodeProfile(const ProfileItem& profile, WallTime wall_time, std::string* records);
  // Frames the event whose only value is `value`. `keeps_metadata`: its content is this event's
  // own.
  Status AppendEvent(std::string_view tag, bool keeps_metadata, proto::Event* event,
                     std::string* records);

  std::string serialized_;  // reused: no allocation for a scalar
  std::unordered_set<std::string, TagHash, std::equal_to<>> tags_with_metadata_;  // valid UTF-8
};

// The first record of an event file.
std::string FileVersionRecord(WallTime wall_time);

}  // namespace spirogram::logger
