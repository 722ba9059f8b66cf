#include "store/tailer.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "store/borrowed.h"
#include "store/sqlite/transaction.h"

namespace spirogram::store {
namespace {

// While much is unread, larger transactions are worth more than early ones.
constexpr int64_t kBacklogCommitNs = 1'000'000'000;
// Notifications can be lost without notice; listing everything now and then makes up for it.
constexpr int64_t kListsSpared = 60;
// Sentences on folders that are left out: each once, and no more than somebody reads.
constexpr size_t kLeftOutTold = 100;
// How soon a log directory that is not there is noticed once it is.
constexpr int kAbsenceMs = 1000;
// How soon it is seen that nobody writes to a file any more which is to be converted.
constexpr int kRestMs = 250;
// One part of copying borrowed values: long enough to be worth a transaction.
constexpr uint64_t kCopyBytes = uint64_t{4} << 20;

int64_t NowNs() {
  return RealClock().MonotonicNs();
}

}  // namespace

Result<std::unique_ptr<Tailer>> Tailer::Create(const StoreOptions& options, Logdir logdir,
                                               Database& database) {
  std::unique_ptr<Tailer> tailer(new Tailer(options, std::move(logdir), database));
  if (const Status status = FollowMovedLogdir(database, tailer->logdir_); !status.ok()) {
    LogWarning(StrCat("what is borrowed may not be found: ", status.error().message));
  }
  ASSIGN_OR_RETURN(tailer->ingest_, Ingest::Load(database, tailer->logdir_));
  ASSIGN_OR_RETURN(tailer->purger_, Purger::Load(database));
  ASSIGN_OR_RETURN(tailer->projectors_, ProjectorImport::Load(database, tailer->logdir_));
  tailer->listed_folder_ = tailer->logdir_.Identify();
  tailer->PublishProgress();
  return tailer;
}

void Tailer::Start() {
  std::lock_guard direct(direct_mutex_);
  std::lock_guard lock(mutex_);
  CHECK(!is_running_ && !is_stopped_);
  is_running_ = true;
  thread_ = std::thread([this] { Run(); });
}

Status Tailer::LoadOnce() {
  std::lock_guard direct(direct_mutex_);
  if (is_stopping_) return Unavailable("the store is closed");
  NoteFound(logdir_.ScanAll());
  RETURN_IF_ERROR(ReviveRuns());
  NoteFound(logdir_.ScanAll());  // of runs that show again
  ingest_->NoteFiles(conversions_.WorkAll());
  while (ingest_->has_backlog()) {
    RETURN_IF_ERROR(ingest_->ReadSome());
    if (ingest_->is_commit_due()) RETURN_IF_ERROR(StartCommit());
  }
  is_first_pass_done_ = true;
  RETURN_IF_ERROR(CommitPending());
  RETURN_IF_ERROR(ReviveRuns());  // of which a file turned out to be written anew
  while (projectors_->has_work()) RETURN_IF_ERROR(ImportNextProjector());
  return copier_.WorkAll(database_);
}

void Tailer::Stop() {
  is_stopping_ = true;
  watch_.Wake();
  work_.notify_all();
  if (thread_.joinable()) thread_.join();
  conversions_.Stop();
  std::deque<Task> left;
  {
    std::lock_guard direct(direct_mutex_);
    std::lock_guard lock(mutex_);
    is_running_ = false;
    is_stopped_ = true;
    left = std::exchange(tasks_, {});
  }
  for (Task& task : left) task.done.set_value(Unavailable("the store is closed"));
}

Status Tailer::Write(WriteFunction write) {
  return Submit({.write = std::move(write),
                 .told = {.findings_changed = true, .changes = {}},
                 .after = nullptr,
                 .done = {}});
}

Status Tailer::Submit(Task task) {
  std::unique_lock direct(direct_mutex_);
  std::unique_lock lock(mutex_);
  if (is_stopped_) return Unavailable("the store is closed");
  if (!is_running_) {
    lock.unlock();
    RETURN_IF_ERROR(RunTask(task));
    while (purger_.has_work()) RETURN_IF_ERROR(PurgeSome());
    return {};
  }
  Task& queued = tasks_.emplace_back(std::move(task));
  std::future<Status> done = queued.done.get_future();
  lock.unlock();
  direct.unlock();
  watch_.Wake();
  work_.notify_all();
  return done.get();
}

LoadProgress Tailer::GetProgress() const {
  std::lock_guard lock(mutex_);
  return progress_;
}

void Tailer::Run() {
  if (const Status status = reserve_.Make(0); !status.ok()) {
    LogWarning(StrCat("no reserve for a full disk: ", status.error().message));
  }
  ListEverything();
  if (!listed_folder_) {
    LogInfo(StrCat("logdir ", options_.logdir, " is not there yet: waiting for it to appear"));
  }
  while (!is_stopping_) {
    const Status status = RunOnce();
    if (!status.ok()) {
      Recover(status.error());
    } else if (GetStorageState().health != StorageState::Health::kOk) {
      SetStorage(StorageState::Health::kOk, "");
    }
  }
  const Status status = ingest_ != nullptr ? CommitPending() : Status();
  if (!status.ok()) LogError(StrCat("last commit: ", status.error().ToString()));
}

// One round: hear of changes, read, commit; then rest, so that commits come in groups.
Status Tailer::RunOnce() {
  NoteChanges(watch_.Wait(WaitMs()));
  const int64_t started_ns = NowNs();
  RETURN_IF_ERROR(RunTasks());
  RETURN_IF_ERROR(ReadBacklog());
  const bool has_backlog = ingest_->has_backlog();
  if (has_backlog && !purger_.has_work()) return StartCommit();
  RETURN_IF_ERROR(CommitPending());
  RETURN_IF_ERROR(PurgeSome());
  if (has_backlog) return {};
  ConvertSome();
  RETURN_IF_ERROR(ReviveRuns());
  RETURN_IF_ERROR(BeginExpiredPurges());
  if (projectors_->has_work()) RETURN_IF_ERROR(ImportNextProjector());
  RETURN_IF_ERROR(CopySome());
  if (!copier_.has_work()) Pace(started_ns);
  return {};
}

int Tailer::WaitMs() const {
  if (!listed_ns_) return 0;  // a run shows again: its files are to be noted
  if (ingest_->has_backlog() || purger_.has_work()) return 0;
  if (projectors_->has_work() || copier_.has_work() || conversions_.may_begin()) return 0;
  int interval_ms = std::max(1, options_.poll_interval_ms);
  if (conversions_.is_waiting()) interval_ms = std::min(interval_ms, kRestMs);
  return listed_folder_ ? interval_ms : std::min(interval_ms, kAbsenceMs);
}

void Tailer::ListEverything() {
  listed_folder_ = logdir_.Identify();
  const ScanResult all = logdir_.ScanAll([this](const std::string& folder) { Watch(folder); });
  has_linked_files_ = false;
  NoteFound(all);
  copier_.LookAgain();
  listed_ns_ = NowNs();
  PublishProgress();
}

void Tailer::Watch(const std::string& folder) {
  watch_.Add(folder, logdir_.PathOf(folder));
}

void Tailer::TellLogdir(bool is_there) const {
  if (is_there == listed_folder_.has_value()) return;
  LogInfo(is_there ? StrCat("logdir ", options_.logdir, " has appeared")
                   : StrCat("logdir ", options_.logdir,
                            " has gone: what was read stays; waiting for it to appear again"));
}

void Tailer::NoteChanges(FolderChanges changes) {
  const int64_t poll_ns = int64_t{options_.poll_interval_ms} * 1'000'000;
  const bool tells_all = watch_.is_complete() && !has_linked_files_;
  const int64_t interval_ns = tells_all ? kListsSpared * poll_ns : poll_ns;
  // Nothing watches the logdir's own name: it may have been removed and made anew.
  const std::optional<Logdir::FolderId> folder = logdir_.Identify();
  const bool is_another = folder != listed_folder_;
  TellLogdir(folder.has_value());
  if (changes.is_overrun || is_another || !listed_ns_ || NowNs() - *listed_ns_ >= interval_ns) {
    ListEverything();
    return;
  }
  for (const auto& [above, name] : changes.appeared) {
    if (logdir_.IsLinkedFolder(above, name)) changes.grown.insert(above);
  }
  for (const std::string& grown : changes.grown) {
    NoteFound(logdir_.Scan(grown, true, [this](const std::string& below) { Watch(below); }));
  }
  for (const std::string& changed : changes.changed) {
    if (changes.grown.contains(changed)) continue;
    NoteFound(logdir_.Scan(changed, false));
  }
}

Status Tailer::ReadBacklog() {
  const int64_t started_ns = NowNs();
  while (ingest_->has_backlog() && !ingest_->is_commit_due() && !HasWork() &&
         NowNs() - started_ns < kBacklogCommitNs) {
    RETURN_IF_ERROR(ingest_->ReadSome());
  }
  return {};
}

void Tailer::NoteFound(const ScanResult& found) {
  has_linked_files_ |= found.has_linked_files;
  for (const std::string& what : found.left_out) {
    if (told_left_out_.size() < kLeftOutTold && told_left_out_.insert(what).second) {
      LogWarning(what);
    }
  }
  ingest_->NoteFiles(found.files);
  ingest_->NoteFiles(conversions_.NoteFiles(found));
  projectors_->NoteFolders(found.projector_folders);
}

// Beside reading, and behind what waits to be read: a file takes seconds.
void Tailer::ConvertSome() {
  if (conversions_.has_work()) ingest_->NoteFiles(conversions_.Work());
  PublishProgress();
}

Status Tailer::ImportNextProjector() {
  const ProjectorImport::Next next = projectors_->TakeNext();
  if (ingest_->IsPurged(next.run_path)) return {};
  const RunId run = ingest_->EnsureRun(next.run_path, next.wall_time);
  RETURN_IF_ERROR(CommitPending());
  Commit commit;
  ASSIGN_OR_RETURN(Transaction transaction,
                   Transaction::Begin(database_, Transaction::Kind::kWrite));
  RETURN_IF_ERROR(projectors_->Import(database_, next, run, &commit));
  RETURN_IF_ERROR(transaction.Commit());
  Tell(std::move(commit));
  return {};
}

// Everything that was read is visible afterwards.
Status Tailer::CommitPending() {
  ASSIGN_OR_RETURN(Commit commit, ingest_->CommitPending());
  is_first_pass_done_ |= HasFirstPass();  // what a full disk did not take is not read
  PublishProgress();
  TellChanges(std::move(commit));
  return {};
}

// What was read becomes visible while more is read.
Status Tailer::StartCommit() {
  ASSIGN_OR_RETURN(Commit commit, ingest_->StartCommit());
  PublishProgress();
  TellChanges(std::move(commit));
  return {};
}

void Tailer::TellChanges(Commit commit) {
  if (!commit.runs_changed && commit.changes.empty()) return;
  copier_.NoteCommit();
  Tell(std::move(commit));
}

void Tailer::Tell(Commit commit) {
  commit.sequence = ++sequence_;
  if (listener_) listener_(commit);
}

Status Tailer::RunTasks() {
  if (!HasWork()) return {};
  if (ingest_ != nullptr) {
    ASSIGN_OR_RETURN(Commit commit, ingest_->FinishCommit());
    TellChanges(std::move(commit));
  }
  std::deque<Task> tasks;
  {
    std::lock_guard lock(mutex_);
    tasks = std::exchange(tasks_, {});
  }
  for (Task& task : tasks) task.done.set_value(RunTask(task));
  return {};
}

Status Tailer::RunTask(const Task& task) {
  {
    ASSIGN_OR_RETURN(Transaction transaction,
                     Transaction::Begin(database_, Transaction::Kind::kWrite));
    RETURN_IF_ERROR(task.write(database_));
    RETURN_IF_ERROR(transaction.Commit());
  }
  Tell(task.told);
  return task.after ? task.after() : Status();
}

Status Tailer::CopySome() {
  if (!copier_.has_work()) return {};
  ASSIGN_OR_RETURN(const bool are_warnings_new, copier_.Work(database_, kCopyBytes));
  PublishProgress();
  if (are_warnings_new) Tell({.runs_changed = true, .changes = {}});
  return {};
}

void Tailer::PublishProgress() {
  LoadProgress progress = ingest_->GetProgress();
  conversions_.AddProgress(&progress);
  progress.is_first_pass_done = is_first_pass_done_;
  progress.is_logdir_there = listed_folder_.has_value();
  rate_.Note(NowNs(), progress.bytes_read);
  progress.seconds_left = rate_.SecondsLeft(progress.bytes_found);
  progress.bytes_to_copy = copier_.bytes_left();
  std::lock_guard lock(mutex_);
  progress_ = progress;
}

bool Tailer::HasWork() {
  if (is_stopping_) return true;
  std::lock_guard lock(mutex_);
  return !tasks_.empty();
}

void Tailer::Pace(int64_t started_ns) {
  const int64_t due_ns = started_ns + int64_t{options_.commit_interval_ms} * 1'000'000;
  const int64_t left_ns = due_ns - NowNs();
  if (left_ns <= 0) return;
  std::unique_lock lock(mutex_);
  work_.wait_for(lock, std::chrono::nanoseconds(left_ns),
                 [&] { return is_stopping_.load() || !tasks_.empty(); });
}

}  // namespace spirogram::store
