// A graph of nearest neighbours, in which who is named need not name back, as a symmetric matrix:
// what the affinities of t-SNE and the fuzzy set of UMAP have in common.
#pragma once

#include <cstdint>
#include <span>
#include <stop_token>
#include <vector>

#include "base/result.h"
#include "projector/neighbors.h"
#include "projector/threads.h"

namespace spirogram::projector {

// A symmetric matrix in compressed rows, with a zero diagonal and no pair twice.
struct SymmetricEdges {
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

// kInvalidArgument for a graph whose parts do not fit, or with a row that is its own neighbour.
Status CheckNeighborGraph(const NeighborGraph& graph);

struct WeightedColumn {
  int32_t column;
  float value;
};

// Puts the first `neighbors` columns of a row in rising order, with their values, which stand where
// the distances were; the rest of the row is left as it is. `scratch` has `neighbors` entries.
void SortRowByColumn(int64_t row, int neighbors, NeighborGraph* graph,
                     std::vector<WeightedColumn>* scratch);

// What a pair has: of_sum (a + b) + of_product a b, where a and b are the values of its two
// directions, 0 for one that is missing.
struct PairRule {
  float of_sum = 1;
  float of_product = 0;
};

// Both directions of a pair have the same value, bit by bit. Errors: kCancelled.
// REQUIRES: the graph is checked; the first `neighbors` columns of each row rise.
Result<SymmetricEdges> Symmetrise(const NeighborGraph& graph, int neighbors, const PairRule& rule,
                                  ThreadPool* pool, const std::stop_token& stop);

}  // namespace spirogram::projector
