// One function per route, one file per resource. Each is what its name says; docs/api.md has the
// shapes.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "web/router.h"

namespace spirogram::web {

Result<Response> HandleStatus(const Call& call);
Result<Response> HandleStorage(const Call& call);
Result<Response> HandleOpenApi(const Call& call);
Result<Response> HandleHealthy(const Call& call);
Result<Response> HandleReady(const Call& call);
// The socket's own path asked for without an upgrade: web/net/ takes the upgrades.
Result<Response> HandleLiveWithoutUpgrade(const Call& call);

// Runs that a query may name in a list.
inline constexpr size_t kRunsPerQueryMax = 10'000;

Result<Response> HandleRuns(const Call& call);
Result<Response> HandleRun(const Call& call);
Result<Response> HandleRunSizes(const Call& call);
Result<Response> HandleEditRun(const Call& call);
Result<Response> HandleDeleteRun(const Call& call);
Result<Response> HandleRestoreRun(const Call& call);
Result<Response> HandlePurgeRun(const Call& call);
Result<Response> HandleChangeRuns(const Call& call);
Result<Response> HandleWarnings(const Call& call);
Result<Response> HandleWarningsOfRuns(const Call& call);
Result<Response> HandleTags(const Call& call);
Result<Response> HandleHparams(const Call& call);
Result<Response> HandleFindings(const Call& call);

Result<Response> HandleScalars(const Call& call);
Result<Response> HandleHistograms(const Call& call);
Result<Response> HandleEntityStats(const Call& call);

Result<Response> HandleExport(const Call& call);

Result<Response> HandleTexts(const Call& call);
Result<Response> HandleTextSteps(const Call& call);
Result<Response> HandleImages(const Call& call);
Result<Response> HandleImageData(const Call& call);

Result<Response> HandleAudio(const Call& call);
Result<Response> HandleAudioData(const Call& call);

Result<Response> HandlePrCurves(const Call& call);
Result<Response> HandlePrCurveSteps(const Call& call);
Result<Response> HandleMeshes(const Call& call);
Result<Response> HandleMeshData(const Call& call);
Result<Response> HandleCustomScalars(const Call& call);

Result<Response> HandleGraphs(const Call& call);
Result<Response> HandleGraphData(const Call& call);
Result<Response> HandleGraphNodes(const Call& call);
Result<Response> HandleGraphStats(const Call& call);

Result<Response> HandleTensors(const Call& call);
Result<Response> HandleTensorData(const Call& call);

Result<Response> HandleHparamsExperiment(const Call& call);

Result<Response> HandleEmbeddingFiles(const Call& call);
Result<Response> HandleSprite(const Call& call);
Result<Response> HandleBookmarks(const Call& call);

Result<Response> HandleEmbeddings(const Call& call);
Result<Response> HandleEmbeddingMetadata(const Call& call);
Result<Response> HandleEmbeddingRow(const Call& call);
Result<Response> HandleEmbeddingNeighbors(const Call& call);
Result<Response> HandleEmbeddingStatistics(const Call& call);
Result<Response> HandleEmbeddingChanges(const Call& call);

Result<Response> HandleProfileSteps(const Call& call);
Result<Response> HandleProfileKernels(const Call& call);
Result<Response> HandleProfileSlices(const Call& call);

Result<Response> HandleStartProjection(const Call& call);
Result<Response> HandleProjections(const Call& call);
Result<Response> HandleProjection(const Call& call);
Result<Response> HandleCoordinates(const Call& call);
Result<Response> HandleDensity(const Call& call);
Result<Response> HandleNearestPoint(const Call& call);
Result<Response> HandleCancelProjection(const Call& call);
Result<Response> HandlePauseProjection(const Call& call);
Result<Response> HandleResumeProjection(const Call& call);
Result<Response> HandleEditProjection(const Call& call);

Result<Response> HandleIngest(const Call& call);
Result<Response> HandleIngestPosition(const Call& call);

// PNG, JPEG, GIF, WebP or BMP by the first bytes, or empty: never what a client or an event file
// claims. An SVG or HTML page served as an image would run script in our origin.
std::string_view ImageType(std::string_view bytes);
// Bytes of data that a browser is to save under `name`, not to show.
Response DownloadResponse(std::string bytes, std::string_view name);

// The parameters that most routes share.
struct Series {
  store::RunId run = 0;
  std::string tag;
};
Result<store::RunId> RequiredRun(const Query& query);
Result<Series> RequiredSeries(const Call& call);
// The tag that the parameter `name` holds, which may be empty, or that NAME_digest names
// (tag_digest.h) among those of `runs`; nothing where neither is given. kInvalidArgument for both.
Result<std::optional<std::string>> OptionalTag(const Call& call, std::string_view name,
                                               std::span<const store::RunId> runs);
// The same of `tag`, which must be given.
Result<std::string> RequiredTag(const Call& call, std::span<const store::RunId> runs);
struct StepRange {
  Step from = INT64_MIN;
  Step to = INT64_MAX;
};
Result<StepRange> OptionalSteps(const Query& query);
// "from": the first step of a list, by default that of the run.
Result<Step> OptionalFrom(const Query& query);
// kInvalidArgument where the values up to step `to`, by their plural `name`, are more than an
// answer may hold: it is asked before they are in memory. Those of one step are never too many.
Status CheckBytes(std::string_view name, std::span<const store::ValueInfo> infos, Step to);
// "repeat": which of several values of one step, by default the newest (store/answers.h).
Result<int> OptionalRepeat(const Query& query);

}  // namespace spirogram::web
