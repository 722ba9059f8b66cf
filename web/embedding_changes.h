// What changed between two checkpoints of an embedding, or between two embeddings, of the same
// rows.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/store.h"

namespace spirogram::web {

struct EmbeddingPlace {
  store::RunId run = 0;
  std::string tag;
  Step step = 0;
};

struct EmbeddingChanges {
  std::vector<float> change;  // per row: see projector::NeighborChange
  double cka = 0;             // see projector::Similarity
  double residual = 0;
};

// kInvalidArgument for checkpoints that cannot be compared: rows that differ in number, too few for
// `neighbors`, or more than `memory_max` bytes.
Status CheckComparable(const store::EmbeddingInfo& from, const store::EmbeddingInfo& to,
                       int64_t neighbors, int64_t memory_max);

// Takes seconds to minutes, on threads of the lowest priority. Errors: those of the store and of
// CheckComparable; kInvalidArgument (NaN or infinity: the row is named), kCancelled.
Result<EmbeddingChanges> CompareCheckpoints(store::Store& store, const EmbeddingPlace& from,
                                            const EmbeddingPlace& to, int64_t neighbors,
                                            int64_t memory_max, const std::stop_token& stop);

}  // namespace spirogram::web
