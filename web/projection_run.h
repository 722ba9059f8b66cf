// What a projection job asks of the projector: options, memory, quality, alignment. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

#include "base/result.h"
#include "projector/projector.h"
#include "projector/umap.h"
#include "store/answers.h"
#include "web/projection.h"

namespace spirogram::web {

// What is used of what was asked for where rows were left out: fewer have fewer neighbours.
// `points` are those that are not.
double UsedPerplexity(const ProjectionRequest& request, int64_t points);
int UsedNeighbors(const ProjectionRequest& request, int64_t points);

// Of rows of `dims` numbers.
projector::PcaOptions PcaOptionsFor(const ProjectionRequest& request, int64_t dims);
// Without a start: its coordinates are the job's.
projector::TsneOptions TsneOptionsFor(const ProjectionRequest& request, int64_t points);
projector::UmapOptions UmapOptionsFor(const ProjectionRequest& request, int64_t points);

// Whether a descent that began with `planned` iterations to go, and was told to end after those of
// the request, moved as the request's own would have.
bool HasSameSchedule(const ProjectionRequest& request, int planned);

// Of the shares of variance of principal components those of the axes that are drawn; those of
// other methods are of axes as they are.
std::vector<double> SharesOfAxes(const ProjectionRequest& request,
                                 const std::vector<double>& shares);

// Lowers what the client left to the defaults, which are made for many rows, to what few allow.
void FitToRows(int64_t points, ProjectionRequest* request);

// kInvalidArgument where the request does not fit the embedding or would take more than
// `memory_max` bytes, the matrix included; got and allowed are named.
Status CheckAgainst(const ProjectionRequest& request, const store::EmbeddingInfo& info,
                    int64_t memory_max);

// kInvalidArgument where rows of `info` cannot be placed on the map `onto`, drawn of `old_rows`, or
// would take more memory than that, or more work than kPlacementPairsMax.
Status CheckPlacement(const Projection& onto, const store::EmbeddingInfo& old_rows,
                      const store::EmbeddingInfo& info, int64_t memory_max);

// Pairs of a placed row and one of the map: each costs its D dims once and some hundred steps on
// the map. 100,000 rows on a map of 200,000 take about an hour of two cores.
inline constexpr int64_t kPlacementPairsMax = 20'000'000'000;

// On as many rows as can be compared with all others in some seconds, at most 2,000.
// Trustworthiness and recall only: the KL divergence is the descent's to say. Nothing for fewer
// than 4 points and for maps that cannot be judged. kCancelled.
Result<std::optional<ProjectionQuality>> MeasureQuality(const ProjectionRequest& request,
                                                        const projector::MatrixView& matrix,
                                                        std::span<const float> map,
                                                        const std::stop_token& stop);

// The metric by which a job compares rows as they were logged: Euclidean where it moves them first,
// or knows no other.
projector::Metric RawMetric(const ProjectionRequest& request);

// Rows of a map that have no place on it, ascending.
std::vector<int64_t> RowsWithoutPlace(std::span<const float> map, int dims);

// The map to start from, for a table without some rows. A row that has a place for the first time
// begins in the middle.
std::vector<float> StartWithout(std::span<const int64_t> left_out, std::span<const float> map,
                                int dims);

// Rotates and reflects `map` onto `start`, both N x dims, by the rows
// that have a place on both, and returns the share of the start's
// variance, 0 to 1, that the map does not have at any scale (projector/procrustes.h). Errors:
// kInvalidArgument (no such row); `map` stays.
Result<double> AlignOnto(std::span<const float> start, int dims, std::vector<float>* map);

}  // namespace spirogram::web
