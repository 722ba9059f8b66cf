#include "store/ingest.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "base/file.h"
#include "base/str.h"
#include "store/ingest_names.h"
#include "store/run_loader.h"
#include "store/run_writer.h"
#include "store/sqlite/statement.h"
#include "store/sqlite/transaction.h"

namespace spirogram::store {
namespace {

// One file's turn: long enough to fill blocks, short enough that no file starves the others.
constexpr uint64_t kTurnBytes = uint64_t{4} << 20;
// Bounds of one transaction, and so of what waits in memory: twice as much, because one is written
// while the next is read.
constexpr int64_t kPendingPointsMax = 1 << 18;
constexpr uint64_t kPendingBytesMax = uint64_t{2} << 20;

// A writer that is alive flushes more often than a file rests so long within a record.
constexpr int64_t kQuietNs = 60'000'000'000;

Result<Commit> WriteBatch(Database& database, std::vector<RunBatch> runs) {
  Commit commit;
  ASSIGN_OR_RETURN(Transaction transaction,
                   Transaction::Begin(database, Transaction::Kind::kWrite));
  for (RunBatch& run : runs) {
    RETURN_IF_ERROR(WriteRun(database, &run, &commit));
    run = {};
  }
  RETURN_IF_ERROR(transaction.Commit());
  return commit;
}

// By a clock that the writer and this machine share, or nearly so.
bool IsWrittenSinceDeletion(const FoundFile& found, const RunState& run) {
  constexpr double kClockStep = 0.02;  // of the file system's times
  return static_cast<double>(found.modified_ns) * 1e-9 + kClockStep >= run.deleted_time;
}

// New bytes of a file that was read, or a file that was not there.
bool IsWrittenSincePurge(const FoundFile& found, const RunState& run) {
  if (!IsWrittenSinceDeletion(found, run)) return false;
  const auto known = run.files.find(found.name);
  if (known == run.files.end()) return found.size > 0;
  const FileState& file = *known->second;
  // A torn tail that stood there already is nothing new; a start does not know of it.
  if (found.size == file.size && found.inode == file.inode) return false;
  return found.size != file.reader.position().offset;
}

}  // namespace

Ingest::~Ingest() {
  if (running_.valid()) running_.wait();
}

Result<std::unique_ptr<Ingest>> Ingest::Load(Database& database, const Logdir& logdir) {
  std::unique_ptr<Ingest> ingest(new Ingest(database, logdir));
  ASSIGN_OR_RETURN(auto runs, LoadRuns(database, logdir));
  for (auto& run : runs) {
    ingest->next_run_id_ = std::max(ingest->next_run_id_, run->id + 1);
    if (run->is_purged) {
      ++ingest->purged_runs_;
    } else {
      for (auto& [name, file] : run->files) {
        ingest->CountFile(file.get());
        ingest->names_by_inode_[{run->id, file->inode}] = name;
      }
      ingest->files_found_ += static_cast<int64_t>(run->files.size());
    }
    ingest->runs_by_id_[run->id] = run.get();
    std::string path = run->path;
    ingest->runs_.emplace(std::move(path), std::move(run));
  }
  ingest->bytes_committed_ = ingest->bytes_read_;
  return ingest;
}

void Ingest::NoteFiles(const std::vector<FoundFile>& files) {
  for (const FoundFile& found : files) {
    RunState* run = FindRun(found.run);
    run->modified_ns = std::max(run->modified_ns, found.modified_ns);
  }
  FollowRenames(files);
  FollowCopies(files);
  for (const FoundFile& found : files) NoteFile(found);
}

RunState* Ingest::FindRun(const std::string& path) {
  std::unique_ptr<RunState>& run = runs_[path];
  if (run == nullptr) {
    run = std::make_unique<RunState>();
    run->id = next_run_id_++;
    runs_by_id_[run->id] = run.get();
    run->path = path;
    run->name = ToValidUtf8(path);
    run->is_new = true;
    run->are_details_loaded = true;
    MarkDirty(run.get());
  }
  return run.get();
}

RunId Ingest::EnsureRun(const std::string& path, WallTime wall_time) {
  RunState* run = FindRun(path);
  if (!run->has_events) {
    run->start_time = wall_time;
    run->last_wall_time = wall_time;
    MarkDirty(run);
  }
  return run->id;
}

void Ingest::NoteFile(const FoundFile& found) {
  RunState* run = FindRun(found.run);
  if (run->is_purged) {
    if (IsWrittenSincePurge(found, *run)) revivable_.push_back(run->id);
    return;
  }
  // Written into the logdir and sent here as well: the copy that was seen first counts.
  if (!run->files.contains(found.name) && run->files.contains(TwinName(found.name))) return;
  std::unique_ptr<FileState>& file = run->files[found.name];
  if (file == nullptr) {
    file = std::make_unique<FileState>(run->next_file_id++, found.name,
                                       EventFileReader(logdir_.PathOf(found.run, found.name), {}));
    file->is_new = true;
    ++files_found_;
    MarkDirty(run);
  }
  // A program that begins to log to a deleted run must not log into the void. One that was logging
  // when the run was deleted does not bring it back.
  const bool begins = file->reader.position().offset == 0 && found.size > 0;
  if (run->is_deleted() && begins && IsWrittenSinceDeletion(found, *run)) {
    revivable_.push_back(run->id);
  }
  const bool is_same_file = file->inode == found.inode && file->device == found.device;
  const bool is_read = file->reader.position().offset == found.size;
  const bool is_as_before = file->size == found.size && file->modified_ns == found.modified_ns;
  // A file that was read to its end, or to a tail that waits, is left alone until it changes.
  const bool is_first_look = file->modified_ns == 0;
  // Nor is one that falls silent with such a tail: whole records behind it then count.
  const bool is_quiet = found.modified_ns < found.seen_ns - kQuietNs;
  const bool falls_quiet = is_quiet && !file->is_quiet && file->tail_bytes > 0;
  const bool needs_reading = !is_same_file || falls_quiet || !file->unreadable_why.empty() ||
                             (is_first_look ? !is_read : !is_as_before);
  file->is_quiet = is_quiet;
  file->size = found.size;
  file->modified_ns = found.modified_ns;
  CountFile(file.get());
  if (needs_reading) Enqueue({run->modified_ns, run, file.get()});
}

// Brings the totals up to date with one file.
void Ingest::CountFile(FileState* file) {
  const uint64_t read = file->reader.position().offset;
  const uint64_t found = std::max(file->size, read);
  bytes_found_ += found - std::exchange(file->counted_found, found);
  bytes_read_ += read - std::exchange(file->counted_read, read);
}

void Ingest::Enqueue(const FileRef& ref) {
  if (std::exchange(ref.file->is_queued, true)) return;
  backlog_.insert(ref);
}

Status Ingest::ReadSome() {
  if (backlog_.empty()) return {};
  const FileRef ref = *backlog_.begin();
  backlog_.erase(backlog_.begin());
  ref.file->is_queued = false;
  if (!ref.run->are_details_loaded) {
    if (running_.valid()) running_.wait();
    RETURN_IF_ERROR(LoadRunDetails(database_, ref.run));
  }
  return ReadFile(ref);
}

Status Ingest::ReadFile(const FileRef& ref) {
  const uint64_t offset_before = ref.file->reader.position().offset;
  const Result<ReadResult> result = ref.file->reader.Read(
      kTurnBytes,
      [&](std::span<const FramedRecord> records) {
        return ApplyRecords(records, ref.run, ref.file, &scratch_, &pending_);
      },
      ref.file->is_quiet ? TailIs::kQuiet : TailIs::kGrowing);
  CountFile(ref.file);
  if (!result.ok()) {
    if (result.error().code == ErrorCode::kNotFound) {
      ref.file->size = 0;  // it has gone; its data stays
      CountFile(ref.file);
      return {};
    }
    if (result.error().code == ErrorCode::kConflict) return result.error();
    NoteUnreadable(ref, offset_before, result.error());
    return {};
  }
  if (!std::exchange(ref.file->unreadable_why, {}).empty()) {
    ref.file->is_readable_again = true;
    ref.file->is_dirty = true;
  }
  if (result->is_replaced) return StartFileOver(ref);
  if (ref.file->inode != result->inode || ref.file->device != result->device) {
    ref.file->inode = result->inode;
    ref.file->device = result->device;
    ref.file->is_dirty = true;
    names_by_inode_[{ref.run->id, result->inode}] = ref.file->name;
  }
  const uint64_t offset = ref.file->reader.position().offset;
  bytes_parsed_ += offset - offset_before;
  AddLosses(ref, *result);
  if (offset != offset_before || !result->lost.empty() || ref.file->is_dirty) MarkDirty(ref.run);
  NoteTail(ref, *result);
  if (result->is_at_end) return {};
  // While it is not certain that anything is there to be read, all others come first.
  Enqueue({result->is_searching ? 0 : ref.run->modified_ns, ref.run, ref.file});
  return {};
}

// Told once: such a file is tried again whenever its folder is listed.
void Ingest::NoteUnreadable(const FileRef& ref, uint64_t offset, const Error& error) {
  std::string why = ToValidUtf8(error.message);
  if (why == ref.file->unreadable_why) return;
  AddWarning(ref.run, {ref.file->id, offset, 0, why});
  ref.file->unreadable_why = std::move(why);
  MarkDirty(ref.run);
}

// What stands behind the last whole record is evidence: a writer that is silent and left a torn
// record did not end by itself.
void Ingest::NoteTail(const FileRef& ref, const ReadResult& result) {
  const uint64_t offset = ref.file->reader.position().offset;
  const uint64_t bytes = result.is_at_end ? result.size - std::min(result.size, offset) : 0;
  if (std::exchange(ref.file->tail_bytes, bytes) != bytes) MarkDirty(ref.run);
}

void Ingest::AddLosses(const FileRef& ref, const ReadResult& result) {
  for (const LostRange& lost : result.lost) {
    PendingWarning warning{ref.file->id, lost.offset, lost.bytes, lost.reason};
    if (lost.is_tail) {
      // At most one a file, replaced each time that the file grows.
      warning.message += "; no whole record follows yet";
      ref.run->pending_warnings.push_back(std::move(warning));
    } else {
      AddWarning(ref.run, std::move(warning));
    }
  }
}

// The file at this path is another one, or was cut short and written anew: what came from the old
// one goes, and it is read from its start.
Status Ingest::StartFileOver(const FileRef& ref) {
  ASSIGN_OR_RETURN(carried_, CommitPending());
  carried_.runs_changed = true;
  ASSIGN_OR_RETURN(Transaction transaction,
                   Transaction::Begin(database_, Transaction::Kind::kWrite));
  RETURN_IF_ERROR(RemoveFileData(database_, ref.run, ref.file));
  RunBatch batch = SealRun(ref.run);
  RETURN_IF_ERROR(WriteRun(database_, &batch, &carried_));
  RETURN_IF_ERROR(transaction.Commit());
  if (ref.run->is_deleted()) revivable_.push_back(ref.run->id);
  CountFile(ref.file);
  Enqueue(ref);
  return {};
}

// Takes one file, all of whose commits are finished, out of the totals.
void Ingest::UncountFile(const FileState& file) {
  --files_found_;
  bytes_found_ -= file.counted_found;
  bytes_read_ -= file.counted_read;
  bytes_committed_ -= file.committed_offset;
}

void Ingest::MarkDirty(RunState* run) {
  if (!std::exchange(run->is_dirty, true)) dirty_runs_.push_back(run);
}

bool Ingest::is_commit_due() const {
  return pending_.ends_blocks() || pending_.points >= kPendingPointsMax ||
         pending_.bytes >= kPendingBytesMax;
}

Ingest::Batch Ingest::SealPending() {
  Batch batch{.runs = {}, .bytes_read = bytes_read_};
  for (RunState* run : std::exchange(dirty_runs_, {})) batch.runs.push_back(SealRun(run));
  pending_ = {};
  return batch;
}

// Keeps what a commit did, for the next call that tells.
Result<Commit> Ingest::Take(Result<Commit> done, uint64_t bytes_read) {
  if (!done.ok()) return done;
  bytes_committed_ = bytes_read;
  Commit all = std::exchange(carried_, {});
  all.runs_changed |= done->runs_changed;
  all.changes.insert(all.changes.end(), std::make_move_iterator(done->changes.begin()),
                     std::make_move_iterator(done->changes.end()));
  return all;
}

bool Ingest::IsCommitRunning() const {
  return running_.valid() &&
         running_.wait_for(std::chrono::seconds(0)) != std::future_status::ready;
}

Result<Commit> Ingest::FinishCommit() {
  if (!running_.valid()) return std::exchange(carried_, {});
  return Take(running_.get(), running_bytes_read_);
}

Result<Commit> Ingest::StartCommit() {
  if (dirty_runs_.empty()) return FinishCommit();
  Batch batch = SealPending();
  for (auto run = batch.runs.begin(); run != batch.runs.end() && IsCommitRunning();) {
    if (!EncodeOne(&*run)) ++run;
  }
  ASSIGN_OR_RETURN(Commit before, FinishCommit());
  running_bytes_read_ = batch.bytes_read;
  running_ = std::async(std::launch::async,
                        [database = &database_, runs = std::move(batch.runs)]() mutable {
                          return WriteBatch(*database, std::move(runs));
                        });
  return before;
}

Result<Commit> Ingest::CommitPending() {
  ASSIGN_OR_RETURN(carried_, FinishCommit());
  if (dirty_runs_.empty()) return std::exchange(carried_, {});
  Batch batch = SealPending();
  return Take(WriteBatch(database_, std::move(batch.runs)), batch.bytes_read);
}

LoadProgress Ingest::GetProgress() const {
  LoadProgress progress;
  progress.runs_found = static_cast<int64_t>(runs_.size()) - purged_runs_;
  progress.files_found = files_found_;
  progress.bytes_found = bytes_found_;
  progress.bytes_read = bytes_committed_;
  return progress;
}

}  // namespace spirogram::store
