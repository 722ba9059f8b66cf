// A finished projection as bytes, so that the store keeps it and a map is computed once.
//
//   byte[4]  "SPPJ"
//   uint32   version, 3
//   uint32   d, output dims
//   uint32   iterations that ran
//   uint64   N, points
//   float64  kl_divergence (NaN for all but t-SNE)
//   float64  seconds of computation
//   uint32   L, bytes of the device's name; byte[L] the name
//   uint32   V, variance shares; float64[V]
//   uint32   L, bytes of the parameters; byte[L] the key that the result was asked for by
//   uint32   L, bytes of the engine's name; byte[L] the name
//   uint32   L, byte[L] how the neighbours were found
//   float64  residual of the alignment, NaN without one
//   uint32   1 where the stages follow, else 0; float64[4] start, neighbours, affinity, descent
//   uint32   1 where the quality follows, else 0; float64 KL divergence, uint32 whether it is
//            exact, float64 trustworthiness, float64 recall of 10, uint64 queries, float64 span
//   uint32   L, byte[L] why UMAP's spectral start is none
//   float32[N * d] coordinates, row-major; NaN of rows that are left out
//   uint32   masked CRC-32C of all bytes before it
//
// Version 2 lacks the text of the start, version 1 what stands between the variance shares and the
// coordinates; both are read still. Little-endian. JSON was left: a million points would cost tens
// of megabytes and seconds to read.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "web/projection.h"

namespace spirogram::web {

struct StoredProjection {
  int dims = 0;
  int iterations = 0;
  int64_t points = 0;
  double kl_divergence = std::nan("");
  double seconds = 0;
  std::string device;
  // Of PCA: of the first components, also of those that are not drawn. Of axes: of each.
  std::vector<double> variance_share;
  std::string parameters;
  std::string engine;
  std::string neighbors;
  std::string start_fallback;
  double alignment_residual = std::nan("");
  std::optional<ProjectionStages> stages;
  std::optional<ProjectionQuality> quality;
  std::vector<float> coordinates;  // points * dims
};

std::string EncodeProjection(const StoredProjection& projection);
// kCorruption for bytes that are cut, changed or of another version.
Result<StoredProjection> DecodeProjection(std::string_view bytes);

// The text that names a result in the store: the same for requests that have the same result.
// `checkpoint` is when the embedding was logged: files beside the event files are written anew at
// the same step. `start` is the checksum of the map that it starts from or is placed on, where the
// request has one: ids do not outlive the server. `epochs_before` is that of
// Projection. REQUIRES: the request's step is filled in.
std::string ProjectionKey(const ProjectionRequest& request, WallTime checkpoint, uint32_t start,
                          int epochs_before = 0);

}  // namespace spirogram::web
