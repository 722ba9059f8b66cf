// The store's answers as JSON.
#include <map>

#include "base/sha256.h"
#include "web/json.h"
#include "web/json_internal.h"
#include "web/tag_digest.h"

namespace spirogram::web {
namespace {

const char* EntityName(store::EntityStats::Entity entity) {
  return entity == store::EntityStats::Entity::kUnit ? "unit" : "row";
}

const char* SliceKindName(store::ProfileSlices::Kind kind) {
  switch (kind) {
    case store::ProfileSlices::Kind::kPhase:
      return "phase";
    case store::ProfileSlices::Kind::kKernel:
      return "kernel";
    case store::ProfileSlices::Kind::kCopy:
      return "copy";
    case store::ProfileSlices::Kind::kMemset:
      return "memset";
    case store::ProfileSlices::Kind::kCall:
      return "call";
  }
  return "unknown";
}

Json ToJson(const store::LoadProgress& progress) {
  const Json seconds_left = progress.seconds_left ? JsonNumber(*progress.seconds_left) : Json();
  return {{"bytes_found", progress.bytes_found},
          {"bytes_read", progress.bytes_read},
          {"runs_found", progress.runs_found},
          {"files_found", progress.files_found},
          {"is_logdir_there", progress.is_logdir_there},
          {"is_first_pass_done", progress.is_first_pass_done},
          {"seconds_left", seconds_left},
          {"bytes_to_copy", progress.bytes_to_copy}};
}

Json ToJson(const store::Tag& tag) {
  Json json = {{"run", tag.run},
               {"name", tag.name},
               {"kind", store::DataKindName(tag.kind)},
               {"plugin", tag.plugin},
               {"display_name", tag.display_name},
               {"description", tag.description},
               {"count", tag.count},
               {"first_step", tag.first_step},
               {"last_step", tag.last_step}};
  if (HasDigest(tag.name)) json["digest"] = Sha256Hex(tag.name);
  return json;
}

Json ToJson(const store::EvidenceSeries& series) {
  return {{"label", series.label},
          {"unit", series.unit},
          {"step", series.step},
          {"value", JsonArray(series.value, JsonNumber)},
          {"threshold", series.has_threshold ? JsonNumber(series.threshold) : Json(nullptr)},
          {"is_log", series.is_log}};
}

Json ToJson(const store::Finding& finding) {
  return {{"rule", finding.rule},
          {"entity", finding.entity},
          {"severity", store::SeverityName(finding.severity)},
          {"is_open", finding.is_open},
          {"onset_step", finding.onset_step},
          {"detected_step", finding.detected_step},
          {"closed_step", finding.closed_step},
          {"title", finding.title},
          {"summary", finding.summary},
          {"cause", finding.cause},
          {"advice", finding.advice},
          {"value", JsonNumber(finding.value)},
          {"threshold", JsonNumber(finding.threshold)},
          {"affected", finding.affected},
          {"total", finding.total},
          {"ids", finding.ids},
          {"evidence", JsonArray(finding.evidence, [](const auto& e) { return ToJson(e); })}};
}

Json ToJson(const store::Check& check) {
  return {{"rule", check.rule},
          {"entity", check.entity},
          {"state", store::CheckStateName(check.state)},
          {"reason", check.reason}};
}

Json ToJson(const store::Warning& warning) {
  return {{"file", warning.file},
          {"offset", warning.offset},
          {"bytes_lost", warning.bytes_lost},
          {"message", warning.message}};
}

Json WithDiagnosis(Json run, const store::Diagnosis& diagnosis) {
  run["findings"] = JsonArray(diagnosis.findings, [](const auto& f) { return ToJson(f); });
  run["checks"] = JsonArray(diagnosis.checks, [](const auto& c) { return ToJson(c); });
  return run;
}

Json ToJson(const store::StorageState& state) {
  return {{"state", store::StorageHealthName(state.health)},
          {"detail", state.detail},
          {"since", state.since > 0 ? Json(state.since) : Json(nullptr)}};
}

}  // namespace

Json ToJson(const store::HparamValue& value) {
  switch (value.type) {
    case store::HparamValue::Type::kNumber:
      return JsonNumber(value.number);
    case store::HparamValue::Type::kString:
      return value.text;
    case store::HparamValue::Type::kBool:
      return value.boolean;
  }
  return nullptr;
}

std::string StatusJson(const StatusInfo& info, const store::LoadProgress& progress,
                       const store::StorageState& storage,
                       const std::optional<store::StorageState>& ingest) {
  Json json = {{"version", info.version},
               {"logdir", info.logdir},
               {"progress", ToJson(progress)},
               {"can_delete_files", info.can_delete_files},
               {"keep_deleted_seconds",
                info.keep_deleted_s < 0 ? Json(nullptr) : JsonNumber(info.keep_deleted_s)},
               {"storage", ToJson(storage)},
               {"ingest", ingest ? ToJson(*ingest) : Json(nullptr)},
               {"gpu", info.gpu ? Json(*info.gpu) : Json(nullptr)}};
  if (!info.gpu) json["gpu_reason"] = info.gpu_reason;
  return Dump(json);
}

std::string CheckReportJson(const store::CheckReport& report) {
  const auto to_json = [](const store::CheckProblem& problem) {
    return Json{{"run", problem.run}, {"tag", problem.tag}, {"what", problem.what}};
  };
  std::vector<store::CheckProblem> problems = report.problems;
  problems.insert(problems.end(), report.lost_problems.begin(), report.lost_problems.end());
  const auto lost_to_json = [](const store::LostValues& lost) {
    return Json{{"run", lost.run},     {"file", lost.file}, {"values", lost.values},
                {"begin", lost.begin}, {"end", lost.end},   {"first", lost.first}};
  };
  return Dump({{"ok", report.ok()},
               {"runs", report.runs},
               {"points", report.points},
               {"values", report.values},
               {"bytes", report.bytes},
               {"problems", JsonArray(problems, to_json)},
               {"lost", JsonArray(report.lost, lost_to_json)},
               {"notes", JsonArray(report.notes, to_json)}});
}

std::string StorageJson(const store::StorageUse& use) {
  return Dump({{"database_bytes", use.database_bytes},
               {"log_bytes", use.log_bytes},
               {"reusable_bytes", use.reusable_bytes},
               {"disk_free_bytes", use.disk_free_bytes}});
}

std::string WarningsJson(std::span<const store::Warning> warnings) {
  return Dump({{"warnings", JsonArray(warnings, [](const auto& w) { return ToJson(w); })}});
}

std::string WarningsOfRunsJson(std::span<const store::Warning> warnings, uint64_t total,
                               uint64_t bytes_lost) {
  const auto to_json = [](const store::Warning& warning) {
    Json json = {{"run", warning.run}};
    json.update(ToJson(warning));
    return json;
  };
  return Dump(
      {{"warnings", JsonArray(warnings, to_json)}, {"total", total}, {"bytes_lost", bytes_lost}});
}

std::string TagsJson(std::span<const store::Tag> tags) {
  return Dump({{"tags", JsonArray(tags, [](const auto& tag) { return ToJson(tag); })}});
}

std::string HparamsJson(std::span<const store::RunHparams> runs,
                        std::span<const store::JoinedHparams> joined) {
  std::map<store::RunId, Json> of_run;
  for (const store::RunHparams& run : runs) {
    Json& hparams = of_run.emplace(run.run, Json::object()).first->second;
    for (const auto& [name, value] : run.hparams) AppendField(name, ToJson(value), &hparams);
  }
  Json list = Json::array();
  for (const store::JoinedHparams& one : joined) {
    list.push_back({{"run", one.run},
                    {"hparams", of_run.at(one.sub_runs.back())},
                    {"sub_runs", one.sub_runs}});
  }
  for (auto& [run, hparams] : of_run) {
    list.push_back({{"run", run}, {"hparams", std::move(hparams)}});
  }
  return Dump({{"runs", std::move(list)}});
}

std::string TextsJson(std::span<const store::Text> texts) {
  const auto to_json = [](const store::Text& text) {
    return Json{{"step", text.step},
                {"wall_time", JsonNumber(text.wall_time)},
                {"values", text.values},
                {"shape", text.shape}};
  };
  return Dump({{"texts", JsonArray(texts, to_json)}});
}

std::string ValueInfosJson(std::string_view name, std::span<const store::ValueInfo> infos) {
  const auto to_json = [](const store::ValueInfo& info) {
    return Json{
        {"step", info.step}, {"wall_time", JsonNumber(info.wall_time)}, {"bytes", info.bytes}};
  };
  return Dump({{name, JsonArray(infos, to_json)}});
}

std::string ImagesJson(std::span<const store::ImageInfo> images) {
  const auto to_json = [](const store::ImageInfo& image) {
    return Json{{"step", image.step},   {"wall_time", JsonNumber(image.wall_time)},
                {"index", image.index}, {"repeat", image.repeat},
                {"width", image.width}, {"height", image.height},
                {"bytes", image.bytes}};
  };
  return Dump({{"images", JsonArray(images, to_json)}});
}

std::string EmbeddingsJson(std::span<const store::EmbeddingInfo> checkpoints) {
  const auto to_json = [](const store::EmbeddingInfo& info) {
    return Json{{"step", info.step},
                {"wall_time", JsonNumber(info.wall_time)},
                {"rows", info.rows},
                {"dims", info.dims}};
  };
  return Dump({{"checkpoints", JsonArray(checkpoints, to_json)}});
}

std::string EmbeddingMetadataJson(const store::EmbeddingMetadata& metadata) {
  return Dump({{"columns", metadata.columns}, {"values", metadata.values}});
}

std::string NeighboursJson(int64_t row, std::span<const Neighbour> neighbours) {
  const auto to_json = [](const Neighbour& neighbour) {
    return Json{{"row", neighbour.row}, {"distance", JsonNumber(neighbour.distance)}};
  };
  return Dump({{"row", row}, {"neighbours", JsonArray(neighbours, to_json)}});
}

std::string DiagnosesJson(std::span<const std::pair<store::RunId, store::Diagnosis>> runs) {
  const auto to_json = [](const std::pair<store::RunId, store::Diagnosis>& run) {
    return WithDiagnosis({{"run", run.first}}, run.second);
  };
  return Dump({{"runs", JsonArray(runs, to_json)}});
}

std::string NamedDiagnosesJson(std::span<const NamedDiagnosis> runs) {
  const auto to_json = [](const NamedDiagnosis& named) {
    return WithDiagnosis(
        {{"run", named.run.id},
         {"name", named.run.name},
         {"last_step", named.run.last_step},
         {"warnings", JsonArray(named.warnings, [](const auto& w) { return ToJson(w); })}},
        named.diagnosis);
  };
  return Dump({{"runs", JsonArray(runs, to_json)}});
}

std::string KernelsJson(std::span<const KernelSummary> kernels) {
  const auto to_json = [](const KernelSummary& kernel) {
    return Json{{"name", kernel.name},
                {"kind", SliceKindName(kernel.kind)},
                {"count", kernel.count},
                {"total_ms", kernel.total_ms},
                {"mean_ms", kernel.total_ms / static_cast<double>(kernel.count)},
                {"max_ms", kernel.max_ms},
                {"share", kernel.share}};
  };
  return Dump({{"kernels", JsonArray(kernels, to_json)}});
}

std::string EntityStatsItemJson(const store::EntityStats& stats) {
  Json attributes = Json::object();
  const std::string* before = nullptr;
  for (const auto& [name, value] : stats.attributes) {  // by name; of one that is there twice one
    if (before == nullptr || *before != name) AppendField(name, value, &attributes);
    before = &name;
  }
  return Dump({{"step", stats.step},
               {"first_step", stats.first_step},
               {"wall_time", JsonNumber(stats.wall_time)},
               {"entity", EntityName(stats.entity)},
               {"entities", stats.entities},
               {"samples", JsonNumber(stats.samples)},
               {"attributes", std::move(attributes)}});
}

std::string HelloJson(std::string_view version, uint64_t sequence) {
  return Dump({{"type", "hello"}, {"version", version}, {"sequence", sequence}});
}

std::string ChangesJson(const store::Commit& commit, const store::LoadProgress& progress) {
  const auto to_json = [](const store::Change& change) {
    return Json{{"run", change.run},
                {"tag", change.tag},
                {"kind", store::DataKindName(change.kind)},
                {"first_step", change.first_step},
                {"last_step", change.last_step}};
  };
  return Dump({{"type", "changes"},
               {"sequence", commit.sequence},
               {"runs_changed", commit.runs_changed},
               {"findings_changed", commit.findings_changed},
               {"changes", JsonArray(commit.changes, to_json)},
               {"progress", ToJson(progress)}});
}

std::string ResyncJson(uint64_t sequence, const store::LoadProgress& progress) {
  return Dump({{"type", "resync"}, {"sequence", sequence}, {"progress", ToJson(progress)}});
}

}  // namespace spirogram::web
