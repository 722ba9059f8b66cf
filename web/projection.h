// A projection as a page asks for it and sees it: the nouns of /api/v1/projections.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/types.h"
#include "projector/projector.h"
#include "store/answers.h"
#include "web/row_set.h"

namespace spirogram::web {

// kPlacement puts rows on a map that is there already and does not move.
enum class ProjectionMethod { kPca, kTsne, kUmap, kAxes, kPlacement };
const char* ProjectionMethodName(ProjectionMethod method);  // "pca", "tsne", ..., "placement"
bool IsIterative(ProjectionMethod method);                  // descends: may go on, or end early

// What t-SNE and UMAP start from where no other projection is given.
// kSpectral is UMAP's alone.
enum class ProjectionInit { kPca, kRandom, kSpectral };
const char* ProjectionInitName(ProjectionInit init);  // "pca", "random", "spectral"

// An axis of kAxes: from the mean of one group of rows to that of another. Absent: all rows.
struct ProjectionAxis {
  std::optional<RowSet> from;
  std::optional<RowSet> to;
};

// What a client asks for; ranges are checked where it is parsed (web/json.h).
struct ProjectionRequest {
  store::RunId run = 0;
  std::string tag;
  std::optional<Step> step;  // absent: the newest checkpoint
  ProjectionMethod method = ProjectionMethod::kPca;
  int dims = 2;  // 2 or 3
  double perplexity = 30;
  // The client named none, so of few rows as much is taken as they allow; what it named is refused.
  bool fits_perplexity = false;
  int iterations = 750;  // of UMAP epochs; 0: as many as suit the points (projector::UmapEpochs)
  uint64_t seed = 1;
  bool sphereize = false;            // rows are laid on the unit sphere around their mean first
  std::vector<ProjectionAxis> axes;  // of kAxes: one per dim
  std::vector<int> components;       // of kPca, from 0 on: one per dim; empty: the first
  // Of t-SNE, as in projector::TsneOptions.
  double late_exaggeration = 1;
  int late_exaggeration_iterations = 0;
  double kl_tolerance = 0;
  int neighbors = 15;           // of UMAP, the point itself included
  bool fits_neighbors = false;  // as fits_perplexity
  double min_dist = 0.1;        // of UMAP
  // Of t-SNE and UMAP; the affinity of t-SNE alone.
  projector::Metric metric = projector::Metric::kEuclidean;
  projector::TsneOptions::Affinity affinity = projector::TsneOptions::Affinity::kPerplexity;
  ProjectionInit init = ProjectionInit::kPca;
  // The projection whose map it goes on from; or, of PCA, onto which it is laid.
  std::optional<int64_t> start;
  bool align = true;  // the result is rotated and reflected onto the start
  // Of kPlacement: the projection on whose map the rows are placed; its dims are the placement's.
  std::optional<int64_t> onto;
};

inline constexpr int kProjectionIterationsMax = 10'000;
inline constexpr int kComponentsMax = 10;  // of PCA: those that a picture may be made of

enum class ProjectionState { kQueued, kRunning, kDone, kCancelled, kFailed };
const char* ProjectionStateName(ProjectionState state);  // "queued", "running", ...
inline bool IsFinal(ProjectionState state) {
  return state != ProjectionState::kQueued && state != ProjectionState::kRunning;
}

// Wall seconds of the stages of t-SNE and UMAP; the affinities of UMAP are its fuzzy set.
struct ProjectionStages {
  double start = 0;
  double neighbors = 0;
  double affinity = 0;
  double descent = 0;  // without the time that it was paused
};

// How true a map is to the rows (projector/quality.h), measured on `queries` of them. Of a
// placement the recall alone: of the 10 nearest rows of the map's own embedding.
struct ProjectionQuality {
  double kl = std::nan("");  // NaN for all but t-SNE
  bool kl_is_exact = false;  // over all pairs, not the nearest neighbours' alone
  double trustworthiness = 0;
  double recall_10 = 0;
  int64_t queries = 0;
  double span = 0;
};

struct Projection {
  int64_t id = 0;             // unique in this server's life
  ProjectionRequest request;  // with its step filled in
  ProjectionState state = ProjectionState::kQueued;
  int iteration = 0;      // of a placement: rows that are placed
  int epochs_before = 0;  // of a UMAP that goes on: those that its start has had, all together
  double kl_divergence = std::nan("");  // NaN until measured, and for all but t-SNE
  double seconds = 0;                   // of computation so far
  std::string device;                   // empty until known
  int64_t points = 0;                   // N
  std::string error;                    // of a failed one
  std::vector<double> variance_share;   // PCA and axes: of each axis
  // PCA alone: of the first, whether they are drawn or not.
  std::vector<double> component_shares;
  bool paused = false;
  std::optional<ProjectionStages> stages;  // of one that is done; not of PCA
  std::string engine;                      // "exact", "particle mesh", "sampling"; empty until done
  std::string neighbors;                   // how they were found, for people to read
  std::optional<ProjectionQuality> quality;  // of one that is done
  double alignment_residual = std::nan("");  // NaN where nothing was aligned
  // Rows that hold NaN or an infinity, ascending: they have no place, their coordinates are NaN.
  // Known once the rows were read.
  std::vector<int64_t> left_out;
  std::string start_fallback;  // of UMAP: why its spectral start is not one, or not wholly
};

}  // namespace spirogram::web
