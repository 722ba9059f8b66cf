// The file that keeps what one writer sent: a prefix of the writer's stream, always. What is
// appended is checked before, and what a crash tore is cut back before anyone is told how far the
// file reaches.
//
// Thread-safe. Append orders its callers; Sync does not hold up Append, and callers that wait for
// the disk at the same time share one fdatasync.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/result.h"
#include "base/types.h"
#include "store/ingest_log.h"
#include "store/ingest_names.h"
#include "store/record_checker.h"

namespace spirogram::store {

// Records up to this size come whole in one batch; a longer one may be sent in parts.
inline constexpr uint64_t kWholeRecordBytes = 64 * 1024;

class IngestFile {
 public:
  // `total` is kept at the bytes of all files together; it counts what lies at `path` already.
  IngestFile(std::string path, IngestKind kind, std::atomic<uint64_t>* total)
      : path_(std::move(path)), kind_(kind), total_(total) {}

  // The errors of AppendRecords that a writer's first bytes earn, whatever there is of it.
  static Status CheckFirstRecords(std::string_view bytes);

  // kRecords: appends what of `bytes`, which stand at `offset` of the stream, is not there yet.
  // kInvalidArgument for damaged records and for a short record that does not end in the batch.
  // The answer's position is the length of the stream, or behind a gap the end of its last whole
  // record; Sync makes both durable.
  Result<IngestAnswer> AppendRecords(uint64_t offset, std::string_view bytes);

  // kScalars: appends batch number `sequence`. The number is written behind the records in the same
  // append, and a file is cut back to its last number, so a batch is there whole or not at all.
  Result<IngestAnswer> AppendScalars(uint64_t sequence, WallTime wall_time,
                                     std::string_view records);

  // Where the next batch begins: behind the last whole record, or batch. Reads the file if that is
  // not known yet.
  Result<uint64_t> Position();

  // Returns once all that was appended before the call is on the disk. After an Error nothing can
  // be said of the file any more.
  Status Sync();

  // The total is about to be counted from what lies on the disk, this file included or, if it has
  // gone, left out.
  void CountAnew();

  // Gives the descriptor back; the next call opens the file again. REQUIRES: no call is under way.
  void Close();
  const std::string& path() const { return path_; }

 private:
  Status Open();
  Status OpenDescriptor();
  Status CutBack(uint64_t length);
  void SetLength(uint64_t length);
  Status FindEndOfRecords();
  Status FindEndOfScalars();
  Status Write(std::string_view bytes);
  Result<bool> IsSame(uint64_t offset, std::string_view bytes) const;

  const std::string path_;
  const IngestKind kind_;
  std::atomic<uint64_t>* const total_;
  std::mutex mutex_;         // guards what follows
  FileDescriptor file_;      // changed under both mutexes
  bool is_counted_ = false;  // counted_ is this file's part of *total_
  uint64_t counted_ = 0;
  bool is_known_ = false;  // what follows says how far the file reaches
  RecordChecker checker_;  // kRecords
  uint64_t sequence_ = 0;  // kScalars
  std::atomic<uint64_t> length_ = 0;
  // Taken after mutex_. Guards synced_, and file_ while Sync uses it.
  std::mutex sync_mutex_;
  uint64_t synced_ = 0;  // bytes that are on the disk
};

}  // namespace spirogram::store
