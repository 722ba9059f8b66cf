#include "transfer/json_text.h"

#include <charconv>

#include "base/str.h"
#include "transfer/row_reader.h"

namespace spirogram::transfer {
namespace {

constexpr std::string_view kTooDeep = "objects nested deeper than 64";

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

bool IsWordEnd(char c) {
  return c == ',' || c == '}' || c == ']' || IsJsonSpace(c);
}

// Digits, with or without a point or a sign: nearly all numbers, told without parsing them.
bool IsPlainNumber(std::string_view word) {
  if (word.starts_with('-')) word.remove_prefix(1);
  if (word.empty() || !IsDigit(word.front()) || !IsDigit(word.back())) return false;
  bool has_point = false;
  for (const char c : word) {
    if (c == '.' && !has_point) {
      has_point = true;
    } else if (!IsDigit(c)) {
      return false;
    }
  }
  return true;
}

// Lone surrogates become what ToValidUtf8 replaces.
void AppendUtf8(uint32_t code, std::string* out) {
  const auto put = [out](uint32_t byte) { out->push_back(static_cast<char>(byte)); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xc0 | code >> 6);
  } else {
    if (code < 0x10000) {
      put(0xe0 | code >> 12);
    } else {
      put(0xf0 | code >> 18);
      put(0x80 | (code >> 12 & 0x3f));
    }
    put(0x80 | (code >> 6 & 0x3f));
  }
  put(0x80 | (code & 0x3f));
}

}  // namespace

std::string JsonText::Complaint() const {
  return StrCat("column ", at_ + 1, ": ", reason_.empty() ? "no JSON object" : reason_);
}

bool JsonText::ReadString(std::string_view* out) {
  if (!Take('"')) return false;
  const size_t start = at_;
  while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\\') ++at_;
  if (at_ == text_.size()) return Fail("a string without end");
  if (text_[at_] == '\\') return ReadEscaped(start, out);
  *out = text_.substr(start, at_++ - start);
  return true;
}

bool JsonText::ReadEscaped(size_t start, std::string_view* out) {
  unescaped_.reserve(text_.size());  // so that it never moves
  const size_t begin = unescaped_.size();
  unescaped_.append(text_, start, at_ - start);
  while (at_ < text_.size()) {
    const char c = text_[at_++];
    if (c == '"') {
      *out = std::string_view(unescaped_).substr(begin);
      return true;
    }
    if (c != '\\') {
      unescaped_.push_back(c);
    } else if (!ReadEscape()) {
      return Fail("an unknown escape");
    }
  }
  return Fail("a string without end");
}

bool JsonText::ReadEscape() {
  if (at_ == text_.size()) return false;
  const char c = text_[at_++];
  constexpr std::string_view kNames = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  if (const size_t index = kNames.find(c); index != std::string_view::npos) {
    unescaped_.push_back(kMeanings[index]);
    return true;
  }
  uint32_t code = 0;
  if (c != 'u' || !ReadHex4(&code)) return false;
  if (code >= 0xd800 && code < 0xdc00 && text_.substr(at_, 2) == "\\u") {
    at_ += 2;
    uint32_t low = 0;
    if (!ReadHex4(&low) || low < 0xdc00 || low > 0xdfff) return false;
    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
  }
  AppendUtf8(code, &unescaped_);
  return true;
}

bool JsonText::ReadHex4(uint32_t* code) {
  if (text_.size() - at_ < 4) return false;
  const std::string_view digits = text_.substr(at_, 4);
  const auto end = std::from_chars(digits.data(), digits.data() + 4, *code, 16);
  at_ += 4;
  return end.ec == std::errc() && end.ptr == digits.data() + 4;
}

bool JsonText::ReadValue(int depth, JsonValue* value) {
  SkipSpace();
  if (at_ == text_.size()) return false;
  const char c = text_[at_];
  if (c == '{' || c == '[') {
    *value = {};
    return SkipNested(depth);
  }
  if (c != '"') return ReadWord(value);
  value->kind = JsonValue::Kind::kText;
  return ReadString(&value->text);
}

bool JsonText::ReadWord(JsonValue* value) {
  const size_t start = at_;
  while (at_ < text_.size() && !IsWordEnd(text_[at_])) ++at_;
  const std::string_view word = text_.substr(start, at_ - start);
  *value = {};
  if (word == "null") return true;
  value->kind = JsonValue::Kind::kNumber;
  value->text = word == "true" ? "1" : word == "false" ? "0" : word;
  double number = 0;
  if (IsPlainNumber(value->text) || ParseCellNumber(value->text, &number)) return true;
  at_ = start;
  return Fail("a word that is no JSON value");
}

bool JsonText::SkipNested(int depth) {
  if (depth > kDepthMax) return Fail(kTooDeep);
  const bool is_object = text_[at_++] == '{';
  const char end = is_object ? '}' : ']';
  if (Take(end)) return true;
  do {
    std::string_view name;
    JsonValue value;
    if (is_object && (!ReadString(&name) || !Take(':'))) return false;
    if (!ReadValue(depth + 1, &value)) return false;
  } while (Take(','));
  return Take(end);
}

}  // namespace spirogram::transfer
