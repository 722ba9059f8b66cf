// The logger's own thread: takes what is queued, encodes it, appends it to an event file.
//
// When a write fails, what could not be written is dropped and counted, one warning says so, and
// the failed file is left alone: it may end in a part of a record, and records behind that would be
// lost to every reader. The next batch tries a new file.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "logger/event_file.h"
#include "logger/file_follower.h"
#include "logger/item_encoder.h"
#include "logger/item_queue.h"
#include "logger/losses.h"
#include "logger/projector_files.h"

namespace spirogram::logger {

struct SharedCounters {
  std::atomic<uint64_t> logged{0};
  LossCounters losses;
  std::atomic<uint64_t> written_bytes{0};
};

class EventWriter {
 public:
  struct Hooks {
    // On the writer's thread, after a file was lost: metadata that went with it is wanted again.
    std::function<void()> file_lost;
    // On the writer's thread, before each batch.
    std::function<void()> before_batch;
  };

  // None owned; all outlive this. `follower` may be null.
  EventWriter(const LoggerOptions& options, ItemQueue* queue, SharedCounters* counters,
              FileFollower* follower, Hooks hooks);
  EventWriter(const EventWriter&) = delete;
  EventWriter& operator=(const EventWriter&) = delete;
  // Waits for the thread. REQUIRES: the queue is closed.
  ~EventWriter();

  // False when the system refused the thread; the queue is then abandoned.
  bool Start();

 private:
  void Run();
  // None of these throws: what memory does not suffice for is dropped and counted.
  void WriteBatch(const ItemBatch& batch) noexcept;
  bool PrepareFile(const ItemBatch& batch) noexcept;
  bool EncodeItem(std::string_view tag, const Item& item) noexcept;
  void WriteProjectorFiles(std::string_view tag, const Item& item) noexcept;
  // Once nothing more is lost, or at the end: what was, as a record of its own.
  void NoteLosses(bool is_end) noexcept;
  // False when what was pending is dropped.
  bool WritePending() noexcept;
  void DropPending() noexcept;
  void SyncFile() noexcept;
  void DropForWantOfRoom() noexcept;
  void LoseFile() noexcept;
  void CloseFile() noexcept;

  bool EnsureFile();
  void WarnOnce(const std::string& reason);

  const std::string run_dir_;
  const int flush_interval_ms_;
  ItemQueue* const queue_;
  SharedCounters* const counters_;
  FileFollower* const follower_;
  const Hooks hooks_;

  // Used by the thread alone.
  ItemEncoder encoder_;
  ProjectorFiles projector_files_;
  std::optional<EventFile> file_;
  // What the next file says of its begin: when what it holds was logged, not when this thread came
  // to write it. Writers that log side by side are known by it (docs/formats.md).
  WallTime file_begin_;
  std::string pending_;  // whole records, not yet written
  uint64_t pending_items_ = 0;
  Losses noted_losses_;      // stand in a file
  Losses seen_losses_;       // when they were last looked at
  bool is_failing_ = false;  // the warning of this outage is out
  bool is_out_of_room_ = false;
  bool projector_files_failed_ = false;
  bool encoding_failed_ = false;

  std::thread thread_;
};

}  // namespace spirogram::logger
