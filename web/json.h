// Every JSON text that the server writes or reads: domain structs on one side, text on the other.
// The JSON library stays inside web/json*.cc. NaN and infinities become the strings "NaN",
// "Infinity" and "-Infinity"; text that is not UTF-8 gets replacement characters.
//
// Pure functions. The shapes are those of docs/api.md.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "store/answers.h"
#include "store/finding.h"
#include "store/maintenance.h"
#include "store/run_change.h"
#include "store/storage.h"
#include "store/sub_runs.h"
#include "web/columns.h"
#include "web/map_density.h"
#include "web/profile_summary.h"
#include "web/projection.h"
#include "web/projection_message.h"
#include "web/row_neighbours.h"
#include "web/status_info.h"

namespace spirogram::web {

// Answers.
std::string ProblemJson(int status, std::string_view title, std::string_view detail,
                        std::string_view request_id);
std::string StatusJson(const StatusInfo& info, const store::LoadProgress& progress,
                       const store::StorageState& storage,
                       const std::optional<store::StorageState>& ingest);
std::string CheckReportJson(const store::CheckReport& report);
std::string StorageJson(const store::StorageUse& use);
std::string RunJson(const store::Run& run);
std::string RunsJson(std::span<const store::Run> runs);
std::string RunSizesJson(std::span<const store::RunSize> sizes);
std::string WarningsJson(std::span<const store::Warning> warnings);
// Each with its run; the counts are of those that are left out too.
std::string WarningsOfRunsJson(std::span<const store::Warning> warnings, uint64_t total,
                               uint64_t bytes_lost);
std::string TagsJson(std::span<const store::Tag> tags);
std::string HparamsJson(std::span<const store::RunHparams> runs,
                        std::span<const store::JoinedHparams> joined);
// What a list of texts or PR curves says, under its name.
std::string ValueInfosJson(std::string_view name, std::span<const store::ValueInfo> infos);
std::string TextsJson(std::span<const store::Text> texts);
std::string ImagesJson(std::span<const store::ImageInfo> images);
std::string EmbeddingsJson(std::span<const store::EmbeddingInfo> checkpoints);
std::string EmbeddingMetadataJson(const store::EmbeddingMetadata& metadata);
std::string NeighboursJson(int64_t row, std::span<const Neighbour> neighbours);
std::string DiagnosesJson(std::span<const std::pair<store::RunId, store::Diagnosis>> runs);
// The same with the runs' names and what their files have lost, for those who have no other answer
// to look them up in.
struct NamedDiagnosis {
  store::Run run;
  store::Diagnosis diagnosis;
  std::vector<store::Warning> warnings;
};
std::string NamedDiagnosesJson(std::span<const NamedDiagnosis> runs);
std::string KernelsJson(std::span<const KernelSummary> kernels);
std::string ProjectionJson(const Projection& projection);
// With the bounding box of coordinates that are fractions of it, an entry per axis.
std::string ProjectionJson(const Projection& projection, std::span<const float> min,
                           std::span<const float> max);
std::string ProjectionsJson(std::span<const Projection> projections);
// The fields of the columns item of a density.
std::string DensityItemJson(const MapView& view, const MapDensity& density);
std::string NearestPointJson(const NearestPoint& nearest);

// The fields of a columns item, and the header of a columns message.
std::string ScalarsItemJson(const store::ScalarQuery& query, int64_t points);
std::string HistogramItemJson(const store::Histogram& histogram);
std::string EntityStatsItemJson(const store::EntityStats& stats);
std::string ProfileStepsItemJson(store::RunId run, const StepSummary& summary,
                                 std::span<const store::ProfileNote> notes);
std::string ProfileSlicesItemJson(std::span<const std::string> names);
std::string ColumnsHeaderJson(std::span<const ItemLayout> items);

// The body of POST /api/v1/projections. Errors name the field, what it was and what it should be.
Result<ProjectionRequest> ParseProjectionRequest(std::string_view text);
// The body of PATCH /api/v1/projections/{id}: how many iterations.
Result<int> ParseProjectionEdit(std::string_view text);

// The bodies of PATCH /api/v1/runs/{run}, of POST .../purge (whether files go too; it may be empty)
// and of POST /api/v1/runs/bulk.
Result<store::RunEdit> ParseRunEdit(std::string_view text);
Result<bool> ParsePurge(std::string_view text);
Result<store::RunChange> ParseRunChange(std::string_view text);

// Live messages.
struct LiveMessage {
  enum class Type { kSubscribe, kWatchProjection, kUnwatchProjection };

  Type type = Type::kSubscribe;
  std::vector<store::RunId> runs;  // kSubscribe: empty means all
  int64_t id = 0;                  // of the projection
  // kSubscribe and kWatchProjection: how coordinates shall come from here on; absent: as before.
  std::optional<CoordinateFormat> format;
};
Result<LiveMessage> ParseLiveMessage(std::string_view text);
std::string HelloJson(std::string_view version, uint64_t sequence);
std::string ChangesJson(const store::Commit& commit, const store::LoadProgress& progress);
std::string ResyncJson(uint64_t sequence, const store::LoadProgress& progress);
std::string LiveErrorJson(std::string_view detail);

}  // namespace spirogram::web
