#include "tests/web/fake_store.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace spirogram::testing {

FakeStore::FakeStore() = default;
FakeStore::~FakeStore() = default;

Result<std::vector<store::Run>> FakeStore::ReadRunsAmong(std::span<const store::RunId> ids) {
  std::vector<store::Run> found;
  for (const store::Run& run : runs) {
    if (std::find(ids.begin(), ids.end(), run.id) != ids.end()) found.push_back(run);
  }
  return found;
}

Result<std::optional<store::RunId>> FakeStore::FindRun(std::string_view name) {
  if (!failure.ok()) return failure.error();
  for (const store::Run& run : runs) {
    if (run.name == name) return std::optional(run.id);
  }
  return std::optional<store::RunId>();
}

Result<store::Run> FakeStore::ReadRun(store::RunId id) {
  for (const store::Run& run : runs) {
    if (run.id == id) return run;
  }
  return NotFound("no run with id " + std::to_string(id));
}

Result<std::vector<store::Run>> FakeStore::ChangeRuns(const store::RunChange& change) {
  std::vector<store::Run> changed;
  for (const store::RunId id : change.runs) {
    ASSIGN_OR_RETURN(store::Run run, ReadRun(id));
    if (change.revision && *change.revision != run.labels.revision) {
      return Conflict("the run was changed meanwhile");
    }
    RETURN_IF_ERROR(store::ApplyEdit(change.edit, &run.labels));
    changed.push_back(std::move(run));
  }
  run_changes.push_back(change);
  return changed;
}

Result<std::vector<store::Tag>> FakeStore::ReadTags(std::span<const store::RunId> ids) {
  std::vector<store::Tag> found;
  for (const store::Tag& tag : tags) {
    bool is_asked = ids.empty();
    for (const store::RunId id : ids) is_asked |= id == tag.run;
    if (is_asked) found.push_back(tag);
  }
  return found;
}

Result<std::optional<store::Tag>> FakeStore::FindTag(store::RunId run, std::string_view name) {
  for (const store::Tag& tag : tags) {
    if (tag.run == run && tag.name == name) return std::optional(tag);
  }
  return std::optional<store::Tag>();
}

Result<store::ScalarRows> FakeStore::ReadScalars(const store::ScalarQuery& query) {
  return Get(scalars, query.run, query.tag);
}

Result<std::vector<std::optional<store::ScalarPoint>>> FakeStore::ReadLastPoints(
    std::span<const store::SeriesName> series) {
  std::vector<std::optional<store::ScalarPoint>> points;
  for (const store::SeriesName& name : series) {
    std::optional<store::ScalarPoint>& point = points.emplace_back();
    const Result<store::ScalarRows> rows = Get(scalars, name.run, name.tag);
    if (!rows.ok() || rows->size() == 0) continue;
    point = store::ScalarPoint{rows->step.back(), rows->wall_time.back(), rows->mean.back()};
  }
  return points;
}

Result<store::PointsChunk> FakeStore::ReadPoints(const store::PointsQuery& query) {
  ASSIGN_OR_RETURN(const store::ScalarRows rows, Get(scalars, query.run, query.tag));
  const auto from = query.after ? static_cast<size_t>(query.after->index) + 1 : 0;
  store::PointsChunk chunk;
  for (size_t i = from; i < rows.size() && chunk.size() < query.points_max; ++i) {
    chunk.step.push_back(rows.step[i]);
    chunk.wall_time.push_back(rows.wall_time[i]);
    chunk.value.push_back(rows.mean[i]);
    chunk.last = {rows.step[i], 0, static_cast<int64_t>(i)};
  }
  chunk.is_end = from + chunk.size() >= rows.size();
  return chunk;
}

Result<store::LoggedValuesChunk> FakeStore::ReadLoggedValues(
    const store::LoggedValuesQuery& query) {
  store::LoggedValuesChunk chunk;
  chunk.is_end = true;
  for (const store::Tag& tag : tags) {
    if (tag.run == query.run && tag.name == query.tag) return chunk;
  }
  return NotFound("no such tag");
}

Result<std::vector<store::EmbeddingInfo>> FakeStore::ReadEmbeddings(store::RunId run,
                                                                    const std::string& tag) {
  ASSIGN_OR_RETURN(const auto found, Get(embeddings, run, tag));
  std::vector<store::EmbeddingInfo> infos;
  for (const store::Embedding& embedding : found) infos.push_back(embedding.info);
  return infos;
}

Result<store::Embedding> FakeStore::ReadEmbedding(store::RunId run, const std::string& tag,
                                                  Step step) {
  ASSIGN_OR_RETURN(const auto found, Get(embeddings, run, tag));
  for (const store::Embedding& embedding : found) {
    if (embedding.info.step == step) return embedding;
  }
  return NotFound("no such step");
}

Result<std::vector<store::EntityStats>> FakeStore::ReadEntityStats(store::RunId run,
                                                                   const std::string& tag,
                                                                   Step after_step) {
  ASSIGN_OR_RETURN(const auto found, Get(entity_stats, run, tag));
  std::vector<store::EntityStats> later;
  for (const store::EntityStats& window : found) {
    if (window.step > after_step) later.push_back(window);
  }
  return later;
}

Result<std::vector<store::Warning>> FakeStore::ReadWarnings(store::RunId run) {
  RETURN_IF_ERROR(ReadRun(run));
  std::vector<store::Warning> found;
  for (const store::Warning& warning : warnings) {
    if (warning.run == run) found.push_back(warning);
  }
  return found;
}

Result<store::Diagnosis> FakeStore::ReadDiagnosis(store::RunId run) {
  RETURN_IF_ERROR(ReadRun(run));
  return diagnosis;
}

Status FakeStore::WriteProjection(store::RunId run, const std::string& key,
                                  const std::string& bytes) {
  std::lock_guard lock(mutex_);
  projections_[{run, key}] = bytes;
  return Status();
}

Result<std::string> FakeStore::ReadProjection(store::RunId run, const std::string& key) {
  std::lock_guard lock(mutex_);
  return Get(projections_, run, key);
}

std::map<FakeStore::Key, std::string> FakeStore::projections() const {
  std::lock_guard lock(mutex_);
  return projections_;
}

void FillFakeStore(FakeStore* store) {
  using Kind = store::ProfileSlices::Kind;
  const double nan = std::nan("");
  const double infinity = std::numeric_limits<double>::infinity();
  store->runs = {{2, "sick", 1700000100, 1700000200, 20, 3, 200, store::RunStatus::kRunning},
                 {1, "healthy", 1700000000, 1700000050.5, 10, 2, 100, store::RunStatus::kFinished}};
  store->tags = {{1, "loss/train", store::DataKind::kScalar, "scalars", "", "", 2, 0, 10},
                 {2, "loss/train", store::DataKind::kScalar, "scalars", "", "", 3, 0, 20}};
  store->run_sizes = {{1, 100, 40}};
  for (store::Run& run : store->runs) run.evidence.has_events = true;
  store->warnings = {{1, "healthy/e.tfevents", 12, 34, "bad \xFF length"}};
  store->scalars[{1, "loss/train"}] = {{0, 10},  {100, 110}, {2, nan}, {2, nan},
                                       {2, nan}, {1, 1},     {0, 1},   2};
  store->scalars[{2, "loss/train"}] = {{0, 19, 20}, {100, 119, 120}, {4, 3, 2}, {4, 1, 2},
                                       {4, 5, 2},   {1, 19, 1},      {0, 0, 0}, 21};
  store->histograms[{1, "weights"}] = {{10, 110, {0, 1, 2}, {3, 4}}};
  store->texts[{1, "notes"}] = {{3, 103, {"<b>hi</b>"}, {}}};
  store->images[{1, "samples"}] = {{3, 103, 0, 0, 28, 28, 99}};
  store->image_bytes[{1, "samples"}] = "\x89PNG\r\n\x1a\npixels";
  store->image_bytes[{1, "drawing"}] = "<svg onload=alert(1)>";
  store->hparams = {{1,
                     {{"learning_rate", {store::HparamValue::Type::kNumber, 0.1, "", false}},
                      {"momentum", {store::HparamValue::Type::kNumber, infinity, "", false}},
                      {"nesterov", {store::HparamValue::Type::kBool, 0, "", true}},
                      {"optimizer", {store::HparamValue::Type::kString, 0, "adam", false}}}}};
  store->embeddings[{1, "embeddings/item"}] = {{{500, 150, 4, 2}, {1, 0, 2, 0.1f, 0, 1, 0, 0}},
                                               {{600, 160, 4, 2}, {1, 0, 0, 1, -1, 0, 0, -1}}};
  store->metadata = {{"city"}, {{"Oslo", "Lima", "Rome", "K\xC3\xB6ln"}}};
  store->entity_stats[{1, "layers/hidden_1/units"}] = {
      {10, 1, 110, store::EntityStats::Entity::kUnit, 2, 1024, {"active_count"}, {{5, 0}}, {}},
      {20,
       11,
       120,
       store::EntityStats::Entity::kUnit,
       2,
       1024,
       {"active_count"},
       {{6, 0}},
       {{"activation", "relu"}}}};
  store->profile = {{"forward", "gemm", "copy"},
                    {Kind::kPhase, Kind::kKernel, Kind::kCopy, Kind::kPhase},
                    {0, 1, 2, 0},
                    {1'000'000, 1'500'000, 2'500'000, 5'000'000},
                    {2'000'000, 3'000'000, 1'000'000, 4'000'000},
                    {1, 1, 1, 2},
                    {0, 7, 8, 0},
                    {0, 1, 1, 0}};
  store->phase_times = {{"forward"}, {1, 2}, {1, 1}, {{2'000'000, 4'000'000}}};
  store->kernels = {{"gemm", Kind::kKernel, 1, 3e6, 3'000'000},
                    {"copy", Kind::kCopy, 1, 1e6, 1'000'000}};
  store->notes = {{100, "no GPU slices: libcuda.so.1 is not installed"}};
  store::Finding finding;
  finding.rule = "dead_units";
  finding.entity = "hidden_1";
  finding.severity = store::Severity::kCritical;
  finding.title = "60 of 64 units of hidden_1 are dead";
  finding.value = nan;
  finding.ids = {0, 1};
  finding.evidence = {{"dead share", "share of units", {1}, {0.5}, false, 0, false}};
  store->diagnosis.findings = {finding};
  store->diagnosis.checks = {{"dead_units", "hidden_2", store::Check::State::kOk, ""}};
  store->progress = {.bytes_found = 10,
                     .bytes_read = 5,
                     .runs_found = 2,
                     .files_found = 3,
                     .is_first_pass_done = true};
}

}  // namespace spirogram::testing
