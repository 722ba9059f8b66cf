#include "store/block_codec.h"

#include <bit>
#include <cstdint>

#include "base/check.h"
#include "base/str.h"
#include "store/blob_codec.h"
#include "store/byte_io.h"
#include "store/byte_planes.h"

namespace spirogram::store {
namespace {

constexpr uint8_t kFormat = 1;

void AppendSteps(std::span<const Step> steps, std::vector<uint64_t>* scratch, std::string* out) {
  scratch->assign(steps.begin(), steps.end());
  uint64_t previous = 0;
  uint64_t previous_difference = 0;
  for (uint64_t& value : *scratch) {
    const uint64_t current = value;
    const uint64_t difference = current - previous;
    value = ZigZag(difference - previous_difference);
    previous = current;
    previous_difference = difference;
  }
  // The first two are whole numbers, not second differences; alone they keep the planes of the rest
  // few.
  const std::span<const uint64_t> all(*scratch);
  const size_t head = std::min<size_t>(2, all.size());
  AppendPlanes(all.first(head), out);
  AppendPlanes(all.subspan(head), out);
}

bool ReadSteps(std::string_view* bytes, std::span<uint64_t> scratch, Step* steps) {
  const size_t head = std::min<size_t>(2, scratch.size());
  if (!ReadPlanes(bytes, scratch.first(head)) || !ReadPlanes(bytes, scratch.subspan(head))) {
    return false;
  }
  uint64_t current = 0;
  uint64_t difference = 0;
  for (size_t i = 0; i < scratch.size(); ++i) {
    difference += UnZigZag(scratch[i]);
    current += difference;
    steps[i] = static_cast<Step>(current);
  }
  return true;
}

void AppendWallTimes(std::span<const WallTime> times, std::vector<uint64_t>* scratch,
                     std::string* out) {
  scratch->resize(times.size());
  for (size_t i = 0; i < times.size(); ++i) (*scratch)[i] = std::bit_cast<uint64_t>(times[i]);
  DeltaEncode(*scratch);
  const std::span<const uint64_t> all(*scratch);
  AppendPlanes(all.first(1), out);
  AppendPlanes(all.subspan(1), out);
}

bool ReadWallTimes(std::string_view* bytes, std::span<uint64_t> scratch, WallTime* times) {
  if (!ReadPlanes(bytes, scratch.first(1)) || !ReadPlanes(bytes, scratch.subspan(1))) return false;
  DeltaDecode(scratch);
  for (size_t i = 0; i < scratch.size(); ++i) times[i] = std::bit_cast<double>(scratch[i]);
  return true;
}

void AppendValues(std::span<const double> values, bool is_float, std::vector<uint64_t>* scratch,
                  std::string* out) {
  scratch->resize(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    (*scratch)[i] = is_float ? std::bit_cast<uint32_t>(static_cast<float>(values[i]))
                             : std::bit_cast<uint64_t>(values[i]);
  }
  AppendPlanes(*scratch, out);
}

bool ReadValues(std::string_view* bytes, bool is_float, std::span<uint64_t> scratch,
                double* values) {
  if (!ReadPlanes(bytes, scratch)) return false;
  for (size_t i = 0; i < scratch.size(); ++i) {
    values[i] = is_float
                    ? static_cast<double>(std::bit_cast<float>(static_cast<uint32_t>(scratch[i])))
                    : std::bit_cast<double>(scratch[i]);
  }
  return true;
}

}  // namespace

void ScalarPoints::Reserve(size_t count) {
  step.reserve(count);
  wall_time.reserve(count);
  value.reserve(count);
}

void ScalarPoints::Resize(size_t count) {
  step.resize(count);
  wall_time.resize(count);
  value.resize(count);
}

void ScalarPoints::Append(const ScalarPoints& other, size_t from, size_t count) {
  const auto copy = [&](const auto& source, auto* target) {
    const auto begin = source.begin() + static_cast<std::ptrdiff_t>(from);
    target->insert(target->end(), begin, begin + static_cast<std::ptrdiff_t>(count));
  };
  copy(other.step, &step);
  copy(other.wall_time, &wall_time);
  copy(other.value, &value);
}

std::string EncodeBlock(const ScalarPoints& points, size_t from, size_t count) {
  CHECK(count > 0 && count <= kBlockPoints && from + count <= points.size());
  const std::span values = std::span(points.value).subspan(from, count);
  bool is_float = true;
  for (const double value : values) is_float = is_float && FitsFloat(value);
  ByteWriter header;
  header.Put(kFormat);
  header.Put(static_cast<uint8_t>(is_float));
  header.Put(static_cast<uint32_t>(count));
  std::string content = header.Take();
  std::vector<uint64_t> scratch;
  AppendSteps(std::span(points.step).subspan(from, count), &scratch, &content);
  AppendWallTimes(std::span(points.wall_time).subspan(from, count), &scratch, &content);
  AppendValues(values, is_float, &scratch, &content);
  return PackBlob(content, Compression::kZstd);
}

Status DecodeBlock(std::string_view block, ScalarPoints* points) {
  // Not moved out of its Result: g++ 12 with -fsanitize=thread takes the moved string for unset.
  const Result<std::string> content = UnpackBlob(block);
  if (!content.ok()) return content.error();
  ByteReader header(*content);
  const auto format = header.Get<uint8_t>();
  const auto is_float = header.Get<uint8_t>();
  const auto count = header.Get<uint32_t>();
  if (!header.ok() || format != kFormat || is_float > 1 || count == 0 || count > kBlockPoints) {
    return Corruption(
        StrCat("scalar block: format ", format, " with ", count, " points is not known"));
  }
  std::string_view rest = header.rest();
  std::vector<uint64_t> scratch(count);
  const size_t before = points->size();
  points->Resize(before + count);
  if (!ReadSteps(&rest, scratch, points->step.data() + before) ||
      !ReadWallTimes(&rest, scratch, points->wall_time.data() + before) ||
      !ReadValues(&rest, is_float == 1, scratch, points->value.data() + before) || !rest.empty()) {
    points->Resize(before);
    return Corruption(StrCat("scalar block: columns do not hold ", count, " points"));
  }
  return {};
}

}  // namespace spirogram::store
