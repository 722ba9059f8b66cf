// Neighbours, statistics and findings of embeddings as JSON (web/json.h). Pure functions.
#pragma once

#include <cstdint>
#include <string>

#include "projector/projector.h"
#include "web/embedding_changes.h"
#include "web/embedding_report.h"

namespace spirogram::web {

// The fields of the columns item of neighbours.
std::string NeighborsItemJson(int64_t row, Step step, projector::Metric metric);
// The fields of the columns item of changes.
std::string ChangesItemJson(Step step, Step from_step, int64_t neighbors,
                            const EmbeddingChanges& changes);
// Of a finding's rows and of each cluster's at most the first 1,000.
std::string EmbeddingReportJson(const EmbeddingReport& report);

}  // namespace spirogram::web
