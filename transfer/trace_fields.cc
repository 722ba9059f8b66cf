#include "transfer/trace_fields.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace spirogram::transfer {
namespace {

constexpr std::string_view kArgs = "args";
constexpr std::string_view kNames[] = {"ph", "cat", "name", "ts", "dur", "tid"};
constexpr std::string_view kNamesOfArgs[] = {"correlation", "stream", "device"};
static_assert(std::size(kNames) == TraceFields::kCorrelation);
static_assert(std::size(kNames) + std::size(kNamesOfArgs) == TraceFields::kFields);

}  // namespace

bool TraceFields::Read(JsonText* event) {
  texts_ = {};
  is_there_ = {};
  if (!event->Take('{') || !ReadMembers(kNames, 0, event)) return false;
  return event->IsAtEnd() || event->Fail("text behind the object");
}

bool TraceFields::ReadMembers(std::span<const std::string_view> names, size_t first,
                              JsonText* event) {
  if (event->Take('}')) return true;
  do {
    if (!ReadMember(names, first, event)) return false;
  } while (event->Take(','));
  return event->Take('}');
}

bool TraceFields::ReadMember(std::span<const std::string_view> names, size_t first,
                             JsonText* event) {
  std::string_view name;
  if (!event->ReadString(&name) || !event->Take(':')) return false;
  const bool is_object = event->IsAt('{');
  if (is_object && first == 0 && name == kArgs) {
    event->Take('{');
    return ReadMembers(kNamesOfArgs, kCorrelation, event);
  }
  JsonValue value;
  if (!event->ReadValue(1, &value)) return false;
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end() || is_object) return true;
  const size_t field = first + static_cast<size_t>(found - names.begin());
  if (!std::exchange(is_there_[field], true)) texts_[field] = value.text;
  return true;
}

}  // namespace spirogram::transfer
