#include "mapping/text_table.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <iterator>
#include <limits>
#include <memory>
#include <utility>

#include "base/str.h"
#include "mapping/lost_digits.h"
#include "transfer/byte_source.h"
#include "transfer/csv_reader.h"
#include "transfer/row_reader.h"

namespace spirogram::mapping {
namespace {

using transfer::Cell;
using transfer::Row;

constexpr int64_t kRowsBetweenChecks = 256;
// Of rows that are read before one is added, because a column begins with cells that say nothing.
constexpr size_t kRowsAheadMax = 1000;
constexpr size_t kBytesAheadMax = size_t{16} << 20;
constexpr size_t kCellsMax = size_t{1} << 20;  // of a row: genes, words or pixels
constexpr size_t kNamesMax = 400;              // bytes of columns' names in an error
constexpr size_t kCountedMin = 3;              // names from which on a header of numbers is one
// What tables call a column of numbers that says what a row is, not where it lies.
constexpr std::string_view kLabelNames[] = {"id",    "index",  "label",   "labels",
                                            "class", "target", "cluster", "category"};

struct Column {
  std::string name;
  bool is_named = false;  // by the file
  enum class Kind { kUndecided, kNumbers, kTexts } kind = Kind::kUndecided;
  int64_t first_line = 0;  // of its first row
  std::vector<std::string> texts;
};

char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

// "user_id", "movieId", "item ID"; not "grid".
bool EndsAsId(std::string_view name) {
  constexpr std::string_view kEnding = "id";
  if (name.size() <= kEnding.size()) return false;
  const std::string_view end = name.substr(name.size() - kEnding.size());
  if (Lower(end[0]) != 'i' || Lower(end[1]) != 'd') return false;
  const char before = name[name.size() - kEnding.size() - 1];
  const bool is_letter = Lower(before) >= 'a' && Lower(before) <= 'z';
  return !is_letter || (end[0] == 'I' && Lower(before) == before);
}

bool IsNameOfLabels(std::string name) {
  if (EndsAsId(name)) return true;
  std::transform(name.begin(), name.end(), name.begin(), Lower);
  return std::find(std::begin(kLabelNames), std::end(kLabelNames), name) != std::end(kLabelNames);
}

// A cell from which nothing follows about its column.
bool SaysNothing(const Cell& cell) {
  return cell.kind == Cell::Kind::kEmpty ||
         (cell.kind == Cell::Kind::kText && transfer::IsWordForNothing(cell.text));
}

size_t BytesOf(const Row& row) {
  size_t bytes = 0;
  for (const Cell& cell : row.cells) bytes += sizeof cell + cell.text.size();
  return bytes;
}

bool IsUtf16(const std::vector<Cell>& cells) {
  return !cells.empty() &&
         (cells[0].text.starts_with("\xFF\xFE") || cells[0].text.starts_with("\xFE\xFF"));
}

// 0, 1, 2 and so on: the names that pandas gives to the columns of an array.
bool CountsColumns(const Row& row) {
  if (row.cells.size() < kCountedMin) return false;
  for (size_t i = 0; i < row.cells.size(); ++i) {
    if (row.cells[i].text != StrCat(i)) return false;
  }
  return true;
}

bool IsHeader(const std::vector<Row>& rows) {
  const auto is_number = [](const Cell& cell) { return cell.kind == Cell::Kind::kNumber; };
  const std::vector<Cell>& first = rows[0].cells;
  if (std::none_of(first.begin(), first.end(), is_number)) return true;
  if (rows.size() < 2) return false;
  if (CountsColumns(rows[0])) return true;
  for (size_t i = 0; i < first.size(); ++i) {
    const bool may_be_name = !is_number(first[i]) && !transfer::IsWordForNothing(first[i].text);
    if (may_be_name && is_number(rows[1].cells[i])) return true;
  }
  return false;
}

// Lines before the rows that are none.
struct Comments {
  int64_t lines = 0;  // blank ones among them too
  int64_t count = 0;
  std::vector<std::string> last;  // its cells, without the #
};

// A word may begin with # as well: but then numbers follow it.
bool IsComment(const std::vector<std::string_view>& cells, char separator) {
  double number = 0;
  return std::none_of(cells.begin() + 1, cells.end(), [&](std::string_view cell) {
    return transfer::ParseCsvNumber(cell, separator, &number);
  });
}

Result<Comments> ReadComments(const std::string& path, char separator) {
  constexpr size_t kLineMax = size_t{1} << 20;
  ASSIGN_OR_RETURN(transfer::ByteSource source, transfer::ByteSource::Open(path));
  Comments comments;
  while (true) {
    std::string line;
    bool is_whole = false;
    while (!is_whole && line.size() < kLineMax) {
      ASSIGN_OR_RETURN(const bool is_at_end, source.IsAtEnd());
      if (is_at_end) break;
      const char c = source.Take();
      is_whole = c == '\n';
      if (!is_whole && c != '\r') line.push_back(c);
    }
    if (!is_whole) return comments;
    const bool is_blank = line.empty();
    const std::vector<std::string_view> cells = Split(line, separator);
    if (!is_blank && (line[0] != '#' || !IsComment(cells, separator))) return comments;
    ++comments.lines;
    if (is_blank) continue;
    ++comments.count;
    comments.last.assign(cells.begin(), cells.end());
    for (std::string& cell : comments.last) {
      const size_t begin = cell.find_first_not_of("# ");
      cell = begin == std::string::npos ? std::string() : cell.substr(begin);
    }
  }
}

const char* NameOf(char separator) {
  return separator == ',' ? "commas" : separator == ';' ? "semicolons" : "tabs";
}

class Builder {
 public:
  Builder(const std::string& path, const TextTableOptions& options)
      : path_(path), options_(options) {}

  Status SetColumns(const Row& row, bool is_header) {
    for (const Cell& cell : row.cells) {
      Column column;
      column.name = is_header ? ToValidUtf8(cell.text) : cell.name;
      column.is_named = is_header && !cell.text.empty();
      if (columns_.empty() && column.name.empty()) {
        column.name = "index";
        column.kind = Column::Kind::kTexts;
      }
      const auto& wanted = options_.metadata_columns;
      if (std::find(wanted.begin(), wanted.end(), column.name) != wanted.end() ||
          column.name == options_.colour_by) {
        column.kind = Column::Kind::kTexts;
      }
      columns_.push_back(std::move(column));
    }
    lost_digits_ = LostDigits(columns_.size());
    return CheckMetadataColumns();
  }

  // Settles what its columns hold as far as a row tells, before any row is added.
  void LookAt(const Row& row) {
    for (size_t i = 0; i < row.cells.size(); ++i) {
      if (columns_[i].kind != Column::Kind::kUndecided || SaysNothing(row.cells[i])) continue;
      columns_[i].kind = KindOf(row.cells[i]);
    }
  }
  bool is_settled() const {
    return std::none_of(columns_.begin(), columns_.end(), [](const Column& column) {
      return column.kind == Column::Kind::kUndecided;
    });
  }

  Status Add(const Row& row) {
    for (size_t i = 0; i < row.cells.size(); ++i) {
      RETURN_IF_ERROR(AddCell(row, row.cells[i], &columns_[i]));
    }
    ++table_.points;
    if (bytes() <= options_.bytes_max) return {};
    return Exhausted(StrCat(path_, ", line ", row.line, ": the table takes ", bytes(),
                            " bytes so far, want at most ", options_.bytes_max, " (--memory-gib)"));
  }

  void NoteComments(int64_t count) {
    table_.notes.push_back(StrCat(count, count == 1 ? " line that begins" : " lines that begin",
                                  " with # before the rows: comments"));
  }

  void NoteCountedColumns() {
    table_.notes.emplace_back(
        "the first line, 0, 1, 2 and so on, names the columns; --header no makes it a row");
  }

  Result<Table> Finish() {
    if (table_.points == 0) return InvalidArgument(StrCat(path_, ": no rows below the header"));
    table_.dims = std::ssize(table_.values) / table_.points;
    if (table_.dims == 0) {
      return InvalidArgument(StrCat(path_, ": no column holds numbers; cells are separated by ",
                                    NameOf(options_.separator)));
    }
    const auto name_of = [&](size_t column) {
      return StrCat("column \"", columns_[column].name, '"');
    };
    if (auto note = lost_digits_.Note(name_of)) table_.notes.push_back(*std::move(note));
    if (not_utf8_ > 0) {
      table_.notes.push_back(StrCat(not_utf8_, not_utf8_ == 1 ? " cell is" : " cells are",
                                    " not UTF-8, the first in line ", first_not_utf8_line_,
                                    ": what cannot be read shows as \xEF\xBF\xBD"));
    }
    for (Column& column : columns_) {
      if (column.kind == Column::Kind::kNumbers) {
        if (IsNameOfLabels(column.name)) NoteLabels(column.name);
        continue;
      }
      if (&column == &columns_.back() && IsEndOfLines(column)) continue;
      table_.metadata.columns.push_back(std::move(column.name));
      table_.metadata.values.push_back(std::move(column.texts));
    }
    table_.name = std::filesystem::path(path_).filename().string();
    table_.format = options_.separator == '\t' ? "tsv" : "csv";
    return std::move(table_);
  }

 private:
  // What a separator at the end of each line makes.
  static bool IsEndOfLines(const Column& column) {
    return !column.is_named && std::ranges::all_of(column.texts, &std::string::empty);
  }

  // A name with a slip would leave its column in the rows.
  Status CheckMetadataColumns() const {
    if (options_.may_lack_columns) return {};
    for (const std::string& name : options_.metadata_columns) {
      const auto has_name = [&](const Column& column) { return column.name == name; };
      if (std::any_of(columns_.begin(), columns_.end(), has_name)) continue;
      std::string names;
      for (const Column& column : columns_) {
        names += StrCat(names.empty() ? "" : ", ", column.name);
      }
      return NotFound(StrCat(path_, ": --metadata-columns: no column is called \"",
                             ToValidUtf8(name), "\", there are: ", names.substr(0, kNamesMax)));
    }
    return {};
  }

  void NoteLabels(const std::string& name) {
    table_.notes.push_back(StrCat("column \"", name, "\" counts as numbers of the rows; ",
                                  "--metadata-columns ", name, " makes it metadata"));
  }

  static Column::Kind KindOf(const Cell& cell) {
    return cell.kind == Cell::Kind::kNumber ? Column::Kind::kNumbers : Column::Kind::kTexts;
  }

  Error ErrorAt(const Row& row, const Column& column, const std::string& what) const {
    return InvalidArgument(
        StrCat(path_, ", line ", row.line, ", column \"", column.name, "\": ", what));
  }

  Status AddCell(const Row& row, const Cell& cell, Column* column) {
    if (column->first_line == 0) column->first_line = row.line;
    const bool is_empty = cell.kind == Cell::Kind::kEmpty;
    if (column->kind == Column::Kind::kUndecided && !is_empty) {
      column->kind = KindOf(cell);
      if (column->kind == Column::Kind::kNumbers && row.line != column->first_line) {
        return ErrorAt(row, *column,
                       StrCat("a number below the empty cell of line ", column->first_line,
                              ": want a number in every row, or --metadata-columns"));
      }
    }
    if (column->kind != Column::Kind::kNumbers) {
      column->texts.push_back(ToValidUtf8(cell.text));
      if (column->texts.back() != cell.text && ++not_utf8_ == 1) first_not_utf8_line_ = row.line;
      text_bytes_ += static_cast<int64_t>(sizeof(std::string) + cell.text.size());
      return {};
    }
    if (cell.kind == Cell::Kind::kText && !transfer::IsWordForNothing(cell.text)) {
      return ErrorAt(row, *column,
                     StrCat("got \"", ToValidUtf8(cell.text).substr(0, 40),
                            "\", want a number as in the rows above"));
    }
    const double number =
        cell.kind == Cell::Kind::kNumber ? cell.number : std::numeric_limits<double>::quiet_NaN();
    lost_digits_.Add(static_cast<size_t>(column - columns_.data()), number);
    table_.values.push_back(static_cast<float>(number));
    return {};
  }

  int64_t bytes() const {
    return static_cast<int64_t>(table_.values.capacity() * sizeof(float)) + text_bytes_;
  }

  const std::string path_;
  const TextTableOptions& options_;
  std::vector<Column> columns_;
  LostDigits lost_digits_{0};
  Table table_;
  int64_t text_bytes_ = 0;
  int64_t not_utf8_ = 0;  // cells
  int64_t first_not_utf8_line_ = 0;
};

}  // namespace

Result<Table> ReadTextTable(const std::string& path, TextTableOptions options,
                            const std::stop_token& stop) {
  if (options.separator == ',') {
    ASSIGN_OR_RETURN(options.separator, transfer::FindSeparator(path));
  }
  ASSIGN_OR_RETURN(const Comments comments, ReadComments(path, options.separator));
  ASSIGN_OR_RETURN(transfer::ByteSource source, transfer::ByteSource::Open(path));
  while (source.line() <= comments.lines) {
    ASSIGN_OR_RETURN(const bool is_at_end, source.IsAtEnd());
    if (is_at_end) break;
    source.Take();
  }
  transfer::CsvOptions csv;
  csv.separator = options.separator;
  csv.has_quotes = options.separator != '\t';
  csv.has_header = false;
  csv.cells_max = kCellsMax;
  ASSIGN_OR_RETURN(const auto reader, transfer::OpenCsv(std::move(source), csv));
  // The second row says whether the first is a header.
  std::vector<Row> ahead(2);
  for (size_t i = 0; i < ahead.size(); ++i) {
    ASSIGN_OR_RETURN(const bool has_row, reader->Next(&ahead[i]));
    if (!has_row) ahead.resize(i);
  }
  if (ahead.empty()) return InvalidArgument(StrCat(path, ": the file has no rows"));
  if (IsUtf16(ahead[0].cells)) return InvalidArgument(StrCat(path, ": is UTF-16, want UTF-8"));
  const bool has_header = options.header == TextTableOptions::Header::kAuto
                              ? IsHeader(ahead)
                              : options.header == TextTableOptions::Header::kYes;
  Builder builder(path, options);
  // As numpy.savetxt names columns.
  Row names = ahead[0];
  const bool is_named = !has_header && options.header == TextTableOptions::Header::kAuto &&
                        names.cells.size() > 1 && comments.last.size() == names.cells.size();
  for (size_t i = 0; is_named && i < names.cells.size(); ++i) {
    names.cells[i].text = comments.last[i];
  }
  RETURN_IF_ERROR(builder.SetColumns(names, has_header || is_named));
  if (comments.count > 0) builder.NoteComments(comments.count);
  if (has_header && CountsColumns(ahead[0])) builder.NoteCountedColumns();
  if (has_header) ahead.erase(ahead.begin());
  size_t bytes = 0;
  for (const Row& row : ahead) {
    builder.LookAt(row);
    bytes += BytesOf(row);
  }
  Row row;
  while (!builder.is_settled() && ahead.size() < kRowsAheadMax && bytes < kBytesAheadMax) {
    ASSIGN_OR_RETURN(const bool has_row, reader->Next(&row));
    if (!has_row) break;
    builder.LookAt(row);
    bytes += BytesOf(row);
    ahead.push_back(std::move(row));
  }
  for (const Row& one : ahead) RETURN_IF_ERROR(builder.Add(one));
  for (int64_t rows = 0;; ++rows) {
    if (rows % kRowsBetweenChecks == 0 && stop.stop_requested()) {
      return Cancelled("reading was cancelled");
    }
    ASSIGN_OR_RETURN(const bool has_row, reader->Next(&row));
    if (!has_row) break;
    RETURN_IF_ERROR(builder.Add(row));
  }
  return builder.Finish();
}

}  // namespace spirogram::mapping
