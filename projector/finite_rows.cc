#include "projector/finite_rows.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/str.h"
#include "projector/matrix.h"

namespace spirogram::projector {
namespace {

constexpr size_t kRowsNamedMax = 5;
static_assert(kFiniteMax == kMagnitudeMax, "what is not left out, every method takes");

std::span<const float> RowOf(const MatrixView& matrix, int64_t row) {
  const auto dims = static_cast<size_t>(matrix.dims);
  return matrix.values.subspan(static_cast<size_t>(row) * dims, dims);
}

bool IsFinite(float value) {
  return std::abs(value) <= kFiniteMax;  // false of NaN
}

bool IsFinite(std::span<const float> row) {
  bool is_finite = true;  // without a branch for each number
  for (const float value : row) is_finite &= IsFinite(value);
  return is_finite;
}

bool IsZero(std::span<const float> row) {
  return std::ranges::all_of(row, [](float value) { return value == 0; });
}

std::string Named(float value) {
  if (std::isnan(value)) return "NaN";
  if (std::isfinite(value)) return StrCat(value, ", beyond ", kFiniteMax);
  return value > 0 ? "Inf" : "-Inf";
}

bool HasHugeNumber(const MatrixView& matrix, std::span<const int64_t> rows) {
  return std::ranges::any_of(rows, [&](int64_t row) {
    return std::ranges::any_of(
        RowOf(matrix, row), [](float value) { return std::isfinite(value) && !IsFinite(value); });
  });
}

int64_t WorstColumn(const MatrixView& matrix, std::span<const int64_t> rows, int64_t* count) {
  std::vector<int64_t> counts(static_cast<size_t>(matrix.dims));
  for (const int64_t row : rows) {
    const auto values = RowOf(matrix, row);
    for (size_t column = 0; column < values.size(); ++column) {
      if (!IsFinite(values[column])) ++counts[column];
    }
  }
  const auto worst = std::max_element(counts.begin(), counts.end());
  *count = *worst;
  return worst - counts.begin();
}

}  // namespace

Result<std::vector<int64_t>> FindRowsToLeaveOut(const MatrixView& matrix, Metric metric) {
  const bool is_cosine = metric == Metric::kCosine;
  std::vector<int64_t> rows;
  for (int64_t row = 0; row < matrix.points; ++row) {
    const auto values = RowOf(matrix, row);
    if (!IsFinite(values) || (is_cosine && IsZero(values))) rows.push_back(row);
  }
  if (2 * std::ssize(rows) <= matrix.points) return rows;
  int64_t count = 0;
  const int64_t column = WorstColumn(matrix, rows, &count);
  const std::string worst = count > 0 ? StrCat("; column ", column, " in ", count, " rows") : "";
  return InvalidArgument(StrCat(
      rows.size(), " of ", matrix.points, " rows hold NaN or Inf",
      HasHugeNumber(matrix, rows) ? StrCat(" or a number beyond ", kFiniteMax) : "",
      is_cosine ? " or, without a direction for cosine, zeros alone" : "",
      ", want at most half of them: row ", DescribeRows(matrix, rows), worst, ", counted from 0"));
}

std::string DescribeRows(const MatrixView& matrix, std::span<const int64_t> rows) {
  std::string text;
  for (const int64_t row : rows.first(std::min(rows.size(), kRowsNamedMax))) {
    const auto values = RowOf(matrix, row);
    const auto bad =
        std::find_if(values.begin(), values.end(), [](float value) { return !IsFinite(value); });
    text += StrCat(text.empty() ? "" : ", ", row, " (");
    text += bad == values.end() ? "all zeros)"
                                : StrCat("column ", bad - values.begin(), " is ", Named(*bad), ")");
  }
  if (rows.size() > kRowsNamedMax) text += StrCat(" and ", rows.size() - kRowsNamedMax, " more");
  return text;
}

void TakeRowsOut(std::span<const int64_t> rows, int64_t columns, std::vector<float>* values) {
  if (rows.empty()) return;
  const auto at = [&](int64_t row) { return values->begin() + row * columns; };
  const int64_t points = std::ssize(*values) / columns;
  auto to = at(rows.front());
  for (size_t i = 0; i < rows.size(); ++i) {
    const int64_t next = i + 1 < rows.size() ? rows[i + 1] : points;
    to = std::copy(at(rows[i] + 1), at(next), to);
  }
  values->erase(to, values->end());
}

std::vector<float> PutRowsBack(std::span<const int64_t> rows, int dims,
                               std::span<const float> map) {
  std::vector<float> whole(map.size() + rows.size() * static_cast<size_t>(dims),
                           std::numeric_limits<float>::quiet_NaN());
  auto from = map.begin();
  int64_t next = 0;
  const auto copy_until = [&](int64_t row) {
    const auto end = from + (row - next) * dims;
    std::copy(from, end, whole.begin() + next * dims);
    from = end;
    next = row + 1;
  };
  for (const int64_t row : rows) copy_until(row);
  copy_until(std::ssize(whole) / dims);
  return whole;
}

std::vector<int64_t> RowsThatStay(std::span<const int64_t> left_out, int64_t points) {
  std::vector<int64_t> rows;
  rows.reserve(static_cast<size_t>(points) - left_out.size());
  auto gone = left_out.begin();
  for (int64_t row = 0; row < points; ++row) {
    if (gone != left_out.end() && *gone == row) {
      ++gone;
    } else {
      rows.push_back(row);
    }
  }
  return rows;
}

}  // namespace spirogram::projector
