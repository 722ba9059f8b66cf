#include "transfer/json_objects.h"

#include <array>

#include "base/str.h"
#include "transfer/row_reader.h"

namespace spirogram::transfer {
namespace {

// What ends a run of bytes that mean nothing to brackets: outside of strings and within one.
constexpr uint8_t kOutside = 1;
constexpr uint8_t kInString = 2;
constexpr auto kEnds = [] {
  std::array<uint8_t, 256> ends{};
  for (const char c : {'{', '}', '[', ']'}) ends[static_cast<uint8_t>(c)] = kOutside;
  ends['"'] = kOutside | kInString;
  ends['\\'] = kInString;
  return ends;
}();

}  // namespace

size_t ObjectEnd::Scan(std::string_view bytes) {
  size_t at = 0;
  if (is_escaped_ && !bytes.empty()) {
    is_escaped_ = false;
    ++at;
  }
  while (true) {
    const uint8_t mask = is_string_ ? kInString : kOutside;
    while (at < bytes.size() && (kEnds[static_cast<uint8_t>(bytes[at])] & mask) == 0) ++at;
    if (at == bytes.size()) return at;
    const char c = bytes[at++];
    if (c == '"') {
      is_string_ = !is_string_;
    } else if (c == '\\') {
      if (at == bytes.size()) {
        is_escaped_ = true;
        return at;
      }
      ++at;
    } else {
      depth_ += c == '{' || c == '[' ? 1 : -1;
      if (depth_ == 0) {
        is_found_ = true;
        return at;
      }
    }
  }
}

Result<char> JsonObjects::PeekVisible() {
  while (true) {
    ASSIGN_OR_RETURN(const bool is_at_end, source_.IsAtEnd());
    if (is_at_end) return source_.ErrorAt(source_.line(), "the array is never closed");
    const char c = source_.Peek();
    if (!IsJsonSpace(c)) return c;
    source_.Take();
  }
}

Result<bool> JsonObjects::Next(std::string_view* text) {
  ASSIGN_OR_RETURN(char c, PeekVisible());
  if (!std::exchange(is_begun_, true) || c == ',') {
    source_.Take();
    ASSIGN_OR_RETURN(c, PeekVisible());
  } else if (c != ']') {
    return source_.ErrorAt(source_.line(), "want , or ] behind an object of the array");
  }
  line_ = source_.line();
  if (c == ']') return ReadEnd();
  if (c != '{') return source_.ErrorAt(line_, "want an object in the array");
  return ReadObject(text);
}

Result<bool> JsonObjects::ReadObject(std::string_view* text) {
  joined_.clear();
  ObjectEnd end;
  while (true) {
    ASSIGN_OR_RETURN(const bool is_at_end, source_.IsAtEnd());
    if (is_at_end) return source_.ErrorAt(source_.line(), "the array is never closed");
    const std::string_view piece = source_.buffered().substr(0, end.Scan(source_.buffered()));
    if (joined_.size() + piece.size() > kRowBytesMax) {
      return source_.ErrorAt(line_, StrCat("an object of more than ", kRowBytesMax, " bytes"));
    }
    source_.Skip(piece.size());
    if (end.is_found() && joined_.empty()) {
      *text = piece;
      return true;
    }
    joined_ += piece;
    if (!end.is_found()) continue;
    *text = joined_;
    return true;
  }
}

// To the end of the file in any case: there a compressed one tells whether it is whole.
Result<bool> JsonObjects::ReadEnd() {
  source_.Take();
  while (true) {
    ASSIGN_OR_RETURN(const bool is_at_end, source_.IsAtEnd());
    if (is_at_end) return false;
    if (behind_ == Behind::kAnything) {
      source_.Skip(source_.buffered().size());
    } else if (!IsJsonSpace(source_.Take())) {
      return source_.ErrorAt(source_.line(), "text behind the array");
    }
  }
}

}  // namespace spirogram::transfer
