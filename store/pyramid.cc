#include "store/pyramid.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "base/str.h"
#include "store/blob_codec.h"
#include "store/byte_io.h"

namespace spirogram::store {

Summary Summarize(const ScalarPoints& points, size_t from, size_t count) {
  CHECK(count > 0 && from + count <= points.size());
  Summary summary;
  summary.count = static_cast<uint32_t>(count);
  summary.min_step = points.step[from];
  summary.max_step = points.step[from];
  summary.last_wall_time = points.wall_time[from + count - 1];
  for (size_t i = from; i < from + count; ++i) {
    const Step step = points.step[i];
    if (step < summary.max_step) summary.is_sorted = false;
    summary.min_step = std::min(summary.min_step, step);
    summary.max_step = std::max(summary.max_step, step);
    const double value = points.value[i];
    if (!std::isfinite(value)) {
      ++summary.nonfinite;
      continue;
    }
    summary.min = std::fmin(summary.min, value);
    summary.max = std::fmax(summary.max, value);
    summary.sum += value;
  }
  return summary;
}

std::string EncodePyramid(const ScalarPoints& points, size_t from, size_t count) {
  if (count != kBlockPoints) return {};
  constexpr size_t kPart = kBlockPoints / kPyramidFactor;
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

}  // namespace spirogram::store
