#include "projector/matrix.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <span>

#include "base/str.h"

namespace spirogram::projector {
namespace {

constexpr size_t kCheckedValues = 4096;     // without a branch for each number
constexpr int64_t kThreadValues = 1 << 20;  // that a thread takes at a time

bool IsInRange(float value) {
  return std::abs(value) <= kMagnitudeMax;  // false of NaN
}

bool AreInRange(std::span<const float> values) {
  bool are_in_range = true;
  for (const float value : values) are_in_range &= IsInRange(value);
  return are_in_range;
}

Status CheckShape(const MatrixView& matrix) {
  if (matrix.points < 1 || matrix.dims < 1) {
    return InvalidArgument(
        StrCat("matrix: got ", matrix.points, " x ", matrix.dims, ", want at least 1 x 1"));
  }
  const auto size = static_cast<int64_t>(matrix.values.size());
  if (size % matrix.dims != 0 || size / matrix.dims != matrix.points) {
    return InvalidArgument(
        StrCat("matrix: got ", size, " values, want ", matrix.points, " x ", matrix.dims));
  }
  return {};
}

}  // namespace

Status CheckMatrix(const MatrixView& matrix) {
  RETURN_IF_ERROR(CheckShape(matrix));
  const std::span<const float> values = matrix.values;
  size_t at = 0;
  while (at < values.size() &&
         AreInRange(values.subspan(at, std::min(kCheckedValues, values.size() - at)))) {
    at += kCheckedValues;
  }
  if (at >= values.size()) return {};
  while (IsInRange(values[at])) ++at;
  const auto place = static_cast<int64_t>(at);
  return InvalidArgument(StrCat("matrix: row ", place / matrix.dims, ", column ",
                                place % matrix.dims, " is ", values[at],
                                ", want a number from -1e30 to 1e30"));
}

Status CheckMatrix(const MatrixView& matrix, ThreadPool* pool, const std::stop_token& stop) {
  RETURN_IF_ERROR(CheckShape(matrix));
  std::atomic<bool> is_bad{false};
  const auto size = static_cast<int64_t>(matrix.values.size());
  const bool is_done = pool->ForBlocks(size, kThreadValues, stop, [&](int64_t begin, int64_t end) {
    const auto first = static_cast<size_t>(begin);
    if (!AreInRange(matrix.values.subspan(first, static_cast<size_t>(end) - first))) is_bad = true;
  });
  if (is_bad) return CheckMatrix(matrix);  // which names it
  if (!is_done) return Cancelled("matrix: stop requested");
  return {};
}

}  // namespace spirogram::projector
