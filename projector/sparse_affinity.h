// P, the joint probabilities of t-SNE, over the nearest neighbours alone.
//
// The conditional probability of the far points is as good as 0: with the 3 x perplexity nearest
// neighbours the KL divergence of a map differs in the third decimal from that over all pairs
// (van der Maaten 2014, 4.1), and P takes 1 KB a point instead of 4 N bytes.
#pragma once

#include <cstdint>
#include <span>
#include <stop_token>
#include <vector>

#include "base/result.h"
#include "projector/neighbors.h"
#include "projector/threads.h"

namespace spirogram::projector {

// A symmetric matrix in compressed rows, with a zero diagonal, no pair twice, and the sum 1.
struct SparseAffinities {
  int64_t points = 0;               // N
  std::vector<int64_t> row_starts;  // N + 1
  std::vector<int32_t> columns;     // rising within a row
  std::vector<float> values;

  std::span<const int32_t> RowColumns(int64_t row) const {
    return std::span(columns).subspan(Start(row), Start(row + 1) - Start(row));
  }
  std::span<const float> RowValues(int64_t row) const {
    return std::span(values).subspan(Start(row), Start(row + 1) - Start(row));
  }

 private:
  size_t Start(int64_t row) const {
    return static_cast<size_t>(row_starts[static_cast<size_t>(row)]);
  }
};

// How the neighbours of a row share its probability: a Gaussian of that perplexity, or where
// `uniform_neighbors` is above 0 so many nearest ones in equal parts.
struct AffinityKind {
  double perplexity = 30;
  int uniform_neighbors = 0;
};

// p_ij = (p_{j|i} + p_{i|j}) / 2N, p_{j|i} a Gaussian of the wanted perplexity over the neighbours
// of i, whatever their metric. The graph is taken over: its distances become probabilities in
// place. Errors: kInvalidArgument (the perplexity is not in [1, k]: no Gaussian reaches it; a graph
// whose parts do not fit, or with a row that is its own neighbour), kCancelled.
Result<SparseAffinities> PerplexityAffinities(NeighborGraph graph, double perplexity,
                                              ThreadPool* pool, const std::stop_token& stop);

// p_{j|i} = 1/k for each of the k nearest neighbours: another objective than t-SNE's, with a sixth
// of its work at k = 15, for a fast look. Errors: as above; kInvalidArgument for k beyond the
// graph's.
Result<SparseAffinities> UniformAffinities(NeighborGraph graph, int neighbors, ThreadPool* pool,
                                           const std::stop_token& stop);

// The checks of the two, for who computes the same elsewhere. kInvalidArgument.
Status CheckPerplexityAffinities(const NeighborGraph& graph, double perplexity);
Status CheckUniformAffinities(const NeighborGraph& graph, int neighbors);

}  // namespace spirogram::projector
