// Drives Ingest: lists the logdir, reads, commits, and waits for changes. Owns the writer
// connection's work, and runs others' writes between its own, so that one thread at a time uses
// that connection.
//
// Start, Stop, Write, ChangeRuns and GetProgress may be called from any thread; LoadOnce while not
// started.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "base/result.h"
#include "store/answers.h"
#include "store/borrowed_copier.h"
#include "store/conversions.h"
#include "store/folder_watch.h"
#include "store/ingest.h"
#include "store/load_rate.h"
#include "store/logdir.h"
#include "store/projector_import.h"
#include "store/purger.h"
#include "store/reserve_file.h"
#include "store/run_change.h"
#include "store/sqlite/database.h"
#include "store/storage.h"
#include "store/store.h"

namespace spirogram::store {

class Tailer {
 public:
  // `database` outlives this.
  static Result<std::unique_ptr<Tailer>> Create(const StoreOptions& options, Logdir logdir,
                                                Database& database);
  ~Tailer() { Stop(); }

  void set_listener(std::function<void(const Commit&)> listener) {
    listener_ = std::move(listener);
  }

  void Start();
  Status LoadOnce();
  // Stops the thread after a last commit; fails writes that still wait. Idempotent.
  void Stop();

  // Runs `write` in a transaction of its own and returns after its commit; listeners hear of it.
  using WriteFunction = std::function<Status(Database&)>;
  Status Write(WriteFunction write);
  // Carries out Store::ChangeRuns, in a transaction of its own.
  Status ChangeRuns(const RunChange& change);

  LoadProgress GetProgress() const;
  StorageState GetStorageState() const;

 private:
  struct Task {
    WriteFunction write;
    Commit told;                    // what listeners hear, the sequence aside
    std::function<Status()> after;  // on the writer thread, when it is committed; or null
    std::promise<Status> done;
  };

  Tailer(const StoreOptions& options, Logdir logdir, Database& database)
      : options_(options),
        logdir_(std::move(logdir)),
        database_(database),
        conversions_(logdir_, options.converter, [this] { watch_.Wake(); }),
        reserve_(options.data_dir, options.reserve_bytes) {}

  void Run();
  Status RunOnce();
  void ListEverything();
  void Watch(const std::string& folder);
  // Says in the log where the logdir came or went since it was listed.
  void TellLogdir(bool is_there) const;
  void NoteChanges(FolderChanges changes);
  Status ReadBacklog();
  void NoteFound(const ScanResult& found);
  // Takes in one projector config that has changed, in a transaction of its own.
  Status ImportNextProjector();
  void ConvertSome();
  bool HasFirstPass() const { return !ingest_->has_backlog() && !conversions_.has_work(); }
  Status CommitPending();
  Status StartCommit();
  Status RunTasks();
  Status Submit(Task task);
  Status RunTask(const Task& task);
  Status DeleteFiles(const RunChange& change);
  Status FollowChange(const RunChange& change);
  Status PurgeSome();
  Status CopySome();
  Status ReviveRuns();
  Status BeginExpiredPurges();
  void Tell(Commit commit);
  void TellChanges(Commit commit);
  void Recover(const Error& error);
  void MakeRoom();
  Status HasRoomAgain();
  void SetStorage(StorageState::Health health, std::string detail);
  void PublishProgress();
  bool HasWork();
  void Pace(int64_t started_ns);
  int WaitMs() const;

  const StoreOptions options_;
  const Logdir logdir_;
  Database& database_;
  std::function<void(const Commit&)> listener_;

  // Of the writer thread, or of the caller of LoadOnce and Write while there is none.
  std::unique_ptr<Ingest> ingest_;
  Purger purger_;
  BorrowedCopier copier_;
  std::optional<int64_t> expired_ns_;  // when deleted runs were last looked through
  std::optional<ProjectorImport> projectors_;
  FolderWatch watch_;
  Conversions conversions_;              // wakes watch_
  std::set<std::string> told_left_out_;  // of folders: told once
  bool has_linked_files_ = false;        // which the watch of their folder tells nothing of
  ReserveFile reserve_;
  // When the whole logdir was last listed (null: that is due), and which folder it was.
  std::optional<int64_t> listed_ns_;
  std::optional<Logdir::FolderId> listed_folder_;
  LoadRate rate_;
  uint64_t sequence_ = 0;
  bool is_first_pass_done_ = false;

  std::thread thread_;
  std::atomic<bool> is_stopping_ = false;

  mutable std::mutex mutex_;  // guards all below
  std::condition_variable work_;
  std::deque<Task> tasks_;
  bool is_running_ = false;
  bool is_stopped_ = false;
  LoadProgress progress_;
  StorageState storage_;
  std::mutex direct_mutex_;  // held by a Write without a thread; taken before mutex_
};

}  // namespace spirogram::store
