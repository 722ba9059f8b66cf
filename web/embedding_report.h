// What an embedding looks like as a whole, and what is wrong with it, from the store's rows and
// metadata.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "projector/findings.h"
#include "projector/statistics.h"
#include "store/store.h"

namespace spirogram::web {

struct EmbeddingReport {
  Step step = 0;
  projector::EmbeddingStatistics statistics;
  std::vector<projector::Checkpoint> history;  // of a sample of rows (embedding_history.h)
  std::vector<projector::EmbeddingFinding> findings;
};

// One checkpoint of an embedding, of a step that was logged twice the last. kNotFound names it.
Result<store::EmbeddingInfo> FindCheckpoint(store::Store& store, store::RunId run,
                                            const std::string& tag, Step step);

// kInvalidArgument where comparing the rows of these embeddings takes more than `memory_max` bytes.
Status CheckAnalysisMemory(std::span<const store::EmbeddingInfo> embeddings, int64_t neighbors,
                           int64_t memory_max);

// Rows that hold NaN or an infinity are a finding, and in none of the figures.
// Takes seconds to minutes, on threads of the lowest priority. Rows are held against those of the
// first checkpoint where it has as many dims. Errors: those of the store; kInvalidArgument (fewer
// than 3 rows that are finite, more than half of them not; memory), kCancelled.
Result<EmbeddingReport> ReportEmbedding(store::Store& store, store::RunId run,
                                        const std::string& tag, Step step, int64_t memory_max,
                                        const std::stop_token& stop);

}  // namespace spirogram::web
