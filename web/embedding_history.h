// How an embedding looked at its checkpoints: what tells a decline from an embedding that is as it
// always was.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "projector/findings.h"
#include "projector/threads.h"
#include "store/store.h"

namespace spirogram::web {

// Up to `present`, which is among them, ascending by step: checkpoints of its shape, evenly spread
// where there are many, each as MeasureCheckpoint sees it (projector/findings.h). The loss is that
// of the run's scalar whose name says so, NaN where there is none. Checkpoints with NaN or infinity
// among those rows are left out. Errors: those of the store; kCancelled.
Result<std::vector<projector::Checkpoint>> ReadEmbeddingHistory(
    store::Store& store, store::RunId run, const std::string& tag, const store::Embedding& present,
    projector::ThreadPool* pool, const std::stop_token& stop);

// The name that most likely is the training's loss; empty where none is.
std::string ChooseLoss(const std::vector<store::Tag>& tags);

}  // namespace spirogram::web
