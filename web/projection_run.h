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

// Without a start: its coordinates are the job's.
projector::TsneOptions TsneOptionsFor(const ProjectionRequest& request, int64_t points);
projector::UmapOptions UmapOptionsFor(const ProjectionRequest& request, int64_t points);

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

// Rotates and reflects `map` onto `start`, both N x dims, and returns the share of the start's
// variance, 0 to 1, that the map does not have at any scale (projector/procrustes.h). Errors:
// kInvalidArgument (NaN or infinity); `map` stays.
Result<double> AlignOnto(std::span<const float> start, int dims, std::vector<float>* map);

}  // namespace spirogram::web
