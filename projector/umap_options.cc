#include "projector/umap_options.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/str.h"
#include "projector/init.h"
#include "projector/map_points.h"
#include "projector/random.h"
#include "projector/spectral_start.h"

namespace spirogram::projector {
namespace {

constexpr double kSpreadMax = 1000;
constexpr int kEpochsMax = 100'000;
// Epochs are counted in float32 (umap_layout.cc).
constexpr int kEpochsBeforeMax = 10'000'000;
constexpr int kNegativeSamplesMax = 1000;
constexpr double kLearningRateMax = 100;
constexpr int64_t kFewPoints = 10'000;
constexpr int kEpochsOfFew = 500;
constexpr int kEpochsOfMany = 200;
constexpr float kStartSize = 10;  // the farthest coordinate at the start
constexpr float kSpectralNoise = 1e-4F;
constexpr float kGivenMax = 1e6F;

Status CheckShape(int64_t points, const UmapOptions& options) {
  if (options.dims != 2 && options.dims != 3) {
    return InvalidArgument(StrCat("UMAP: got ", options.dims, " dims, want 2 or 3"));
  }
  if (points < 2 || points > std::numeric_limits<int32_t>::max()) {
    return InvalidArgument(
        StrCat("UMAP: got ", points, " points, want 2 to ", std::numeric_limits<int32_t>::max()));
  }
  if (options.neighbors < 2 || options.neighbors > points) {
    return InvalidArgument(StrCat("UMAP: got ", options.neighbors, " neighbours, want 2 to ",
                                  points, ", all points: a point counts itself"));
  }
  if (!(options.spread > 0 && options.spread <= kSpreadMax)) {
    return InvalidArgument(
        StrCat("UMAP: got spread ", options.spread, ", want above 0 to ", kSpreadMax));
  }
  if (!(options.min_dist >= 0 && options.min_dist <= options.spread)) {
    return InvalidArgument(StrCat("UMAP: got min_dist ", options.min_dist, ", want 0 to ",
                                  options.spread, ", the spread"));
  }
  return {};
}

Status CheckSchedule(const UmapOptions& options) {
  if (options.epochs < 0 || options.epochs > kEpochsMax) {
    return InvalidArgument(StrCat("UMAP: got ", options.epochs, " epochs, want 1 to ", kEpochsMax,
                                  ", or 0 for as many as suit the points"));
  }
  const bool is_given = options.init == TsneOptions::Init::kGiven;
  if (options.epochs_before < 0 || options.epochs_before > (is_given ? kEpochsBeforeMax : 0)) {
    return InvalidArgument(StrCat("UMAP: got ", options.epochs_before, " epochs before, want 0 to ",
                                  kEpochsBeforeMax, " of a given start, and 0 of others"));
  }
  if (options.negative_samples < 0 || options.negative_samples > kNegativeSamplesMax) {
    return InvalidArgument(StrCat("UMAP: got ", options.negative_samples,
                                  " negative samples, want 0 to ", kNegativeSamplesMax));
  }
  if (!(options.learning_rate > 0 && options.learning_rate <= kLearningRateMax)) {
    return InvalidArgument(StrCat("UMAP: got learning rate ", options.learning_rate,
                                  ", want above 0 to ", kLearningRateMax));
  }
  if (options.report_interval < 1 || options.threads < 0) {
    return InvalidArgument(StrCat("UMAP: got report interval ", options.report_interval, " and ",
                                  options.threads, " threads, want at least 1 and 0"));
  }
  return {};
}

Status CheckGiven(int64_t points, const UmapOptions& options) {
  if (options.init != TsneOptions::Init::kGiven) return {};
  if (std::ssize(options.start) != points * options.dims) {
    return InvalidArgument(StrCat("UMAP: got a start of ", options.start.size(), " values, want ",
                                  points, " x ", options.dims));
  }
  for (size_t at = 0; at < options.start.size(); ++at) {
    if (std::abs(options.start[at]) <= kGivenMax) continue;
    return InvalidArgument(StrCat("UMAP: the start of row ", at / static_cast<size_t>(options.dims),
                                  " is ", options.start[at], ", want a number from -1e6 to 1e6"));
  }
  return {};
}

void ScaleToStartSize(std::span<float> values) {
  float farthest = 0;
  for (const float value : values) farthest = std::max(farthest, std::abs(value));
  const float scale = farthest > 0 ? kStartSize / farthest : 1;
  for (float& value : values) value *= scale;
}

}  // namespace

Status CheckUmapOptions(int64_t points, const UmapOptions& options) {
  RETURN_IF_ERROR(CheckShape(points, options));
  RETURN_IF_ERROR(CheckSchedule(options));
  return CheckGiven(points, options);
}

int UmapEpochs(int64_t points, const UmapOptions& options) {
  if (options.epochs > 0) return options.epochs;
  return points <= kFewPoints ? kEpochsOfFew : kEpochsOfMany;
}

Result<std::vector<float>> UmapStart(const MatrixView& matrix, const UmapOptions& options,
                                     const std::stop_token& stop) {
  if (options.init == TsneOptions::Init::kGiven) {
    return std::vector<float>(options.start.begin(), options.start.end());
  }
  MapPoints start;
  if (options.init == TsneOptions::Init::kRandom) {
    start = RandomInit(matrix.points, options.dims, options.seed);
  } else {
    ASSIGN_OR_RETURN(start, PcaInit(matrix,
                                    {.components = options.dims,
                                     .seed = options.seed,
                                     .threads = options.threads,
                                     .courtesy = options.courtesy},
                                    stop));
  }
  std::vector<float> rows(start.values.size());
  CopyRowMajor(start, rows);
  ScaleToStartSize(rows);
  return rows;
}

Result<std::vector<float>> SpectralUmapStart(const SymmetricEdges& fuzzy_set,
                                             std::span<const float> pca, const UmapOptions& options,
                                             ThreadPool* pool, const std::stop_token& stop,
                                             std::string* fallback) {
  ASSIGN_OR_RETURN(SpectralStart start,
                   SpectralLayout(fuzzy_set, pca, options.dims, options.seed, pool, stop));
  *fallback = std::move(start.fallback);
  ScaleToStartSize(start.coordinates);
  // Points that the graph cannot tell apart can still part.
  Random random(options.seed);
  for (float& value : start.coordinates) {
    value += kSpectralNoise * static_cast<float>(random.NextNormal());
  }
  return std::move(start.coordinates);
}

}  // namespace spirogram::projector
