#include "projector/row_cells.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <new>
#include <utility>

#include "base/vector_clones.h"
#include "projector/knn_tile.h"
#include "projector/random.h"
#include "projector/sampling.h"

namespace spirogram::projector {
namespace {

constexpr double kCellsPerRoot = 4;    // cells per root of N: assigning then costs about as much as
                                       // searching
constexpr int64_t kCellRowsMin = 96;   // on average; smaller cells waste the lanes of a panel
constexpr int64_t kSampleRows = 16;    // of k-means, per cell
constexpr size_t kStopRows = 1 << 16;  // between two looks at the stop token
constexpr float kStrayRatio = 9;       // of the median squared distance from the centre
constexpr int kLevels = 4;             // strays are put in cells of their own, as often as this
constexpr int kRounds = 5;             // of k-means
constexpr int64_t kScaleRows = 1000;   // looked at for the scale
constexpr double kValueMax = 1e30;     // beyond it differences might be NaN
constexpr double kVarianceMax = 1e38;
constexpr int64_t kLanes = 16;

int64_t RoundUp(int64_t value, int64_t step) {
  return (value + step - 1) / step * step;
}

struct Nearest {
  float square;  // of the distance
  int32_t centre;
};

// Takes the nearest of the columns, the first of which is centre `first`, where it is nearer.
SPIROGRAM_VECTOR_CLONES
void KeepNearest(const float* squares, int64_t columns, int32_t first, Nearest* nearest) {
  float lanes[kLanes];
  std::fill(lanes, lanes + kLanes, std::numeric_limits<float>::infinity());
  int64_t c = 0;
  for (; c + kLanes <= columns; c += kLanes) {
    for (int64_t lane = 0; lane < kLanes; ++lane) {
      const float square = squares[c + lane];
      lanes[lane] = square < lanes[lane] ? square : lanes[lane];
    }
  }
  for (int64_t lane = 0; c < columns; ++c, ++lane) lanes[lane] = std::min(lanes[lane], squares[c]);
  const float least = *std::min_element(lanes, lanes + kLanes);
  if (!(least < nearest->square)) return;
  nearest->square = least;
  nearest->centre =
      first + static_cast<int32_t>(std::find(squares, squares + columns, least) - squares);
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

  std::optional<RowCells> Run();

 private:
  bool FindCentres(std::span<const int32_t> rows);
  void MoveCentres(std::span<const int32_t> sample, std::span<const Nearest> nearest);
  bool Assign(std::span<const int32_t> rows, std::span<Nearest> nearest);
  void AssignTile(std::span<const int32_t> rows, const float* panels, std::span<Nearest> nearest);
  std::vector<float> CentrePanels() const;
  std::vector<int32_t> Group(std::span<const int32_t> rows, std::span<const Nearest> nearest,
                             float stray_ratio);
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

std::optional<RowCells> CellMaker::Run() {
  cells_.dims = dims_;
  std::vector<int32_t> rest(rows_.begin(), rows_.end());
  for (int level = 1; !rest.empty(); ++level) {
    std::vector<Nearest> nearest(rest.size());
    if (!FindCentres(rest) || !Assign(rest, nearest)) return std::nullopt;
    rest = Group(rest, nearest,
                 level < kLevels ? kStrayRatio : std::numeric_limits<float>::infinity());
    if (stop_.stop_requested()) return std::nullopt;
  }
  cells_.starts.push_back(static_cast<int64_t>(cells_.rows.size()));
  if (!Fill()) return std::nullopt;
  return std::move(cells_);
}

bool CellMaker::FindCentres(std::span<const int32_t> from) {
  const auto rows = static_cast<int64_t>(from.size());
  centre_count_ = std::clamp<int64_t>(
      std::min(static_cast<int64_t>(kCellsPerRoot * std::sqrt(static_cast<double>(rows))),
               rows / kCellRowsMin),
      1, rows);
  std::vector<int32_t> sample;
  for (const int64_t at : SampleRows(rows, kSampleRows * centre_count_, seed_)) {
    sample.push_back(from[static_cast<size_t>(at)]);
  }
  // Where k-means starts: at rows of the sample, drawn without replacement.
  centres_.resize(static_cast<size_t>(centre_count_ * dims_));
  Random random(seed_);
  for (size_t cell = 0; cell < static_cast<size_t>(centre_count_); ++cell) {
    const size_t other = cell + static_cast<size_t>(random.NextBits() % (sample.size() - cell));
    std::swap(sample[cell], sample[other]);
    values_.Copy(sample[cell], centres_.data() + static_cast<int64_t>(cell) * dims_, 1);
  }
  std::vector<Nearest> nearest(sample.size());
  for (int round = 0; round < kRounds; ++round) {
    if (!Assign(sample, nearest)) return false;
    MoveCentres(sample, nearest);
  }
  return true;
}

// To the mean of their rows; one without rows stays.
void CellMaker::MoveCentres(std::span<const int32_t> sample, std::span<const Nearest> nearest) {
  std::vector<double> sums(centres_.size(), 0.0);
  std::vector<int32_t> sizes(static_cast<size_t>(centre_count_), 0);
  std::vector<float> row(static_cast<size_t>(dims_));
  for (size_t at = 0; at < sample.size(); ++at) {
    values_.Copy(sample[at], row.data(), 1);
    double* sum = sums.data() + nearest[at].centre * dims_;
    for (int64_t k = 0; k < dims_; ++k) sum[k] += row[static_cast<size_t>(k)];
    ++sizes[static_cast<size_t>(nearest[at].centre)];
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

bool CellMaker::Assign(std::span<const int32_t> rows, std::span<Nearest> nearest) {
  const std::vector<float> panels = CentrePanels();
  std::atomic<bool> is_out_of_memory{false};
  const bool is_done = pool_->ForBlocks(
      static_cast<int64_t>(rows.size()), kTileRows, stop_, [&](int64_t begin, int64_t end) {
        const auto first = static_cast<size_t>(begin);
        const auto count = static_cast<size_t>(end - begin);
        try {
          AssignTile(rows.subspan(first, count), panels.data(), nearest.subspan(first, count));
        } catch (const std::bad_alloc&) {
          is_out_of_memory = true;
        }
      });
  if (is_out_of_memory) throw std::bad_alloc();
  return is_done && !stop_.stop_requested();
}

void CellMaker::AssignTile(std::span<const int32_t> rows, const float* panels,
                           std::span<Nearest> nearest) {
  const auto count = static_cast<int64_t>(rows.size());
  const std::vector<float> values = RowMajor(values_, rows);
  std::vector<float> tile(static_cast<size_t>(kTileRows * kTileRows));
  std::fill(nearest.begin(), nearest.end(), Nearest{std::numeric_limits<float>::infinity(), 0});
  for (int64_t first = 0; first < centre_count_; first += kTileRows) {
    if (stop_.stop_requested()) return;
    pool_->GiveWay(stop_);
    const int64_t columns = std::min(kTileRows, centre_count_ - first);
    compute_tile_(values.data(), count, panels + first * dims_, columns, dims_, tile.data());
    for (int64_t r = 0; r < count; ++r) {
      KeepNearest(tile.data() + r * kTileRows, columns, static_cast<int32_t>(first),
                  &nearest[static_cast<size_t>(r)]);
    }
  }
}

// Appends the centres that have rows as cells. Returns the strays: rows so far off that they would
// move their cell's mean and variance away from the others.
std::vector<int32_t> CellMaker::Group(std::span<const int32_t> rows,
                                      std::span<const Nearest> nearest, float stray_ratio) {
  std::vector<std::vector<int32_t>> members(static_cast<size_t>(centre_count_));  // of rows
  for (size_t at = 0; at < rows.size(); ++at) {
    if (at % kStopRows == 0 && stop_.stop_requested()) return {};
    members[static_cast<size_t>(nearest[at].centre)].push_back(static_cast<int32_t>(at));
  }
  std::vector<int32_t> strays;
  std::vector<float> squares;
  for (const std::vector<int32_t>& cell : members) {
    if (cell.empty()) continue;
    squares.clear();
    for (const int32_t at : cell) squares.push_back(nearest[static_cast<size_t>(at)].square);
    const auto median = squares.begin() + static_cast<ptrdiff_t>(squares.size() / 2);
    std::nth_element(squares.begin(), median, squares.end());
    const float square_max = std::isinf(stray_ratio) ? stray_ratio : stray_ratio * *median;
    cells_.starts.push_back(static_cast<int64_t>(cells_.rows.size()));
    for (const int32_t at : cell) {
      const bool is_stray = nearest[static_cast<size_t>(at)].square > square_max;
      (is_stray ? strays : cells_.rows).push_back(rows[static_cast<size_t>(at)]);
    }
    const auto slots = static_cast<int64_t>(cells_.rows.size());
    cells_.sizes.push_back(static_cast<int32_t>(slots - cells_.starts.back()));
    cells_.rows.resize(static_cast<size_t>(RoundUp(slots, kPanelRows)), -1);
  }
  return strays;
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
  // Infinite for a cell with an outlier whose squares overflow: every row looks into it.
  variance /= size;
  cells_.variances[static_cast<size_t>(cell)] = variance < kVarianceMax
                                                    ? static_cast<float>(variance)
                                                    : std::numeric_limits<float>::infinity();
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
