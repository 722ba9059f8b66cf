#include "store/apply_value.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "base/crc32c.h"
#include "base/str.h"
#include "store/apply_event.h"
#include "store/audio_value.h"
#include "store/borrowed.h"
#include "store/graph_value.h"
#include "store/histogram_codec.h"
#include "store/hparams_content.h"
#include "store/ingest_names.h"
#include "store/plot_value.h"
#include "store/profile_codec.h"
#include "store/record_details.h"
#include "store/records.h"
#include "store/run_update.h"
#include "store/tensor.h"
#include "store/value_codec.h"

namespace spirogram::store {
namespace {

constexpr double kIntegersExactBelow = 0x1p53;
// A byte that is read takes so much less time than one that is written.
constexpr uint64_t kBorrowedShare = 16;

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

void AddRecord(const ValueContext& at, const TagState& tag, PendingRecord record) {
  record.tag_id = tag.id;
  record.session_id = at.session_id;
  record.file_id = at.file->id;
  record.position = at.position;
  record.step = at.step;
  record.wall_time = at.wall_time;
  at.size->bytes += sizeof record + record.data.size();
  // A reference takes little memory, but it is read fast and written slowly: a batch must end soon
  // enough for the other thread to write it while this one reads on.
  if (record.borrowed) at.size->bytes += record.bytes / kBorrowedShare;
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

bool IsWithin(std::string_view part, std::string_view whole) {
  const std::less_equal<const char*> is_before;
  return is_before(whole.data(), part.data()) &&
         is_before(part.data() + part.size(), whole.data() + whole.size());
}

// What was sent lies in the data directory, whose files may move with it: it is copied at once. So
// is what stands in the event in parts.
bool CanBorrow(const ValueContext& at, std::string_view part, size_t bytes_min) {
  return part.size() >= bytes_min && !at.file->name.starts_with(kIngestPrefix) &&
         IsWithin(part, at.record->data);
}

// The checksum of a part of the event. Of one that is most of it, it follows from that of the
// event, which was checked: its bytes are not read twice.
uint32_t CrcOfPart(const FramedRecord& event, size_t begin, std::string_view part) {
  if (part.size() < event.data.size() / 2) return Crc32c(part);
  return Crc32cOfMiddle(UnmaskCrc(event.masked_crc), event.data.substr(0, begin), part.size(),
                        event.data.substr(begin + part.size()));
}

// REQUIRES: `part` points into event.data.
PendingRecord Borrow(const FramedRecord& event, std::string_view part, BorrowedBytes::Form form) {
  const auto begin = static_cast<size_t>(part.data() - event.data.data());
  PendingRecord record;
  record.bytes = part.size();
  record.is_packed = true;
  record.borrowed = {event.offset + kRecordHeaderBytes + begin, part.size(),
                     CrcOfPart(event, begin, part), form};
  return record;
}

// A part of the event that is kept as it is. REQUIRES: it points into at.record->data.
PendingRecord KeepAsItIs(const ValueContext& at, std::string_view content) {
  if (!CanBorrow(at, content, kBorrowedBytesMin)) return PackRecord(content, Compression::kNone);
  return Borrow(*at.record, content, BorrowedBytes::Form::kContent);
}

Result<PendingRecord> KeepHistogram(const ValueContext& at, const ParsedValue& value) {
  if (value.payload == ParsedValue::Payload::kHistogram &&
      CanBorrow(at, value.bytes, kBorrowedHistogramBytesMin)) {
    RETURN_IF_ERROR(CheckOldHistogram(value.bytes));
    return Borrow(*at.record, value.bytes, BorrowedBytes::Form::kOldHistogram);
  }
  ASSIGN_OR_RETURN(const Histogram histogram, ToHistogram(value));
  Content content = EncodeHistogram(histogram);
  return PackRecord(std::move(content.bytes), content.compression);
}

// The row of a value that holds no items: exports give it back.
void AddNoItem(const ValueContext& at, const TagState& tag, int64_t width = 0, int64_t height = 0) {
  PendingRecord record = PackRecord(std::string(), Compression::kNone);
  record.item = kNoItem;
  record.width = width;
  record.height = height;
  AddRecord(at, tag, std::move(record));
}

Status ApplyImages(const ValueContext& at, const ParsedValue& value, TagState* tag) {
  ASSIGN_OR_RETURN(const EncodedImages encoded, ToImages(value));
  if (encoded.images.empty()) AddNoItem(at, *tag, encoded.width, encoded.height);
  int item = 0;
  for (const std::string_view image : encoded.images) {
    PendingRecord record = KeepAsItIs(at, image);
    record.item = item++;
    record.width = encoded.width;
    record.height = encoded.height;
    AddRecord(at, *tag, std::move(record));
  }
  return {};
}

RunEnd EndOf(HparamsStatus status) {
  if (status == HparamsStatus::kSuccess) return RunEnd::kSuccess;
  return status == HparamsStatus::kFailure ? RunEnd::kFailure : RunEnd::kUnknown;
}

Status ApplyHparams(const ValueContext& at, const ParsedValue& value) {
  ParsedMetadata metadata;
  if (!ParseMetadata(value.metadata, &metadata)) return Corruption("hparams: malformed metadata");
  ASSIGN_OR_RETURN(HparamsMessage message, ParseHparamsMessage(metadata.content));
  if (message.start) {
    at.run->hparams.emplace(at.session_id, std::move(message.start->hparams));
    SayEnd(RunEnd::kNotSaid, at.wall_time, at.run);
  }
  if (message.end && message.end->status != HparamsStatus::kRunning) {
    SayEnd(EndOf(message.end->status), at.wall_time, at.run);
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
  if (clips.empty()) AddNoItem(at, tag);
  int item = 0;
  for (const EncodedAudio& clip : clips) {
    PendingRecord record = KeepAsItIs(at, clip.bytes);
    record.item = item++;
    record.details = EncodeAudioDetails(clip.info);
    AddRecord(at, tag, std::move(record));
  }
  return {};
}

Status ApplyMesh(const ValueContext& at, const ParsedValue& value, std::string_view content,
                 const TagState& tag) {
  ASSIGN_OR_RETURN(const std::vector<MeshPart> parts, ToMeshParts(value, content));
  if (parts.empty()) AddNoItem(at, tag);
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
  const bool is_meta = value.payload == ParsedValue::Payload::kMetaGraphDef;
  if (is_meta && bytes.empty()) return Corruption("the meta graph holds no graph");
  if (is_meta) record.item = kMetaGraphItem;
  const bool is_run_graph = is_meta || value.payload == ParsedValue::Payload::kGraphDef;
  if (is_run_graph && IsEmptyGraph(bytes)) record.item = kNoItem;
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

// Where the next chunk begins that an event's slice number `i` opens: behind the one before, though
// an earlier value of the event may have begun that further on.
uint64_t NextChunkPosition(const ValueContext& at, size_t i) {
  const uint64_t position = at.position + i;
  const auto& profiles = at.run->profiles;
  const bool goes_on = !profiles.empty() && profiles.back().session_id == at.session_id;
  return goes_on ? std::max(position, profiles.back().position + 1) : position;
}

uint32_t ProfileNameId(const std::string& name, RunState* run) {
  const auto [entry, is_new] =
      run->profile_names.try_emplace(name, static_cast<uint32_t>(run->profile_names.size()));
  if (is_new) run->new_profile_names.push_back(name);
  return entry->second;
}

// A chunk ends with a step where it can: phases of another chunk then hardly lie around its own
// (phase_sums.h).
bool IsFull(const ProfileSlices& chunk, Step next) {
  constexpr size_t kAlmostFull = kChunkSlicesMax / 8 * 7;
  return chunk.size() == kChunkSlicesMax ||
         (chunk.size() >= kAlmostFull && chunk.step.back() != next);
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
                      !IsFull(run->profiles.back().slices, slices.step[i]);
    if (!fits) run->profiles.push_back({at.session_id, NextChunkPosition(at, i), {}});
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
      ASSIGN_OR_RETURN(record, KeepHistogram(at, value));
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
      // Readers know the tag's content alone, so it says what each value is a part of.
      return ApplyMesh(at, value, tag->info.content, *tag);
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

// Scalars are float64 throughout: integers beyond 2^53 may lose their last digits, and not
// silently.
void WarnOfRounding(const ValueContext& at, const ParsedValue& value, TagState* tag) {
  if (tag->is_rounding_told || value.payload != ParsedValue::Payload::kTensor) return;
  const std::optional<std::string> rounding = RoundedInteger(value.bytes);
  if (!rounding) return;
  tag->is_rounding_told = true;
  AddWarning(at.run, {at.file->id, at.position, 0,
                      StrCat("tag ", Quoted(tag->name), " at step ", at.step,
                             ": an integer beyond 2^53: ", *rounding,
                             "; further ones of the tag are not listed")});
}

Status ApplyScalar(const ValueContext& at, const ParsedValue& value, TagState* tag) {
  ASSIGN_OR_RETURN(const double number, ToScalar(value));
  if (std::fabs(number) >= kIntegersExactBelow) WarnOfRounding(at, value, tag);
  AppendPoint(at.step, at.wall_time, number, &SeriesOf(at.session_id, tag, at.run), at.size);
  ++at.run->points;
  return {};
}

// Programs that log two kinds under one tag are told so, and not only that a value does not fit.
Error NameKinds(Error error, const ParsedValue& value, const TagState& tag) {
  const DataKind kind = ClassifyValue(value).kind;
  if (kind == tag.info.kind || kind == DataKind::kOther) return error;
  error.message += StrCat("; it is of kind ", DataKindName(kind), ", the tag of kind ",
                          DataKindName(tag.info.kind), " since its first event");
  return error;
}

}  // namespace

Status ApplyValue(const ValueContext& at, const ParsedValue& value) {
  TagState& tag = FindTag(value, at.run);
  const bool is_scalar = tag.info.kind == DataKind::kScalar;
  Status status = is_scalar ? ApplyScalar(at, value, &tag) : ApplyOther(at, value, &tag);
  if (!status.ok()) return NameKinds(std::move(status).error(), value, tag);
  if (!is_scalar) CountValue(at, &tag);
  return {};
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

}  // namespace spirogram::store
