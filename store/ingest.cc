#include "store/ingest.h"

#include <algorithm>
#include <utility>

#include "base/str.h"
#include "store/ingest_names.h"
#include "store/run_loader.h"
#include "store/run_writer.h"
#include "store/sqlite/statement.h"
#include "store/sqlite/transaction.h"

namespace spirogram::store {
namespace {

// One file's turn: long enough to fill blocks, short enough that no file starves the others.
constexpr uint64_t kTurnBytes = uint64_t{8} << 20;
// Bounds of one transaction, and so of what waits in memory.
constexpr int64_t kPendingPointsMax = 1 << 20;
constexpr uint64_t kPendingBytesMax = uint64_t{16} << 20;

}  // namespace

Result<std::unique_ptr<Ingest>> Ingest::Load(Database& database, const Logdir& logdir) {
  std::unique_ptr<Ingest> ingest(new Ingest(database, logdir));
  ASSIGN_OR_RETURN(auto runs, LoadRuns(database, logdir));
  for (auto& run : runs) {
    ingest->next_run_id_ = std::max(ingest->next_run_id_, run->id + 1);
    std::string path = run->path;
    ingest->runs_.emplace(std::move(path), std::move(run));
  }
  return ingest;
}

void Ingest::NoteFiles(const std::vector<FoundFile>& files) {
  for (const FoundFile& found : files) NoteFile(found);
}

RunState* Ingest::FindRun(const std::string& path) {
  std::unique_ptr<RunState>& run = runs_[path];
  if (run == nullptr) {
    run = std::make_unique<RunState>();
    run->id = next_run_id_++;
    run->path = path;
    run->name = ToValidUtf8(path);
    run->is_new = true;
    run->are_details_loaded = true;
    MarkDirty(run.get());
  }
  return run.get();
}

void Ingest::NoteFile(const FoundFile& found) {
  RunState* run = FindRun(found.run);
  // Written into the logdir and sent here as well: the copy that was seen first counts.
  if (!run->files.contains(found.name) && run->files.contains(TwinName(found.name))) return;
  std::unique_ptr<FileState>& file = run->files[found.name];
  if (file == nullptr) {
    file = std::make_unique<FileState>(run->next_file_id++, found.name,
                                       EventFileReader(logdir_.PathOf(found.run, found.name), {}));
    file->is_new = true;
    MarkDirty(run);
  }
  const bool is_same_file = file->inode == found.inode && file->device == found.device;
  const bool is_read = file->reader.position().offset == found.size;
  const bool is_as_before = file->size == found.size && file->modified_ns == found.modified_ns;
  // A file that was read to its end, or to a tail that waits, is left alone until it changes.
  const bool is_first_look = file->modified_ns == 0;
  const bool needs_reading = !is_same_file || (is_first_look ? !is_read : !is_as_before);
  file->size = found.size;
  file->modified_ns = found.modified_ns;
  if (needs_reading) Enqueue({run, file.get()});
}

void Ingest::Enqueue(const FileRef& ref) {
  if (std::exchange(ref.file->is_queued, true)) return;
  backlog_.push_back(ref);
}

Status Ingest::ReadSome() {
  if (backlog_.empty()) return {};
  const FileRef ref = backlog_.front();
  backlog_.pop_front();
  ref.file->is_queued = false;
  if (!ref.run->are_details_loaded) RETURN_IF_ERROR(LoadRunDetails(database_, ref.run));
  return ReadFile(ref);
}

Status Ingest::ReadFile(const FileRef& ref) {
  const uint64_t offset_before = ref.file->reader.position().offset;
  const Result<ReadResult> result =
      ref.file->reader.Read(kTurnBytes, [&](uint64_t offset, std::string_view record) {
        ApplyRecord(offset, record, ref.run, ref.file, &scratch_, &pending_);
      });
  if (!result.ok()) {
    if (result.error().code == ErrorCode::kNotFound) return {};  // it has gone; its data stays
    AddWarning(ref.run, {ref.file->id, offset_before, 0, ToValidUtf8(result.error().message)});
    MarkDirty(ref.run);
    return {};
  }
  if (result->is_replaced) return StartFileOver(ref);
  if (ref.file->inode != result->inode || ref.file->device != result->device) {
    ref.file->inode = result->inode;
    ref.file->device = result->device;
    ref.file->is_dirty = true;
  }
  const uint64_t offset = ref.file->reader.position().offset;
  bytes_parsed_ += offset - offset_before;
  AddLosses(ref, *result);
  if (offset != offset_before || !result->lost.empty() || ref.file->is_dirty) MarkDirty(ref.run);
  if (!result->is_at_end) Enqueue(ref);
  return {};
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
  RETURN_IF_ERROR(transaction.Commit());
  MarkDirty(ref.run);
  Enqueue(ref);
  return {};
}

void Ingest::MarkDirty(RunState* run) {
  if (!std::exchange(run->is_dirty, true)) dirty_runs_.push_back(run);
}

bool Ingest::is_commit_due() const {
  return pending_.points >= kPendingPointsMax || pending_.bytes >= kPendingBytesMax;
}

Result<Commit> Ingest::CommitPending() {
  Commit commit = std::exchange(carried_, {});
  if (dirty_runs_.empty()) return commit;
  ASSIGN_OR_RETURN(Transaction transaction,
                   Transaction::Begin(database_, Transaction::Kind::kWrite));
  for (RunState* run : std::exchange(dirty_runs_, {})) {
    RETURN_IF_ERROR(WriteRun(database_, run, &commit));
  }
  RETURN_IF_ERROR(transaction.Commit());
  pending_ = {};
  return commit;
}

LoadProgress Ingest::GetProgress() const {
  LoadProgress progress;
  progress.runs_found = static_cast<int64_t>(runs_.size());
  for (const auto& [path, run] : runs_) {
    progress.files_found += static_cast<int64_t>(run->files.size());
    for (const auto& [name, file] : run->files) {
      progress.bytes_found += std::max(file->size, file->reader.position().offset);
      progress.bytes_read += file->reader.position().offset;
    }
  }
  return progress;
}

}  // namespace spirogram::store
