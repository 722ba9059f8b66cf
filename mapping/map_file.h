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

// N x d float32, in the order of the rows; NaN of those that are left out.
Result<std::string> MapToNpy(const Map& map);

// RFC 4180: row (from 0), x, y, z (or x1, x2, ... beyond three), and the columns of metadata.
// Numbers read back as the same float32; rows that are left out have empty cells; texts that a
// spreadsheet would run get an apostrophe.
std::string MapToCsv(const Table& table, const Map& map);

// A map of the rows of `table`, to start another from or to place rows on: the places of those that
// are not left out, which may have any there. Errors as ReadNpyTable, and kInvalidArgument: another
// shape than N x d, or no place for a row that has numbers.
Result<std::vector<float>> ReadPlaces(const std::string& path, const Table& table, int dims);

}  // namespace spirogram::mapping
