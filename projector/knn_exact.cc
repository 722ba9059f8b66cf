#include "projector/knn_exact.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "projector/equal_rows.h"
#include "projector/knn_candidates.h"
#include "projector/knn_distance.h"
#include "projector/knn_tile.h"

namespace spirogram::projector {
namespace {

constexpr int64_t kSortRows = 64;      // rows whose candidates are put in order at a time
constexpr double kRounding = 0x1p-24;  // of one float32 operation, relative
constexpr double kUnderflow = 0x1p-149;

DistanceError ErrorOf(const MatrixView& matrix, Metric metric) {
  DistanceError error;
  error.relative = 1.01 * kRounding * static_cast<double>(matrix.dims + 3);
  error.absolute = kUnderflow * static_cast<double>(matrix.dims);
  // Rows of length 1 are rounded to float32 for the search: each end moves by 2^-24 at most.
  if (metric == Metric::kCosine) error.shift = 2.02 * kRounding;
  return error;
}

// The compared rows in panels (knn_tile.h), of length 1 for cosine; whole tiles, padded with zeros.
class PackedRows {
 public:
  PackedRows(int64_t rows, int64_t dims)
      : rows_(rows),
        dims_(dims),
        panels_(std::make_unique_for_overwrite<float[]>(
            static_cast<size_t>(tiles() * kTileRows * dims))) {}

  // False: `stop` was requested.
  bool Pack(const MatrixView& matrix, const RowDistance& distance, std::span<const int32_t> rows,
            ThreadPool* pool, const std::stop_token& stop) {
    return pool->ForBlocks(tiles() * kTileRows, kPanelRows, stop, [&](int64_t begin, int64_t) {
      float* panel = panels_.get() + begin * dims_;
      for (int64_t at = begin; at < begin + kPanelRows; ++at, ++panel) {
        if (at >= rows_) {
          for (int64_t k = 0; k < dims_; ++k) panel[k * kPanelRows] = 0;
          continue;
        }
        const int64_t row = rows[static_cast<size_t>(at)];
        const double scale = distance.scale(row);
        const float* from = matrix.values.data() + row * dims_;
        for (int64_t k = 0; k < dims_; ++k) {
          panel[k * kPanelRows] = static_cast<float>(scale * from[k]);
        }
      }
    });
  }

  int64_t dims() const { return dims_; }
  int64_t tiles() const { return (rows_ + kTileRows - 1) / kTileRows; }
  int64_t RowsOf(int64_t tile) const { return std::min(kTileRows, rows_ - tile * kTileRows); }
  const float* Panels(int64_t tile) const { return panels_.get() + tile * kTileRows * dims_; }

  std::vector<float> RowMajor(int64_t tile) const {
    const float* panels = Panels(tile);
    std::vector<float> rows(static_cast<size_t>(kTileRows * dims_));
    for (int64_t r = 0; r < kTileRows; ++r) {
      const float* from = panels + r / kPanelRows * kPanelRows * dims_ + r % kPanelRows;
      for (int64_t k = 0; k < dims_; ++k) {
        rows[static_cast<size_t>(r * dims_ + k)] = from[k * kPanelRows];
      }
    }
    return rows;
  }

 private:
  int64_t rows_;
  int64_t dims_;
  std::unique_ptr<float[]> panels_;
};

class ExactSearch {
 public:
  ExactSearch(const MatrixView& matrix, const NeighborOptions& options, const EqualRows& equal,
              ThreadPool* pool, const std::stop_token& stop)
      : matrix_(matrix),
        neighbors_(options.neighbors),
        equal_(equal),
        pool_(pool),
        stop_(stop),
        distance_(matrix, options.metric),
        rows_(ComparedRows(equal, options.neighbors)),
        packed_(static_cast<int64_t>(rows_.size()), matrix.dims),
        candidates_(static_cast<int64_t>(rows_.size()), options.neighbors,
                    ErrorOf(matrix, options.metric)),
        locks_(static_cast<size_t>(packed_.tiles())) {
    graph_.points = matrix.points;
    graph_.neighbors = options.neighbors;
    graph_.method = "exact";
    const auto size = static_cast<size_t>(matrix.points * options.neighbors);
    graph_.indices.resize(size);
    graph_.distances.resize(size);
  }

  Result<NeighborGraph> Run(const std::function<void(double)>& progress) {
    if (!packed_.Pack(matrix_, distance_, rows_, pool_, stop_) || !CompareAll(progress) ||
        !Decide() || !CompareUndecided() || !AnswerSurplusCopies()) {
      return Cancelled("neighbours: stop requested");
    }
    if (progress) progress(1);
    return std::move(graph_);
  }

 private:
  bool CompareAll(const std::function<void(double)>& progress);
  void CompareTiles(int64_t row_tile, int64_t column_tile, const float* rows, std::span<float> tile,
                    std::span<TilePair> pairs);
  void AddPairs(int64_t row_tile, int64_t column_tile, std::span<const TilePair> pairs);
  bool Decide();
  bool CompareUndecided();
  bool AnswerSurplusCopies();

  MatrixView matrix_;
  int neighbors_;
  const EqualRows& equal_;
  ThreadPool* pool_;
  const std::stop_token& stop_;
  RowDistance distance_;
  std::vector<int32_t> rows_;  // the compared rows, in the order of packed_ and candidates_
  PackedRows packed_;
  Candidates candidates_;
  std::vector<std::mutex> locks_;  // one per tile of rows: guards candidates_ of these rows
  std::mutex undecided_lock_;
  std::vector<int32_t> undecided_;  // guarded by undecided_lock_ while threads run
  TileKernel compute_tile_ = PickTileKernel();
  NeighborGraph graph_;
};

// Each tile of rows meets itself and those after it: both rows of a pair hear of it.
bool ExactSearch::CompareAll(const std::function<void(double)>& progress) {
  const int64_t tiles = packed_.tiles();
  const double meetings = static_cast<double>(tiles) * static_cast<double>(tiles + 1) / 2;
  std::atomic<int64_t> done{0};
  std::atomic<bool> is_stopped{false};
  const std::thread::id caller = std::this_thread::get_id();
  pool_->ForBlocks(tiles, 1, stop_, [&](int64_t row_tile, int64_t) {
    const std::vector<float> rows = packed_.RowMajor(row_tile);
    std::vector<float> tile(static_cast<size_t>(kTileRows * kTileRows));
    std::vector<TilePair> pairs(tile.size());
    for (int64_t column_tile = row_tile; column_tile < tiles; ++column_tile) {
      if (stop_.stop_requested()) {
        is_stopped = true;
        return;
      }
      CompareTiles(row_tile, column_tile, rows.data(), tile, pairs);
      pool_->GiveWay(stop_);
    }
    done += tiles - row_tile;
    if (progress && std::this_thread::get_id() == caller) {
      progress(std::min(0.95, 0.95 * static_cast<double>(done) / meetings));
    }
  });
  return !is_stopped && !stop_.stop_requested();
}

void ExactSearch::CompareTiles(int64_t row_tile, int64_t column_tile, const float* rows,
                               std::span<float> tile, std::span<TilePair> pairs) {
  compute_tile_(rows, kTileRows, packed_.Panels(column_tile), kTileRows, packed_.dims(),
                tile.data());
  float thresholds[2][kTileRows];
  const auto read = [this](int64_t at, std::span<float> into) {
    for (size_t r = 0; r < into.size(); ++r) {
      into[r] = candidates_.threshold(at * kTileRows + static_cast<int64_t>(r));
    }
    return std::span<const float>(into);
  };
  const int64_t found = FindPairs(
      tile.data(), read(row_tile, {thresholds[0], static_cast<size_t>(packed_.RowsOf(row_tile))}),
      read(column_tile, {thresholds[1], static_cast<size_t>(packed_.RowsOf(column_tile))}),
      pairs.data());
  AddPairs(row_tile, column_tile, pairs.first(static_cast<size_t>(found)));
}

void ExactSearch::AddPairs(int64_t row_tile, int64_t column_tile, std::span<const TilePair> pairs) {
  const int64_t row_base = row_tile * kTileRows;
  const int64_t column_base = column_tile * kTileRows;
  {
    const std::lock_guard lock(locks_[static_cast<size_t>(row_tile)]);
    for (const TilePair& pair : pairs) {
      const int64_t column = column_base + pair.column;
      if (row_base + pair.row == column) continue;
      candidates_.Add(row_base + pair.row, {pair.distance, static_cast<int32_t>(column)});
    }
  }
  if (row_tile == column_tile) return;  // each pair was there twice
  const std::lock_guard lock(locks_[static_cast<size_t>(column_tile)]);
  for (const TilePair& pair : pairs) {
    candidates_.Add(column_base + pair.column,
                    {pair.distance, static_cast<int32_t>(row_base + pair.row)});
  }
}

// Puts the candidates in the order of their true distances.
bool ExactSearch::Decide() {
  const auto compared = static_cast<int64_t>(rows_.size());
  return pool_->ForBlocks(compared, kSortRows, stop_, [&](int64_t begin, int64_t end) {
    std::vector<Neighbor> nearest;
    for (int64_t at = begin; at < end; ++at) {
      const int32_t row = rows_[static_cast<size_t>(at)];
      const std::span<const Neighbor> kept = candidates_.Compact(at);
      if (kept.empty()) {
        const std::lock_guard lock(undecided_lock_);
        undecided_.push_back(row);
        continue;
      }
      nearest.clear();
      for (const Neighbor& candidate : kept) {
        const int32_t other = rows_[static_cast<size_t>(candidate.row)];
        nearest.push_back({distance_.Between(row, other), other});
      }
      std::sort(nearest.begin(), nearest.end());
      Write(&graph_, row, nearest);
    }
  });
}

bool ExactSearch::CompareUndecided() {
  const auto rows = static_cast<int64_t>(undecided_.size());
  pool_->ForBlocks(rows, 1, stop_, [this](int64_t at, int64_t) {
    const int32_t row = undecided_[static_cast<size_t>(at)];
    std::vector<Neighbor> nearest;
    if (ScanNearest(distance_, row, neighbors_, stop_, &nearest)) Write(&graph_, row, nearest);
  });
  return !stop_.stop_requested();
}

bool ExactSearch::AnswerSurplusCopies() {
  return pool_->ForBlocks(matrix_.points, kSortRows, stop_, [this](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      if (equal_.earlier[static_cast<size_t>(row)] <= neighbors_) continue;
      WriteCopy(&graph_, row, equal_.first[static_cast<size_t>(row)]);
    }
  });
}

}  // namespace

Result<NeighborGraph> ExactNeighbors(const MatrixView& matrix, const NeighborOptions& options,
                                     ThreadPool* pool, const std::stop_token& stop,
                                     const std::function<void(double)>& progress) {
  const std::optional<EqualRows> equal = FindEqualRows(matrix, pool, stop);
  if (!equal) return Cancelled("neighbours: stop requested");
  return ExactSearch(matrix, options, *equal, pool, stop).Run(progress);
}

}  // namespace spirogram::projector
