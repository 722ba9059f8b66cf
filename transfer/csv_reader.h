// CSV as RFC 4180 has it, with what programs do besides: LF for CRLF, a byte order mark, blank
// lines. The first row names the columns.
#pragma once

#include <memory>

#include "base/result.h"
#include "transfer/byte_source.h"
#include "transfer/row_reader.h"

namespace spirogram::transfer {

Result<std::unique_ptr<RowReader>> OpenCsv(ByteSource source);

}  // namespace spirogram::transfer
