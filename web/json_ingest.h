// The JSON of the ingest routes. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "store/ingest_log.h"

namespace spirogram::web {

// {"run":"a","writer":"w","offset":120,"sequence":0}
std::string IngestPositionJson(std::string_view run, std::string_view writer,
                               const store::IngestPosition& position);

// {"run":"a","writer":"w","offset":120}; `field` is "offset" or "sequence".
std::string IngestStoredJson(std::string_view run, std::string_view writer, std::string_view field,
                             uint64_t position);

}  // namespace spirogram::web
