// KL(P||Q) = sum p ln p + sum p ln(1 + |y_i - y_j|^2) + ln Z sum p, Z = sum over i != j of
// 1 / (1 + |y_i - y_j|^2), all in float64.
#include <algorithm>
#include <cmath>

#include "base/str.h"
#include "base/vector_clones.h"
#include "projector/map_points.h"
#include "projector/matrix.h"
#include "projector/quality.h"
#include "projector/quality_internal.h"
#include "projector/sampling.h"

namespace spirogram::projector {
namespace {

constexpr int64_t kLanes = 16;
constexpr int64_t kRunMax = 1 << 22;  // terms between two looks at the stop token
constexpr int64_t kSparseRows = 256;
constexpr double kTotalTolerance = 1e-3;  // of the sum of P, which float32 values only near 1
constexpr int64_t kBlockTerms = 1 << 20;

// The sum of 1 / (1 + |y_j - y|^2) over `size` points; z may be null.
SPIROGRAM_VECTOR_CLONES
double SumTerms(const float* x, const float* y, const float* z, const double* at, int64_t size) {
  double lanes[kLanes] = {};
  const int64_t whole = size / kLanes * kLanes;
  if (z == nullptr) {
    for (int64_t j = 0; j < whole; j += kLanes) {
      for (int64_t lane = 0; lane < kLanes; ++lane) {
        const double dx = x[j + lane] - at[0];
        const double dy = y[j + lane] - at[1];
        lanes[lane] += 1 / (1 + dx * dx + dy * dy);
      }
    }
  } else {
    for (int64_t j = 0; j < whole; j += kLanes) {
      for (int64_t lane = 0; lane < kLanes; ++lane) {
        const double dx = x[j + lane] - at[0];
        const double dy = y[j + lane] - at[1];
        const double dz = z[j + lane] - at[2];
        lanes[lane] += 1 / (1 + dx * dx + dy * dy + dz * dz);
      }
    }
  }
  double sum = 0;
  for (int64_t j = whole; j < size; ++j) {
    const double dx = x[j] - at[0];
    const double dy = y[j] - at[1];
    const double dz = z == nullptr ? 0 : z[j] - at[2];
    sum += 1 / (1 + dx * dx + dy * dy + dz * dz);
  }
  for (const double lane : lanes) sum += lane;
  return sum;
}

// From row i to rows [begin, N); in runs, so that a request to stop is heard.
double RowTerms(const MapPoints& map, int64_t i, int64_t begin, const std::stop_token& stop) {
  double at[3] = {};
  for (int k = 0; k < map.dims; ++k) at[k] = map.axis(k)[static_cast<size_t>(i)];
  double sum = 0;
  for (int64_t j = begin; j < map.points && !stop.stop_requested(); j += kRunMax) {
    const float* z = map.dims == 3 ? map.axis(2).data() + j : nullptr;
    sum += SumTerms(map.axis(0).data() + j, map.axis(1).data() + j, z, at,
                    std::min(kRunMax, map.points - j));
  }
  return sum;
}

// Z; its error where it comes from a sample of rows.
Result<Estimate> EstimateZ(const MapPoints& map, const QualityOptions& options, ThreadPool* pool,
                           const std::stop_token& stop) {
  const int64_t points = map.points;
  const bool is_exact = points <= 2 * options.z_terms_max / points;
  const int64_t wanted = std::max<int64_t>(2, options.z_terms_max / points);
  const std::vector<int64_t> rows = SampleRows(points, is_exact ? points : wanted, options.seed);
  std::vector<double> sums(rows.size());
  const int64_t block = std::max<int64_t>(1, kBlockTerms / points);
  const bool is_done = pool->ForBlocks(
      static_cast<int64_t>(rows.size()), block, stop, [&](int64_t begin, int64_t end) {
        for (int64_t at = begin; at < end; ++at) {
          const int64_t i = rows[static_cast<size_t>(at)];
          // All pairs once and doubled, or all of a sampled row but itself, which adds 1.
          sums[static_cast<size_t>(at)] =
              is_exact ? 2 * RowTerms(map, i, i + 1, stop) : RowTerms(map, i, 0, stop) - 1;
        }
      });
  if (!is_done || stop.stop_requested()) return Cancelled("map quality: stop requested");
  Estimate z = MeanOf(sums, points);
  z.value *= static_cast<double>(points);
  z.standard_error *= static_cast<double>(points);
  return z;
}

Status CheckEntries(const AffinityView& p, int64_t points) {
  const auto entries = static_cast<int64_t>(p.column.size());
  if (static_cast<int64_t>(p.row_start.size()) != points + 1 || p.row_start.front() != 0 ||
      p.row_start.back() != entries || p.value.size() != p.column.size()) {
    return InvalidArgument(StrCat("affinities: ", p.row_start.size(), " row starts, ", entries,
                                  " columns and ", p.value.size(), " values do not fit ", points,
                                  " rows"));
  }
  for (size_t i = 0; i + 1 < p.row_start.size(); ++i) {
    if (p.row_start[i] > p.row_start[i + 1] || p.row_start[i + 1] > entries) {
      return InvalidArgument(StrCat("affinities: row ", i, " starts at ", p.row_start[i],
                                    " and ends at ", p.row_start[i + 1]));
    }
    for (int64_t at = p.row_start[i]; at < p.row_start[i + 1]; ++at) {
      const int32_t column = p.column[static_cast<size_t>(at)];
      const float value = p.value[static_cast<size_t>(at)];
      const bool is_other = column >= 0 && column < points && column != static_cast<int64_t>(i);
      if (is_other && value >= 0 && value <= 1) continue;
      return InvalidArgument(StrCat("affinities: row ", i, " has ", value, " in column ", column,
                                    ", want 0 to 1 in another row's column below ", points));
    }
  }
  return {};
}

struct SparseSums {
  double total = 0;         // sum of p
  double p_log_p = 0;       // sum of p ln p
  double weighted_log = 0;  // sum of p ln(1 + |y_i - y_j|^2)
};

SparseSums SumRow(const AffinityView& p, const MapPoints& map, int64_t i) {
  SparseSums sums;
  const auto end = static_cast<size_t>(p.row_start[static_cast<size_t>(i) + 1]);
  for (auto at = static_cast<size_t>(p.row_start[static_cast<size_t>(i)]); at < end; ++at) {
    const double value = p.value[at];
    if (value == 0) continue;
    double square = 1;
    for (int k = 0; k < map.dims; ++k) {
      const std::span<const float> axis = map.axis(k);
      const double difference =
          double{axis[static_cast<size_t>(i)]} - axis[static_cast<size_t>(p.column[at])];
      square += difference * difference;
    }
    sums.total += value;
    sums.p_log_p += value * std::log(value);
    sums.weighted_log += value * std::log(square);
  }
  return sums;
}

}  // namespace

Result<Estimate> SparseKlDivergence(const AffinityView& affinities, const MatrixView& map,
                                    const QualityOptions& options, ThreadPool* pool,
                                    const std::stop_token& stop) {
  RETURN_IF_ERROR(CheckMap(map));
  RETURN_IF_ERROR(CheckEntries(affinities, map.points));
  const MapPoints points = ColumnsOf(map);
  std::vector<SparseSums> rows(static_cast<size_t>(map.points));
  const bool is_done =
      pool->ForBlocks(map.points, kSparseRows, stop, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
          rows[static_cast<size_t>(i)] = SumRow(affinities, points, i);
        }
      });
  if (!is_done) return Cancelled("map quality: stop requested");
  SparseSums sums;
  for (const SparseSums& row : rows) {
    sums.total += row.total;
    sums.p_log_p += row.p_log_p;
    sums.weighted_log += row.weighted_log;
  }
  if (!(std::abs(sums.total - 1) <= kTotalTolerance)) {
    return InvalidArgument(StrCat("affinities: the sum is ", sums.total, ", want 1"));
  }
  ASSIGN_OR_RETURN(const Estimate z, EstimateZ(points, options, pool, stop));
  Estimate kl = z;
  kl.value = sums.p_log_p + sums.weighted_log + sums.total * std::log(z.value);
  kl.standard_error = z.standard_error / z.value;
  return kl;
}

}  // namespace spirogram::projector
