#include <utility>
#include <vector>

#include "base/str.h"
#include "web/routes/handlers.h"
#include "web/security.h"
#include "web/tag_digest.h"

namespace spirogram::web {

std::span<const Route> Routes() {  // NOLINT(readability-function-size): a table
  static const std::vector<Route> routes = {
      {"GET", "/api/v1/status", {}, HandleStatus},
      {"GET", "/api/v1/storage", {}, HandleStorage},
      {"GET", "/api/v1/runs", {"run", "state"}, HandleRuns},
      {"GET", "/api/v1/runs/sizes", {}, HandleRunSizes},
      {"POST", "/api/v1/runs/bulk", {}, HandleChangeRuns},
      {"GET", "/api/v1/runs/{run}", {}, HandleRun},
      {"PATCH", "/api/v1/runs/{run}", {}, HandleEditRun},
      {"DELETE", "/api/v1/runs/{run}", {}, HandleDeleteRun},
      {"POST", "/api/v1/runs/{run}/restore", {}, HandleRestoreRun},
      {"POST", "/api/v1/runs/{run}/purge", {}, HandlePurgeRun},
      {"GET", "/api/v1/runs/{run}/warnings", {}, HandleWarnings},
      {"GET", "/api/v1/warnings", {"run"}, HandleWarningsOfRuns},
      {"GET", "/api/v1/tags", {"run", "match_start"}, HandleTags},
      {"GET", "/api/v1/hparams", {}, HandleHparams},
      {"GET", "/api/v1/scalars", {"run", "tag", "tag_digest", "rows", "from", "to"}, HandleScalars},
      {"GET",
       "/api/v1/histograms",
       {"run", "tag", "tag_digest", "steps", "from"},
       HandleHistograms},
      {"GET", "/api/v1/texts", {"run", "tag", "tag_digest", "from", "to"}, HandleTexts},
      {"GET", "/api/v1/texts/steps", {"run", "tag", "tag_digest", "from"}, HandleTextSteps},
      {"GET", "/api/v1/images", {"run", "tag", "tag_digest", "from"}, HandleImages},
      {"GET",
       "/api/v1/images/data",
       {"run", "tag", "tag_digest", "step", "index", "repeat", "v"},
       HandleImageData},
      {"GET", "/api/v1/audio", {"run", "tag", "tag_digest", "from"}, HandleAudio},
      {"GET",
       "/api/v1/audio/data",
       {"run", "tag", "tag_digest", "step", "index", "repeat", "v"},
       HandleAudioData},
      {"GET",
       "/api/v1/pr_curves",
       {"run", "tag", "tag_digest", "step", "from", "to"},
       HandlePrCurves},
      {"GET", "/api/v1/pr_curves/steps", {"run", "tag", "tag_digest", "from"}, HandlePrCurveSteps},
      {"GET", "/api/v1/meshes", {"run", "tag", "tag_digest", "from"}, HandleMeshes},
      {"GET", "/api/v1/meshes/data", {"run", "tag", "tag_digest", "step", "index"}, HandleMeshData},
      {"GET", "/api/v1/custom_scalars", {"run"}, HandleCustomScalars},
      {"GET", "/api/v1/graphs", {"run"}, HandleGraphs},
      {"GET", "/api/v1/graphs/data", {"run", "tag", "tag_digest"}, HandleGraphData},
      {"GET",
       "/api/v1/graphs/nodes",
       {"run", "tag", "tag_digest", "offset", "limit"},
       HandleGraphNodes},
      {"GET", "/api/v1/graphs/stats", {"run", "tag", "tag_digest"}, HandleGraphStats},
      {"GET", "/api/v1/tensors", {"run", "tag", "tag_digest", "from"}, HandleTensors},
      {"GET",
       "/api/v1/tensors/data",
       {"run", "tag", "tag_digest", "step", "repeat", "format", "values"},
       HandleTensorData},
      {"GET", "/api/v1/hparams/experiment", {}, HandleHparamsExperiment},
      {"GET", "/api/v1/embeddings", {"run", "tag", "tag_digest"}, HandleEmbeddings},
      {"GET", "/api/v1/embeddings/files", {"run"}, HandleEmbeddingFiles},
      {"GET", "/api/v1/embeddings/sprite", {"run", "tag", "tag_digest", "step"}, HandleSprite},
      {"GET",
       "/api/v1/embeddings/bookmarks",
       {"run", "tag", "tag_digest", "step"},
       HandleBookmarks},
      {"GET", "/api/v1/embeddings/metadata", {"run", "tag", "tag_digest"}, HandleEmbeddingMetadata},
      {"GET",
       "/api/v1/embeddings/row",
       {"run", "tag", "tag_digest", "step", "row", "neighbours"},
       HandleEmbeddingRow},
      {"GET",
       "/api/v1/embeddings/neighbors",
       {"run", "tag", "tag_digest", "step", "row", "k", "metric"},
       HandleEmbeddingNeighbors},
      {"GET",
       "/api/v1/embeddings/statistics",
       {"run", "tag", "tag_digest", "step"},
       HandleEmbeddingStatistics},
      {"GET",
       "/api/v1/embeddings/changes",
       {"run", "tag", "tag_digest", "step", "from_run", "from_tag", "from_tag_digest", "from_step",
        "k"},
       HandleEmbeddingChanges},
      {"GET", "/api/v1/entity_stats", {"run", "tag", "tag_digest", "after"}, HandleEntityStats},
      {"GET", "/api/v1/findings", {"run"}, HandleFindings},
      {"GET", "/api/v1/profile/steps", {"run", "from", "to", "rows"}, HandleProfileSteps},
      {"GET", "/api/v1/profile/kernels", {"run", "top"}, HandleProfileKernels},
      {"GET", "/api/v1/profile/slices", {"run", "from", "to"}, HandleProfileSlices},
      {"POST", kProjectionsPath, {"coordinates", "if_known"}, HandleStartProjection},
      {"GET", "/api/v1/projections", {}, HandleProjections},
      {"GET", "/api/v1/projections/{id}", {}, HandleProjection},
      {"PATCH", "/api/v1/projections/{id}", {}, HandleEditProjection},
      {"DELETE", "/api/v1/projections/{id}", {}, HandleCancelProjection},
      {"POST", "/api/v1/projections/{id}/pause", {}, HandlePauseProjection},
      {"POST", "/api/v1/projections/{id}/resume", {}, HandleResumeProjection},
      {"GET", "/api/v1/projections/{id}/coordinates", {}, HandleCoordinates},
      {"GET", "/api/v1/projections/{id}/density", {"width", "height", "view"}, HandleDensity},
      {"GET", "/api/v1/projections/{id}/nearest", {"at"}, HandleNearestPoint},
      {"POST", kIngestPath, {"run", "writer", "offset", "sequence"}, HandleIngest},
      {"GET", kIngestPath, {"run", "writer"}, HandleIngestPosition},
      {"GET",
       "/api/v1/export",
       {"format", "run", "tag", "tag_digest", "tag_regex", "from", "to", "all", "wide"},
       HandleExport},
      {"GET", "/api/v1/live", {}, HandleLiveWithoutUpgrade},
      {"GET", "/api/v1/openapi.json", {}, HandleOpenApi},
      {"GET", "/-/healthy", {}, HandleHealthy},
      {"GET", "/-/ready", {}, HandleReady},
  };
  return routes;
}

Result<store::RunId> RequiredRun(const Query& query) {
  return query.Integer("run", {1, INT64_MAX});
}

Result<std::optional<std::string>> OptionalTag(const Call& call, std::string_view name,
                                               std::span<const store::RunId> runs) {
  const std::string digest_name = StrCat(name, "_digest");
  const std::string* tag = call.query.Find(name);
  const std::string* digest = call.query.Find(digest_name);
  if (tag != nullptr && digest != nullptr) {
    return InvalidArgument(StrCat("query parameters ", name, " and ", digest_name, ": want one"));
  }
  if (tag != nullptr) return std::optional(*tag);
  if (digest == nullptr) return std::optional<std::string>();
  ASSIGN_OR_RETURN(std::string found, FindTagByDigest(call.context.store, runs, *digest));
  return std::optional(std::move(found));
}

Result<std::string> RequiredTag(const Call& call, std::span<const store::RunId> runs) {
  ASSIGN_OR_RETURN(auto tag, OptionalTag(call, "tag", runs));
  if (tag) return *std::move(tag);
  return InvalidArgument("query parameter tag: missing, want a text");
}

Result<Series> RequiredSeries(const Call& call) {
  Series series;
  ASSIGN_OR_RETURN(series.run, RequiredRun(call.query));
  ASSIGN_OR_RETURN(series.tag, RequiredTag(call, {&series.run, 1}));
  return series;
}

Result<Step> OptionalFrom(const Query& query) {
  return query.Integer("from", {}, INT64_MIN);
}

Result<StepRange> OptionalSteps(const Query& query) {
  StepRange range;
  ASSIGN_OR_RETURN(range.from, OptionalFrom(query));
  ASSIGN_OR_RETURN(range.to, query.Integer("to", {}, INT64_MAX));
  return range;
}

Status CheckBytes(std::string_view name, std::span<const store::ValueInfo> infos, Step to) {
  constexpr uint64_t kBytesMax = uint64_t{64} << 20;
  uint64_t bytes = 0;
  for (const store::ValueInfo& info : infos) {
    if (info.step > to) break;
    bytes += info.bytes;
    if (bytes <= kBytesMax || info.step == infos.front().step) continue;
    return InvalidArgument(StrCat("the ", name, " from step ", infos.front().step, " to ",
                                  info.step, " alone take ", bytes, " bytes, want at most ",
                                  kBytesMax, ": ask for fewer steps by from and to"));
  }
  return {};
}

Result<int> OptionalRepeat(const Query& query) {
  if (query.Find("repeat") == nullptr) return store::kNewestRepeat;
  ASSIGN_OR_RETURN(const int64_t repeat, query.Integer("repeat", {0, INT32_MAX}));
  return static_cast<int>(repeat);
}

}  // namespace spirogram::web
