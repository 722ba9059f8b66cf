#include "store/apply_event.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/record.h"
#include "base/str.h"
#include "store/ingest_names.h"
#include "store/plain_scalar.h"
#include "store/run_update.h"

namespace spirogram::store {
namespace {

// A file of noise could give a warning per few bytes; nobody reads the thousandth.
constexpr int64_t kWarningsMax = 1000;

void ApplyRecord(const FramedRecord& record, RunState* run, FileState* file, ParsedEvent* scratch,
                 PendingSize* size) {
  if (!ParseEvent(record.data, scratch)) {
    AddWarning(
        run, {file->id, record.offset, kRecordHeaderBytes + record.data.size() + kRecordFooterBytes,
              StrCat("bad record: not an Event of at most ", kEventValuesMax, " values")});
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
  if (!scratch->program_warning.empty()) {
    // What was made here speaks of its original.
    const bool is_ours = file->name.starts_with(kConvertedPrefix);
    AddWarning(run,
               {file->id, record.offset, 0,
                StrCat(is_ours ? "" : "its program warns: ", Excerpt(scratch->program_warning))});
  }
  ValueContext at{run,           file,          size,      file->session_id,
                  record.offset, scratch->step, wall_time, &record};
  for (const ParsedValue& value : scratch->values) {
    file->session_has_values = true;
    const Status status = ApplyValue(at, value);
    if (!status.ok()) {
      AddWarning(run, {file->id, at.position, value.bytes.size(),
                       StrCat("tag ", Quoted(value.tag), " at step ", at.step, ": ",
                              status.error().message)});
    }
    ++at.position;
  }
}

// The short way of a record that is one scalar of a known tag in an open session: nearly all are,
// so it must cost nanoseconds. What it learns of wall times and steps is told to the run once, by
// Finish.
class ScalarLane {
 public:
  ScalarLane(RunState* run, FileState* file, PendingSize* size)
      : run_(run), file_(file), size_(size) {}

  // False for any other record, of which nothing is taken.
  bool Take(std::string_view record) {
    PlainScalar scalar;
    if (file_->session_id == 0 || !ParsePlainScalar(record, &scalar)) return false;
    if (!std::isfinite(scalar.wall_time)) return false;
    PendingSeries* series = FindSeries(scalar.tag);
    if (series == nullptr) return false;
    AppendPoint(scalar.step, scalar.wall_time, scalar.value, series, size_);
    ++points_;
    first_wall_time_ = std::min(first_wall_time_, scalar.wall_time);
    last_wall_time_ = std::max(last_wall_time_, scalar.wall_time);
    last_step_ = std::max(last_step_, scalar.step);
    TrackStep(scalar.step, scalar.wall_time, run_, file_);
    return true;
  }

  // Before anything else looks at the run, and at the end.
  void Finish() {
    if (points_ == 0) return;
    run_->points += points_;
    run_->start_time = std::min(run_->start_time, first_wall_time_);
    run_->last_wall_time = std::max(run_->last_wall_time, last_wall_time_);
    run_->last_step = std::max(run_->last_step, last_step_);
    SessionState& session = SessionOf(*file_, run_);
    session.session.last_wall_time = std::max(session.session.last_wall_time, last_wall_time_);
    session.is_dirty = true;
    file_->session_has_values = true;
    *this = ScalarLane(run_, file_, size_);
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
  PendingSize* size_;
  int64_t points_ = 0;
  WallTime first_wall_time_ = std::numeric_limits<WallTime>::infinity();
  WallTime last_wall_time_ = -std::numeric_limits<WallTime>::infinity();
  Step last_step_ = std::numeric_limits<Step>::min();
};

}  // namespace

size_t ApplyRecords(std::span<const FramedRecord> records, RunState* run, FileState* file,
                    ParsedEvent* scratch, PendingSize* size) {
  ScalarLane scalars(run, file, size);
  size_t applied = 0;
  while (applied < records.size()) {
    const FramedRecord& record = records[applied++];
    if (!scalars.Take(record.data)) {
      scalars.Finish();
      ApplyRecord(record, run, file, scratch, size);
    }
    if (size->ends_blocks()) break;
  }
  scalars.Finish();
  return applied;
}

void AddWarning(RunState* run, PendingWarning warning) {
  if (run->warnings >= kWarningsMax) return;
  if (++run->warnings == kWarningsMax) warning.message = "further damage is not listed";
  run->pending_warnings.push_back(std::move(warning));
}

}  // namespace spirogram::store
