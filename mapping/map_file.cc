#include "mapping/map_file.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "base/str.h"
#include "mapping/matrix_file.h"
#include "projector/finite_rows.h"
#include "transfer/npy.h"
#include "transfer/row_reader.h"
#include "transfer/text_format.h"

namespace spirogram::mapping {
namespace {

constexpr int kFloat32 = 1;  // TensorFlow's code

std::string AxisName(int axis, int dims) {
  constexpr const char* kAxes[] = {"x", "y", "z"};
  return dims <= 3 ? kAxes[axis] : StrCat("x", axis + 1);
}

void AppendMetadataCell(const std::string& text, std::string* out) {
  double number = 0;
  if (transfer::ParseCellNumber(text, &number)) {
    out->append(text);  // no formula, though it may begin with a sign
  } else {
    transfer::AppendCsvText(text, out);
  }
}

}  // namespace

Result<MapFormat> FormatOfPath(const std::string& path) {
  const std::string ending = EndingOf(path);
  if (ending == ".npy") return MapFormat::kNpy;
  if (ending == ".csv") return MapFormat::kCsv;
  if (ending == ".png") return MapFormat::kPng;
  return InvalidArgument(
      StrCat("--out ", path, ": got the ending \"", ending, "\", want .npy, .csv or .png"));
}

Result<std::string> MapToNpy(const Map& map) {
  store::TensorValue tensor;
  tensor.info.dtype = kFloat32;
  tensor.info.shape = {map.points, map.dims};
  tensor.data.resize(map.coordinates.size() * sizeof(float));
  std::memcpy(tensor.data.data(), map.coordinates.data(), tensor.data.size());
  return transfer::ToNpy(tensor);
}

std::string MapToCsv(const Table& table, const Map& map) {
  std::string out = "row";
  for (int axis = 0; axis < map.dims; ++axis) out += StrCat(",", AxisName(axis, map.dims));
  for (const std::string& column : table.metadata.columns) {
    out.push_back(',');
    transfer::AppendCsvText(column, &out);
  }
  out += "\r\n";
  for (int64_t row = 0; row < map.points; ++row) {
    out += StrCat(row);
    for (int axis = 0; axis < map.dims; ++axis) {
      const float at = map.coordinates[static_cast<size_t>(row * map.dims + axis)];
      out += std::isnan(at) ? "," : StrCat(",", at);
    }
    for (const std::vector<std::string>& column : table.metadata.values) {
      out.push_back(',');
      AppendMetadataCell(column[static_cast<size_t>(row)], &out);
    }
    out += "\r\n";
  }
  return out;
}

Result<std::vector<float>> ReadPlaces(const std::string& path, const Table& table, int dims) {
  ASSIGN_OR_RETURN(Table places, ReadNpyTable(path, INT64_MAX, {}));
  if (places.points != table.points || places.dims != dims) {
    const bool is_whole = places.points == table.points;
    return InvalidArgument(StrCat(path, ": got a map of ", places.points, " x ", places.dims,
                                  ", want ", table.points, " x ", dims,
                                  is_whole ? StrCat(", or --dims ", places.dims) : ""));
  }
  projector::TakeRowsOut(table.left_out, dims, &places.values);
  const auto bad = std::find_if(places.values.begin(), places.values.end(),
                                [](float value) { return !std::isfinite(value); });
  if (bad == places.values.end()) return std::move(places.values);
  const auto stay = projector::RowsThatStay(table.left_out, table.points);
  return InvalidArgument(StrCat(path, ": has no place for row ",
                                stay[static_cast<size_t>((bad - places.values.begin()) / dims)],
                                ", counted from 0, which ", table.name, " has"));
}

}  // namespace spirogram::mapping
