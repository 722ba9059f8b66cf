// The care of a data directory from outside of its server: a backup, a check of every stored byte,
// and giving back the room that deleted data has left. Stateless.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"

namespace spirogram::store {

using BytesProgress = std::function<void(uint64_t done, uint64_t of)>;

struct BackupOptions {
  std::string data_dir;
  std::string out;         // the file to make; a database that a data directory may begin with
  bool overwrite = false;  // else a file that is there is kInvalidArgument
  BytesProgress progress = nullptr;
};

struct BackupReport {
  // Which event files took along before they were copied (store/borrowed.h).
  int64_t values_left_out = 0;
};

// Copies the database as it is at one moment, also while a server writes it. `out` appears whole or
// not at all; kUnavailable where the log of another database lies beside it. A copy holds the read
// offsets too: served, it reads on where it was taken.
Result<BackupReport> Backup(const BackupOptions& options);

struct CheckProblem {
  std::string run;  // empty where it is of no run
  std::string tag;
  std::string what;
};

// Of one event file, values that went with it before they were copied (store/borrowed.h).
struct LostValues {
  std::string run;
  std::string file;  // its base name
  int64_t values = 0;
  uint64_t begin = 0;  // where the first of them stood in the file, and where the last ended
  uint64_t end = 0;
  std::string first;  // what is wrong with the first that was found
};

struct CheckReport {
  int64_t runs = 0;
  int64_t points = 0;
  int64_t values = 0;  // blocks and records that were decoded
  uint64_t bytes = 0;  // of them
  // At most 1000; the last then says that more are not listed.
  std::vector<CheckProblem> problems;
  // Those of one cause, counted: a line for a person. `lost_problems` is the same one by one, at
  // most 1000 of them.
  std::vector<LostValues> lost;
  std::vector<CheckProblem> lost_problems;
  // What is as it may be but is good to know: event files that have gone or were written anew.
  std::vector<CheckProblem> notes;

  bool ok() const { return problems.empty() && lost.empty(); }
};

struct CheckOptions {
  std::string data_dir;
  std::string logdir = {};           // where the event files lie; empty: they are not looked at
  BytesProgress progress = nullptr;  // of stored values, of what the database takes on the disk
};

// Reads everything: the pages of the database, the checksum and content of each stored value, and
// whether counts, blocks and summaries say the same. Also beside a running server. An Error is what
// kept it from reading; what is wrong stands in the report.
Result<CheckReport> CheckData(const CheckOptions& options);

struct CompactReport {
  int64_t merged_blocks = 0;
  uint64_t bytes_before = 0;
  uint64_t bytes_after = 0;
};

// Of joining, counted in series; the rewriting that follows does not say how far it is.
enum class CompactStage { kJoining, kRewriting };
using CompactProgress = std::function<void(CompactStage stage, uint64_t done, uint64_t of)>;

// Joins the short blocks at the ends of series and rewrites the file without free pages.
// kUnavailable while a server holds the data directory: it takes as long as the file is large, and
// as much free room.
Result<CompactReport> Compact(const std::string& data_dir,
                              const CompactProgress& progress = nullptr);

}  // namespace spirogram::store
