// What programs send instead of writing it into the logdir: kept as event files, one for each
// writer of each run, in a folder that the store follows like a second logdir. So there is one code
// path for parsing, restarts and damage, and an acknowledged batch needs no database: it is an
// append and an fdatasync.
//
//   DATA_DIR/ingest/FOLDER_OF_RUN/records.tfevents.WRITER    framed by the writer
//   DATA_DIR/ingest/FOLDER_OF_RUN/scalars.tfevents.WRITER    framed here
//
// A batch names where in the writer's stream it stands, so sending it twice changes nothing.
// docs/formats.md has the rules, docs/api.md the HTTP side, which this knows nothing of.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "store/storage.h"

namespace spirogram::store {

struct IngestOptions {
  std::string dir;  // IngestDir(data_dir); made if missing
  // Bounds. Beyond them batches are answered with kFull.
  uint64_t bytes_max = uint64_t{64} << 30;        // of all files together
  uint64_t free_bytes_min = uint64_t{512} << 20;  // of the disk, left to others and the database
  uint64_t runs_max = 10'000;
  uint64_t writers_max = 100'000;  // files
  size_t open_files_max = 128;     // idle ones are closed above it
  // Where a bound is met, what lies there is counted anew, no more often than this: runs are
  // deleted with their files.
  int recount_interval_ms = 10'000;
  // How long a refusal is told of. Senders come again after half a minute at most.
  int refusal_shown_ms = 90'000;
};

// The folder below the data directory of a store; the store follows it.
std::string IngestDir(const std::string& data_dir);

enum class IngestOutcome {
  kStored,    // on the disk: now, or already before
  kGap,       // the batch begins behind what is there
  kMismatch,  // the batch differs from what is there
  kFull,      // a bound of the log or the disk is reached
};

struct IngestAnswer {
  IngestOutcome outcome = IngestOutcome::kStored;
  // Where the writer's next batch begins: an offset in bytes, or a sequence number.
  uint64_t position = 0;
  std::string detail;  // a sentence, unless the batch is stored
};

struct IngestPosition {
  uint64_t offset = 0;    // bytes of records
  uint64_t sequence = 0;  // batches of scalars
};

// Thread-safe; every method blocks for the disk. Errors of all: kInvalidArgument for names and
// batches that make no sense, kUnavailable once the disk has failed to keep what was written (then
// nothing is taken until the program starts anew).
class IngestLog {
 public:
  // Counts what is there. One at a time may use a folder: the lock of the data directory sees to
  // it.
  static Result<std::unique_ptr<IngestLog>> Open(const IngestOptions& options);
  virtual ~IngestLog() = default;

  // `records` are framed records (base/record.h) that stand at `offset` of the writer's stream. All
  // checksums hold, or nothing is taken. Answers once they are on the disk.
  virtual Result<IngestAnswer> AppendRecords(const std::string& run, const std::string& writer,
                                             uint64_t offset, std::string_view records) = 0;
  // `batch` is laid out as store/scalar_batch.h says; `sequence` counts a writer's batches from 0.
  virtual Result<IngestAnswer> AppendScalars(const std::string& run, const std::string& writer,
                                             uint64_t sequence, std::string_view batch) = 0;
  // Zeros for a writer that has sent nothing. What lies before the position is on the disk.
  virtual Result<IngestPosition> GetPosition(const std::string& run, const std::string& writer) = 0;
  // kFull while batches are refused for want of room or by a bound, kFailing once the disk has
  // failed: for whoever looks after the server. Does not block.
  virtual StorageState GetState() const = 0;
};

}  // namespace spirogram::store
