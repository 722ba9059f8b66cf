#include "web/projection_run.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/str.h"
#include "projector/finite_rows.h"
#include "projector/procrustes.h"
#include "projector/quality.h"
#include "projector/threads.h"
#include "web/projection_axes.h"

namespace spirogram::web {
namespace {

using Affinity = projector::TsneOptions::Affinity;

constexpr int64_t kUniformNeighbors = 15;
// Above it ten iterations take long, and a page would wait for its pause.
constexpr int64_t kPointsOfFewReports = 50'000;
// Multiplications of the evaluator, so that it takes some seconds: ranking a pair of rows costs as
// much as this many dims.
constexpr int64_t kQualityProducts = 20'000'000'000;
constexpr int64_t kRankDims = 200;
constexpr int64_t kQueriesMin = 50;
constexpr int64_t kQueriesMax = 2'000;

std::vector<int> DrawnComponents(const ProjectionRequest& request) {
  if (!request.components.empty()) return request.components;
  std::vector<int> first(static_cast<size_t>(request.dims));
  std::iota(first.begin(), first.end(), 0);
  return first;
}

Status CheckPca(const ProjectionRequest& request, const store::EmbeddingInfo& info) {
  for (const int component : request.components) {
    if (component < info.dims) continue;
    return InvalidArgument(StrCat("field components: got ", component + 1, ", want at most ",
                                  info.dims, ", the dims of the embedding"));
  }
  return {};
}

Status CheckTsne(const ProjectionRequest& request, const store::EmbeddingInfo& info) {
  if (info.rows < projector::kTsnePointsMin) {
    return InvalidArgument(
        StrCat("t-SNE: got ", info.rows, " points, want at least ", projector::kTsnePointsMin));
  }
  if (request.init == ProjectionInit::kSpectral) {
    return InvalidArgument("field init: a spectral start is UMAP's, want pca or random");
  }
  if (request.affinity == Affinity::kUniform) return {};
  const double perplexity_max = static_cast<double>(info.rows - 1) / 3;
  if (request.perplexity <= perplexity_max) return {};
  return InvalidArgument(StrCat("field perplexity: got ", request.perplexity, ", want at most ",
                                perplexity_max, ", a third of the other points"));
}

Status CheckUmap(const ProjectionRequest& request, const store::EmbeddingInfo& info) {
  if (info.rows >= 2 && request.neighbors <= info.rows) return {};
  return InvalidArgument(StrCat("field n_neighbors: got ", request.neighbors, " of ", info.rows,
                                " points, want at most all, and at least 2 points"));
}

Status CheckMemory(const std::string& what, int64_t dims, int64_t bytes, int64_t memory_max,
                   const char* advice) {
  if (bytes <= memory_max) return {};
  return InvalidArgument(StrCat(what, " of ", dims, " dims takes ", bytes >> 20,
                                " MiB, want at most ", memory_max >> 20, " MiB", advice));
}

projector::TsneOptions::Init InitFor(const ProjectionRequest& request) {
  switch (request.init) {
    case ProjectionInit::kPca:
      return projector::TsneOptions::Init::kPca;
    case ProjectionInit::kRandom:
      return projector::TsneOptions::Init::kRandom;
    case ProjectionInit::kSpectral:
      return projector::TsneOptions::Init::kSpectral;
  }
  return projector::TsneOptions::Init::kPca;
}

}  // namespace

double UsedPerplexity(const ProjectionRequest& request, int64_t points) {
  return std::max(1.0, std::min(request.perplexity, static_cast<double>(points - 1) / 3));
}

void FitToRows(int64_t points, ProjectionRequest* request) {
  // Whole, as the pages and the command line take it.
  const auto third = std::max<int64_t>(1, (points - 1) / 3);
  if (request->fits_perplexity) {
    request->perplexity = std::min(request->perplexity, static_cast<double>(third));
  }
  if (request->fits_neighbors) request->neighbors = UsedNeighbors(*request, points);
}

int UsedNeighbors(const ProjectionRequest& request, int64_t points) {
  return static_cast<int>(std::min<int64_t>(request.neighbors, std::max<int64_t>(points, 2)));
}

projector::PcaOptions PcaOptionsFor(const ProjectionRequest& request, int64_t dims) {
  projector::PcaOptions options;
  options.components =
      std::max(request.dims, static_cast<int>(std::min<int64_t>(kComponentsMax, dims)));
  options.drawn = DrawnComponents(request);
  options.seed = request.seed;
  return options;
}

std::vector<double> SharesOfAxes(const ProjectionRequest& request,
                                 const std::vector<double>& shares) {
  if (request.method != ProjectionMethod::kPca || shares.empty()) return shares;
  std::vector<double> of_axes;
  for (const int component : DrawnComponents(request)) {
    const auto at = static_cast<size_t>(component);
    of_axes.push_back(at < shares.size() ? shares[at] : 0);
  }
  return of_axes;
}

projector::TsneOptions TsneOptionsFor(const ProjectionRequest& request, int64_t points) {
  projector::TsneOptions options;
  options.dims = request.dims;
  options.affinity = request.affinity;
  options.perplexity = UsedPerplexity(request, points);
  options.uniform_neighbors = static_cast<int>(std::min(kUniformNeighbors, points - 1));
  options.metric = request.metric;
  options.iterations = request.iterations;
  options.early_exaggeration_iterations =
      projector::EarlyExaggerationIterations(request.iterations);
  options.late_exaggeration = request.late_exaggeration;
  options.late_exaggeration_iterations = request.late_exaggeration_iterations;
  options.kl_tolerance = request.kl_tolerance;
  options.seed = request.seed;
  options.init = InitFor(request);
  if (points > kPointsOfFewReports) options.report_interval = 1;
  return options;
}

projector::UmapOptions UmapOptionsFor(const ProjectionRequest& request, int64_t points) {
  projector::UmapOptions options;
  options.dims = request.dims;
  options.neighbors = UsedNeighbors(request, points);
  options.min_dist = request.min_dist;
  options.metric = request.metric;
  options.epochs = request.iterations;
  options.seed = request.seed;
  options.init = InitFor(request);
  if (points > kPointsOfFewReports) options.report_interval = 1;
  return options;
}

bool HasSameSchedule(const ProjectionRequest& request, int planned) {
  if (request.iterations == planned) return true;
  // The learning rate of UMAP falls towards its end.
  if (request.method != ProjectionMethod::kTsne) return false;
  if (request.late_exaggeration != 1 && request.late_exaggeration_iterations > 0) return false;
  return request.start || projector::EarlyExaggerationIterations(request.iterations) ==
                              projector::EarlyExaggerationIterations(planned);
}

Status CheckPlacement(const Projection& onto, const store::EmbeddingInfo& old_rows,
                      const store::EmbeddingInfo& info, int64_t memory_max) {
  const std::string name = StrCat("field onto: projection ", onto.id);
  if (onto.request.method == ProjectionMethod::kPlacement) {
    return InvalidArgument(StrCat(name, " is itself a placement, want projection ",
                                  onto.request.onto.value_or(0), " that it lies on, or another"));
  }
  if (old_rows.rows != onto.points) {
    return InvalidArgument(StrCat(name, " is of ", onto.points, " rows, but step ", old_rows.step,
                                  " of ", onto.request.tag, " has ", old_rows.rows, " by now"));
  }
  if (old_rows.dims != info.dims) {
    return InvalidArgument(StrCat(name, " is of rows of ", old_rows.dims,
                                  " dims, want rows of as many to place on it: got ", info.dims));
  }
  if (old_rows.rows < 2) {
    return InvalidArgument(StrCat(name, " has ", old_rows.rows, " rows, want at least 2"));
  }
  if (info.rows > kPlacementPairsMax / old_rows.rows) {
    return InvalidArgument(StrCat("a placement of ", info.rows, " rows on a map of ", old_rows.rows,
                                  " takes ", info.rows, " x ", old_rows.rows,
                                  " pairs, want at most ", kPlacementPairsMax));
  }
  const int64_t rows = old_rows.rows + info.rows;
  const int64_t floats = rows * (info.dims + 2 * onto.request.dims);
  return CheckMemory(StrCat("a placement of ", info.rows, " rows on ", old_rows.rows), info.dims,
                     floats * static_cast<int64_t>(sizeof(float)), memory_max, "");
}

Status CheckAgainst(const ProjectionRequest& request, const store::EmbeddingInfo& info,
                    int64_t memory_max) {
  if (request.onto.has_value() != (request.method == ProjectionMethod::kPlacement)) {
    return InvalidArgument(StrCat(
        "field onto: a ", ProjectionMethodName(request.method),
        request.onto ? " draws a map of its own" : " wants the projection to place the rows on"));
  }
  int64_t bytes = info.rows * info.dims * static_cast<int64_t>(sizeof(float));
  if (request.method == ProjectionMethod::kAxes) {
    RETURN_IF_ERROR(CheckAxes(request, info));
  } else if (!request.axes.empty()) {
    return InvalidArgument(
        StrCat("field axes: a ", ProjectionMethodName(request.method), " chooses its own"));
  }
  if (request.method == ProjectionMethod::kPca) {
    RETURN_IF_ERROR(CheckPca(request, info));
  } else if (request.method == ProjectionMethod::kTsne) {
    RETURN_IF_ERROR(CheckTsne(request, info));
    bytes += projector::TsneMemoryBytes(info.rows, info.dims, TsneOptionsFor(request, info.rows));
  } else if (request.method == ProjectionMethod::kUmap) {
    RETURN_IF_ERROR(CheckUmap(request, info));
    bytes += projector::UmapMemoryBytes(info.rows, info.dims, UmapOptionsFor(request, info.rows));
  }
  const char* advice = request.method == ProjectionMethod::kTsne ? ": a lower perplexity takes less"
                       : request.method == ProjectionMethod::kUmap ? ": fewer neighbours take less"
                                                                   : "";
  return CheckMemory(
      StrCat("a ", ProjectionMethodName(request.method), " of ", info.rows, " points"), info.dims,
      bytes, memory_max, advice);
}

Result<std::optional<ProjectionQuality>> MeasureQuality(const ProjectionRequest& request,
                                                        const projector::MatrixView& matrix,
                                                        std::span<const float> map,
                                                        const std::stop_token& stop) {
  projector::QualityOptions options;
  // PCA knows one metric.
  if (request.method != ProjectionMethod::kPca) options.metric = request.metric;
  options.seed = request.seed;
  const int64_t products =
      std::max<int64_t>(matrix.points * (matrix.dims + request.dims + kRankDims), 1);
  options.queries = std::clamp(kQualityProducts / products, kQueriesMin, kQueriesMax);
  options.rows_exact_max = options.queries;
  projector::ThreadPool pool(0, projector::Courtesy::kYield);
  const auto judged = projector::JudgeMap(matrix, {map, matrix.points, request.dims}, nullptr, {},
                                          options, &pool, stop, {});
  if (!judged.ok()) {
    if (judged.error().code == ErrorCode::kCancelled) return judged.error();
    return std::optional<ProjectionQuality>();
  }
  ProjectionQuality quality;
  quality.trustworthiness = judged->trustworthiness.value;
  quality.recall_10 = judged->recall_10.value;
  quality.queries = judged->recall_10.samples;
  quality.span = judged->span;
  return std::optional(quality);
}

projector::Metric RawMetric(const ProjectionRequest& request) {
  const bool is_other = request.sphereize || request.method == ProjectionMethod::kPca ||
                        request.method == ProjectionMethod::kAxes;
  return is_other ? projector::Metric::kEuclidean : request.metric;
}

std::vector<int64_t> RowsWithoutPlace(std::span<const float> map, int dims) {
  std::vector<int64_t> rows;
  for (size_t at = 0; at < map.size(); at += static_cast<size_t>(dims)) {
    if (!std::isfinite(map[at])) rows.push_back(static_cast<int64_t>(at) / dims);
  }
  return rows;
}

std::vector<float> StartWithout(std::span<const int64_t> left_out, std::span<const float> map,
                                int dims) {
  std::vector<float> start(map.begin(), map.end());
  projector::TakeRowsOut(left_out, dims, &start);
  const auto width = static_cast<size_t>(dims);
  for (size_t axis = 0; axis < width; ++axis) {
    double sum = 0;
    int64_t count = 0;
    for (size_t at = axis; at < start.size(); at += width) {
      if (!std::isfinite(start[at])) continue;
      sum += start[at];
      ++count;
    }
    const auto middle = static_cast<float>(count > 0 ? sum / static_cast<double>(count) : 0);
    for (size_t at = axis; at < start.size(); at += width) {
      if (!std::isfinite(start[at])) start[at] = middle;
    }
  }
  return start;
}

Result<double> AlignOnto(std::span<const float> start, int dims, std::vector<float>* map) {
  std::vector<std::pair<int64_t, int64_t>> pairs;
  pairs.reserve(map->size() / static_cast<size_t>(dims));
  for (size_t at = 0; at < map->size(); at += static_cast<size_t>(dims)) {
    const auto row = static_cast<int64_t>(at) / dims;
    if (std::isfinite((*map)[at]) && std::isfinite(start[at])) pairs.emplace_back(row, row);
  }
  ASSIGN_OR_RETURN(projector::Alignment alignment,
                   projector::AlignMaps(*map, start, dims, pairs, {.may_scale = true}));
  // A map that has grown is the same map: the residual says so, but the size is the map's own.
  alignment.scale = 1;
  *map = projector::ApplyAlignment(alignment, *map);
  return alignment.residual;
}

}  // namespace spirogram::web
