#include "projector/custom_axes.h"

#include <cmath>

#include "base/str.h"
#include "projector/matrix.h"

namespace spirogram::projector {
namespace {

// Two means this near, as a share of their size, differ by the rounding of float32 input alone.
constexpr double kMeanTie = 1e-9;
constexpr int64_t kRowsBetweenStops = 4096;

std::span<const float> RowOf(const MatrixView& matrix, int64_t row) {
  return matrix.values.subspan(static_cast<size_t>(row * matrix.dims),
                               static_cast<size_t>(matrix.dims));
}

double Dot(std::span<const float> row, std::span<const double> direction) {
  double dot = 0;
  for (size_t k = 0; k < row.size(); ++k) dot += double{row[k]} * direction[k];
  return dot;
}

// "axis 2, from" for errors; people count from one.
std::string GroupName(size_t axis, const char* side) {
  return StrCat("axis ", axis + 1, ", ", side);
}

Result<std::vector<double>> MeanOf(const MatrixView& matrix, std::span<const uint32_t> rows,
                                   const std::string& name) {
  if (rows.empty()) return InvalidArgument(name + ": the group is empty, want at least 1 row");
  std::vector<double> mean(static_cast<size_t>(matrix.dims), 0.0);
  for (const uint32_t row : rows) {
    if (row >= matrix.points) {
      return InvalidArgument(
          StrCat(name, ": got row ", row, ", want one of the ", matrix.points, " rows"));
    }
    const std::span<const float> values = RowOf(matrix, row);
    for (size_t k = 0; k < mean.size(); ++k) mean[k] += values[k];
  }
  for (double& value : mean) value /= static_cast<double>(rows.size());
  return mean;
}

struct Direction {
  std::vector<double> unit;  // D
  double middle = 0;         // where the middle between the means lies along it
};

Result<Direction> DirectionOf(const MatrixView& matrix, const AxisGroups& groups, size_t axis) {
  ASSIGN_OR_RETURN(const auto from, MeanOf(matrix, groups.from, GroupName(axis, "from")));
  ASSIGN_OR_RETURN(const auto to, MeanOf(matrix, groups.to, GroupName(axis, "to")));
  Direction direction{std::vector<double>(from.size()), 0};
  double square = 0;
  double size = 0;
  for (size_t k = 0; k < from.size(); ++k) {
    direction.unit[k] = to[k] - from[k];
    square += direction.unit[k] * direction.unit[k];
    size += from[k] * from[k] + to[k] * to[k];
  }
  const double length = std::sqrt(square);
  if (length <= kMeanTie * std::sqrt(size)) {
    return InvalidArgument(StrCat("axis ", axis + 1, ": its two groups of ", groups.from.size(),
                                  " and ", groups.to.size(),
                                  " rows have the same mean, so they name no direction"));
  }
  for (size_t k = 0; k < from.size(); ++k) {
    direction.unit[k] /= length;
    direction.middle += direction.unit[k] * (from[k] + to[k]) / 2;
  }
  return direction;
}

// The sum of the variances along all D dims, about `mean`.
double TotalVariance(const MatrixView& matrix, std::span<const double> mean) {
  double sum = 0;
  for (int64_t i = 0; i < matrix.points; ++i) {
    const std::span<const float> row = RowOf(matrix, i);
    for (size_t k = 0; k < row.size(); ++k) {
      const double centred = row[k] - mean[k];
      sum += centred * centred;
    }
  }
  return sum / static_cast<double>(matrix.points);
}

std::vector<double> ColumnMeans(std::span<const float> values, size_t dims) {
  std::vector<double> means(dims, 0.0);
  const size_t rows = values.size() / dims;
  for (size_t at = 0; at < values.size(); at += dims) {
    for (size_t k = 0; k < dims; ++k) means[k] += values[at + k];
  }
  for (double& mean : means) mean /= static_cast<double>(rows);
  return means;
}

}  // namespace

Result<CustomAxes> ProjectOntoAxes(const MatrixView& matrix, std::span<const AxisGroups> axes,
                                   const std::stop_token& stop) {
  RETURN_IF_ERROR(CheckMatrix(matrix));
  if (axes.empty() || axes.size() > kCustomAxesMax) {
    return InvalidArgument(
        StrCat("custom axes: got ", axes.size(), ", want 1 to ", kCustomAxesMax));
  }
  std::vector<Direction> directions;
  for (size_t axis = 0; axis < axes.size(); ++axis) {
    ASSIGN_OR_RETURN(Direction direction, DirectionOf(matrix, axes[axis], axis));
    directions.push_back(std::move(direction));
  }
  const std::vector<double> mean = ColumnMeans(matrix.values, static_cast<size_t>(matrix.dims));
  const double total = TotalVariance(matrix, mean);
  CustomAxes result;
  result.coordinates.reserve(static_cast<size_t>(matrix.points) * directions.size());
  std::vector<double> squares(directions.size(), 0.0);
  std::vector<double> centre(directions.size(), 0.0);
  for (size_t axis = 0; axis < directions.size(); ++axis) {
    for (size_t k = 0; k < mean.size(); ++k) centre[axis] += mean[k] * directions[axis].unit[k];
  }
  for (int64_t i = 0; i < matrix.points; ++i) {
    if (i % kRowsBetweenStops == 0 && stop.stop_requested()) return Cancelled("custom axes");
    const std::span<const float> row = RowOf(matrix, i);
    for (size_t axis = 0; axis < directions.size(); ++axis) {
      const double along = Dot(row, directions[axis].unit);
      squares[axis] += (along - centre[axis]) * (along - centre[axis]);
      result.coordinates.push_back(static_cast<float>(along - directions[axis].middle));
    }
  }
  for (const double square : squares) {
    const double variance = square / static_cast<double>(matrix.points);
    result.variance_share.push_back(total > 0 ? variance / total : 0);
  }
  return result;
}

std::vector<double> Sphereize(std::span<float> values, int64_t dims) {
  std::vector<double> means = ColumnMeans(values, static_cast<size_t>(dims));
  SphereizeAround(means, values);
  return means;
}

void SphereizeAround(std::span<const double> centre, std::span<float> values) {
  const size_t width = centre.size();
  std::vector<double> centred(width);
  for (size_t at = 0; at < values.size(); at += width) {
    double square = 0;
    for (size_t k = 0; k < width; ++k) {
      centred[k] = values[at + k] - centre[k];
      square += centred[k] * centred[k];
    }
    const double scale = square > 0 ? 1 / std::sqrt(square) : 0;
    for (size_t k = 0; k < width; ++k) values[at + k] = static_cast<float>(centred[k] * scale);
  }
}

}  // namespace spirogram::projector
