#include "projector/matrix.h"

#include <cmath>

#include "base/str.h"

namespace spirogram::projector {
Status CheckMatrix(const MatrixView& matrix) {
  if (matrix.points < 1 || matrix.dims < 1) {
    return InvalidArgument(
        StrCat("matrix: got ", matrix.points, " x ", matrix.dims, ", want at least 1 x 1"));
  }
  const auto size = static_cast<int64_t>(matrix.values.size());
  if (size % matrix.dims != 0 || size / matrix.dims != matrix.points) {
    return InvalidArgument(
        StrCat("matrix: got ", size, " values, want ", matrix.points, " x ", matrix.dims));
  }
  for (int64_t i = 0; i < size; ++i) {
    const float value = matrix.values[static_cast<size_t>(i)];
    if (!(std::abs(value) <= kMagnitudeMax)) {
      return InvalidArgument(StrCat("matrix: row ", i / matrix.dims, ", column ", i % matrix.dims,
                                    " is ", value, ", want a number from -1e30 to 1e30"));
    }
  }
  return {};
}

}  // namespace spirogram::projector
