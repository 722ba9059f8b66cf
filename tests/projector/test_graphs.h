// The neighbours of small data sets, and their affinities.
#pragma once

#include <gtest/gtest.h>

#include <utility>

#include "projector/neighbors.h"
#include "projector/sparse_affinity.h"
#include "projector/threads.h"
#include "tests/projector/test_data.h"

namespace spirogram::projector {

inline NeighborGraph GraphOf(const Matrix& matrix, int neighbors) {
  ThreadPool pool(2);
  NeighborOptions options;
  options.neighbors = neighbors;
  auto graph = NearestNeighbors(matrix.view(), options, &pool, {}, {});
  EXPECT_TRUE(graph.ok());
  return std::move(graph).value();
}

inline SparseAffinities AffinitiesOf(const Matrix& matrix, int neighbors, double perplexity,
                                     int threads = 2) {
  ThreadPool pool(threads);
  auto p = PerplexityAffinities(GraphOf(matrix, neighbors), perplexity, &pool, {});
  EXPECT_TRUE(p.ok()) << p.error().message;
  return std::move(p).value();
}

}  // namespace spirogram::projector
