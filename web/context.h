// What the program hands to the server (ServerContext) and what handlers see (Context). Nothing
// here is found through globals.
#pragma once

#include <span>

#include "base/clock.h"
#include "store/ingest_log.h"
#include "store/store.h"
#include "web/background_answers.h"
#include "web/embedding_cache.h"
#include "web/projection_jobs.h"
#include "web/projector_functions.h"
#include "web/slots.h"
#include "web/static_files.h"
#include "web/status_info.h"

namespace spirogram::web {

// Everything pointed to outlives the server.
struct ServerContext {
  store::Store* store = nullptr;
  ProjectorFunctions projector;
  StatusInfo status;
  std::span<const StaticFile> static_files = EmbeddedFiles();
  const Clock* clock = &RealClock();
  store::IngestLog* ingest = nullptr;  // null: this server takes nothing in
};

struct Context {
  store::Store& store;
  ProjectionJobs& projections;
  EmbeddingCache& embeddings;
  const StatusInfo& status;
  store::IngestLog* ingest;  // may be null
  Slots& exports;
  BackgroundAnswers& analyses;
  int64_t analysis_memory_max;  // bytes
};

}  // namespace spirogram::web
