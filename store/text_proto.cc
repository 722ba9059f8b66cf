#include "store/text_proto.h"

#include <algorithm>
#include <utility>

#include "base/str.h"

namespace spirogram::store {
namespace {

constexpr int kDepthMax = 32;
constexpr size_t kFieldsMax = 100'000;
constexpr size_t kNameBytesMax = 1'000;  // each item of a list has the name

bool IsTokenChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '+' || c == '-' || c == '/';
}

int DigitOf(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 99;
}

void AppendUtf8(uint32_t code, std::string* out) {
  const auto put = [out](uint32_t byte) { out->push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6);
    put(0x80 | (code & 63));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12);
    put(0x80 | (code >> 6 & 63));
    put(0x80 | (code & 63));
  } else {
    put(0xF0 | (code >> 18 & 7));
    put(0x80 | (code >> 12 & 63));
    put(0x80 | (code >> 6 & 63));
    put(0x80 | (code & 63));
  }
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<std::vector<TextField>> Parse() {
    std::vector<TextField> fields;
    RETURN_IF_ERROR(ParseFields('\0', 0, &fields));
    return fields;
  }

 private:
  // The next character that is neither space nor comment; '\0' at the end.
  char Peek() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (c == ' ' || (c >= '\t' && c <= '\r')) {
        ++at_;
      } else {
        return c;
      }
    }
    return '\0';
  }
  bool Take(char c) {
    if (at_ >= text_.size() || Peek() != c) return false;
    if (at_ < text_.size()) ++at_;
    return true;
  }

  Error Bad(std::string_view why) const {
    const auto line =
        std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at_), '\n');
    return Corruption(StrCat("line ", line + 1, ": ", why));
  }

  std::string_view TakeToken() {
    const size_t begin = at_;
    while (at_ < text_.size() && IsTokenChar(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  Result<std::string> ParseName() {
    if (Peek() != '[') {
      const std::string_view token = TakeToken();
      if (token.empty()) return Bad("want a field name");
      return std::string(token);
    }
    // An extension or the type of an Any: known to nobody here.
    const size_t end = text_.find(']', at_);
    if (end == std::string_view::npos) return Bad("'[' without ']'");
    std::string name(text_.substr(at_, end + 1 - at_));
    at_ = end + 1;
    return name;
  }

  // Fields up to `close`, which is taken; '\0' stands for the end of the text.
  Status ParseFields(char close, int depth, std::vector<TextField>* fields) {
    if (depth > kDepthMax) return Bad(StrCat("more than ", kDepthMax, " levels"));
    while (true) {
      const char next = Peek();
      if (at_ >= text_.size()) return close == '\0' ? Status() : Bad("a message has no end");
      if (close != '\0' && next == close) {
        ++at_;
        return {};
      }
      ASSIGN_OR_RETURN(const std::string name, ParseName());
      if (name.size() > kNameBytesMax) {
        return Bad(StrCat("a field's name of more than ", kNameBytesMax, " bytes"));
      }
      RETURN_IF_ERROR(ParseValueOrList(name, depth, fields));
      if (!Take(',')) Take(';');
    }
  }

  Status ParseValueOrList(const std::string& name, int depth, std::vector<TextField>* fields) {
    const bool has_colon = Take(':');
    if (!has_colon && Peek() != '{' && Peek() != '<') return Bad("want ':' or '{'");
    if (!Take('[')) return ParseValue(name, depth, fields);
    if (Take(']')) return {};
    do {
      RETURN_IF_ERROR(ParseValue(name, depth, fields));
    } while (Take(','));
    return Take(']') ? Status() : Bad("a list has no end");
  }

  Status ParseValue(const std::string& name, int depth, std::vector<TextField>* fields) {
    if (++count_ > kFieldsMax) return Bad(StrCat("more than ", kFieldsMax, " fields"));
    TextField field;
    field.name = name;
    const char next = Peek();
    if (next == '{' || next == '<') {
      ++at_;
      field.is_message = true;
      RETURN_IF_ERROR(ParseFields(next == '{' ? '}' : '>', depth + 1, &field.fields));
    } else if (next == '"' || next == '\'') {
      // Strings that follow each other are one.
      while (Peek() == '"' || Peek() == '\'') RETURN_IF_ERROR(ParseString(&field.value));
    } else {
      if (Take('-')) field.value = "-";
      Peek();  // spaces may stand behind the sign
      field.value += TakeToken();
      if (field.value.empty()) return Bad("want a value");
    }
    fields->push_back(std::move(field));
    return {};
  }

  Status ParseString(std::string* out) {
    const char quote = text_[at_++];
    while (at_ < text_.size() && text_[at_] != '\n') {
      const char c = text_[at_++];
      if (c == quote) return {};
      if (c != '\\') {
        out->push_back(c);
      } else {
        RETURN_IF_ERROR(ParseEscape(out));
      }
    }
    return Bad("a string has no end");
  }

  // Digits of `base`, at most `count_max`.
  uint32_t TakeDigits(int base, int count_max) {
    uint32_t number = 0;
    for (int i = 0; i < count_max && at_ < text_.size() && DigitOf(text_[at_]) < base; ++i) {
      number = number * static_cast<uint32_t>(base) + static_cast<uint32_t>(DigitOf(text_[at_++]));
    }
    return number;
  }

  Status ParseEscape(std::string* out) {
    if (at_ >= text_.size()) return Bad("a string has no end");
    constexpr std::string_view kLetters = "abfnrtv";
    constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v";
    const char c = text_[at_];
    const size_t letter = kLetters.find(c);
    if (DigitOf(c) < 8) {
      out->push_back(static_cast<char>(TakeDigits(8, 3)));
      return {};
    }
    ++at_;
    if (letter != std::string_view::npos) {
      out->push_back(kMeanings[letter]);
    } else if (c == 'x' || c == 'X') {
      out->push_back(static_cast<char>(TakeDigits(16, 2)));
    } else if (c == 'u' || c == 'U') {
      AppendUtf8(TakeDigits(16, c == 'u' ? 4 : 8), out);
    } else {
      out->push_back(c);
    }
    return {};
  }

  std::string_view text_;
  size_t at_ = 0;
  size_t count_ = 0;
};

}  // namespace

Result<std::vector<TextField>> ParseTextProto(std::string_view text) {
  return Parser(text).Parse();
}

}  // namespace spirogram::store
