// Adds the values of an event to what waits for the next commit, each by its kind. Touches memory
// only.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/record.h"
#include "base/result.h"
#include "base/types.h"
#include "store/event_parser.h"
#include "store/run_state.h"

namespace spirogram::store {

// What waits in memory; a commit is due when it grows too large.
struct PendingSize {
  int64_t points = 0;
  int64_t points_in_whole_blocks = 0;
  uint64_t bytes = 0;

  // Tags that are logged side by side fill their blocks at the same record. A commit there leaves
  // no short block to be read, joined and written again by the next, so it is worth while for fewer
  // points than elsewhere, and less waits in memory.
  bool ends_blocks() const {
    constexpr int64_t kPointsMin = 1 << 16;
    return points >= kPointsMin && points == points_in_whole_blocks;
  }
};

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
  const FramedRecord* record;  // the event
};

// Makes the tag known where it is new. An Error says why the value cannot be kept.
Status ApplyValue(const ValueContext& at, const ParsedValue& value);

// The tag's points of the session, to which AppendPoint adds. Stays where it is until the next call
// for the same tag.
PendingSeries& SeriesOf(int64_t session_id, TagState* tag, RunState* run);
// A new chunk behind the last, which is full.
void StartChunk(PendingSeries* series);
inline void AppendPoint(Step step, WallTime wall_time, double value, PendingSeries* series,
                        PendingSize* size) {
  if (series->chunks.empty() || series->room == 0) StartChunk(series);
  PendingPoints& chunk = series->chunks.back();
  chunk.Append(step, wall_time, value);
  ++size->points;
  if (--series->room == 0) size->points_in_whole_blocks += static_cast<int64_t>(chunk.size());
}

}  // namespace spirogram::store
