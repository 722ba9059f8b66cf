#include "store/apply_event.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <utility>

#include "base/record.h"
#include "base/str.h"
#include "store/audio_value.h"
#include "store/graph_value.h"
#include "store/histogram_codec.h"
#include "store/hparams_content.h"
#include "store/plain_scalar.h"
#include "store/plot_value.h"
#include "store/profile_codec.h"
#include "store/record_details.h"
#include "store/tensor.h"
#include "store/value_codec.h"

namespace spirogram::store {
namespace {

// A file of noise could give a warning per few bytes; nobody reads the thousandth.
constexpr int64_t kWarningsMax = 1000;

// Where and when a value was logged.
struct ValueContext {
  RunState* run;
  FileState* file;
  PendingSize* size;
  int64_t session_id;
  uint64_t position;  // record offset + index of the value in the event: unique in the file,
                      // because every value takes at least a byte of its record
  Step step;
  WallTime wall_time;
};

// REQUIRES: the file has an open session.
SessionState& SessionOf(const FileState& file, RunState* run) {
  return *std::find_if(run->sessions.rbegin(), run->sessions.rend(),
                       [&](const SessionState& s) { return s.session.id == file.session_id; });
}

void OpenSession(const ParsedEvent& event, WallTime wall_time, RunState* run, FileState* file) {
  const bool starts_again = event.is_session_start && file->session_has_values;
  if (file->session_id == 0 || starts_again) {
    SessionState state;
    state.file_id = file->id;
    state.session.id = run->next_session_id++;
    state.session.file = file->name;
    state.session.first_wall_time = wall_time;
    state.session.last_wall_time = wall_time;
    run->sessions.push_back(state);
    file->session_id = state.session.id;
    file->session_has_values = false;
  }
  SessionState& state = SessionOf(*file, run);
  if (event.is_session_start) state.session.purge_step = event.step;
  state.session.last_wall_time = std::max(state.session.last_wall_time, wall_time);
  state.is_dirty = true;
}

// Past this point a wall time is finite: one that is not takes the place of the last one known.
WallTime FiniteWallTime(const ParsedEvent& event, const RunState& run, const FileState& file) {
  if (std::isfinite(event.wall_time)) return event.wall_time;
  for (const SessionState& state : run.sessions) {
    if (state.session.id == file.session_id) return state.session.last_wall_time;
  }
  return run.last_wall_time;
}

void TouchRun(const ParsedEvent& event, WallTime wall_time, RunState* run) {
  if (!run->has_events) {
    run->has_events = true;
    run->start_time = wall_time;
    run->last_wall_time = wall_time;
    run->last_step = event.values.empty() ? 0 : event.step;
  }
  run->start_time = std::min(run->start_time, wall_time);
  run->last_wall_time = std::max(run->last_wall_time, wall_time);
  if (!event.values.empty()) run->last_step = std::max(run->last_step, event.step);
}

// The newest word on the end counts. A STOP only says that the writer closed: it does not take back
// what the session said of its success.
void SayEnd(RunEnd end, WallTime wall_time, RunState* run) {
  if (run->end_time && wall_time < *run->end_time) return;
  const bool has_verdict = run->end_status == static_cast<int64_t>(RunEnd::kSuccess) ||
                           run->end_status == static_cast<int64_t>(RunEnd::kFailure);
  const auto is_after_end = [&](const SessionState& state) {
    return run->end_time && state.session.first_wall_time > *run->end_time;
  };
  if (end == RunEnd::kStop && has_verdict &&
      std::none_of(run->sessions.begin(), run->sessions.end(), is_after_end)) {
    return;
  }
  run->end_status = static_cast<int64_t>(end);
  run->end_time = wall_time;
}

// Of an event with values.
void TrackStep(Step step, WallTime wall_time, RunState* run, FileState* file) {
  if (file->step_time && step == file->step) return;
  if (file->step_time) run->step_gaps.Add(wall_time - *file->step_time);
  file->step_time = wall_time;
  file->step = step;
}

TagState& FindTag(const ParsedValue& value, RunState* run) {
  const auto found = run->tags.find(value.tag);
  if (found != run->tags.end()) return found->second;
  const auto [entry, is_new] = run->tags.try_emplace(ToValidUtf8(value.tag));
  TagState& tag = entry->second;
  if (is_new) {
    tag.id = run->next_tag_id++;
    tag.name = entry->first;
    tag.info = ClassifyValue(value);
    tag.is_new = true;
  }
  return tag;
}

void MarkDirty(TagState* tag, RunState* run) {
  if (!std::exchange(tag->is_dirty, true)) run->dirty_tags.push_back(tag);
}

void CountValue(const ValueContext& at, TagState* tag) {
  MarkDirty(tag, at.run);
  tag->lowest_new = tag->new_values == 0 ? at.step : std::min(tag->lowest_new, at.step);
  tag->highest_new = tag->new_values == 0 ? at.step : std::max(tag->highest_new, at.step);
  ++tag->new_values;
}

PendingSeries& SeriesOf(int64_t session_id, TagState* tag, RunState* run) {
  MarkDirty(tag, run);
  for (auto series = tag->series.rbegin(); series != tag->series.rend(); ++series) {
    if (series->session_id == session_id) return *series;
  }
  PendingSeries& series = tag->series.emplace_back();
  series.session_id = session_id;
  series.tail = std::make_unique<SeriesTail>();
  series.tail->is_loaded = session_id >= run->first_new_session_id;
  return series;
}

void StartChunk(PendingSeries* series) {
  if (series->room == 0) series->room = kBlockPoints;
  const bool is_long = !series->chunks.empty();
  series->chunks.emplace_back().Reserve(
      std::min(series->room, is_long ? kBlockPoints : series->last_commit_points));
}

void AppendPoint(Step step, WallTime wall_time, double value, PendingSeries* series) {
  if (series->chunks.empty() || series->room == 0) StartChunk(series);
  series->chunks.back().Append(step, wall_time, value);
  --series->room;
}

void AddRecord(const ValueContext& at, const TagState& tag, PendingRecord record) {
  record.tag_id = tag.id;
  record.session_id = at.session_id;
  record.position = at.position;
  record.step = at.step;
  record.wall_time = at.wall_time;
  at.size->bytes += record.data.size();
  at.run->records.push_back(std::move(record));
}

// What is to be compressed waits for that: another thread may have time for it.
PendingRecord PackRecord(std::string&& content, Compression compression) {
  PendingRecord record;
  record.bytes = content.size();
  record.compression = compression;
  record.data = std::move(content);
  return record;
}
PendingRecord PackRecord(std::string_view content, Compression compression) {
  return PackRecord(std::string(content), compression);
}

Status ApplyImages(const ValueContext& at, const ParsedValue& value, TagState* tag) {
  ASSIGN_OR_RETURN(const std::vector<EncodedImage> images, ToImages(value));
  int item = 0;
  for (const EncodedImage& image : images) {
    PendingRecord record = PackRecord(image.bytes, Compression::kNone);
    record.item = item++;
    record.width = image.width;
    record.height = image.height;
    AddRecord(at, *tag, std::move(record));
  }
  return {};
}

Status ApplyHparams(const ValueContext& at, const ParsedValue& value) {
  ParsedMetadata metadata;
  if (!ParseMetadata(value.metadata, &metadata)) return Corruption("hparams: malformed metadata");
  ASSIGN_OR_RETURN(HparamsMessage message, ParseHparamsMessage(metadata.content));
  if (message.start) {
    at.run->hparams.emplace(at.session_id, std::move(message.start->hparams));
    SayEnd(RunEnd::kNotSaid, at.wall_time, at.run);
  }
  if (message.end && message.end->status == HparamsStatus::kSuccess) {
    SayEnd(RunEnd::kSuccess, at.wall_time, at.run);
  }
  if (message.end && message.end->status == HparamsStatus::kFailure) {
    SayEnd(RunEnd::kFailure, at.wall_time, at.run);
  }
  if (message.start || message.end || message.experiment) {
    at.run->hparams_messages.push_back(
        {at.session_id, at.position, at.wall_time, std::string(metadata.content)});
    at.size->bytes += metadata.content.size();
  }
  return {};
}

Status ApplyAudio(const ValueContext& at, const ParsedValue& value, std::string_view content,
                  const TagState& tag) {
  ASSIGN_OR_RETURN(const std::vector<EncodedAudio> clips, ToAudio(value, content));
  int item = 0;
  for (const EncodedAudio& clip : clips) {
    PendingRecord record = PackRecord(clip.bytes, Compression::kNone);
    record.item = item++;
    record.details = EncodeAudioDetails(clip.info);
    AddRecord(at, tag, std::move(record));
  }
  return {};
}

Status ApplyMesh(const ValueContext& at, const ParsedValue& value, std::string_view content,
                 const TagState& tag) {
  ASSIGN_OR_RETURN(const std::vector<MeshPart> parts, ToMeshParts(value, content));
  int item = 0;
  for (const MeshPart& part : parts) {
    PendingRecord record = PackRecord(part.data, Compression::kZstd);
    record.item = item++;
    record.height = part.rows;
    AddRecord(at, tag, std::move(record));
  }
  return {};
}

Status ApplyGraph(const ValueContext& at, const ParsedValue& value, const TagState& tag) {
  ASSIGN_OR_RETURN(const std::string_view bytes, ToGraphBytes(value));
  PendingRecord record = PackRecord(bytes, Compression::kZstd);
  if (value.payload == ParsedValue::Payload::kMetaGraphDef) {
    if (bytes.empty()) return {};
    record.item = kMetaGraphItem;
  }
  AddRecord(at, tag, std::move(record));
  return {};
}

Result<PendingRecord> PackTensor(const ParsedValue& value) {
  ASSIGN_OR_RETURN(const std::string bytes, ToTensorBytes(value));
  ASSIGN_OR_RETURN(const TensorInfo info, ParseTensorInfo(bytes));
  PendingRecord record = PackRecord(bytes, Compression::kZstd);
  record.details = EncodeTensorDetails(info);
  return record;
}

uint32_t ProfileNameId(const std::string& name, RunState* run) {
  const auto [entry, is_new] =
      run->profile_names.try_emplace(name, static_cast<uint32_t>(run->profile_names.size()));
  if (is_new) run->new_profile_names.push_back(name);
  return entry->second;
}

Status ApplyProfile(const ValueContext& at, const ParsedValue& value, const TagState& tag) {
  RunState* run = at.run;
  if (tag.info.plugin == kProfileNotePlugin) {
    ASSIGN_OR_RETURN(std::string message, ToProfileNote(value));
    run->notes.push_back({at.session_id, at.position, at.wall_time, std::move(message)});
    return {};
  }
  ASSIGN_OR_RETURN(const ProfileSlices slices, ToProfileSlices(value));
  std::vector<uint32_t> ids;
  for (const std::string& name : slices.names) ids.push_back(ProfileNameId(name, run));
  for (size_t i = 0; i < slices.size(); ++i) {
    // Events of a few hundred slices join into chunks; an event's own slices may also fill several.
    const bool fits = !run->profiles.empty() && run->profiles.back().session_id == at.session_id &&
                      run->profiles.back().slices.size() < kChunkSlicesMax;
    if (!fits) run->profiles.push_back({at.session_id, at.position + i, {}});
    AppendSlice(slices, i, ids[slices.name[i]], &run->profiles.back().slices);
  }
  at.size->bytes += slices.size() * 41;
  return {};
}

// All kinds but scalars.
Status ApplyOther(const ValueContext& at, const ParsedValue& value, TagState* tag) {
  ParsedMetadata metadata;
  if (value.has_metadata && !ParseMetadata(value.metadata, &metadata)) metadata = {};
  const std::string_view content =
      value.has_metadata ? metadata.content : std::string_view(tag->info.content);
  PendingRecord record;
  switch (tag->info.kind) {
    case DataKind::kHistogram: {
      ASSIGN_OR_RETURN(const Histogram histogram, ToHistogram(value));
      EncodedHistogram encoded = EncodeHistogram(histogram);
      record = PackRecord(std::move(encoded.content), encoded.compression);
      break;
    }
    case DataKind::kText: {
      ASSIGN_OR_RETURN(const Text text, ToText(value));
      record = PackRecord(EncodeText(text), Compression::kZstd);
      break;
    }
    case DataKind::kEmbedding: {
      ASSIGN_OR_RETURN(const Embedding embedding, ToEmbedding(value));
      record = PackRecord(EncodeEmbeddingValues(embedding.values), Compression::kNone);
      record.width = embedding.info.dims;
      record.height = embedding.info.rows;
      break;
    }
    case DataKind::kEntityStats: {
      ASSIGN_OR_RETURN(const EntityStats stats, ToEntityStats(value, content));
      record = PackRecord(EncodeEntityStats(stats), Compression::kZstd);
      break;
    }
    case DataKind::kPrCurve: {
      ASSIGN_OR_RETURN(const PrCurve curve, ToPrCurve(value));
      record = PackRecord(EncodePrCurve(curve), Compression::kZstd);
      break;
    }
    case DataKind::kCustomScalars: {
      ASSIGN_OR_RETURN(const std::string_view layout, ToLayoutBytes(value));
      record = PackRecord(layout, Compression::kZstd);
      break;
    }
    case DataKind::kImage:
      return ApplyImages(at, value, tag);
    case DataKind::kAudio:
      return ApplyAudio(at, value, content, *tag);
    case DataKind::kMesh:
      return ApplyMesh(at, value, content, *tag);
    case DataKind::kGraph:
      return ApplyGraph(at, value, *tag);
    case DataKind::kHparams:
      return ApplyHparams(at, value);
    case DataKind::kProfile:
      return ApplyProfile(at, value, *tag);
    default:
      if (tag->info.plugin == kEmbeddingMetadataPlugin) {
        ASSIGN_OR_RETURN(const EmbeddingMetadata table, ToEmbeddingMetadata(value, content));
        record = PackRecord(EncodeEmbeddingMetadata(table), Compression::kZstd);
      } else {
        ASSIGN_OR_RETURN(record, PackTensor(value));
      }
  }
  AddRecord(at, *tag, std::move(record));
  return {};
}

Status ApplyValue(const ValueContext& at, const ParsedValue& value) {
  TagState& tag = FindTag(value, at.run);
  if (tag.info.kind == DataKind::kScalar) {
    ASSIGN_OR_RETURN(const double number, ToScalar(value));
    AppendPoint(at.step, at.wall_time, number, &SeriesOf(at.session_id, &tag, at.run));
    ++at.run->points;
    ++at.size->points;
    return {};
  }
  RETURN_IF_ERROR(ApplyOther(at, value, &tag));
  CountValue(at, &tag);
  return {};
}

void ApplyRecord(const FramedRecord& record, RunState* run, FileState* file, ParsedEvent* scratch,
                 PendingSize* size) {
  if (!ParseEvent(record.data, scratch)) {
    AddWarning(
        run, {file->id, record.offset, kRecordHeaderBytes + record.data.size() + kRecordFooterBytes,
              "bad record: not an Event"});
    return;
  }
  const WallTime wall_time = FiniteWallTime(*scratch, *run, *file);
  OpenSession(*scratch, wall_time, run, file);
  TouchRun(*scratch, wall_time, run);
  if (scratch->is_session_start) {
    file->step_time.reset();
    SayEnd(RunEnd::kNotSaid, wall_time, run);
  }
  if (!scratch->values.empty()) TrackStep(scratch->step, wall_time, run, file);
  if (scratch->is_session_stop) SayEnd(RunEnd::kStop, wall_time, run);
  ValueContext at{run, file, size, file->session_id, record.offset, scratch->step, wall_time};
  for (const ParsedValue& value : scratch->values) {
    file->session_has_values = true;
    const Status status = ApplyValue(at, value);
    if (!status.ok()) {
      AddWarning(run, {file->id, at.position, value.bytes.size(),
                       StrCat("tag \"", ToValidUtf8(value.tag.substr(0, 200)), "\" at step ",
                              at.step, ": ", status.error().message)});
    }
    ++at.position;
  }
}

// The short way of a record that is one scalar of a known tag in an open session: nearly all are,
// so it must cost nanoseconds. What it learns of wall times and steps is told to the run once, by
// Finish.
class ScalarLane {
 public:
  ScalarLane(RunState* run, FileState* file) : run_(run), file_(file) {}

  // False for any other record, of which nothing is taken.
  bool Take(std::string_view record) {
    PlainScalar scalar;
    if (file_->session_id == 0 || !ParsePlainScalar(record, &scalar)) return false;
    if (!std::isfinite(scalar.wall_time)) return false;
    PendingSeries* series = FindSeries(scalar.tag);
    if (series == nullptr) return false;
    AppendPoint(scalar.step, scalar.wall_time, scalar.value, series);
    ++points_;
    first_wall_time_ = std::min(first_wall_time_, scalar.wall_time);
    last_wall_time_ = std::max(last_wall_time_, scalar.wall_time);
    last_step_ = std::max(last_step_, scalar.step);
    TrackStep(scalar.step, scalar.wall_time, run_, file_);
    return true;
  }

  // Before anything else looks at the run, and at the end.
  void Finish(PendingSize* size) {
    if (points_ == 0) return;
    run_->points += points_;
    size->points += points_;
    run_->start_time = std::min(run_->start_time, first_wall_time_);
    run_->last_wall_time = std::max(run_->last_wall_time, last_wall_time_);
    run_->last_step = std::max(run_->last_step, last_step_);
    SessionState& session = SessionOf(*file_, run_);
    session.session.last_wall_time = std::max(session.session.last_wall_time, last_wall_time_);
    session.is_dirty = true;
    file_->session_has_values = true;
    *this = ScalarLane(run_, file_);
  }

 private:
  // Programs log their tags in the same order again and again: the tag that followed the last one
  // before is compared first, and no hash is taken.
  PendingSeries* FindSeries(std::string_view name) {
    TagState* last = run_->last_tag;
    TagState* tag = last != nullptr ? last->next : nullptr;
    if (tag == nullptr || tag->name != name) {
      const auto found = run_->tags.find(name);
      if (found == run_->tags.end() || found->second.info.kind != DataKind::kScalar) return nullptr;
      tag = &found->second;
      if (last != nullptr) last->next = tag;
    }
    run_->last_tag = tag;
    const bool is_known =
        tag->is_dirty && !tag->series.empty() && tag->series.back().session_id == file_->session_id;
    return is_known ? &tag->series.back() : &SeriesOf(file_->session_id, tag, run_);
  }

  RunState* run_;
  FileState* file_;
  int64_t points_ = 0;
  WallTime first_wall_time_ = std::numeric_limits<WallTime>::infinity();
  WallTime last_wall_time_ = -std::numeric_limits<WallTime>::infinity();
  Step last_step_ = std::numeric_limits<Step>::min();
};

}  // namespace

void ApplyRecords(std::span<const FramedRecord> records, RunState* run, FileState* file,
                  ParsedEvent* scratch, PendingSize* size) {
  ScalarLane scalars(run, file);
  for (const FramedRecord& record : records) {
    if (scalars.Take(record.data)) continue;
    scalars.Finish(size);
    ApplyRecord(record, run, file, scratch, size);
  }
  scalars.Finish(size);
}

void AddWarning(RunState* run, PendingWarning warning) {
  if (run->warnings >= kWarningsMax) return;
  if (++run->warnings == kWarningsMax) warning.message = "further damage is not listed";
  run->pending_warnings.push_back(std::move(warning));
}

}  // namespace spirogram::store
