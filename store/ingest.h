// The writer thread's work: which files there are, what was read from them, and the commits. Knows
// no threads and no clock; Store drives it.
//
// Owned and used by one thread. Holds no file open between calls.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/answers.h"
#include "store/apply_event.h"
#include "store/logdir.h"
#include "store/run_state.h"
#include "store/sqlite/database.h"

namespace spirogram::store {

class Ingest {
 public:
  // `database` and `logdir` outlive this.
  static Result<std::unique_ptr<Ingest>> Load(Database& database, const Logdir& logdir);

  // Takes note of files as they lie on the disk now; those that are new or have changed are to be
  // read.
  void NoteFiles(const std::vector<FoundFile>& files);

  bool has_backlog() const { return !backlog_.empty(); }
  // Reads a part of the next file of the backlog. kUnavailable and the like only for the database;
  // a file that cannot be read becomes a warning.
  Status ReadSome();

  bool has_pending() const { return !dirty_runs_.empty(); }
  // What waits has reached the bound for one transaction.
  bool is_commit_due() const;
  // Commits everything that waits. After an Error this object is of no further use: Load another.
  Result<Commit> CommitPending();

  // A purged run is left alone: what waits of it is dropped, and its files are not looked at until
  // this is taken back. The caller removes what the database holds, and notes the files again.
  void SetPurged(RunId id, bool is_purged);

  // is_first_pass_done is the caller's to set.
  LoadProgress GetProgress() const;
  // Bytes that were taken in by this object, for tests of the warm start.
  uint64_t bytes_parsed() const { return bytes_parsed_; }

 private:
  struct FileRef {
    RunState* run;
    FileState* file;
  };

  Ingest(Database& database, const Logdir& logdir) : database_(database), logdir_(logdir) {}
  RunState* FindRun(const std::string& path);
  void NoteFile(const FoundFile& found);
  void Enqueue(const FileRef& ref);
  Status ReadFile(const FileRef& ref);
  void NoteTail(const FileRef& ref, const ReadResult& result);
  void AddLosses(const FileRef& ref, const ReadResult& result);
  Status StartFileOver(const FileRef& ref);
  void MarkDirty(RunState* run);

  Database& database_;
  const Logdir& logdir_;
  std::map<std::string, std::unique_ptr<RunState>> runs_;  // by path
  RunId next_run_id_ = 1;
  std::deque<FileRef> backlog_;
  std::vector<RunState*> dirty_runs_;
  PendingSize pending_;
  Commit carried_;  // changes that are committed but not yet told
  ParsedEvent scratch_;
  uint64_t bytes_parsed_ = 0;
};

}  // namespace spirogram::store
