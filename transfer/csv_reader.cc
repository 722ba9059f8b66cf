#include "transfer/csv_reader.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/str.h"

namespace spirogram::transfer {
namespace {

class CsvReader : public RowReader {
 public:
  CsvReader(ByteSource source, const CsvOptions& options)
      : source_(std::move(source)), options_(options) {}

  Status ReadHeader() {
    std::vector<std::string> cells;
    int64_t line = 0;
    ASSIGN_OR_RETURN(const bool has_row, ReadCells(&cells, &line));
    if (!has_row) return source_.ErrorAt(1, "the file is empty, want a header of column names");
    std::set<std::string> seen;
    for (const std::string& cell : cells) {
      columns_.push_back(ToValidUtf8(cell));
      if (!columns_.back().empty() && !seen.insert(columns_.back()).second) {
        return source_.ErrorAt(line, StrCat("two columns are called ", Quoted(columns_.back())));
      }
    }
    return {};
  }

  bool guards_names() const override { return true; }

  Result<bool> Next(Row* row) override {
    std::vector<std::string> cells;
    ASSIGN_OR_RETURN(const bool has_row, ReadCells(&cells, &row->line));
    if (!has_row) return false;
    if (!options_.has_header && columns_.empty()) NumberColumns(cells.size());
    if (cells.size() != columns_.size()) {
      return source_.ErrorAt(
          row->line, StrCat("got ", cells.size(), " cells, want ", columns_.size(), " as the ",
                            options_.has_header ? "header has" : "first row has", Hint()));
    }
    row->cells.resize(columns_.size());
    for (size_t i = 0; i < cells.size(); ++i) {
      Cell& cell = row->cells[i];
      cell.name = columns_[i];
      cell.kind = cells[i].empty()                          ? Cell::Kind::kEmpty
                  : ParseCellNumber(cells[i], &cell.number) ? Cell::Kind::kNumber
                                                            : Cell::Kind::kText;
      cell.text = std::move(cells[i]);
    }
    return true;
  }

 private:
  // A header of one column is often one of several, with another separator.
  std::string Hint() const {
    const bool is_other = columns_.size() == 1 && options_.separator == ',' &&
                          columns_[0].find_first_of(";\t") != std::string::npos;
    return is_other ? StrCat(": want commas between columns, the header is ", Quoted(columns_[0]))
                    : std::string();
  }

  void NumberColumns(size_t count) {
    for (size_t i = 1; i <= count; ++i) columns_.push_back(StrCat("column ", i));
  }

  // The next row that is not blank.
  Result<bool> ReadCells(std::vector<std::string>* cells, int64_t* line) {
    while (true) {
      ASSIGN_OR_RETURN(const bool is_at_end, source_.IsAtEnd());
      if (is_at_end) return false;
      *line = source_.line();
      cells->clear();
      row_bytes_ = 0;
      bool has_more = true;
      while (has_more) {
        if (cells->size() == options_.cells_max) {
          return source_.ErrorAt(*line, StrCat("more than ", options_.cells_max, " cells"));
        }
        std::string& cell = cells->emplace_back();
        ASSIGN_OR_RETURN(has_more, ReadCell(*line, cells->size(), &cell));
      }
      if (cells->size() > 1 || !cells->front().empty()) return true;
    }
  }

  // True when another cell follows on the row.
  Result<bool> ReadCell(int64_t row_line, size_t column, std::string* cell) {
    bool is_quoted = false;
    if (options_.has_quotes) {
      ASSIGN_OR_RETURN(is_quoted, Skip('"'));
    }
    if (is_quoted) RETURN_IF_ERROR(ReadQuoted(column, cell));
    while (true) {
      ASSIGN_OR_RETURN(const bool is_at_end, source_.IsAtEnd());
      if (is_at_end) return false;
      const char c = source_.Take();
      if (c == options_.separator) return true;
      if (c == '\n') return false;
      if (c == '\r') {
        RETURN_IF_ERROR(Skip('\n'));
        return false;
      }
      if (is_quoted) {
        return source_.ErrorAt(row_line, StrCat("column ", column, ": text behind the quotes"));
      }
      RETURN_IF_ERROR(Append(row_line, c, cell));
    }
  }

  // What stands between quotes; a doubled quote is one.
  Status ReadQuoted(size_t column, std::string* cell) {
    const int64_t line = source_.line();
    while (true) {
      ASSIGN_OR_RETURN(const bool is_at_end, source_.IsAtEnd());
      if (is_at_end) {
        return source_.ErrorAt(line, StrCat("column ", column, ": the quotes are never closed"));
      }
      const char c = source_.Take();
      if (c == '"') {
        ASSIGN_OR_RETURN(const bool is_doubled, Skip('"'));
        if (!is_doubled) return {};
      }
      RETURN_IF_ERROR(Append(line, c, cell));
    }
  }

  Result<bool> Skip(char c) {
    ASSIGN_OR_RETURN(const bool is_at_end, source_.IsAtEnd());
    if (is_at_end || source_.Peek() != c) return false;
    source_.Take();
    return true;
  }

  Status Append(int64_t line, char c, std::string* cell) {
    if (++row_bytes_ > kRowBytesMax) {
      return source_.ErrorAt(line, StrCat("a row of more than ", kRowBytesMax, " bytes"));
    }
    cell->push_back(c);
    return {};
  }

  ByteSource source_;
  const CsvOptions options_;
  std::vector<std::string> columns_;
  size_t row_bytes_ = 0;
};

}  // namespace

Result<std::unique_ptr<RowReader>> OpenCsv(ByteSource source, const CsvOptions& options) {
  auto reader = std::make_unique<CsvReader>(std::move(source), options);
  if (options.has_header) RETURN_IF_ERROR(reader->ReadHeader());
  return std::unique_ptr<RowReader>(std::move(reader));
}

}  // namespace spirogram::transfer
