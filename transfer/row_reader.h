// Rows of named cells, from a CSV file, a file of one JSON object a line or an array of them.
// Memory is bounded by one row: at most 16 MiB and, unless said, 10,000 cells.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace spirogram::transfer {

struct Cell {
  enum class Kind { kEmpty, kNumber, kText };

  std::string name;  // of the column, as the file spells it; valid UTF-8
  Kind kind = Kind::kEmpty;
  double number = 0;
  std::string text;  // as it stands in the file: of numbers too, so that a step stays exact
};

struct Row {
  int64_t line = 0;  // where it begins, from 1
  std::vector<Cell> cells;
};

// Not thread-safe.
class RowReader {
 public:
  // A file whose first character is '{' holds JSON lines, '[' an array of objects, any other is CSV
  // with a header. kInvalidArgument for what is none of them.
  static Result<std::unique_ptr<RowReader>> Open(const std::string& path);

  virtual ~RowReader() = default;
  // False at the end. Errors name the file, the line and the column.
  virtual Result<bool> Next(Row* row) = 0;
  // Of the file, packed as it may be: how far reading has got.
  virtual uint64_t bytes_read() const { return 0; }
  // Whether names may have got an apostrophe in front, as our own CSV has it (text_format.h).
  virtual bool guards_names() const { return false; }
};

inline constexpr size_t kRowBytesMax = size_t{16} << 20;
inline constexpr size_t kCellsMax = 10'000;

// The number that a cell spells: with or without a sign and spaces around it, "NaN", "inf" and
// "Infinity" in any case. False for anything else.
bool ParseCellNumber(std::string_view text, double* number);

// Whether the text is a word by which programs say that there is no value: "NA", "N/A", "null" or
// "None", in any case and with spaces around it.
bool IsWordForNothing(std::string_view text);

}  // namespace spirogram::transfer
