#include "web/projection.h"

namespace spirogram::web {

const char* ProjectionMethodName(ProjectionMethod method) {
  switch (method) {
    case ProjectionMethod::kPca:
      return "pca";
    case ProjectionMethod::kTsne:
      return "tsne";
    case ProjectionMethod::kUmap:
      return "umap";
    case ProjectionMethod::kAxes:
      return "axes";
    case ProjectionMethod::kPlacement:
      return "placement";
  }
  return "unknown";
}

const char* ProjectionInitName(ProjectionInit init) {
  switch (init) {
    case ProjectionInit::kPca:
      return "pca";
    case ProjectionInit::kRandom:
      return "random";
    case ProjectionInit::kSpectral:
      return "spectral";
  }
  return "unknown";
}

bool IsIterative(ProjectionMethod method) {
  return method == ProjectionMethod::kTsne || method == ProjectionMethod::kUmap;
}

const char* ProjectionStateName(ProjectionState state) {
  switch (state) {
    case ProjectionState::kQueued:
      return "queued";
    case ProjectionState::kRunning:
      return "running";
    case ProjectionState::kDone:
      return "done";
    case ProjectionState::kCancelled:
      return "cancelled";
    case ProjectionState::kFailed:
      return "failed";
  }
  return "unknown";
}

}  // namespace spirogram::web
