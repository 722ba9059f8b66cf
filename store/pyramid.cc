#include "store/pyramid.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "base/str.h"
#include "store/blob_codec.h"
#include "store/byte_io.h"

namespace spirogram::store {
namespace {

constexpr size_t kPart = kBlockPoints / kPyramidFactor;

// NaN is like NaN, and -0 like 0: SQLite keeps whole numbers as integers.
bool IsSame(double a, double b) {
  return a == b || (std::isnan(a) && std::isnan(b));
}

bool IsSame(const Summary& a, const Summary& b) {
  return a.count == b.count && a.nonfinite == b.nonfinite && a.min_step == b.min_step &&
         a.max_step == b.max_step && IsSame(a.last_wall_time, b.last_wall_time) &&
         IsSame(a.min, b.min) && IsSame(a.max, b.max) && IsSame(a.sum, b.sum) &&
         a.is_sorted == b.is_sorted;
}

}  // namespace

Summary Summarize(const ScalarPoints& points, size_t from, size_t count) {
  CHECK(count > 0 && from + count <= points.size());
  Summary summary;
  summary.count = static_cast<uint32_t>(count);
  summary.last_wall_time = points.wall_time[from + count - 1];
  Step min_step = points.step[from];
  Step max_step = min_step;
  bool is_sorted = true;
  for (size_t i = from; i < from + count; ++i) {
    const Step step = points.step[i];
    is_sorted = is_sorted && step >= max_step;
    min_step = std::min(min_step, step);
    max_step = std::max(max_step, step);
  }
  summary.min_step = min_step;
  summary.max_step = max_step;
  summary.is_sorted = is_sorted;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  double min = kInfinity;
  double max = -kInfinity;
  double sum = 0;
  for (size_t i = from; i < from + count; ++i) {
    const double value = points.value[i];
    if (!std::isfinite(value)) {
      ++summary.nonfinite;
      continue;
    }
    min = std::min(min, value);
    max = std::max(max, value);
    sum += value;
  }
  if (summary.nonfinite < summary.count) {
    summary.min = min;
    summary.max = max;
  }
  summary.sum = sum;
  return summary;
}

std::string EncodePyramid(const ScalarPoints& points, size_t from, size_t count) {
  if (count != kBlockPoints) return {};
  ByteWriter writer;
  for (size_t i = 0; i < kPyramidFactor; ++i) {
    const Summary part = Summarize(points, from + i * kPart, kPart);
    writer.Put(part.count);
    writer.Put(part.nonfinite);
    writer.Put(part.min_step);
    writer.Put(part.max_step);
    writer.Put(part.last_wall_time);
    writer.Put(part.min);
    writer.Put(part.max);
    writer.Put(part.sum);
    writer.Put(static_cast<uint8_t>(part.is_sorted));
  }
  return PackBlob(writer.bytes(), Compression::kZstd);
}

Result<std::vector<Summary>> DecodePyramid(std::string_view blob) {
  ASSIGN_OR_RETURN(const std::string content, UnpackBlob(blob));
  ByteReader reader(content);
  std::vector<Summary> parts(kPyramidFactor);
  for (Summary& part : parts) {
    part.count = reader.Get<uint32_t>();
    part.nonfinite = reader.Get<uint32_t>();
    part.min_step = reader.Get<int64_t>();
    part.max_step = reader.Get<int64_t>();
    part.last_wall_time = reader.Get<double>();
    part.min = reader.Get<double>();
    part.max = reader.Get<double>();
    part.sum = reader.Get<double>();
    part.is_sorted = reader.Get<uint8_t>() != 0;
  }
  if (!reader.ok() || !reader.is_at_end()) {
    return Corruption(StrCat("pyramid of ", content.size(), " bytes is not known"));
  }
  return parts;
}

Status CheckBlock(std::string_view block, std::string_view pyramid, const Summary& stated) {
  ScalarPoints points;
  RETURN_IF_ERROR(DecodeBlock(block, &points));
  if (points.size() != stated.count) {
    return Corruption(StrCat("got ", points.size(), " points, want ", stated.count));
  }
  if (!IsSame(Summarize(points, 0, points.size()), stated)) {
    return Corruption("its summary is not that of its points");
  }
  if (points.size() < kBlockPoints) return {};
  ASSIGN_OR_RETURN(const std::vector<Summary> parts, DecodePyramid(pyramid));
  for (size_t i = 0; i < kPyramidFactor; ++i) {
    if (!IsSame(Summarize(points, i * kPart, kPart), parts[i])) {
      return Corruption("its pyramid is not that of its points");
    }
  }
  return {};
}

}  // namespace spirogram::store
