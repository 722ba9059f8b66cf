// CSV and JSON, written out: numbers in the shortest form that reads back as the same float64.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "transfer/points_export.h"

namespace spirogram::transfer {

// RFC 4180: CRLF, quotes where they are needed. Columns run, tag, step, wall_time, value.
std::unique_ptr<PointsFormat> MakeCsvFormat();
// One array of {"run", "tag", "step", "wall_time", "value"}.
std::unique_ptr<PointsFormat> MakeJsonFormat();
// The same objects, one a line.
std::unique_ptr<PointsFormat> MakeJsonLinesFormat();

// A number as both formats write it: "0.1", "1e-07", "NaN", "Infinity", "-Infinity".
void AppendNumber(double number, std::string* out);
void AppendInteger(int64_t number, std::string* out);

// A text as one cell. A spreadsheet would run a cell that begins with '=', '+', '-', '@', a tab or
// a carriage return as a formula, and names come from whoever wrote the log: such a text gets a
// leading apostrophe, and so does one that begins with an apostrophe, so that it can be undone. An
// empty text is one apostrophe: readers take an empty cell for a missing one.
void AppendCsvText(std::string_view text, std::string* out);

// The name of a column in the form in which it is looked for: small letters, '_' for spaces.
std::string FoldColumn(std::string_view name);
// Whether a column of this name, in any case, says what a row is (row_layout.h), not what was
// measured.
bool IsMeaningfulColumn(std::string_view name);
// The heading of a tag's column: a text that gets the apostrophe where it would say what a row is,
// too.
void AppendCsvHeading(std::string_view tag, std::string* out);

// A text in quotes, escaped as JSON wants it. REQUIRES: valid UTF-8.
void AppendJsonText(std::string_view text, std::string* out);

}  // namespace spirogram::transfer
