// The fuzzy set that UMAP lays out: how far each pair of neighbours belongs together, from 0 to 1.
#pragma once

#include <span>
#include <stop_token>

#include "base/result.h"
#include "projector/neighbors.h"
#include "projector/symmetrise.h"
#include "projector/threads.h"

namespace spirogram::projector {

// exp(-max(0, d - rho) / sigma) for the distances d of one point to its nearest others, rising: rho
// is the smallest that is not 0 (local connectivity 1) and sigma such that the memberships sum to
// `target`. Where too many distances are at most rho (duplicates) the sum stays above it; a sigma
// below 1e-3 of the mean distance, the point's own 0 included, is raised to that, as in umap-learn.
// REQUIRES: 0 < target <= distances.size() == memberships.size().
void CalibrateMemberships(std::span<const float> distances, double target,
                          std::span<float> memberships);

// The memberships of both directions, a and b, joined to a + b - ab: the probability that at least
// one of them is there. Row sums of the calibration are log2(k), k counting the point itself: one
// more than the graph's. The graph is taken over. Errors: kInvalidArgument (a graph whose parts do
// not fit, or with a row that is its own neighbour), kCancelled.
Result<SymmetricEdges> FuzzySet(NeighborGraph graph, ThreadPool* pool, const std::stop_token& stop);

}  // namespace spirogram::projector
