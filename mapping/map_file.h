// A map as a file: .npy, CSV or a picture. Pure: the caller writes the bytes.
#pragma once

#include <string>

#include "base/result.h"
#include "mapping/map.h"
#include "mapping/table.h"

namespace spirogram::mapping {

enum class MapFormat { kNpy, kCsv, kPng };

// By the ending of the name: .npy, .csv or .png, in letters of any case; kInvalidArgument for any
// other.
Result<MapFormat> FormatOfPath(const std::string& path);

// N x d float32, in the order of the rows.
Result<std::string> MapToNpy(const Map& map);

// RFC 4180: row (from 0), x, y, z (or x1, x2, ... beyond three), and the columns of metadata.
// Numbers read back as the same float32; texts that a spreadsheet would run get an apostrophe.
std::string MapToCsv(const Table& table, const Map& map);

// The map to start another from. Errors as ReadNpyTable, and another shape than N x d.
Result<std::vector<float>> ReadStart(const std::string& path, int64_t points, int dims);

}  // namespace spirogram::mapping
