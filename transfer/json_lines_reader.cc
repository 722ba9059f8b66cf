#include "transfer/json_lines_reader.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/str.h"

namespace spirogram::transfer {
namespace {

constexpr int kDepthMax = 64;

bool IsSpace(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// One object, parsed from its line. Every function leaves at_ behind what it has read; false means
// that the text is malformed at at_.
class ObjectParser {
 public:
  // `is_strict`: that a name stands there twice is an error.
  ObjectParser(std::string_view text, bool is_strict) : text_(text), is_strict_(is_strict) {}

  bool Parse(std::vector<Cell>* cells) {
    if (!Take('{') || !ParseMembers("", 1, cells)) return false;
    SkipSpace();
    return at_ == text_.size() || Fail("text behind the object");
  }

  size_t column() const { return at_ + 1; }
  std::string_view reason() const { return reason_; }

 private:
  bool Fail(std::string_view reason) {
    if (reason_.empty()) reason_ = reason;
    return false;
  }
  void SkipSpace() {
    while (at_ < text_.size() && IsSpace(text_[at_])) ++at_;
  }
  bool Take(char c) {
    SkipSpace();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  // Of an object whose '{' was taken. What lies in objects within it is called "outer.inner", as
  // Weights & Biases does; those that say their "_type" are its media and no metrics.
  bool ParseMembers(const std::string& prefix, int depth, std::vector<Cell>* cells) {
    if (depth > kDepthMax) return Fail("objects nested deeper than 64");
    if (Take('}')) return true;
    const size_t first = cells->size();
    bool is_media = false;
    do {
      Cell cell;
      if (!ParseString(&cell.name) || !Take(':')) return false;
      is_media |= depth > 1 && cell.name == "_type";
      cell.name = prefix + ToValidUtf8(cell.name);
      if (Take('{')) {
        if (!ParseMembers(cell.name + ".", depth + 1, cells)) return false;
      } else if (!ParseValue(&cell, depth) || !AddCell(std::move(cell), cells)) {
        return false;
      }
    } while (Take(','));
    if (is_media) {
      for (size_t i = first; i < cells->size(); ++i) names_.erase((*cells)[i].name);
      cells->resize(first);
    }
    return Take('}');
  }

  bool AddCell(Cell cell, std::vector<Cell>* cells) {
    if (cells->size() == kCellsMax) return Fail("more cells than the bound of 10000");
    name_bytes_ += cell.name.size();
    if (name_bytes_ > kRowBytesMax) return Fail("names of more than 16 MiB");
    if (!names_.insert(cell.name).second) {
      return !is_strict_ || Fail("a name that stands there twice");
    }
    cells->push_back(std::move(cell));
    return true;
  }

  bool ParseValue(Cell* cell, int depth) {
    SkipSpace();
    if (at_ == text_.size()) return false;
    const char c = text_[at_];
    if (c == '{' || c == '[') return SkipNested(depth);
    if (c == '"') {
      cell->kind = Cell::Kind::kText;
      if (!ParseString(&cell->text)) return false;
      // How the API and our own exports spell what JSON has no number for.
      if (cell->text == "NaN" || cell->text == "Infinity" || cell->text == "-Infinity") {
        ParseCellNumber(cell->text, &cell->number);
        cell->kind = Cell::Kind::kNumber;
      }
      return true;
    }
    const size_t start = at_;
    while (at_ < text_.size() &&
           std::string_view(",}] \t\r\n").find(text_[at_]) == std::string_view::npos) {
      ++at_;
    }
    const std::string_view word = text_.substr(start, at_ - start);
    if (word == "null") return true;
    cell->kind = Cell::Kind::kNumber;
    cell->text = word == "true" ? "1" : word == "false" ? "0" : word;
    if (ParseCellNumber(cell->text, &cell->number)) return true;
    at_ = start;
    return Fail("a word that is no JSON value");
  }

  // Arrays, and objects in them, are read for their form, and dropped.
  bool SkipNested(int depth) {
    if (depth > kDepthMax) return Fail("objects nested deeper than 64");
    const bool is_object = text_[at_++] == '{';
    const char end = is_object ? '}' : ']';
    if (Take(end)) return true;
    do {
      Cell ignored;
      if (is_object && (!ParseString(&ignored.name) || !Take(':'))) return false;
      if (!ParseValue(&ignored, depth + 1)) return false;
    } while (Take(','));
    return Take(end);
  }

  bool ParseString(std::string* out) {
    if (!Take('"')) return false;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '"') return true;
      if (c != '\\') {
        out->push_back(c);
      } else if (!ParseEscape(out)) {
        return Fail("an unknown escape");
      }
    }
    return Fail("a string without end");
  }

  bool ParseEscape(std::string* out) {
    if (at_ == text_.size()) return false;
    const char c = text_[at_++];
    constexpr std::string_view kNames = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    if (const size_t index = kNames.find(c); index != std::string_view::npos) {
      out->push_back(kMeanings[index]);
      return true;
    }
    uint32_t code = 0;
    if (c != 'u' || !ParseHex4(&code)) return false;
    if (code >= 0xd800 && code < 0xdc00 && text_.substr(at_, 2) == "\\u") {
      at_ += 2;
      uint32_t low = 0;
      if (!ParseHex4(&low) || low < 0xdc00 || low > 0xdfff) return false;
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    AppendUtf8(code, out);
    return true;
  }

  bool ParseHex4(uint32_t* code) {
    if (text_.size() - at_ < 4) return false;
    const std::string_view digits = text_.substr(at_, 4);
    const auto end = std::from_chars(digits.data(), digits.data() + 4, *code, 16);
    at_ += 4;
    return end.ec == std::errc() && end.ptr == digits.data() + 4;
  }

  // Lone surrogates become what ToValidUtf8 replaces.
  static void AppendUtf8(uint32_t code, std::string* out) {
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

  std::string_view text_;
  bool is_strict_;
  size_t at_ = 0;
  std::string_view reason_;
  std::set<std::string> names_;
  size_t name_bytes_ = 0;
};

class JsonLinesReader : public RowReader {
 public:
  explicit JsonLinesReader(ByteSource source, bool is_within = false)
      : source_(std::move(source)), is_within_(is_within) {}

  Result<bool> Next(Row* row) override {
    std::string text;
    ASSIGN_OR_RETURN(const bool has_object, ReadObject(row, &text));
    if (!has_object) return false;
    row->cells.clear();
    ObjectParser parser(text, !is_within_);
    if (parser.Parse(&row->cells)) return true;
    return source_.ErrorAt(row->line,
                           StrCat("column ", parser.column(), ": ",
                                  parser.reason().empty() ? "no JSON object" : parser.reason()));
  }

  uint64_t bytes_read() const override { return source_.bytes_read(); }

 protected:
  // The text of the next object; what it is, is seen when it is parsed.
  virtual Result<bool> ReadObject(Row* row, std::string* text) {
    do {
      ASSIGN_OR_RETURN(const bool has_line, ReadLine(row, text));
      if (!has_line) return false;
    } while (std::all_of(text->begin(), text->end(), IsSpace));
    return true;
  }

  Error TooLong(const Row& row) const {
    return source_.ErrorAt(row.line, StrCat("a line of more than ", kRowBytesMax, " bytes"));
  }

  ByteSource source_;
  const bool is_within_;  // of another value

 private:
  Result<bool> ReadLine(Row* row, std::string* line) {
    line->clear();
    row->line = source_.line();
    while (true) {
      ASSIGN_OR_RETURN(const bool is_at_end, source_.IsAtEnd());
      if (is_at_end) return !line->empty();
      const char c = source_.Take();
      if (c == '\n') return true;
      if (line->size() == kRowBytesMax) return TooLong(*row);
      line->push_back(c);
    }
  }
};

class JsonArrayReader : public JsonLinesReader {
 public:
  using JsonLinesReader::JsonLinesReader;

 protected:
  Result<bool> ReadObject(Row* row, std::string* text) override {
    ASSIGN_OR_RETURN(char c, TakeVisible());
    if (!std::exchange(is_begun_, true)) {
      ASSIGN_OR_RETURN(c, TakeVisible());  // behind the '[' of the array
    } else if (c == ',') {
      ASSIGN_OR_RETURN(c, TakeVisible());
    } else if (c != ']') {
      return source_.ErrorAt(source_.line(), "want , or ] behind an object of the array");
    }
    if (c == ']') return ReadEnd();
    row->line = source_.line();
    return CopyObject(c, *row, text);
  }

 private:
  Result<char> Take() {
    ASSIGN_OR_RETURN(const bool is_at_end, source_.IsAtEnd());
    if (is_at_end) return source_.ErrorAt(source_.line(), "the array is never closed");
    return source_.Take();
  }
  Result<char> TakeVisible() {
    while (true) {
      ASSIGN_OR_RETURN(const char c, Take());
      if (!IsSpace(c)) return c;
    }
  }

  // `c`, which was taken, and all up to the bracket that closes it.
  Result<bool> CopyObject(char c, const Row& row, std::string* text) {
    if (c != '{') return source_.ErrorAt(row.line, "want an object in the array");
    text->assign(1, c);
    bool is_string = false;
    for (int64_t depth = 1; depth > 0;) {
      if (text->size() >= kRowBytesMax) return TooLong(row);  // an escape adds two
      ASSIGN_OR_RETURN(c, Take());
      text->push_back(c);
      if (is_string && c == '\\') {
        ASSIGN_OR_RETURN(c, Take());
        text->push_back(c);
      } else if (c == '"') {
        is_string = !is_string;
      } else if (!is_string) {
        depth += (c == '{' || c == '[') - (c == '}' || c == ']');
      }
    }
    return true;
  }

  // To the end of the file in any case: there a compressed one tells whether it is whole.
  Result<bool> ReadEnd() {
    while (true) {
      ASSIGN_OR_RETURN(const bool is_at_end, source_.IsAtEnd());
      if (is_at_end) return false;
      if (!IsSpace(source_.Take()) && !is_within_) {
        return source_.ErrorAt(source_.line(), "text behind the array");
      }
    }
  }

  bool is_begun_ = false;
};

}  // namespace

std::unique_ptr<RowReader> OpenJsonLines(ByteSource source) {
  if (source.Peek() == '[') return std::make_unique<JsonArrayReader>(std::move(source));
  return std::make_unique<JsonLinesReader>(std::move(source));
}

std::unique_ptr<RowReader> OpenJsonArrayWithin(ByteSource source) {
  return std::make_unique<JsonArrayReader>(std::move(source), true);
}

}  // namespace spirogram::transfer
