#include "projector/knn_cells.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <iterator>
#include <new>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include "base/str.h"
#include "projector/cell_search.h"
#include "projector/equal_rows.h"
#include "projector/knn_distance.h"
#include "projector/knn_tile.h"
#include "projector/row_cells.h"
#include "projector/sampling.h"

namespace spirogram::projector {
namespace {

constexpr int64_t kExtra = 8;         // kept beyond k: approximate distances may swap two
constexpr float kSquareMax = 1e38F;   // from here on squares may have overflowed
constexpr int64_t kSampleRows = 192;  // to choose the reach by, and as many to measure the recall
constexpr int64_t kSampleBlockRows = 24;  // compared with all others at a time
constexpr int64_t kCopyRows = 64;         // written at a time
constexpr float kReaches[] = {0.3F,  0.4F, 0.45F, 0.5F, 0.55F, 0.6F, 0.65F, 0.7F,
                              0.75F, 0.8F, 0.85F, 0.9F, 1.0F,  1.2F, 1.6F,  3.0F};
constexpr double kChooseShare = 0.25;  // of the time, for progress
constexpr double kSearchShare = 0.97;

class CellNeighborSearch {
 public:
  CellNeighborSearch(const MatrixView& matrix, const NeighborOptions& options,
                     const EqualRows& equal, ThreadPool* pool, const std::stop_token& stop,
                     const std::function<void(double)>& progress)
      : matrix_(matrix),
        options_(options),
        equal_(equal),
        pool_(pool),
        stop_(stop),
        progress_(progress),
        distance_(matrix, options.metric),
        rows_(ComparedRows(equal, options.neighbors)),
        values_(matrix, options.metric, distance_, rows_) {}

  // Nothing: more than `comparisons_max` comparisons a row.
  Result<std::optional<NeighborGraph>> Run(double comparisons_max);

 private:
  struct Block {
    int32_t cell;
    int64_t begin;  // of the cell's rows
    int64_t count;
  };
  struct SampleRow {
    int32_t row;
    int32_t cell;
    float farthest;  // the distance of the k-th nearest
  };
  struct Trial {
    double recall;
    double comparisons;  // of a row
  };

  bool DrawSamples();
  bool FindFarthest();
  Trial Try(float reach);
  Trial ChooseReach();
  bool SearchAll();
  std::vector<Block> Blocks() const;
  std::vector<Neighbor> Nearest(CellSearch* search, int64_t at, int32_t row);
  bool AnswerSurplusCopies();
  double MeasureRecall() const;
  template <typename Body>
  bool ForBlocks(int64_t rows, int64_t block_rows, const Body& body);
  void Report(double share) const {
    if (progress_ && std::this_thread::get_id() == caller_) progress_(share);
  }
  Error Stopped() const { return Cancelled("neighbours: stop requested"); }

  MatrixView matrix_;
  NeighborOptions options_;
  const EqualRows& equal_;
  ThreadPool* pool_;
  const std::stop_token& stop_;
  const std::function<void(double)>& progress_;
  const std::thread::id caller_ = std::this_thread::get_id();
  RowDistance distance_;
  std::vector<int32_t> rows_;  // the compared ones
  ScaledRows values_;
  RowCells cells_;
  std::vector<SampleRow> choosing_;   // by these the reach is chosen,
  std::vector<SampleRow> measuring_;  // by these, which are others, the recall is measured
  float reach_ = 0;
  NeighborGraph graph_;
};

Result<std::optional<NeighborGraph>> CellNeighborSearch::Run(double comparisons_max) {
  Report(0);
  auto cells = MakeRowCells(values_, rows_, options_.seed, pool_, stop_);
  if (!cells) return Stopped();
  cells_ = std::move(*cells);
  Report(kCellsTriedShare);
  if (!DrawSamples() || !FindFarthest()) return Stopped();
  const Trial trial = ChooseReach();
  if (stop_.stop_requested()) return Stopped();
  if (trial.comparisons > comparisons_max) return std::optional<NeighborGraph>();
  Report(kChooseShare);
  graph_.points = matrix_.points;
  graph_.neighbors = options_.neighbors;
  graph_.indices.resize(static_cast<size_t>(matrix_.points * options_.neighbors));
  graph_.distances.resize(graph_.indices.size());
  if (!SearchAll() || !AnswerSurplusCopies()) return Stopped();
  graph_.method = StrCat("cells, recall ", std::round(MeasureRecall() * 1e4) / 1e4, " on ",
                         measuring_.size(), " rows");
  Report(1);
  return std::optional<NeighborGraph>(std::move(graph_));
}

// As ThreadPool's, for a body that allocates memory.
template <typename Body>
bool CellNeighborSearch::ForBlocks(int64_t rows, int64_t block_rows, const Body& body) {
  std::atomic<bool> is_out_of_memory{false};
  const bool is_done = pool_->ForBlocks(rows, block_rows, stop_, [&](int64_t begin, int64_t end) {
    try {
      body(begin, end);
    } catch (const std::bad_alloc&) {
      is_out_of_memory = true;
    }
  });
  if (is_out_of_memory) throw std::bad_alloc();
  return is_done && !stop_.stop_requested();
}

// Every other row of one sample for each of the two.
bool CellNeighborSearch::DrawSamples() {
  std::vector<int32_t> cell_of(static_cast<size_t>(matrix_.points));
  for (int32_t cell = 0; cell < static_cast<int32_t>(cells_.size()); ++cell) {
    for (const int32_t row : cells_.Rows(cell)) cell_of[static_cast<size_t>(row)] = cell;
  }
  const auto compared = static_cast<int64_t>(rows_.size());
  for (const int64_t at : SampleRows(compared, 2 * kSampleRows, options_.seed)) {
    const int32_t row = rows_[static_cast<size_t>(at)];
    auto& sample = choosing_.size() > measuring_.size() ? measuring_ : choosing_;
    sample.push_back({row, cell_of[static_cast<size_t>(row)], 0});
  }
  return !stop_.stop_requested();
}

bool CellNeighborSearch::FindFarthest() {
  for (std::vector<SampleRow>* sample : {&choosing_, &measuring_}) {
    const auto size = static_cast<int64_t>(sample->size());
    const bool is_done = ForBlocks(size, kSampleBlockRows, [&](int64_t begin, int64_t end) {
      std::vector<int32_t> rows;
      for (int64_t at = begin; at < end; ++at)
        rows.push_back((*sample)[static_cast<size_t>(at)].row);
      CellSearch search(values_, cells_, rows, options_.neighbors + kExtra, pool_, stop_);
      if (!search.CompareAll()) return;
      for (int64_t at = begin; at < end; ++at) {
        SampleRow& row = (*sample)[static_cast<size_t>(at)];
        const std::vector<Neighbor> nearest = Nearest(&search, at - begin, row.row);
        if (nearest.empty()) return;
        row.farthest = nearest[static_cast<size_t>(options_.neighbors - 1)].distance;
      }
    });
    if (!is_done) return false;
  }
  return true;
}

// What the reach costs the rows of the sample, and finds for them. Meaningless when stopped.
CellNeighborSearch::Trial CellNeighborSearch::Try(float reach) {
  std::atomic<int64_t> hits{0};
  std::atomic<int64_t> comparisons{0};
  const auto size = static_cast<int64_t>(choosing_.size());
  ForBlocks(size, 1, [&](int64_t at, int64_t) {
    const SampleRow& sample = choosing_[static_cast<size_t>(at)];
    CellSearch search(values_, cells_, {&sample.row, 1}, options_.neighbors + kExtra, pool_, stop_);
    if (!search.CompareNear(sample.cell, reach)) return;
    const std::vector<Neighbor> nearest = Nearest(&search, 0, sample.row);
    for (const Neighbor& neighbor : std::span(nearest).first(
             std::min(nearest.size(), static_cast<size_t>(options_.neighbors)))) {
      hits += neighbor.distance <= sample.farthest ? 1 : 0;
    }
    comparisons += search.comparisons();
  });
  return {static_cast<double>(hits) / static_cast<double>(size * options_.neighbors),
          static_cast<double>(comparisons) / static_cast<double>(size)};
}

// Sets reach_ to the smallest that finds enough or takes as much as is allowed.
CellNeighborSearch::Trial CellNeighborSearch::ChooseReach() {
  Trial chosen{};
  size_t begin = 0;
  size_t end = std::size(kReaches);
  while (begin < end && !stop_.stop_requested()) {
    const size_t middle = (begin + end) / 2;
    const Trial trial = Try(kReaches[middle]);
    const bool is_enough =
        trial.recall >= options_.recall || trial.comparisons >= kCellComparisonsMax;
    if (is_enough || middle + 1 == std::size(kReaches)) {
      chosen = trial;
      reach_ = kReaches[middle];
    }
    if (is_enough) {
      end = middle;
    } else {
      begin = middle + 1;
    }
  }
  return chosen;
}

bool CellNeighborSearch::SearchAll() {
  const std::vector<Block> blocks = Blocks();
  const auto size = static_cast<int64_t>(blocks.size());
  std::atomic<int64_t> done{0};
  return ForBlocks(size, 1, [&](int64_t at, int64_t) {
    const Block& block = blocks[static_cast<size_t>(at)];
    const auto rows =
        cells_.Rows(block.cell)
            .subspan(static_cast<size_t>(block.begin), static_cast<size_t>(block.count));
    CellSearch search(values_, cells_, rows, options_.neighbors + kExtra, pool_, stop_);
    if (!search.CompareNear(block.cell, reach_)) return;
    for (size_t r = 0; r < rows.size(); ++r) {
      const std::vector<Neighbor> nearest = Nearest(&search, static_cast<int64_t>(r), rows[r]);
      if (stop_.stop_requested()) return;
      Write(&graph_, rows[r], nearest);
    }
    Report(kChooseShare +
           (kSearchShare - kChooseShare) * static_cast<double>(++done) / static_cast<double>(size));
  });
}

// The cells, large ones in parts of equal size.
std::vector<CellNeighborSearch::Block> CellNeighborSearch::Blocks() const {
  std::vector<Block> blocks;
  for (int32_t cell = 0; cell < static_cast<int32_t>(cells_.size()); ++cell) {
    const int64_t size = cells_.sizes[static_cast<size_t>(cell)];
    const int64_t parts = (size + kTileRows - 1) / kTileRows;
    for (int64_t part = 0; part < parts; ++part) {
      const int64_t begin = size * part / parts;
      blocks.push_back({cell, begin, size * (part + 1) / parts - begin});
    }
  }
  return blocks;
}

// The nearest, at least k, of what was found for the search's row number `at`, which is `row`, in
// the order of their true distances. Unspecified when stopped.
std::vector<Neighbor> CellNeighborSearch::Nearest(CellSearch* search, int64_t at, int32_t row) {
  const std::span<const Neighbor> found = search->shortlist().Nearest(at);
  const auto is_certain = [](const Neighbor& candidate) { return candidate.distance < kSquareMax; };
  std::vector<Neighbor> nearest;
  if (static_cast<int>(found.size()) < options_.neighbors ||
      !std::ranges::all_of(found, is_certain)) {
    ScanNearest(distance_, row, options_.neighbors, stop_, &nearest);
    return nearest;
  }
  for (const Neighbor& candidate : found) distance_.Prefetch(candidate.row);
  nearest.reserve(found.size());
  for (const Neighbor& candidate : found) {
    nearest.push_back({distance_.Between(row, candidate.row), candidate.row});
  }
  std::sort(nearest.begin(), nearest.end());
  return nearest;
}

bool CellNeighborSearch::AnswerSurplusCopies() {
  return ForBlocks(matrix_.points, kCopyRows, [this](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      if (equal_.earlier[static_cast<size_t>(row)] <= options_.neighbors) continue;
      WriteCopy(&graph_, row, equal_.first[static_cast<size_t>(row)]);
    }
  });
}

double CellNeighborSearch::MeasureRecall() const {
  int64_t hits = 0;
  for (const SampleRow& sample : measuring_) {
    for (const float distance : graph_.RowDistances(sample.row)) {
      hits += distance <= sample.farthest ? 1 : 0;  // ties are hits
    }
  }
  return static_cast<double>(hits) /
         static_cast<double>(static_cast<int64_t>(measuring_.size()) * options_.neighbors);
}

}  // namespace

Result<std::optional<NeighborGraph>> CellNeighbors(const MatrixView& matrix,
                                                   const NeighborOptions& options,
                                                   double comparisons_max, ThreadPool* pool,
                                                   const std::stop_token& stop,
                                                   const std::function<void(double)>& progress) {
  const std::optional<EqualRows> equal = FindEqualRows(matrix, pool, stop);
  if (!equal) return Cancelled("neighbours: stop requested");
  return CellNeighborSearch(matrix, options, *equal, pool, stop, progress).Run(comparisons_max);
}

}  // namespace spirogram::projector
