// CSV as RFC 4180 has it, with what programs do besides: LF or CR for CRLF, a byte order mark,
// blank lines; and the same with another separator.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "transfer/byte_source.h"
#include "transfer/row_reader.h"

namespace spirogram::transfer {

// A comma, or a semicolon: spreadsheets write that where the comma stands in numbers (1,5;2,25).
// The first line decides that neither is blank nor begins with #: it has semicolons, and no comma
// but between digits. What stands between quotes does not count.
Result<char> FindSeparator(const std::string& path);

// As ParseCellNumber; with semicolons between the cells, also numbers with a decimal comma.
bool ParseCsvNumber(std::string_view text, char separator, double* number);

struct CsvOptions {
  char separator = ',';
  // False: quotes are letters, as in the registered form of tab-separated values.
  bool has_quotes = true;
  // The first row names the columns. Without, they are "column 1", "column 2", ..., as many as the
  // first row has.
  bool has_header = true;
  size_t cells_max = kCellsMax;  // of a row
};

Result<std::unique_ptr<RowReader>> OpenCsv(ByteSource source, const CsvOptions& options = {});

}  // namespace spirogram::transfer
