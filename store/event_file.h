// Reads one growing event file from an offset: whole records go to a sink, a tail that is not
// written yet waits, and damage is skipped and reported. docs/formats.md has the damage rule.
//
// Holds no file descriptor between reads, so that thousands of files can be followed. Memory is
// bounded by the read size and by the longest record that really lies in the file. Not thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/record.h"
#include "base/result.h"

namespace spirogram::store {

// Where reading stands, kept with the data that was read.
struct FilePosition {
  uint64_t offset = 0;
  // CRC-32C of the up to 256 bytes before `offset`: tells a file that was replaced or rewritten
  // from one that grew, also where a copying tool gives it a new inode each time.
  uint32_t fingerprint = 0;
};

struct LostRange {
  uint64_t offset = 0;
  uint64_t bytes = 0;
  std::string reason;
  // The range ends at the end of the file: it may be a tail that is still being written, so reading
  // waits before it, and tells again what it finds when the file has grown.
  bool is_tail = false;
};

struct ReadResult {
  bool is_replaced =
      false;               // the bytes before the offset are not those that were read: nothing read
  bool is_at_end = false;  // nothing more to read until the file grows
  // The call ended within a search for the next record: there may be none, however often one calls.
  bool is_searching = false;
  uint64_t size = 0;  // of the file when it was read
  uint64_t device = 0;
  uint64_t inode = 0;
  std::vector<LostRange> lost;
};

// Whether the file at `path` begins with what was read up to `position`, as far as the fingerprint
// tells.
Result<bool> HoldsWhatWasRead(const std::string& path, const FilePosition& position);

// What a record whose bytes end before it does means.
enum class TailIs {
  kGrowing,  // it is being written: reading waits for the rest
  // Nobody has written for so long that whole records behind its header, if there are any, are not
  // a part of it: what tore it was followed by another writer.
  kQuiet,
};

// Called with whole records in the order in which they stand; they last as long as the call.
// Returns how many it took: reading ends before the first that it did not, which comes again with
// the next.
using RecordSink = std::function<size_t(std::span<const FramedRecord> records)>;

class EventFileReader {
 public:
  EventFileReader(std::string path, FilePosition position)
      : path_(std::move(path)), position_(position) {}

  // Reads on, about `bytes_max` bytes or one record where that is longer, or until the sink has
  // enough. Behind damage it searches about 64 MiB for the next record, and goes on with that when
  // it is called again. On an Error the position is as it was. kConflict: the file was cut while
  // the sink looked at its records, so that what that made of them is to be dropped.
  Result<ReadResult> Read(uint64_t bytes_max, const RecordSink& sink,
                          TailIs tail = TailIs::kGrowing);

  const FilePosition& position() const { return position_; }
  const std::string& path() const { return path_; }
  void set_path(std::string path) { path_ = std::move(path); }

 private:
  struct Pass;

  // For the next record behind the damage, or the torn record, at `origin`.
  struct Search {
    uint64_t origin = 0;
    uint64_t at = 0;           // where it goes on; 0: at its start
    bool is_unwritten = true;  // all that was searched is zeros
    bool is_arrived = true;    // none of it may be bytes that are yet to arrive
  };

  Status ReadWindows(Pass* pass, uint64_t bytes_max, const RecordSink& sink);
  Status ReadRecords(Pass* pass, const RecordSink& sink);
  void HandOut(Pass* pass, const RecordSink& sink);
  Result<bool> PassObstacle(Pass* pass);
  Result<bool> SkipDamage(Pass* pass, size_t bytes_trusted, std::string reason);
  void BeginSearch(uint64_t origin);
  Result<bool> FindNextRecord(Pass* pass, size_t bytes_trusted);
  bool RememberSearched(const Pass& pass);
  Result<bool> FillRecord(Pass* pass);
  Result<bool> SkipTorn(Pass* pass);
  Result<bool> FindWholeRecord(Pass* pass);

  std::string path_;
  FilePosition position_;
  Search search_;
  bool has_large_records_ = false;  // by what was read last
  uint64_t searched_to_ = 0;        // no header begins between position_.offset and here, or will
};

}  // namespace spirogram::store
