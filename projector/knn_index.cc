#include "projector/knn_index.h"

// Without its hand-written vector code: the distances are ours, and its prefetching reads one link
// beyond the end of a full list.
#define NO_MANUAL_VECTORIZATION
#include <hnswlib/hnswlib.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <memory>
#include <new>
#include <numeric>
#include <optional>
#include <span>
#include <stdexcept>
#include <thread>
#include <utility>

#include "base/str.h"
#include "projector/equal_rows.h"
#include "projector/knn_distance.h"
#include "projector/random.h"
#include "projector/vector_clones.h"

#ifdef __SANITIZE_THREAD__
// One thread builds an index, so that the order in which hnswlib takes its locks can block nobody.
extern "C" const char* __tsan_default_suppressions() {  // NOLINT: the name that libtsan looks for
  return "deadlock:hnswlib";
}
#endif

namespace spirogram::projector {
namespace {

constexpr size_t kLinks = 16;               // hnswlib's M
constexpr size_t kConstructionWidth = 100;  // hnswlib's ef_construction
constexpr double kSearchWidth = 1.1;        // hnswlib's ef, per neighbour
constexpr int64_t kSearchRows = 16;         // searched at a time
constexpr int64_t kReportRows = 256;        // inserted between two reports of progress
constexpr int64_t kRecallRows = 200;        // compared with all others to measure the recall
constexpr double kBuildShare = 0.7;         // of the time, for progress
constexpr int64_t kLanes = 16;

// In a fixed order without fused operations: every processor builds the same index.
SPIROGRAM_VECTOR_CLONES
float SquaredDistance(const void* a, const void* b, const void* dims) {
  const auto* x = static_cast<const float*>(a);
  const auto* y = static_cast<const float*>(b);
  const int64_t size = *static_cast<const int64_t*>(dims);
  float lanes[kLanes] = {};
  int64_t k = 0;
  for (; k + kLanes <= size; k += kLanes) {
    for (int64_t lane = 0; lane < kLanes; ++lane) {
      const float difference = x[k + lane] - y[k + lane];
      lanes[lane] += difference * difference;
    }
  }
  for (int64_t lane = 0; k < size; ++k, ++lane) {
    const float difference = x[k] - y[k];
    lanes[lane] += difference * difference;
  }
  for (int64_t width = kLanes / 2; width > 0; width /= 2) {
    for (int64_t lane = 0; lane < width; ++lane) lanes[lane] += lanes[lane + width];
  }
  return lanes[0];
}

class RowSpace final : public hnswlib::SpaceInterface<float> {
 public:
  explicit RowSpace(int64_t dims) : dims_(dims) {}
  size_t get_data_size() override { return static_cast<size_t>(dims_) * sizeof(float); }
  hnswlib::DISTFUNC<float> get_dist_func() override { return SquaredDistance; }
  void* get_dist_func_param() override { return &dims_; }

 private:
  int64_t dims_;
};

// The rows of each group of equal rows: the index holds one of them, since a graph of links among
// rows at distance 0 has no links left to leave them.
class RowGroups {
 public:
  explicit RowGroups(const EqualRows& equal) : group_of_(equal.first.size()) {
    starts_.push_back(0);
    for (size_t i = 0; i < equal.first.size(); ++i) {
      const bool is_first = equal.earlier[i] == 0;
      if (is_first) starts_.push_back(0);
      group_of_[i] = is_first ? static_cast<int32_t>(size() - 1)
                              : group_of_[static_cast<size_t>(equal.first[i])];
      ++starts_[static_cast<size_t>(group_of_[i]) + 1];
    }
    std::partial_sum(starts_.begin(), starts_.end(), starts_.begin());
    members_.resize(group_of_.size());
    for (size_t i = 0; i < group_of_.size(); ++i) {
      const auto group = static_cast<size_t>(group_of_[i]);
      members_[static_cast<size_t>(starts_[group] + equal.earlier[i])] = static_cast<int32_t>(i);
    }
  }

  int64_t size() const { return static_cast<int64_t>(starts_.size()) - 1; }
  // Ascending.
  std::span<const int32_t> Members(int64_t group) const {
    const auto begin = static_cast<size_t>(starts_[static_cast<size_t>(group)]);
    const auto end = static_cast<size_t>(starts_[static_cast<size_t>(group) + 1]);
    return std::span(members_).subspan(begin, end - begin);
  }

 private:
  std::vector<int32_t> group_of_;
  std::vector<int64_t> starts_;  // groups + 1
  std::vector<int32_t> members_;
};

class IndexSearch {
 public:
  IndexSearch(const MatrixView& matrix, const NeighborOptions& options, const EqualRows& equal,
              ThreadPool* pool, const std::stop_token& stop,
              const std::function<void(double)>& progress)
      : matrix_(matrix),
        options_(options),
        groups_(equal),
        pool_(pool),
        stop_(stop),
        progress_(progress),
        distance_(matrix, options.metric),
        space_(matrix.dims) {}

  Result<NeighborGraph> Run() {
    graph_.points = matrix_.points;
    graph_.neighbors = options_.neighbors;
    graph_.indices.resize(static_cast<size_t>(matrix_.points * options_.neighbors));
    graph_.distances.resize(graph_.indices.size());
    if (!Build() || !SearchAll()) {
      if (is_out_of_memory_) return Exhausted("neighbours: no memory for the index");
      return Cancelled("neighbours: stop requested");
    }
    const std::optional<double> recall = MeasureRecall();
    if (!recall) return Cancelled("neighbours: stop requested");
    graph_.method = StrCat("index (HNSW), recall ", std::round(*recall * 1e4) / 1e4, " on ",
                           std::min(kRecallRows, matrix_.points), " rows");
    if (progress_) progress_(1);
    return std::move(graph_);
  }

 private:
  using Index = hnswlib::HierarchicalNSW<float>;

  bool Build();
  void Insert();
  bool SearchAll();
  void SearchGroup(int64_t group);
  std::vector<Neighbor> NearestGroups(int64_t row) const;
  std::optional<double> MeasureRecall();

  // The row as the index holds it.
  std::vector<float> Indexed(int64_t row) const {
    const auto from = matrix_.values.subspan(static_cast<size_t>(row * matrix_.dims),
                                             static_cast<size_t>(matrix_.dims));
    std::vector<float> values(from.begin(), from.end());
    const double scale = distance_.scale(row);
    for (float& value : values) value = static_cast<float>(scale * value);
    return values;
  }

  void Report(double share) const {
    if (progress_ && std::this_thread::get_id() == caller_) progress_(share);
  }

  MatrixView matrix_;
  NeighborOptions options_;
  RowGroups groups_;
  ThreadPool* pool_;
  const std::stop_token& stop_;
  const std::function<void(double)>& progress_;
  const std::thread::id caller_ = std::this_thread::get_id();
  RowDistance distance_;
  RowSpace space_;
  std::unique_ptr<Index> index_;  // of the first row of each group; labels are groups
  std::atomic<int64_t> done_{0};
  std::atomic<bool> is_out_of_memory_{false};
  NeighborGraph graph_;
};

// One thread inserts, so that the index does not depend on their number: one of the pool's, because
// it takes most of the search and has to run at the pool's priority.
bool IndexSearch::Build() {
  pool_->ForBlocks(1, 1, stop_, [this](int64_t, int64_t) { Insert(); });
  if (is_out_of_memory_ || stop_.stop_requested()) return false;
  index_->setEf(static_cast<size_t>(std::ceil(kSearchWidth * options_.neighbors)));
  return true;
}

void IndexSearch::Insert() {
  const int64_t groups = groups_.size();
  try {
    index_ = std::make_unique<Index>(&space_, static_cast<size_t>(groups), kLinks,
                                     kConstructionWidth, options_.seed);
    for (int64_t group = 0; group < groups; ++group) {
      if (stop_.stop_requested()) return;
      index_->addPoint(Indexed(groups_.Members(group)[0]).data(), static_cast<size_t>(group));
      pool_->GiveWay(stop_);
      if (group % kReportRows == 0) {
        Report(kBuildShare * static_cast<double>(group) / static_cast<double>(groups));
      }
    }
  } catch (const std::bad_alloc&) {
    is_out_of_memory_ = true;
  } catch (const std::runtime_error&) {  // hnswlib's own word for it
    is_out_of_memory_ = true;
  }
}

bool IndexSearch::SearchAll() {
  done_ = 0;
  const int64_t groups = groups_.size();
  const bool is_done =
      pool_->ForBlocks(groups, kSearchRows, stop_, [&](int64_t begin, int64_t end) {
        try {
          for (int64_t group = begin; group < end; ++group) SearchGroup(group);
        } catch (const std::bad_alloc&) {
          is_out_of_memory_ = true;
        }
        done_ += end - begin;
        Report(kBuildShare +
               (0.95 - kBuildShare) * static_cast<double>(done_) / static_cast<double>(groups));
      });
  return is_done && !is_out_of_memory_ && !stop_.stop_requested();
}

// The group itself, then k others or more; where links lead to fewer, all are compared.
void IndexSearch::SearchGroup(int64_t group) {
  const std::span<const int32_t> members = groups_.Members(group);
  const auto k = static_cast<size_t>(options_.neighbors);
  std::vector<Neighbor> nearest;
  const auto append = [&](std::span<const int32_t> rows, float distance) {
    for (const int32_t row : rows.first(std::min(rows.size(), k + 1))) {
      nearest.push_back({distance, row});
    }
  };
  append(members, 0);
  for (const Neighbor& other : NearestGroups(group)) {
    if (nearest.size() > k) break;
    append(groups_.Members(other.row), other.distance);
  }
  if (nearest.size() <= k) {
    for (const int32_t member : members) {
      if (!ScanNearest(distance_, member, options_.neighbors, stop_, &nearest)) return;
      Write(&graph_, member, nearest);
    }
    return;
  }
  std::sort(nearest.begin(), nearest.end());
  std::vector<Neighbor> others;
  for (const int32_t member : members) {
    if (stop_.stop_requested()) return;
    others.clear();
    for (const Neighbor& neighbor : nearest) {
      if (neighbor.row != member) others.push_back(neighbor);
    }
    Write(&graph_, member, others);
  }
}

// Other groups by their first rows, nearest first.
std::vector<Neighbor> IndexSearch::NearestGroups(int64_t group) const {
  const int32_t row = groups_.Members(group)[0];
  const std::vector<float> query = Indexed(row);
  std::vector<Neighbor> nearest;
  // One more than asked for: the group finds itself.
  auto found = index_->searchKnn(query.data(), static_cast<size_t>(options_.neighbors) + 1);
  for (; !found.empty(); found.pop()) {
    const auto other = static_cast<int32_t>(found.top().second);
    if (other == group) continue;
    nearest.push_back({distance_.Between(row, groups_.Members(other)[0]), other});
  }
  std::sort(nearest.begin(), nearest.end());
  return nearest;
}

std::optional<double> IndexSearch::MeasureRecall() {
  const int64_t rows = std::min(kRecallRows, matrix_.points);
  const int64_t step = matrix_.points / rows;
  std::atomic<int64_t> hits{0};
  pool_->ForBlocks(rows, 1, stop_, [&](int64_t at, int64_t) {
    std::vector<Neighbor> nearest;
    if (!ScanNearest(distance_, at * step, options_.neighbors, stop_, &nearest)) return;
    for (const float distance : graph_.RowDistances(at * step)) {
      hits += distance <= nearest.back().distance ? 1 : 0;  // ties are hits
    }
  });
  if (stop_.stop_requested()) return std::nullopt;
  return static_cast<double>(hits) / static_cast<double>(rows * options_.neighbors);
}

}  // namespace

Result<NeighborGraph> IndexedNeighbors(const MatrixView& matrix, const NeighborOptions& options,
                                       ThreadPool* pool, const std::stop_token& stop,
                                       const std::function<void(double)>& progress) {
  const std::optional<EqualRows> equal = FindEqualRows(matrix, pool, stop);
  if (!equal) return Cancelled("neighbours: stop requested");
  return IndexSearch(matrix, options, *equal, pool, stop, progress).Run();
}

}  // namespace spirogram::projector
