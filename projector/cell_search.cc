#include "projector/cell_search.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/vector_clones.h"

namespace spirogram::projector {
namespace {

constexpr size_t kWholeCells = 4;  // the nearest ones, into which every row of a cell looks
constexpr int64_t kLanes = 16;

SPIROGRAM_VECTOR_CLONES
float SquaredDistance(const float* x, const float* y, int64_t dims) {
  float lanes[kLanes] = {};
  int64_t k = 0;
  for (; k + kLanes <= dims; k += kLanes) {
    for (int64_t lane = 0; lane < kLanes; ++lane) {
      const float difference = x[k + lane] - y[k + lane];
      lanes[lane] += difference * difference;
    }
  }
  for (int64_t lane = 0; k < dims; ++k, ++lane) {
    const float difference = x[k] - y[k];
    lanes[lane] += difference * difference;
  }
  for (int64_t width = kLanes / 2; width > 0; width /= 2) {
    for (int64_t lane = 0; lane < width; ++lane) lanes[lane] += lanes[lane + width];
  }
  return lanes[0];
}

// Does a row look into a cell of this variance? The cosine's rule without a root or a quotient.
[[gnu::always_inline]] inline int Looks(float square, float variance, float threshold,
                                        float reach) {
  const float beyond = square + variance - threshold;
  return static_cast<int>(beyond <= 0) |
         static_cast<int>(beyond * beyond <= 4 * reach * reach * variance * square);
}

SPIROGRAM_VECTOR_CLONES
void FindLooking(const float* squares, const float* thresholds, int64_t rows, float variance,
                 float reach, uint8_t* looks) {
  for (int64_t r = 0; r < rows; ++r) {
    looks[r] = static_cast<uint8_t>(Looks(squares[r], variance, thresholds[r], reach));
  }
}

}  // namespace

CellSearch::CellSearch(const ScaledRows& values, const RowCells& cells,
                       std::span<const int32_t> rows, int64_t kept, ThreadPool* pool,
                       const std::stop_token& stop)
    : cells_(cells),
      dims_(cells.dims),
      rows_(rows),
      pool_(pool),
      stop_(stop),
      shortlist_(static_cast<int64_t>(rows.size()), kept),
      values_(RowMajor(values, rows)),
      panels_(Panels(values, rows)),
      looking_values_(values_.size()),
      tile_(static_cast<size_t>(kTileRows * kTileRows)),
      centres_(static_cast<size_t>(kTileRows * cells.dims)),
      squares_(tile_.size()) {}

bool CellSearch::CompareAll() {
  for (int64_t cell = 0; cell < cells_.size(); ++cell) {
    if (!CompareWhole(cell)) return false;
  }
  return true;
}

bool CellSearch::CompareNear(int64_t home, float reach) {
  std::vector<Distant> cells = CellsFrom(home);
  const size_t whole = std::min(kWholeCells, cells.size());
  std::partial_sort(cells.begin(), cells.begin() + static_cast<ptrdiff_t>(whole), cells.end());
  for (size_t at = 0; at < whole; ++at) {
    if (!CompareWhole(cells[at].cell)) return false;
  }
  LeaveOutFar(home, reach, whole, &cells);
  uint8_t looks[kTileRows];
  for (size_t begin = 0; begin < cells.size(); begin += kTileRows) {
    const auto tile =
        std::span(cells).subspan(begin, std::min<size_t>(kTileRows, cells.size() - begin));
    MeasureCentres(tile);
    for (size_t c = 0; c < tile.size(); ++c) {
      const int32_t cell = tile[c].cell;
      FindLooking(squares_.data() + c * kTileRows, shortlist_.thresholds().data(),
                  static_cast<int64_t>(rows_.size()), cells_.variances[static_cast<size_t>(cell)],
                  reach, looks);
      looking_.clear();
      for (size_t r = 0; r < rows_.size(); ++r) {
        if (looks[r] != 0) looking_.push_back(static_cast<int16_t>(r));
      }
      if (!looking_.empty() && !CompareLooking(cell)) return false;
    }
  }
  return true;
}

bool CellSearch::CompareWhole(int64_t cell) {
  looking_.resize(rows_.size());
  std::iota(looking_.begin(), looking_.end(), int16_t{0});
  return CompareLooking(cell);
}

bool CellSearch::CompareLooking(int64_t cell) {
  const float* values = values_.data();
  if (looking_.size() < rows_.size()) {
    values = looking_values_.data();
    float* to = looking_values_.data();
    for (const int16_t r : looking_) to = std::copy_n(values_.data() + r * dims_, dims_, to);
  }
  std::span<const int32_t> others = cells_.Rows(cell);
  comparisons_ += static_cast<int64_t>(looking_.size() * others.size());
  const float* panels = cells_.Panels(cell);
  for (; !others.empty(); panels += kTileRows * dims_) {
    if (stop_.stop_requested()) return false;
    pool_->GiveWay(stop_);
    const size_t count = std::min<size_t>(kTileRows, others.size());
    CompareTile(values, others.first(count), panels);
    others = others.subspan(count);
  }
  return true;
}

void CellSearch::CompareTile(const float* values, std::span<const int32_t> others,
                             const float* panels) {
  const auto columns = static_cast<int64_t>(others.size());
  compute_tile_(values, static_cast<int64_t>(looking_.size()), panels, columns, dims_,
                tile_.data());
  int16_t found[kTileRows];
  const float* distances = tile_.data();
  for (const int16_t r : looking_) {
    const auto row = static_cast<size_t>(r);
    const int64_t near = FindNear(distances, columns, shortlist_.thresholds()[row], found);
    for (int64_t at = 0; at < near; ++at) {
      const int32_t other = others[static_cast<size_t>(found[at])];
      if (other != rows_[row]) shortlist_.Add(r, {distances[found[at]], other});
    }
    distances += kTileRows;
  }
}

// Sets squares_.
void CellSearch::MeasureCentres(std::span<const Distant> cells) {
  float* to = centres_.data();
  for (const Distant& distant : cells) {
    to = std::copy_n(cells_.Centre(distant.cell), dims_, to);
  }
  compute_tile_(centres_.data(), static_cast<int64_t>(cells.size()), panels_.data(),
                static_cast<int64_t>(rows_.size()), dims_, squares_.data());
}

// All cells, `home` before every other.
std::vector<CellSearch::Distant> CellSearch::CellsFrom(int64_t home) const {
  std::vector<Distant> cells(static_cast<size_t>(cells_.size()));
  for (int32_t cell = 0; cell < static_cast<int32_t>(cells_.size()); ++cell) {
    const float square =
        cell == home ? -1 : SquaredDistance(cells_.Centre(home), cells_.Centre(cell), dims_);
    cells[static_cast<size_t>(cell)] = {square, cell};
  }
  return cells;
}

// Drops the first `compared` of the cells and those into which no row can look, by the triangle
// inequality, and sorts the rest.
void CellSearch::LeaveOutFar(int64_t home, float reach, size_t compared,
                             std::vector<Distant>* cells) {
  const Distant centre{0, static_cast<int32_t>(home)};
  MeasureCentres({&centre, 1});
  const auto rows = static_cast<ptrdiff_t>(rows_.size());
  const float radius = std::sqrt(*std::max_element(squares_.begin(), squares_.begin() + rows));
  for (int64_t r = 0; r < rows; ++r) shortlist_.Tighten(r);
  const std::span<const float> thresholds = shortlist_.thresholds();
  const float threshold = *std::max_element(thresholds.begin(), thresholds.end());
  cells->erase(cells->begin(), cells->begin() + static_cast<ptrdiff_t>(compared));
  const bool is_bounded = std::isfinite(radius);  // squares of some rows may overflow
  std::erase_if(*cells, [&](const Distant& distant) {
    if (!is_bounded) return false;
    const float variance = cells_.variances[static_cast<size_t>(distant.cell)];
    // The rule's bound grows with the distance from here on.
    const float nearest = std::max(std::sqrt(distant.square) - radius, reach * std::sqrt(variance));
    // A little less for what rounding may have added.
    return Looks(0.9999F * nearest * nearest, variance, threshold, reach) == 0;
  });
  std::sort(cells->begin(), cells->end());
}

}  // namespace spirogram::projector
