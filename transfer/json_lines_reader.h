// One JSON object a line, or the objects of an array on any lines, as RFC 8259 has it and with the
// NaN, Infinity and -Infinity that Python writes. Numbers, strings, booleans (1 and 0) and nulls of
// the object are its cells; objects and arrays inside it are passed over.
#pragma once

#include <memory>

#include "base/result.h"
#include "transfer/byte_source.h"
#include "transfer/row_reader.h"

namespace spirogram::transfer {

// REQUIRES: the source begins with '{' or '['.
std::unique_ptr<RowReader> OpenJsonLines(ByteSource source);

}  // namespace spirogram::transfer
