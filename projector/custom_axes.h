// A map along directions that a person chose: each axis goes from the mean of one group of rows to
// that of another, in the rows' own space ("gender" from he, him, his to she, her, hers).
//
// Pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <stop_token>
#include <vector>

#include "base/result.h"
#include "projector/projector.h"

namespace spirogram::projector {

inline constexpr size_t kCustomAxesMax = 3;

// Rows, each once. Not owned.
struct AxisGroups {
  std::span<const uint32_t> from;  // left, below, behind
  std::span<const uint32_t> to;    // right, above, in front
};

struct CustomAxes {
  // N x d: how far each row lies along an axis from the middle between its two means, in the units
  // of the matrix: -|to - from| / 2 is where the mean of `from` lies. Axes are not made orthogonal.
  std::vector<float> coordinates;
  std::vector<double> variance_share;  // d: share of the total variance along each direction
};

// 1 to kCustomAxesMax axes; all rows are projected. Two passes over N x D, sums in float64.
// Errors: kInvalidArgument (no axes or too many; a group that is empty or names a row that is not
// there; two groups with one mean: the axis is named; NaN or infinity in the matrix), kCancelled.
Result<CustomAxes> ProjectOntoAxes(const MatrixView& matrix, std::span<const AxisGroups> axes,
                                   const std::stop_token& stop);

// Moves the mean of the rows to 0 and each row onto the unit sphere around it, in place: what
// TensorBoard's projector calls "sphereize". Distances then tell directions alone. A row that lies
// at the mean stays there. `values` is N x `dims`, row-major. Returns the mean that they had.
std::vector<double> Sphereize(std::span<float> values, int64_t dims);

// The same around a centre of D values that is given: other rows are laid as those whose mean it
// was; around 0 each row gets length 1.
void SphereizeAround(std::span<const double> centre, std::span<float> values);

}  // namespace spirogram::projector
