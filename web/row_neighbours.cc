#include "web/cosine_neighbours.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "base/str.h"

namespace spirogram::web {
namespace {

struct Products {
  double dot = 0;
  double square = 0;  // of b
};

Products Multiply(std::span<const float> a, std::span<const float> b) {
  Products products;
  for (size_t i = 0; i < a.size(); ++i) {
    products.dot += double{a[i]} * double{b[i]};
    products.square += double{b[i]} * double{b[i]};
  }
  return products;
}

bool HasDirection(double square) {
  return std::isfinite(square) && square > 0;
}

bool IsNearer(const Neighbour& a, const Neighbour& b) {
  return a.distance != b.distance ? a.distance < b.distance : a.row < b.row;
}

}  // namespace

Result<std::vector<Neighbour>> CosineNeighbours(const store::Embedding& embedding, int64_t row,
                                                int64_t count) {
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
  const double query_square = Multiply(query, query).square;
  if (!HasDirection(query_square)) {
    return InvalidArgument(StrCat("row ", row, " has no direction: its norm is 0 or not finite"));
  }
  std::vector<Neighbour> neighbours;
  neighbours.reserve(static_cast<size_t>(rows));
  for (int64_t i = 0; i < rows; ++i) {
    if (i == row) continue;
    const Products products = Multiply(query, row_values(i));
    if (!HasDirection(products.square)) continue;
    const double cosine = products.dot / (std::sqrt(query_square) * std::sqrt(products.square));
    neighbours.push_back({i, 1 - std::clamp(cosine, -1.0, 1.0)});
  }
  const auto kept = std::min(neighbours.size(), static_cast<size_t>(count));
  std::partial_sort(neighbours.begin(), neighbours.begin() + static_cast<std::ptrdiff_t>(kept),
                    neighbours.end(), IsNearer);
  neighbours.resize(kept);
  return neighbours;
}

}  // namespace spirogram::web
