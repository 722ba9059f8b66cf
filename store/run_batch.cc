#include "store/run_batch.h"

#include <algorithm>
#include <utility>

#include "store/run_activity.h"

namespace spirogram::store {
namespace {

std::vector<FileBatch> SealFiles(RunState* run) {
  std::vector<FileBatch> files;
  for (auto& [name, file] : run->files) {
    const FilePosition& position = file->reader.position();
    if (position.offset == file->committed_offset && !file->is_new && !file->is_dirty) continue;
    files.push_back({file->id, name, file->device, file->inode, position, file->committed_offset,
                     file->session_id, file->reader.path(),
                     std::exchange(file->is_readable_again, false)});
    file->committed_offset = position.offset;
    file->is_new = false;
    file->is_dirty = false;
  }
  return files;
}

std::vector<SessionState> SealSessions(RunState* run) {
  std::vector<SessionState> sessions;
  for (SessionState& state : run->sessions) {
    if (std::exchange(state.is_dirty, false)) sessions.push_back(state);
  }
  return sessions;
}

// Folds `low` to `high` into the steps of the tag's new values.
void AddSteps(Step low, Step high, bool is_first, TagBatch* batch) {
  batch->lowest_new = is_first ? low : std::min(batch->lowest_new, low);
  batch->highest_new = is_first ? high : std::max(batch->highest_new, high);
}

SeriesBatch SealSeries(PendingSeries* series) {
  SeriesBatch batch;
  batch.session_id = series->session_id;
  batch.tail = series->tail.get();
  size_t points = 0;
  for (PendingPoints& chunk : std::exchange(series->chunks, {})) {
    points += chunk.size();
    batch.chunks.push_back({std::move(chunk), {}});
  }
  const size_t in_block = kBlockPoints - series->room;
  batch.starts_block = points >= in_block && (points - in_block) % kBlockPoints == 0;
  series->last_commit_points = points;
  return batch;
}

TagBatch SealTag(TagState* tag) {
  TagBatch batch{.id = tag->id,
                 .name = std::string(tag->name),
                 .kind = tag->info.kind,
                 .info = {},
                 .series = {}};
  if (std::exchange(tag->is_new, false)) batch.info = tag->info;
  int64_t values = std::exchange(tag->new_values, 0);
  if (values > 0) AddSteps(tag->lowest_new, tag->highest_new, true, &batch);
  for (PendingSeries& series : tag->series) {
    if (series.chunks.empty()) continue;
    for (const PendingPoints& chunk : series.chunks) {
      const auto [low, high] = chunk.StepRange();
      AddSteps(low, high, values == 0, &batch);
      values += static_cast<int64_t>(chunk.size());
    }
    batch.series.push_back(SealSeries(&series));
  }
  const bool is_first = tag->count == 0;
  tag->first_step = is_first ? batch.lowest_new : std::min(tag->first_step, batch.lowest_new);
  tag->last_step = is_first ? batch.highest_new : std::max(tag->last_step, batch.highest_new);
  tag->count += values;
  tag->is_dirty = false;
  batch.count = tag->count;
  batch.first_step = tag->first_step;
  batch.last_step = tag->last_step;
  return batch;
}

}  // namespace

RunBatch SealRun(RunState* run) {
  RunBatch batch{.id = run->id,
                 .is_new = std::exchange(run->is_new, false),
                 .path = run->path,
                 .name = run->name,
                 .has_events = run->has_events,
                 .start_time = run->start_time,
                 .last_wall_time = run->last_wall_time,
                 .last_step = run->last_step,
                 .points = run->points,
                 .end_status = run->end_status,
                 .evidence = EvidenceOf(*run),
                 .bytes_on_disk = BytesOnDisk(*run),
                 .files = SealFiles(run),
                 .sessions = SealSessions(run),
                 .tags = {},
                 .records = std::exchange(run->records, {}),
                 .encoded_tags = 0,
                 .encoded_records = 0,
                 .profiles = std::exchange(run->profiles, {}),
                 .first_profile_name_id = static_cast<int64_t>(run->profile_names.size() -
                                                               run->new_profile_names.size()),
                 .new_profile_names = std::exchange(run->new_profile_names, {}),
                 .notes = std::exchange(run->notes, {}),
                 .warnings = std::exchange(run->pending_warnings, {}),
                 .hparams_messages = std::exchange(run->hparams_messages, {}),
                 .hparams = std::exchange(run->hparams, {})};
  for (TagState* tag : std::exchange(run->dirty_tags, {})) batch.tags.push_back(SealTag(tag));
  run->is_dirty = false;
  return batch;
}

void EncodeRecord(PendingRecord* record) {
  if (std::exchange(record->is_packed, true)) return;
  record->data = PackBlob(record->data, record->compression);
}

bool EncodeOne(RunBatch* run) {
  for (; run->encoded_tags < run->tags.size(); ++run->encoded_tags) {
    for (SeriesBatch& series : run->tags[run->encoded_tags].series) {
      // What completes a block that is committed in part must be joined with it first.
      for (size_t i = series.starts_block ? 0 : 1; i < series.chunks.size(); ++i) {
        SeriesBatch::Chunk& chunk = series.chunks[i];
        if (chunk.sealed) continue;
        chunk.sealed = SealBlock(chunk.points.ToColumns(), 0, chunk.size());
        chunk.points = {};
        return true;
      }
    }
  }
  if (run->encoded_records == run->records.size()) return false;
  EncodeRecord(&run->records[run->encoded_records++]);
  return true;
}

}  // namespace spirogram::store
