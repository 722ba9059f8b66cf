#include "web/row_neighbours.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "base/str.h"

namespace spirogram::web {
namespace {

using projector::Metric;

double Dot(std::span<const float> a, std::span<const float> b) {
  double dot = 0;
  for (size_t i = 0; i < a.size(); ++i) dot += double{a[i]} * double{b[i]};
  return dot;
}

double SquaredDistance(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const double difference = double{a[i]} - double{b[i]};
    sum += difference * difference;
  }
  return sum;
}

bool HasPlace(double square, Metric metric) {
  return std::isfinite(square) && (square > 0 || metric == Metric::kEuclidean);
}

bool IsNearer(const Neighbour& a, const Neighbour& b) {
  return a.distance != b.distance ? a.distance < b.distance : a.row < b.row;
}

}  // namespace

Result<std::vector<Neighbour>> RowNeighbours(const store::Embedding& embedding, int64_t row,
                                             int64_t count, Metric metric) {
  const int64_t rows = embedding.info.rows;
  const auto dims = static_cast<size_t>(embedding.info.dims);
  if (row < 0 || row >= rows) {
    return NotFound(StrCat("row ", row, " of an embedding with ", rows, " rows"));
  }
  const std::span<const float> values(embedding.values);
  const auto row_values = [&](int64_t i) {
    return values.subspan(static_cast<size_t>(i) * dims, dims);
  };
  const std::span<const float> query = row_values(row);
  const double query_square = Dot(query, query);
  if (!HasPlace(query_square, metric)) {
    return InvalidArgument(StrCat("row ", row,
                                  metric == Metric::kCosine
                                      ? " has no direction: it is zeros, or holds NaN or Inf"
                                      : " holds NaN or Inf"));
  }
  std::vector<Neighbour> neighbours;
  neighbours.reserve(static_cast<size_t>(rows));
  for (int64_t i = 0; i < rows; ++i) {
    if (i == row) continue;
    const std::span<const float> other = row_values(i);
    if (metric == Metric::kEuclidean) {
      const double square = SquaredDistance(query, other);
      if (HasPlace(square, metric)) neighbours.push_back({i, std::sqrt(square)});
      continue;
    }
    const double square = Dot(other, other);
    if (!HasPlace(square, metric)) continue;
    const double cosine = Dot(query, other) / (std::sqrt(query_square) * std::sqrt(square));
    neighbours.push_back({i, 1 - std::clamp(cosine, -1.0, 1.0)});
  }
  const auto kept = std::min(neighbours.size(), static_cast<size_t>(count));
  std::partial_sort(neighbours.begin(), neighbours.begin() + static_cast<std::ptrdiff_t>(kept),
                    neighbours.end(), IsNearer);
  neighbours.resize(kept);
  return neighbours;
}

}  // namespace spirogram::web
