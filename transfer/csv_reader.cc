#include "transfer/csv_reader.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/str.h"

namespace spirogram::transfer {
namespace {

constexpr size_t kFirstLineBytesMax = size_t{1} << 20;

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

// Up to the end of the line, or as much as decides.
Result<std::string> ReadLine(ByteSource* source) {
  std::string line;
  while (line.size() < kFirstLineBytesMax) {
    ASSIGN_OR_RETURN(const bool is_at_end, source->IsAtEnd());
    if (is_at_end) break;
    const char c = source->Take();
    if (c == '\n' || c == '\r') break;
    line.push_back(c);
  }
  return line;
}

bool HasSemicolonsBetweenCells(std::string_view line) {
  bool is_quoted = false;
  bool has_semicolon = false;
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"') is_quoted = !is_quoted;
    if (is_quoted) continue;
    has_semicolon |= line[i] == ';';
    const bool is_in_number =
        i > 0 && i + 1 < line.size() && IsDigit(line[i - 1]) && IsDigit(line[i + 1]);
    if (line[i] == ',' && !is_in_number) return false;
  }
  return has_semicolon;
}

class CsvReader : public RowReader {
 public:
  CsvReader(ByteSource source, const CsvOptions& options)
      : source_(std::move(source)), options_(options) {}

  Status ReadHeader() {
    std::vector<std::string> cells;
    int64_t line = 0;
    ASSIGN_OR_RETURN(const bool has_row, ReadCells(&cells, &line));
    if (!has_row) return source_.ErrorAt(1, "the file is empty, want a header of column names");
    if (HoldsOnlyNumbers(cells)) {
      return source_.ErrorAt(line, "only numbers, want a header of column names");
    }
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
      cell.kind = cells[i].empty()                      ? Cell::Kind::kEmpty
                  : ParseNumber(cells[i], &cell.number) ? Cell::Kind::kNumber
                                                        : Cell::Kind::kText;
      cell.text = std::move(cells[i]);
    }
    return true;
  }

 private:
  // A header of one column is often one of several, with another separator.
  std::string Hint() const {
    const bool is_other = columns_.size() == 1 && options_.separator == ',' &&
                          columns_[0].find('\t') != std::string::npos;
    return is_other ? StrCat(": want commas between columns, the header is ", Quoted(columns_[0]))
                    : std::string();
  }

  bool ParseNumber(std::string_view text, double* number) const {
    return ParseCsvNumber(text, options_.separator, number);
  }

  // Of an array without names, whose first row would be lost. Those that count its columns from 0
  // are names: pandas writes them.
  bool HoldsOnlyNumbers(const std::vector<std::string>& cells) const {
    bool counts = true;
    for (size_t i = 0; i < cells.size(); ++i) {
      double ignored = 0;
      if (!ParseNumber(cells[i], &ignored)) return false;
      counts = counts && cells[i] == StrCat(i);
    }
    return !counts;
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

Result<char> FindSeparator(const std::string& path) {
  ASSIGN_OR_RETURN(ByteSource source, ByteSource::Open(path));
  while (true) {
    ASSIGN_OR_RETURN(const bool is_at_end, source.IsAtEnd());
    if (is_at_end) return ',';
    ASSIGN_OR_RETURN(const std::string line, ReadLine(&source));
    if (line.empty() || line[0] == '#') continue;
    return HasSemicolonsBetweenCells(line) ? ';' : ',';
  }
}

bool ParseCsvNumber(std::string_view text, char separator, double* number) {
  const size_t comma = text.find(',');
  if (separator != ';' || comma == std::string_view::npos) return ParseCellNumber(text, number);
  if (text.find('.') != std::string_view::npos) return false;  // one of the two groups thousands
  std::string with_point(text);
  with_point[comma] = '.';
  return ParseCellNumber(with_point, number);
}

Result<std::unique_ptr<RowReader>> OpenCsv(ByteSource source, const CsvOptions& options) {
  auto reader = std::make_unique<CsvReader>(std::move(source), options);
  if (options.has_header) RETURN_IF_ERROR(reader->ReadHeader());
  return std::unique_ptr<RowReader>(std::move(reader));
}

}  // namespace spirogram::transfer
