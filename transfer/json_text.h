// JSON that lies in memory as a whole, read step by step: RFC 8259, with the NaN, Infinity and
// -Infinity that Python writes. What is read is told as views, and no byte is copied but those of
// strings with escapes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace spirogram::transfer {

inline bool IsJsonSpace(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct JsonValue {
  enum class Kind { kNothing, kNumber, kText };

  // Nothing: null, or an array, or an object within one.
  Kind kind = Kind::kNothing;
  // Of a number as it stands there, of a boolean "1" or "0".
  std::string_view text;
};

// Every function that returns a bool leaves the place behind what it has read; false means that the
// text is malformed at that place. What is told is valid as long as both the JsonText and its text.
// Not thread-safe.
class JsonText {
 public:
  static constexpr int kDepthMax = 64;

  explicit JsonText(std::string_view text) : text_(text) {}

  // Whether `c` comes next, but for spaces.
  bool IsAt(char c) {
    SkipSpace();
    return at_ < text_.size() && text_[at_] == c;
  }
  bool Take(char c) {
    const bool is_at = IsAt(c);
    at_ += is_at ? 1 : 0;
    return is_at;
  }
  bool ReadString(std::string_view* out);
  // Arrays, and objects in them, are read for their form. `depth`: of the value around this one.
  bool ReadValue(int depth, JsonValue* value);
  // Whether nothing but spaces is left.
  bool IsAtEnd() {
    SkipSpace();
    return at_ == text_.size();
  }

  // False. The first reason is kept.
  bool Fail(std::string_view reason) {
    if (reason_.empty()) reason_ = reason;
    return false;
  }
  // "column 7: REASON"
  std::string Complaint() const;

 private:
  void SkipSpace() {
    while (at_ < text_.size() && IsJsonSpace(text_[at_])) ++at_;
  }
  bool ReadEscaped(size_t start, std::string_view* out);
  bool ReadEscape();
  bool ReadHex4(uint32_t* code);
  bool ReadWord(JsonValue* value);
  // At the bracket of an array or an object.
  bool SkipNested(int depth);

  std::string_view text_;
  size_t at_ = 0;
  std::string_view reason_;
  std::string unescaped_;  // strings one behind the other; never longer than the text
};

}  // namespace spirogram::transfer
