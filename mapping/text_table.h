// Tables in text files: CSV and tab-separated values.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "mapping/table.h"

namespace spirogram::mapping {

struct TextTableOptions {
  char separator = ',';  // or a tab; for commas, semicolons as transfer::FindSeparator says
  // kAuto: the first row is a header when it holds no number, where it has a text above a number,
  // or when it counts the columns from 0, as pandas names those of an array (told by a note).
  enum class Header { kAuto, kYes, kNo } header = Header::kAuto;
  // Columns that are metadata although they hold numbers.
  std::vector<std::string> metadata_columns;
  bool may_lack_columns = false;  // of two tables one may have no such columns
  std::string colour_by;          // metadata likewise, where there is such a column
  int64_t bytes_max = INT64_MAX;
};

// Columns of numbers are dims, all others metadata; the first cell of a column that is neither
// empty nor a word for nothing decides, if it is in the first 1,000 rows; a column of numbers that
// is called as labels are is told by a note. A header's first name that is empty is that of a row
// index, as pandas writes it: metadata "index". A last column without a name and with empty cells
// alone is none: its separators end the lines. Quotes count in CSV alone. Blank lines are passed
// over, and before the rows lines that begin with # and hold no number; the last of those names the
// columns where it has as many cells as a row. An empty cell among numbers is NaN, and so are NA,
// null and none. kInvalidArgument names the file, the line and the column (a text among numbers,
// rows of different lengths), kNotFound (no such metadata column), kExhausted, kCancelled.
Result<Table> ReadTextTable(const std::string& path, TextTableOptions options,
                            const std::stop_token& stop);

}  // namespace spirogram::mapping
