// Tailer's part in what users do with runs as objects: changes, purges, and runs that return.
#include <utility>

#include "base/clock.h"
#include "base/str.h"
#include "store/file_removal.h"
#include "store/ingest_log.h"
#include "store/ingest_names.h"
#include "store/run_labels_table.h"
#include "store/sqlite/transaction.h"
#include "store/storage_reader.h"
#include "store/tailer.h"

namespace spirogram::store {
namespace {

// One part of a purge, within a round of reading.
constexpr int64_t kPurgeNs = 20'000'000;
constexpr int64_t kExpiryIntervalNs = 60'000'000'000;

}  // namespace

Status Tailer::ChangeRuns(const RunChange& change) {
  return Submit({.write = [&](Database& database) -> Status {
                   RETURN_IF_ERROR(ApplyRunChange(database, change, RealClock().Now()));
                   return DeleteFiles(change);
                 },
                 .told = {.runs_changed = true, .changes = {}},
                 .after = [&] { return FollowChange(change); },
                 .done = {}});
}

// Last in the transaction: what can be refused has been refused before anything is unlinked.
Status Tailer::DeleteFiles(const RunChange& change) {
  if (!change.delete_files) return {};
  if (!options_.allow_delete_files) {
    return Permission("this server does not delete files: start it with --allow-delete-files");
  }
  for (const RunId run : change.runs) {
    ASSIGN_OR_RETURN(const std::string path, SelectRunPath(database_, run));
    RETURN_IF_ERROR(RemoveEventFiles(options_.logdir, path));
    if (!CheckRunPath(path).ok()) continue;  // no such run can have been sent
    RETURN_IF_ERROR(RemoveEventFiles(IngestDir(options_.data_dir), RunFolder(path)));
  }
  return {};
}

// What the writer thread holds of the runs in memory follows what was committed.
Status Tailer::FollowChange(const RunChange& change) {
  using Action = RunChange::Action;
  if (change.action == Action::kEdit) return {};
  if (ingest_ == nullptr) return {};  // it will be loaded from what was committed
  for (const RunId run : change.runs) {
    if (change.action == Action::kRestore) {
      ingest_->Restore(run);
      continue;
    }
    ASSIGN_OR_RETURN(const WallTime deleted_time, SelectDeletedTime(database_, run));
    if (change.action == Action::kDelete) {
      ingest_->Delete(run, deleted_time);
    } else {
      ingest_->Purge(run, deleted_time);
      purger_.Add(run);
    }
  }
  if (change.action != Action::kRestore) return {};
  // The files of a restored run are noted again, and what it had imported beside them.
  listed_ns_.reset();
  ASSIGN_OR_RETURN(projectors_, ProjectorImport::Load(database_, logdir_));
  return {};
}

Status Tailer::PurgeSome() {
  if (!purger_.has_work()) return {};
  ASSIGN_OR_RETURN(const bool is_done, purger_.Work(database_, kPurgeNs));
  if (is_done) Tell({.runs_changed = true, .changes = {}});
  if (is_done) listed_ns_.reset();  // it may have been written to meanwhile
  return {};
}

// On a full disk. What users purge makes room within the database, which new data takes first.
Status Tailer::HasRoomAgain() {
  ASSIGN_OR_RETURN(Purger purger, Purger::Load(database_));
  if (purger.has_work()) {
    while (purger.has_work() && !HasWork()) {
      ASSIGN_OR_RETURN(const bool is_done, purger.Work(database_, kPurgeNs));
      if (is_done) Tell({.runs_changed = true, .changes = {}});
    }
    RETURN_IF_ERROR(database_.Checkpoint());
  }
  ASSIGN_OR_RETURN(const StorageUse use, SelectStorageUse(database_));
  return reserve_.Make(use.reusable_bytes);
}

// A deleted run that a program begins to log to shows again; of a purged one, what is new of it.
Status Tailer::ReviveRuns() {
  for (const RunId run : ingest_->TakeRevivable()) {
    ASSIGN_OR_RETURN(Transaction transaction,
                     Transaction::Begin(database_, Transaction::Kind::kWrite));
    ASSIGN_OR_RETURN(const bool is_revived, ReviveRun(database_, run));
    RETURN_IF_ERROR(transaction.Commit());
    if (!is_revived) continue;  // still being removed
    ingest_->Revive(run);
    listed_ns_.reset();
    Tell({.runs_changed = true, .changes = {}});
  }
  return {};
}

Status Tailer::BeginExpiredPurges() {
  const int64_t now_ns = RealClock().MonotonicNs();
  if (options_.keep_deleted_s < 0) return {};
  if (expired_ns_ && now_ns - *expired_ns_ < kExpiryIntervalNs) return {};
  expired_ns_ = now_ns;
  const WallTime deleted_before = RealClock().Now() - options_.keep_deleted_s;
  ASSIGN_OR_RETURN(Transaction transaction,
                   Transaction::Begin(database_, Transaction::Kind::kWrite));
  ASSIGN_OR_RETURN(const auto runs, BeginPurges(database_, deleted_before));
  if (runs.empty()) return {};
  RETURN_IF_ERROR(transaction.Commit());
  Tell({.runs_changed = true, .changes = {}});
  return FollowChange({.action = RunChange::Action::kPurge, .runs = runs});
}

}  // namespace spirogram::store
