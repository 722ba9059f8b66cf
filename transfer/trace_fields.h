// What is asked of a trace's event: views of its text, of which nothing else is kept.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "transfer/json_text.h"

namespace spirogram::transfer {

// Of members of one name the first counts, unless it is an object.
class TraceFields {
 public:
  enum Field : size_t {
    kPhase,
    kCategory,
    kName,
    kStart,
    kDuration,
    kThread,
    // Of the object "args".
    kCorrelation,
    kStream,
    kDevice,
    kFields
  };

  // False where the event is malformed. The views are valid as long as `event` and its text.
  bool Read(JsonText* event);
  // As JsonValue has it; empty where there is none.
  std::string_view operator[](Field field) const { return texts_[field]; }

 private:
  // The fields among an object's members, the names of which are `names`, from `first` on.
  bool ReadMembers(std::span<const std::string_view> names, size_t first, JsonText* event);
  bool ReadMember(std::span<const std::string_view> names, size_t first, JsonText* event);

  std::array<std::string_view, kFields> texts_;
  std::array<bool, kFields> is_there_{};
};

}  // namespace spirogram::transfer
