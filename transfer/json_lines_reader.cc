#include "transfer/json_lines_reader.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/str.h"
#include "transfer/json_objects.h"
#include "transfer/json_text.h"

namespace spirogram::transfer {
namespace {

// One object, parsed from its text.
class ObjectParser {
 public:
  explicit ObjectParser(std::string_view text) : text_(text) {}

  bool Parse(std::vector<Cell>* cells) {
    if (!text_.Take('{') || !ParseMembers("", 1, cells)) return false;
    return text_.IsAtEnd() || text_.Fail("text behind the object");
  }

  const JsonText& text() const { return text_; }

 private:
  // Of an object whose '{' was taken. What lies in objects within it is called "outer.inner", as
  // Weights & Biases does; those that say their "_type" are its media and no metrics.
  bool ParseMembers(const std::string& prefix, int depth, std::vector<Cell>* cells) {
    if (depth > JsonText::kDepthMax) return text_.Fail("objects nested deeper than 64");
    if (text_.Take('}')) return true;
    const size_t first = cells->size();
    bool is_media = false;
    do {
      std::string_view name;
      if (!text_.ReadString(&name) || !text_.Take(':')) return false;
      is_media |= depth > 1 && name == "_type";
      Cell cell;
      cell.name = prefix + ToValidUtf8(name);
      if (text_.Take('{')) {
        if (!ParseMembers(cell.name + ".", depth + 1, cells)) return false;
      } else if (!ParseValue(depth, &cell) || !AddCell(std::move(cell), cells)) {
        return false;
      }
    } while (text_.Take(','));
    if (is_media) {
      for (size_t i = first; i < cells->size(); ++i) names_.erase((*cells)[i].name);
      cells->resize(first);
    }
    return text_.Take('}');
  }

  bool AddCell(Cell cell, std::vector<Cell>* cells) {
    if (cells->size() == kCellsMax) return text_.Fail("more cells than the bound of 10000");
    name_bytes_ += cell.name.size();
    if (name_bytes_ > kRowBytesMax) return text_.Fail("names of more than 16 MiB");
    if (!names_.insert(cell.name).second) return text_.Fail("a name that stands there twice");
    cells->push_back(std::move(cell));
    return true;
  }

  bool ParseValue(int depth, Cell* cell) {
    JsonValue value;
    if (!text_.ReadValue(depth, &value)) return false;
    cell->text = value.text;
    if (value.kind == JsonValue::Kind::kNothing) return true;
    // How the API and our own exports spell what JSON has no number for.
    const bool is_number = value.kind == JsonValue::Kind::kNumber || cell->text == "NaN" ||
                           cell->text == "Infinity" || cell->text == "-Infinity";
    cell->kind = is_number ? Cell::Kind::kNumber : Cell::Kind::kText;
    if (is_number) ParseCellNumber(cell->text, &cell->number);
    return true;
  }

  JsonText text_;
  std::set<std::string> names_;
  size_t name_bytes_ = 0;
};

class JsonLinesReader : public RowReader {
 public:
  explicit JsonLinesReader(ByteSource source) : source_(std::move(source)) {}

  Result<bool> Next(Row* row) override {
    do {
      ASSIGN_OR_RETURN(const bool has_line, ReadLine(row));
      if (!has_line) return false;
    } while (std::all_of(text_.begin(), text_.end(), IsJsonSpace));
    row->cells.clear();
    ObjectParser parser(text_);
    if (parser.Parse(&row->cells)) return true;
    return source_.ErrorAt(row->line, parser.text().Complaint());
  }

  uint64_t bytes_read() const override { return source_.bytes_read(); }

 private:
  Result<bool> ReadLine(Row* row) {
    text_.clear();
    row->line = source_.line();
    while (true) {
      ASSIGN_OR_RETURN(const bool is_at_end, source_.IsAtEnd());
      if (is_at_end) return !text_.empty();
      const char c = source_.Take();
      if (c == '\n') return true;
      if (text_.size() == kRowBytesMax) {
        return source_.ErrorAt(row->line, StrCat("a line of more than ", kRowBytesMax, " bytes"));
      }
      text_.push_back(c);
    }
  }

  ByteSource source_;
  std::string text_;
};

class JsonArrayReader : public RowReader {
 public:
  explicit JsonArrayReader(ByteSource source)
      : objects_(std::move(source), JsonObjects::Behind::kNothing) {}

  Result<bool> Next(Row* row) override {
    std::string_view text;
    ASSIGN_OR_RETURN(const bool has_object, objects_.Next(&text));
    if (!has_object) return false;
    row->line = objects_.line();
    row->cells.clear();
    ObjectParser parser(text);
    if (parser.Parse(&row->cells)) return true;
    return objects_.ErrorIn(parser.text());
  }

  uint64_t bytes_read() const override { return objects_.bytes_read(); }

 private:
  JsonObjects objects_;
};

}  // namespace

std::unique_ptr<RowReader> OpenJsonLines(ByteSource source) {
  if (source.Peek() == '[') return std::make_unique<JsonArrayReader>(std::move(source));
  return std::make_unique<JsonLinesReader>(std::move(source));
}

}  // namespace spirogram::transfer
