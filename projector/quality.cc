#include "projector/quality.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <thread>

#include "base/str.h"
#include "base/vector_clones.h"
#include "projector/knn_distance.h"
#include "projector/matrix.h"
#include "projector/quality_internal.h"
#include "projector/query_distances.h"
#include "projector/sampling.h"

namespace spirogram::projector {
namespace {

constexpr int64_t kRowsMin = 4;
constexpr int kRecallFew = 10;
constexpr int kRecallMany = 30;
// Rows of the matrix that stay in a core's cache while a group of queries is held against them.
constexpr int64_t kCacheValues = int64_t{64} << 10;
constexpr int64_t kGroupQueriesMax = 16;
constexpr int64_t kGroupsBytesMax = int64_t{64} << 20;  // of all threads' distances

// How many of the distances come before (distance, row) in the order of neighbours.
SPIROGRAM_VECTOR_CLONES
int64_t CountBefore(const float* distances, int64_t size, float distance, int64_t row) {
  int64_t before = 0;
  for (int64_t j = 0; j < row; ++j) before += distances[j] <= distance ? 1 : 0;
  for (int64_t j = row; j < size; ++j) before += distances[j] < distance ? 1 : 0;
  return before;
}

// One query row's distances to all rows, and its nearest.
struct View {
  std::vector<float> distances;   // N; of the row itself infinite
  std::vector<Neighbor> nearest;  // ascending
};

void FindNearest(int64_t count, View* view) {
  std::vector<Neighbor>& nearest = view->nearest;
  nearest.clear();  // a heap with the farthest on top
  const auto k = static_cast<size_t>(count);
  for (size_t j = 0; j < view->distances.size(); ++j) {
    const Neighbor candidate{view->distances[j], static_cast<int32_t>(j)};
    if (!std::isfinite(candidate.distance)) continue;
    if (nearest.size() == k) {
      if (!(candidate < nearest.front())) continue;
      std::pop_heap(nearest.begin(), nearest.end());
      nearest.pop_back();
    }
    nearest.push_back(candidate);
    std::push_heap(nearest.begin(), nearest.end());
  }
  std::sort_heap(nearest.begin(), nearest.end());
}

// A view for each of the queries, or nothing when `stop` was requested.
std::vector<View> Measure(const RowDistance& distance, std::span<const int64_t> queries,
                          int64_t nearest, const std::stop_token& stop) {
  const int64_t rows = distance.rows();
  const int64_t row_values = std::max(distance.matrix().dims, RowDistance::kLanes);
  const int64_t block = std::max<int64_t>(1, kCacheValues / row_values);
  const QueryDistances from(distance, queries);
  std::vector<View> views(queries.size());
  std::vector<float*> out;
  for (View& view : views) {
    view.distances.resize(static_cast<size_t>(rows));
    out.push_back(view.distances.data());
  }
  for (int64_t begin = 0; begin < rows; begin += block) {
    if (stop.stop_requested()) return {};
    from.Measure(begin, std::min(rows, begin + block), out);
  }
  for (size_t q = 0; q < queries.size(); ++q) {
    const auto itself = static_cast<size_t>(queries[q]);
    views[q].distances[itself] = std::numeric_limits<float>::infinity();
    FindNearest(nearest, &views[q]);
  }
  return views;
}

// Of the k nearest in `shown`, the share that is as near in `truth` as its k-th nearest: of rows
// that are equally near there, such as copies, it does not matter which of them are shown.
double Recall(const View& truth, const View& shown, int k) {
  const float farthest = truth.nearest[static_cast<size_t>(k - 1)].distance;
  int hits = 0;
  for (int at = 0; at < k; ++at) {
    const auto row = static_cast<size_t>(shown.nearest[static_cast<size_t>(at)].row);
    hits += truth.distances[row] <= farthest ? 1 : 0;
  }
  return static_cast<double>(hits) / k;
}

// Of the k nearest in `view`, by how much the rank of each in `truth` exceeds k (Venna and Kaski
// 2001).
double RankExcess(const View& view, const View& truth, int k) {
  int64_t excess = 0;
  for (int at = 0; at < k; ++at) {
    const auto row = static_cast<size_t>(view.nearest[static_cast<size_t>(at)].row);
    const int64_t rank =
        1 + CountBefore(truth.distances.data(), static_cast<int64_t>(truth.distances.size()),
                        truth.distances[row], static_cast<int64_t>(row));
    excess += std::max<int64_t>(0, rank - k);
  }
  return static_cast<double>(excess);
}

bool WinsVote(const View& map, std::span<const int32_t> labels, int64_t row, int k) {
  std::map<int32_t, int> votes;
  for (int at = 0; at < k; ++at) {
    ++votes[labels[static_cast<size_t>(map.nearest[static_cast<size_t>(at)].row)]];
  }
  const auto winner = std::max_element(
      votes.begin(), votes.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return winner->first == labels[static_cast<size_t>(row)];
}

// Ranks from 0; equal values share the mean of theirs.
std::vector<double> Ranks(const std::vector<float>& values) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (size_t begin = 0; begin < order.size();) {
    size_t end = begin + 1;
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    const double mean = static_cast<double>(begin + end - 1) / 2;
    for (size_t at = begin; at < end; ++at) ranks[order[at]] = mean;
    begin = end;
  }
  return ranks;
}

double Correlation(const std::vector<double>& a, const std::vector<double>& b) {
  const double middle = (static_cast<double>(a.size()) - 1) / 2;  // the mean of ranks
  double ab = 0, aa = 0, bb = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    ab += (a[i] - middle) * (b[i] - middle);
    aa += (a[i] - middle) * (a[i] - middle);
    bb += (b[i] - middle) * (b[i] - middle);
  }
  return aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : std::numeric_limits<double>::quiet_NaN();
}

Estimate RankCorrelation(const RowDistance& matrix, const RowDistance& map,
                         const QualityOptions& options) {
  const int64_t rows = matrix.rows();
  const bool is_exact = (rows - 1) / 2 <= options.rank_pairs / rows;
  std::vector<float> in_matrix, in_map;
  const auto add = [&](int64_t i, int64_t j) {
    in_matrix.push_back(matrix.Between(i, j));
    in_map.push_back(map.Between(i, j));
  };
  if (is_exact) {
    for (int64_t i = 0; i < rows; ++i) {
      for (int64_t j = i + 1; j < rows; ++j) add(i, j);
    }
  } else {
    Random random(options.seed);
    for (int64_t at = 0; at < options.rank_pairs; ++at) {
      const auto i = static_cast<int64_t>(random.NextBits() % static_cast<uint64_t>(rows));
      const auto step = static_cast<int64_t>(random.NextBits() % static_cast<uint64_t>(rows - 1));
      add(i, (i + 1 + step) % rows);
    }
  }
  Estimate estimate;
  estimate.value = Correlation(Ranks(in_matrix), Ranks(in_map));
  estimate.samples = static_cast<int64_t>(in_matrix.size());
  estimate.is_exact = is_exact;
  if (!is_exact) {  // Fisher's transform, with Bonett and Wright's variance for ranks
    const double r = estimate.value;
    estimate.standard_error =
        (1 - r * r) * std::sqrt((1 + r * r / 2) / static_cast<double>(estimate.samples - 3));
  }
  return estimate;
}

Status CheckMapRows(const MatrixView& map) {
  RETURN_IF_ERROR(CheckMatrix(map));
  if (map.points >= kRowsMin && map.points <= std::numeric_limits<int32_t>::max()) return {};
  return InvalidArgument(StrCat("map: got ", map.points, " rows, want ", kRowsMin, " to ",
                                std::numeric_limits<int32_t>::max()));
}

Status CheckInput(const MatrixView& matrix, const MatrixView& map, std::span<const int32_t> labels,
                  const QualityOptions& options) {
  RETURN_IF_ERROR(CheckMatrix(matrix));
  RETURN_IF_ERROR(CheckMapRows(map));
  if (matrix.points != map.points ||
      (!labels.empty() && static_cast<int64_t>(labels.size()) != map.points)) {
    return InvalidArgument(StrCat("map quality: a map of ", map.points, " rows and ", labels.size(),
                                  " labels do not fit a matrix of ", matrix.points, " rows"));
  }
  if (options.trust_neighbors < 1 || options.vote_neighbors < 1 || options.queries < 2 ||
      options.rank_pairs < 4 || options.z_terms_max < 1) {
    return InvalidArgument("map quality: an option is below its least value");
  }
  if (options.metric == Metric::kCosine) RETURN_IF_ERROR(CheckDirections(matrix));
  return {};
}

// What is measured row by row.
struct RowScores {
  std::vector<double> trust, continuity, recall_10, recall_30, vote;
};

class RowJudge {
 public:
  RowJudge(const RowDistance& matrix, const RowDistance& map, std::span<const int32_t> labels,
           const QualityOptions& options)
      : matrix_(matrix), map_(map), labels_(labels) {
    const int64_t others = matrix.rows() - 1;
    trust_ = static_cast<int>(std::min<int64_t>(options.trust_neighbors, others / 2));
    vote_ = static_cast<int>(std::min<int64_t>(options.vote_neighbors, others));
    few_ = static_cast<int>(std::min<int64_t>(kRecallFew, others));
    many_ = static_cast<int>(std::min<int64_t>(kRecallMany, others));
  }

  int trust_neighbors() const { return trust_; }

  // Fills `scores` from `at` on, one for each of the queries. False: `stop` was requested.
  bool Judge(std::span<const int64_t> queries, const std::stop_token& stop, size_t at,
             RowScores* scores) const {
    const int64_t nearest = std::max({trust_, vote_, many_});
    const std::vector<View> truth = Measure(matrix_, queries, nearest, stop);
    const std::vector<View> shown = Measure(map_, queries, nearest, stop);
    if (truth.empty() || shown.empty()) return false;
    for (size_t q = 0; q < queries.size(); ++q) {
      JudgeOne(queries[q], truth[q], shown[q], at + q, scores);
    }
    return true;
  }

 private:
  void JudgeOne(int64_t row, const View& truth, const View& shown, size_t at,
                RowScores* scores) const {
    const auto rows = static_cast<double>(matrix_.rows());
    const double scale = 2 / (trust_ * (2 * rows - 3 * trust_ - 1));
    scores->trust[at] = 1 - scale * RankExcess(shown, truth, trust_);
    scores->continuity[at] = 1 - scale * RankExcess(truth, shown, trust_);
    scores->recall_10[at] = Recall(truth, shown, few_);
    scores->recall_30[at] = Recall(truth, shown, many_);
    if (!labels_.empty()) scores->vote[at] = WinsVote(shown, labels_, row, vote_) ? 1 : 0;
  }

  const RowDistance& matrix_;
  const RowDistance& map_;
  std::span<const int32_t> labels_;
  int trust_, vote_, few_, many_;
};

// How many queries a thread holds against all rows at a time.
int64_t GroupQueries(int64_t points, int threads) {
  const int64_t query_bytes = points * static_cast<int64_t>(sizeof(float)) * threads;
  return std::clamp<int64_t>(kGroupsBytesMax / query_bytes, 1, kGroupQueriesMax);
}

double Span(const MatrixView& map) {
  double span = 0;
  for (int64_t k = 0; k < map.dims; ++k) {
    float low = map.values[static_cast<size_t>(k)];
    float high = low;
    for (auto at = static_cast<size_t>(k); at < map.values.size();
         at += static_cast<size_t>(map.dims)) {
      low = std::min(low, map.values[at]);
      high = std::max(high, map.values[at]);
    }
    span = std::max(span, double{high} - double{low});
  }
  return span;
}

}  // namespace

Status CheckMap(const MatrixView& map) {
  RETURN_IF_ERROR(CheckMapRows(map));
  if (map.dims == 2 || map.dims == 3) return {};
  return InvalidArgument(StrCat("map: got ", map.dims, " dims, want 2 or 3"));
}

MapPoints ColumnsOf(const MatrixView& map) {
  MapPoints points(map.points, static_cast<int>(map.dims));
  for (int64_t i = 0; i < map.points; ++i) {
    for (int k = 0; k < points.dims; ++k) {
      points.axis(k)[static_cast<size_t>(i)] = map.values[static_cast<size_t>(i * map.dims + k)];
    }
  }
  return points;
}

Estimate MeanOf(std::span<const double> values, int64_t population) {
  Estimate mean;
  const auto size = static_cast<double>(values.size());
  mean.samples = static_cast<int64_t>(values.size());
  mean.is_exact = mean.samples == population;
  for (const double value : values) mean.value += value;
  mean.value /= size;
  if (mean.is_exact) return mean;
  double variance = 0;
  for (const double value : values) variance += std::pow(value - mean.value, 2) / (size - 1);
  mean.standard_error = std::sqrt(variance / size * (1 - size / static_cast<double>(population)));
  return mean;
}

Result<MapQuality> JudgeMap(const MatrixView& matrix, const MatrixView& map,
                            const AffinityView* affinities, std::span<const int32_t> labels,
                            const QualityOptions& options, ThreadPool* pool,
                            const std::stop_token& stop,
                            const std::function<void(double)>& progress) {
  RETURN_IF_ERROR(CheckInput(matrix, map, labels, options));
  MapQuality quality;
  if (affinities != nullptr) {
    ASSIGN_OR_RETURN(quality.kl_divergence,
                     SparseKlDivergence(*affinities, map, options, pool, stop));
  }
  const RowDistance in_matrix(matrix, options.metric);
  const RowDistance in_map(map, Metric::kEuclidean);
  const RowJudge judge(in_matrix, in_map, labels, options);
  const bool takes_all = matrix.points <= options.rows_exact_max;
  const std::vector<int64_t> rows =
      SampleRows(matrix.points, takes_all ? matrix.points : options.queries, options.seed);
  const size_t size = rows.size();
  RowScores scores{std::vector<double>(size), std::vector<double>(size), std::vector<double>(size),
                   std::vector<double>(size), std::vector<double>(size)};
  std::atomic<int64_t> done{0};
  const auto caller = std::this_thread::get_id();
  const int64_t group = GroupQueries(matrix.points, pool->threads());
  pool->ForBlocks(static_cast<int64_t>(size), group, stop, [&](int64_t begin, int64_t end) {
    const std::span<const int64_t> queries(rows.data() + begin, rows.data() + end);
    if (!judge.Judge(queries, stop, static_cast<size_t>(begin), &scores)) return;
    done += end - begin;
    if (progress && std::this_thread::get_id() == caller) {
      progress(static_cast<double>(done) / static_cast<double>(size));
    }
  });
  if (stop.stop_requested()) return Cancelled("map quality: stop requested");
  quality.trust_neighbors = judge.trust_neighbors();
  quality.trustworthiness = MeanOf(scores.trust, matrix.points);
  quality.continuity = MeanOf(scores.continuity, matrix.points);
  quality.recall_10 = MeanOf(scores.recall_10, matrix.points);
  quality.recall_30 = MeanOf(scores.recall_30, matrix.points);
  if (!labels.empty()) quality.class_accuracy = MeanOf(scores.vote, matrix.points);
  quality.spearman = RankCorrelation(in_matrix, in_map, options);
  quality.span = Span(map);
  return quality;
}

}  // namespace spirogram::projector
