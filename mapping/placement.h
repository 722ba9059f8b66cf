// New rows onto a map that is there already and does not move.
#pragma once

#include <functional>
#include <span>
#include <stop_token>

#include "base/result.h"
#include "mapping/map.h"
#include "mapping/table.h"

namespace spirogram::mapping {

// The places of the rows of `table` on `map` (a row for each of `reference` that is not left out),
// which was drawn of it by any method. Of the options only the dims, threads and courtesy count.
// Errors: kInvalidArgument (shapes that do not fit, fewer than 2 reference rows), kCancelled within
// some milliseconds of a request to stop.
Result<Map> PlaceRows(const Table& table, const Table& reference, std::span<const float> map,
                      const MapOptions& options,
                      const std::function<void(const MapProgress&)>& progress,
                      const std::stop_token& stop);

}  // namespace spirogram::mapping
