#include "projector/tsne_options.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/str.h"
#include "projector/init.h"

namespace spirogram::projector {
namespace {

constexpr double kExaggerationMax = 1000;
constexpr double kGridSpacingMin = 1.0 / 16;
constexpr double kGridSpacingMax = 2;
// Measured on MNIST: at 10,000 points 0.35 leaves the KL divergence 0.008 above the exact method's
// and 0.25 nothing; at 300,000 the grid costs as much as all else.
constexpr int64_t kFewPoints = 50'000;
constexpr int64_t kManyPoints = 300'000;
constexpr double kFineSpacing = 0.25;
constexpr double kMiddleSpacing = 0.35;
constexpr double kCoarseSpacing = 0.5;
constexpr float kStartMax = 1e6F;  // far beyond any map, and far from float32's end when squared

Status CheckAffinity(int64_t points, const TsneOptions& options) {
  if (options.affinity == TsneOptions::Affinity::kUniform) {
    if (options.uniform_neighbors >= 1 && options.uniform_neighbors < points) return {};
    return InvalidArgument(StrCat("t-SNE: got ", options.uniform_neighbors,
                                  " neighbours of one weight, want 1 to ", points - 1,
                                  ", the other points"));
  }
  const double perplexity_max = static_cast<double>(points - 1) / 3;
  if (options.perplexity >= 1 && options.perplexity <= perplexity_max) return {};
  return InvalidArgument(StrCat("t-SNE: got perplexity ", options.perplexity, ", want 1 to ",
                                perplexity_max, ", a third of the other points"));
}

Status CheckSchedule(const TsneOptions& options) {
  if (options.iterations < 1 || options.early_exaggeration_iterations < 0 ||
      options.late_exaggeration_iterations < 0) {
    return InvalidArgument(StrCat("t-SNE: got ", options.iterations, " iterations, ",
                                  options.early_exaggeration_iterations, " and ",
                                  options.late_exaggeration_iterations,
                                  " of them exaggerated, want at least 1 and 0"));
  }
  for (const auto& [name, value] :
       {std::pair("early", options.early_exaggeration), {"late", options.late_exaggeration}}) {
    if (value >= 1 && value <= kExaggerationMax) continue;
    return InvalidArgument(
        StrCat("t-SNE: got ", name, " exaggeration ", value, ", want 1 to 1000"));
  }
  if (!(options.kl_tolerance >= 0 && options.kl_tolerance < 1)) {
    return InvalidArgument(
        StrCat("t-SNE: got KL tolerance ", options.kl_tolerance, ", want a share from 0 to 1"));
  }
  return {};
}

Status CheckStart(int64_t points, const TsneOptions& options) {
  if (options.init == TsneOptions::Init::kSpectral) {
    return InvalidArgument("t-SNE: a spectral start is UMAP's, want pca, random or a given one");
  }
  if (options.init != TsneOptions::Init::kGiven) return {};
  if (std::ssize(options.start) != points * options.dims) {
    return InvalidArgument(StrCat("t-SNE: got a start of ", options.start.size(), " values, want ",
                                  points, " x ", options.dims));
  }
  for (size_t at = 0; at < options.start.size(); ++at) {
    if (std::abs(options.start[at]) <= kStartMax) continue;
    return InvalidArgument(StrCat("t-SNE: the start of row ",
                                  at / static_cast<size_t>(options.dims), " is ", options.start[at],
                                  ", want a number from -1e6 to 1e6"));
  }
  return {};
}

}  // namespace

Status CheckTsneOptions(int64_t points, const TsneOptions& options) {
  if (options.dims != 2 && options.dims != 3) {
    return InvalidArgument(StrCat("t-SNE: got ", options.dims, " dims, want 2 or 3"));
  }
  RETURN_IF_ERROR(CheckAffinity(points, options));
  RETURN_IF_ERROR(CheckSchedule(options));
  RETURN_IF_ERROR(CheckStart(points, options));
  const double spacing = options.grid_spacing;
  if (spacing != 0 && !(spacing >= kGridSpacingMin && spacing <= kGridSpacingMax)) {
    return InvalidArgument(StrCat("t-SNE: got grid spacing ", spacing, ", want 1/16 to 2, or 0"));
  }
  if (options.report_interval < 1 || options.threads < 0) {
    return InvalidArgument(StrCat("t-SNE: got report interval ", options.report_interval, " and ",
                                  options.threads, " threads, want at least 1 and 0"));
  }
  return {};
}

double TsneGridSpacing(int64_t points, const TsneOptions& options) {
  if (options.grid_spacing != 0) return options.grid_spacing;
  if (points < kFewPoints) return kFineSpacing;
  return points < kManyPoints ? kMiddleSpacing : kCoarseSpacing;
}

// Kept forces hold a descent back a little: they cost 0.003 of the KL divergence at 70,000 points,
// where they save a third of its time, and more at 10,000, where there is little to save.
ForceCadence TsneCadence(int64_t points) {
  if (points < kFewPoints) return {};
  ForceCadence cadence;
  cadence.repulsion = 2;
  cadence.weak_attraction = 6;
  return cadence;
}

int TsneNeighbors(int64_t points, const TsneOptions& options) {
  const double wanted = options.affinity == TsneOptions::Affinity::kUniform
                            ? options.uniform_neighbors
                            : std::ceil(3 * options.perplexity);
  return static_cast<int>(std::min(wanted, static_cast<double>(points - 1)));
}

Result<MapPoints> TsneStart(const MatrixView& matrix, const TsneOptions& options,
                            const std::stop_token& stop) {
  switch (options.init) {
    case TsneOptions::Init::kPca:
      return PcaInit(matrix,
                     {.components = options.dims,
                      .seed = options.seed,
                      .device = options.device,
                      .threads = options.threads,
                      .courtesy = options.courtesy},
                     stop);
    case TsneOptions::Init::kRandom:
      return RandomInit(matrix.points, options.dims, options.seed);
    case TsneOptions::Init::kGiven:
    case TsneOptions::Init::kSpectral:  // refused
      break;
  }
  MapPoints map(matrix.points, options.dims);
  for (int k = 0; k < options.dims; ++k) {
    auto at = static_cast<size_t>(k);
    for (float& value : map.axis(k)) {
      value = options.start[at];
      at += static_cast<size_t>(options.dims);
    }
  }
  return map;
}

}  // namespace spirogram::projector
