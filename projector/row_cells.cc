#include "projector/row_cells.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <new>
#include <utility>

#include "projector/knn_tile.h"
#include "projector/random.h"
#include "projector/sampling.h"
#include "projector/vector_clones.h"

namespace spirogram::projector {
namespace {

constexpr double kCellsPerRoot = 4;   // cells per root of N: assigning then costs about as much as
                                      // searching
constexpr int64_t kCellRowsMin = 96;  // on average; smaller cells waste the lanes of a panel
constexpr int64_t kSampleRows = 16;   // of k-means, per cell
constexpr int kRounds = 5;            // of k-means
constexpr int64_t kScaleRows = 1000;  // looked at for the scale
constexpr double kValueMax = 1e30;    // beyond it differences might be NaN
constexpr int64_t kLanes = 16;

int64_t RoundUp(int64_t value, int64_t step) {
  return (value + step - 1) / step * step;
}

// Sets best and at to the nearest of the columns where it is nearer than best.
SPIROGRAM_VECTOR_CLONES
void KeepNearest(const float* distances, int64_t columns, int32_t first, float* best, int32_t* at) {
  float lanes[kLanes];
  std::fill(lanes, lanes + kLanes, std::numeric_limits<float>::infinity());
  int64_t c = 0;
  for (; c + kLanes <= columns; c += kLanes) {
    for (int64_t lane = 0; lane < kLanes; ++lane) {
      const float distance = distances[c + lane];
      lanes[lane] = distance < lanes[lane] ? distance : lanes[lane];
    }
  }
  for (int64_t lane = 0; c < columns; ++c, ++lane)
    lanes[lane] = std::min(lanes[lane], distances[c]);
  const float nearest = *std::min_element(lanes, lanes + kLanes);
  if (!(nearest < *best)) return;
  *best = nearest;
  *at =
      first + static_cast<int32_t>(std::find(distances, distances + columns, nearest) - distances);
}

// Beyond `rows` the last panel is left as it is.
void PackPanels(const ScaledRows& values, std::span<const int32_t> rows, float* panels) {
  for (size_t at = 0; at < rows.size(); ++at) {
    const auto row = static_cast<int64_t>(at);
    values.Copy(rows[at], panels + row / kPanelRows * kPanelRows * values.dims() + row % kPanelRows,
                kPanelRows);
  }
}

class CellMaker {
 public:
  CellMaker(const ScaledRows& values, std::span<const int32_t> rows, uint64_t seed,
            ThreadPool* pool, const std::stop_token& stop)
      : values_(values), rows_(rows), seed_(seed), pool_(pool), stop_(stop), dims_(values.dims()) {}

  std::optional<RowCells> Run() {
    std::vector<int32_t> cell_of(rows_.size());
    if (!FindCentres() || !Assign(rows_, cell_of)) return std::nullopt;
    Group(cell_of);
    if (!Fill()) return std::nullopt;
    return std::move(cells_);
  }

 private:
  bool FindCentres();
  void MoveCentres(std::span<const int32_t> sample, std::span<const int32_t> cell_of);
  bool Assign(std::span<const int32_t> rows, std::span<int32_t> cell_of);
  void AssignTile(std::span<const int32_t> rows, const float* panels, std::span<int32_t> cell_of);
  std::vector<float> CentrePanels() const;
  void Group(std::span<const int32_t> cell_of);
  bool Fill();
  void FillCell(int64_t cell);

  const ScaledRows& values_;
  std::span<const int32_t> rows_;
  uint64_t seed_;
  ThreadPool* pool_;
  const std::stop_token& stop_;
  int64_t dims_;
  int64_t centre_count_ = 0;
  std::vector<float> centres_;  // centre_count_ x D, some of them without rows
  TileKernel compute_tile_ = PickTileKernel();
  RowCells cells_;
};

bool CellMaker::FindCentres() {
  const auto rows = static_cast<int64_t>(rows_.size());
  centre_count_ = std::clamp<int64_t>(
      std::min(static_cast<int64_t>(kCellsPerRoot * std::sqrt(static_cast<double>(rows))),
               rows / kCellRowsMin),
      1, rows);
  std::vector<int32_t> sample;
  for (const int64_t at : SampleRows(rows, kSampleRows * centre_count_, seed_)) {
    sample.push_back(rows_[static_cast<size_t>(at)]);
  }
  // The first of each run of a sample in random order: rows_ may be in any.
  centres_.resize(static_cast<size_t>(centre_count_ * dims_));
  Random random(seed_);
  for (size_t cell = 0; cell < static_cast<size_t>(centre_count_); ++cell) {
    const size_t other = cell + static_cast<size_t>(random.NextBits() % (sample.size() - cell));
    std::swap(sample[cell], sample[other]);
    values_.Copy(sample[cell], centres_.data() + static_cast<int64_t>(cell) * dims_, 1);
  }
  std::vector<int32_t> cell_of(sample.size());
  for (int round = 0; round < kRounds; ++round) {
    if (!Assign(sample, cell_of)) return false;
    MoveCentres(sample, cell_of);
  }
  return true;
}

// To the mean of their rows; one without rows stays.
void CellMaker::MoveCentres(std::span<const int32_t> sample, std::span<const int32_t> cell_of) {
  std::vector<double> sums(centres_.size(), 0.0);
  std::vector<int32_t> sizes(static_cast<size_t>(centre_count_), 0);
  std::vector<float> row(static_cast<size_t>(dims_));
  for (size_t at = 0; at < sample.size(); ++at) {
    values_.Copy(sample[at], row.data(), 1);
    double* sum = sums.data() + cell_of[at] * dims_;
    for (int64_t k = 0; k < dims_; ++k) sum[k] += row[static_cast<size_t>(k)];
    ++sizes[static_cast<size_t>(cell_of[at])];
  }
  for (int64_t cell = 0; cell < centre_count_; ++cell) {
    const int32_t size = sizes[static_cast<size_t>(cell)];
    if (size == 0) continue;
    for (int64_t k = cell * dims_; k < (cell + 1) * dims_; ++k) {
      centres_[static_cast<size_t>(k)] = static_cast<float>(sums[static_cast<size_t>(k)] / size);
    }
  }
}

std::vector<float> CellMaker::CentrePanels() const {
  std::vector<float> panels(static_cast<size_t>(RoundUp(centre_count_, kPanelRows) * dims_), 0.0F);
  for (int64_t cell = 0; cell < centre_count_; ++cell) {
    float* to = panels.data() + cell / kPanelRows * kPanelRows * dims_ + cell % kPanelRows;
    for (int64_t k = 0; k < dims_; ++k) {
      to[k * kPanelRows] = centres_[static_cast<size_t>(cell * dims_ + k)];
    }
  }
  return panels;
}

bool CellMaker::Assign(std::span<const int32_t> rows, std::span<int32_t> cell_of) {
  const std::vector<float> panels = CentrePanels();
  std::atomic<bool> is_out_of_memory{false};
  const bool is_done = pool_->ForBlocks(
      static_cast<int64_t>(rows.size()), kTileRows, stop_, [&](int64_t begin, int64_t end) {
        const auto first = static_cast<size_t>(begin);
        const auto count = static_cast<size_t>(end - begin);
        try {
          AssignTile(rows.subspan(first, count), panels.data(), cell_of.subspan(first, count));
        } catch (const std::bad_alloc&) {
          is_out_of_memory = true;
        }
      });
  if (is_out_of_memory) throw std::bad_alloc();
  return is_done && !stop_.stop_requested();
}

void CellMaker::AssignTile(std::span<const int32_t> rows, const float* panels,
                           std::span<int32_t> cell_of) {
  const auto count = static_cast<int64_t>(rows.size());
  const std::vector<float> values = RowMajor(values_, rows);
  std::vector<float> tile(static_cast<size_t>(kTileRows * kTileRows));
  float best[kTileRows];
  std::fill(best, best + count, std::numeric_limits<float>::infinity());
  std::fill(cell_of.begin(), cell_of.end(), 0);
  for (int64_t first = 0; first < centre_count_; first += kTileRows) {
    if (stop_.stop_requested()) return;
    pool_->GiveWay(stop_);
    const int64_t columns = std::min(kTileRows, centre_count_ - first);
    compute_tile_(values.data(), count, panels + first * dims_, columns, dims_, tile.data());
    for (int64_t r = 0; r < count; ++r) {
      KeepNearest(tile.data() + r * kTileRows, columns, static_cast<int32_t>(first), best + r,
                  &cell_of[static_cast<size_t>(r)]);
    }
  }
}

// Sets sizes, starts and rows of the cells that have any.
void CellMaker::Group(std::span<const int32_t> cell_of) {
  std::vector<int32_t> counts(static_cast<size_t>(centre_count_), 0);
  for (const int32_t cell : cell_of) ++counts[static_cast<size_t>(cell)];
  std::vector<int64_t> next(counts.size());
  cells_.dims = dims_;
  int64_t slots = 0;
  for (size_t cell = 0; cell < counts.size(); ++cell) {
    if (counts[cell] == 0) continue;
    cells_.sizes.push_back(counts[cell]);
    cells_.starts.push_back(slots);
    next[cell] = slots;
    slots += RoundUp(counts[cell], kPanelRows);
  }
  cells_.starts.push_back(slots);
  cells_.rows.assign(static_cast<size_t>(slots), -1);
  for (size_t at = 0; at < cell_of.size(); ++at) {
    cells_.rows[static_cast<size_t>(next[static_cast<size_t>(cell_of[at])]++)] = rows_[at];
  }
}

bool CellMaker::Fill() {
  cells_.centres.resize(static_cast<size_t>(cells_.size() * dims_));
  cells_.variances.resize(static_cast<size_t>(cells_.size()));
  cells_.panels =
      std::make_unique_for_overwrite<float[]>(static_cast<size_t>(cells_.starts.back() * dims_));
  return pool_->ForBlocks(cells_.size(), 1, stop_,
                          [this](int64_t cell, int64_t) { FillCell(cell); });
}

// Packs the rows of the cell, and moves its centre to their mean.
void CellMaker::FillCell(int64_t cell) {
  const std::span<const int32_t> rows = cells_.Rows(cell);
  float* panels = cells_.panels.get() + cells_.starts[static_cast<size_t>(cell)] * dims_;
  std::fill(panels, cells_.panels.get() + cells_.starts[static_cast<size_t>(cell) + 1] * dims_,
            0.0F);
  PackPanels(values_, rows, panels);
  const auto size = static_cast<double>(rows.size());
  double variance = 0;
  for (int64_t k = 0; k < dims_; ++k) {
    const auto value = [&](size_t at) {
      const auto row = static_cast<int64_t>(at);
      return double{panels[(row / kPanelRows * dims_ + k) * kPanelRows + row % kPanelRows]};
    };
    double mean = 0;
    for (size_t at = 0; at < rows.size(); ++at) mean += value(at);
    mean /= size;
    for (size_t at = 0; at < rows.size(); ++at) variance += (value(at) - mean) * (value(at) - mean);
    cells_.centres[static_cast<size_t>(cell * dims_ + k)] = static_cast<float>(mean);
  }
  cells_.variances[static_cast<size_t>(cell)] = static_cast<float>(variance / size);
}

// The power of two that brings the median of the rows' largest values to about 1.
double ScaleOf(const MatrixView& matrix, std::span<const int32_t> rows) {
  std::vector<float> largest;
  const size_t step = std::max<size_t>(1, rows.size() / kScaleRows);
  for (size_t at = 0; at < rows.size(); at += step) {
    float value = 0;
    for (const float x : matrix.values.subspan(static_cast<size_t>(rows[at] * matrix.dims),
                                               static_cast<size_t>(matrix.dims))) {
      value = std::max(value, std::abs(x));
    }
    if (value > 0) largest.push_back(value);
  }
  if (largest.empty()) return 1;
  const auto median = largest.begin() + static_cast<ptrdiff_t>(largest.size() / 2);
  std::nth_element(largest.begin(), median, largest.end());
  return std::ldexp(1.0, -std::ilogb(*median));
}

}  // namespace

ScaledRows::ScaledRows(const MatrixView& matrix, Metric metric, const RowDistance& distance,
                       std::span<const int32_t> rows)
    : matrix_(matrix), distance_(&distance) {
  if (metric == Metric::kEuclidean) scale_ = ScaleOf(matrix, rows);
}

void ScaledRows::Copy(int64_t row, float* to, int64_t stride) const {
  const double scale = scale_ * distance_->scale(row);
  const float* from = matrix_.values.data() + row * matrix_.dims;
  for (int64_t k = 0; k < matrix_.dims; ++k) {
    to[k * stride] = static_cast<float>(std::clamp(scale * from[k], -kValueMax, kValueMax));
  }
}

std::optional<RowCells> MakeRowCells(const ScaledRows& values, std::span<const int32_t> rows,
                                     uint64_t seed, ThreadPool* pool, const std::stop_token& stop) {
  return CellMaker(values, rows, seed, pool, stop).Run();
}

std::vector<float> RowMajor(const ScaledRows& values, std::span<const int32_t> rows) {
  const auto count = static_cast<int64_t>(rows.size());
  std::vector<float> copies(static_cast<size_t>(RoundUp(count, kPatchRows) * values.dims()), 0.0F);
  float* to = copies.data();
  for (const int32_t row : rows) {
    values.Copy(row, to, 1);
    to += values.dims();
  }
  return copies;
}

std::vector<float> Panels(const ScaledRows& values, std::span<const int32_t> rows) {
  const auto count = static_cast<int64_t>(rows.size());
  std::vector<float> panels(static_cast<size_t>(RoundUp(count, kPanelRows) * values.dims()), 0.0F);
  PackPanels(values, rows, panels.data());
  return panels;
}

}  // namespace spirogram::projector
