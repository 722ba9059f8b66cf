// Brings one event file to the server: asks how far the server is, and sends what follows in
// batches of whole records. The server's answers alone say what is there; nothing is kept beside
// the file, so a sender can be made anew at any time, by any process.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/file.h"
#include "base/result.h"
#include "logger/remote/ingest_client.h"

namespace spirogram::logger {

// The name under which the server keeps the file: its base name, percent-encoded where it has
// unusual letters. kInvalidArgument where that is longer than the server takes.
Result<std::string> WriterOf(const std::string& path);

// Not thread-safe.
class FileSender {
 public:
  struct Options {
    std::string path;
    std::string run;
    std::string writer;       // WriterOf(path)
    bool frees_sent = false;  // gives the disk blocks of what is acknowledged back
  };
  enum class State {
    kMore,     // a batch went through, or is to be tried shorter: call Step again
    kSent,     // all whole records that the file holds now are acknowledged
    kLater,    // the server is away or busy: call again after a while
    kRefused,  // it will not take them as things stand
    kGivenUp,  // the file is damaged, has gone, or is not what the server has under its name
  };
  struct Progress {
    State state = State::kSent;
    std::chrono::seconds retry_after{0};
    std::string detail;  // for the last three
  };

  explicit FileSender(Options options) : options_(std::move(options)) {}

  // One request, or two at the first call. Waits for the server.
  Progress Step(IngestClient* client);

  const std::string& path() const { return options_.path; }
  uint64_t acknowledged() const { return offset_; }
  // Bytes of the file that are not acknowledged; a torn tail, which is never sent, included.
  uint64_t unsent() const;

 private:
  // What Step read and is about to send.
  struct Batch {
    uint64_t offset = 0;
    std::string bytes;
  };

  Status Open();
  Progress FindOffset(IngestClient* client);
  // Turns to what is left of the file where the server wants what was given back to the disk.
  Status SkipFreed(uint64_t wanted);
  Result<Batch> ReadBatch();
  Result<size_t> TakeRecords(std::string_view bytes, uint64_t file_bytes);
  Progress SendBatch(IngestClient* client, const Batch& batch);
  Progress TakeReply(const IngestReply& reply);
  void FreeSent();

  const Options options_;
  std::optional<RandomAccessFile> file_;
  std::string writer_ = options_.writer;
  uint64_t base_ = 0;  // where writer_'s stream begins within the file
  bool knows_offset_ = false;
  uint64_t offset_ = 0;       // the server has what lies before
  uint64_t checked_ = 0;      // bytes before offset_ that go along to be compared
  uint64_t record_left_ = 0;  // of a long record that is being sent in parts
  uint64_t boundary_ = 0;     // the last end of a record at or before offset_
  uint64_t freed_ = 0;
  // No body is longer than nginx takes unless it is told otherwise, and than a proxy took before.
  size_t batch_bytes_limit_ = size_t{1} << 20;
  size_t batch_bytes_max_ = batch_bytes_limit_;
};

}  // namespace spirogram::logger
