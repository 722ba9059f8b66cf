// A projection as a page asks for it and sees it: the nouns of /api/v1/projections.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/types.h"
#include "store/answers.h"

namespace spirogram::web {

enum class ProjectionMethod { kPca, kTsne };
const char* ProjectionMethodName(ProjectionMethod method);  // "pca", "tsne"

// What a client asks for; ranges are checked where it is parsed (web/json.h).
struct ProjectionRequest {
  store::RunId run = 0;
  std::string tag;
  std::optional<Step> step;  // absent: the newest checkpoint
  ProjectionMethod method = ProjectionMethod::kPca;
  int dims = 2;  // 2 or 3
  double perplexity = 30;
  int iterations = 750;
  uint64_t seed = 1;
};

enum class ProjectionState { kQueued, kRunning, kDone, kCancelled, kFailed };
const char* ProjectionStateName(ProjectionState state);  // "queued", "running", ...
inline bool IsFinal(ProjectionState state) {
  return state != ProjectionState::kQueued && state != ProjectionState::kRunning;
}

struct Projection {
  int64_t id = 0;             // unique in this server's life
  ProjectionRequest request;  // with its step filled in
  ProjectionState state = ProjectionState::kQueued;
  int iteration = 0;
  double kl_divergence = std::nan("");  // NaN until measured
  double seconds = 0;                   // of computation so far
  std::string device;                   // empty until known
  int64_t points = 0;                   // N
  std::string error;                    // of a failed one
  std::vector<double> variance_share;   // PCA alone
};

}  // namespace spirogram::web
