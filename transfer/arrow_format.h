// An Arrow IPC file (Feather version 2): run and tag as dictionaries of text, step as int64,
// wall_time and value as float64, no nulls. Written here and not by Arrow's own library, which
// Debian 12 does not have: https://arrow.apache.org/docs/format/Columnar.html, metadata version 5.
#pragma once

#include <memory>

#include "transfer/points_export.h"

namespace spirogram::transfer {

std::unique_ptr<PointsFormat> MakeArrowFormat();

}  // namespace spirogram::transfer
