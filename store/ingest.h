// The writer thread's work: which files there are, what was read from them, and the commits. Knows
// no clock; Tailer drives it.
//
// While much is unread, reading and committing go on side by side: what was read is sealed into a
// batch (run_batch.h), which another thread encodes and writes in one transaction, offsets and all,
// while this one reads on. One batch at most is on its way, so memory has a bound, and the order of
// commits is the order of reading.
//
// Owned and used by one thread. Holds no file open between calls.
#pragma once

#include <cstdint>
#include <future>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"
#include "store/answers.h"
#include "store/apply_event.h"
#include "store/logdir.h"
#include "store/run_batch.h"
#include "store/run_state.h"
#include "store/sqlite/database.h"

namespace spirogram::store {

class Ingest {
 public:
  // `database` and `logdir` outlive this.
  static Result<std::unique_ptr<Ingest>> Load(Database& database, const Logdir& logdir);

  // Waits for the commit that is on its way.
  ~Ingest();

  // Takes note of files as they lie on the disk now; those that are new or have changed are to be
  // read.
  void NoteFiles(const std::vector<FoundFile>& files);

  // The id of the run at `path` below the logdir, which is made when it is new: for what belongs to
  // a run but stands in no event file. A run without events begins at `wall_time`.
  RunId EnsureRun(const std::string& path, WallTime wall_time);

  bool has_backlog() const { return !backlog_.empty(); }
  // Reads a part of the next file of the backlog, of the run with the newest file first.
  // kUnavailable and the like only for the database; a file that cannot be read becomes a warning.
  // kConflict: one was cut while it was read, so that what waits may hold what never stood in it.
  // After an Error this object is of no further use: Load another.
  Status ReadSome();

  bool has_pending() const { return !dirty_runs_.empty(); }
  // What waits has reached the bound for one transaction.
  bool is_commit_due() const;
  // Commits everything that waits, and tells what has become visible since the last call of one of
  // these three. After an Error this object is of no further use: Load another.
  Result<Commit> CommitPending();
  // Begins to commit everything that waits. First waits for the commit before, and encodes
  // meanwhile; tells what that one did.
  Result<Commit> StartCommit();
  // Waits for the commit that is on its way. From then on, and until the next StartCommit, the
  // database is the caller's.
  Result<Commit> FinishCommit();

  // A deleted run is read on.
  void Delete(RunId id, WallTime deleted_time);
  // A purged run is left alone: what waits of it is dropped, and its files are not read until it is
  // restored, and then from their start, or revived. The caller removes what the database holds,
  // and notes the files again. REQUIRES, for all three: no commit is on its way.
  void Purge(RunId id, WallTime deleted_time);
  void Restore(RunId id);
  // It is deleted no more. Of a purged one, what was written since the purge is read.
  void Revive(RunId id);
  // Deleted runs that a program has begun to log to since, in a file that was not there or was
  // written anew; purged ones also of which a file has grown. May name a run several times.
  std::vector<RunId> TakeRevivable() { return std::exchange(revivable_, {}); }
  bool IsPurged(const std::string& path) const;

  // How much is committed. is_first_pass_done and seconds_left are the caller's to set.
  LoadProgress GetProgress() const;
  // Bytes that were taken in by this object, for tests of the warm start.
  uint64_t bytes_parsed() const { return bytes_parsed_; }

 private:
  using Files = decltype(RunState::files);

  struct FileRef {
    int64_t modified_ns;  // of the run, when the file was queued
    RunState* run;
    FileState* file;
  };
  struct NewestFirst {
    bool operator()(const FileRef& a, const FileRef& b) const {
      const auto key = [](const FileRef& ref) {
        return std::tuple(-ref.modified_ns, ref.run->id, ref.file->id);
      };
      return key(a) < key(b);
    }
  };
  struct Batch {
    std::vector<RunBatch> runs;
    uint64_t bytes_read = 0;  // of all files, once this is committed
  };

  Ingest(Database& database, const Logdir& logdir) : database_(database), logdir_(logdir) {}
  RunState* FindRun(const std::string& path);
  RunState* FindRun(RunId id);
  RunState* StartRunOver(RunId id, bool is_purged);
  void FollowRenames(const std::vector<FoundFile>& files);
  void FollowCopies(const std::vector<FoundFile>& files);
  void NoteFile(const FoundFile& found);
  bool TakeRenamed(const FoundFile& found, RunState* run);
  bool IsCopy(const FoundFile& found, const FileState& file) const;
  void GiveName(const FoundFile& found, RunState* run, Files::iterator known);
  void Enqueue(const FileRef& ref);
  Status ReadFile(const FileRef& ref);
  void NoteUnreadable(const FileRef& ref, uint64_t offset, const Error& error);
  void NoteTail(const FileRef& ref, const ReadResult& result);
  void AddLosses(const FileRef& ref, const ReadResult& result);
  Status StartFileOver(const FileRef& ref);
  void CountFile(FileState* file);
  void UncountFile(const FileState& file);
  void MarkDirty(RunState* run);
  Batch SealPending();
  Result<Commit> Take(Result<Commit> done, uint64_t bytes_read);
  bool IsCommitRunning() const;

  Database& database_;  // of the commit that is on its way, if there is one
  const Logdir& logdir_;
  std::map<std::string, std::unique_ptr<RunState>> runs_;  // by path
  std::unordered_map<RunId, RunState*> runs_by_id_;
  std::map<std::pair<RunId, uint64_t>, std::string> names_by_inode_;  // of files that were read
  RunId next_run_id_ = 1;
  std::set<FileRef, NewestFirst> backlog_;
  std::vector<RunState*> dirty_runs_;
  std::vector<RunId> revivable_;
  PendingSize pending_;
  Commit carried_;  // changes that are committed but not yet told
  ParsedEvent scratch_;
  uint64_t bytes_parsed_ = 0;
  // Over all files: CountFile keeps them.
  int64_t files_found_ = 0;
  int64_t purged_runs_ = 0;
  uint64_t bytes_found_ = 0;
  uint64_t bytes_read_ = 0;
  uint64_t bytes_committed_ = 0;
  std::future<Result<Commit>> running_;  // valid from StartCommit to FinishCommit
  uint64_t running_bytes_read_ = 0;
};

}  // namespace spirogram::store
