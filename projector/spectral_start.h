// Where the points of a UMAP start by the spectrum of its fuzzy set: the slowest waves of the graph
// lay out its large shape, which the descent, that sees near points alone, hardly changes.
#pragma once

#include <cstdint>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "projector/symmetrise.h"
#include "projector/threads.h"

namespace spirogram::projector {

// The component of each point, numbered by their first points from 0. Points without an edge are
// components of their own.
std::vector<int32_t> GraphComponents(const SymmetricEdges& graph);

struct SpectralStart {
  std::vector<float> coordinates;  // N x d
  int64_t components = 0;          // of the graph
  // Why some points or all stayed where `pca` has them; empty where none did.
  std::string fallback;
};

// D^-1/2 v for each of the d lowest eigenvectors v of the graph's normalised Laplacian, which are
// those of its random walk. A graph of several components has no wave that passes from one to
// another: each then keeps the centre and the size that it has in `pca` (N x d, row-major: the
// first principal components), and is laid out by its own spectrum, turned onto its principal
// components. umap-learn lays the centres out by a spectrum of their distances, which forgets their
// scale. Components of d + 1 points or fewer, and those without convergence, stay as they are in
// `pca`. The same for any number of threads. Errors: kCancelled.
Result<SpectralStart> SpectralLayout(const SymmetricEdges& graph, std::span<const float> pca,
                                     int dims, uint64_t seed, ThreadPool* pool,
                                     const std::stop_token& stop);

}  // namespace spirogram::projector
