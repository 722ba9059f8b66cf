// The hand-off between a training program and the writer thread. It differs from a plain bounded
// queue in three ways that the hot path pays for otherwise: it counts bytes as well as items, it
// keeps tags in one string instead of one allocation each, and a push does not wake the writer (a
// wake is a system call) until the queue is half full. The writer comes by on its own timer.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string_view>

#include "logger/item.h"

namespace spirogram::logger {

// Thread-safe for any number of producers and one consumer.
class ItemQueue {
 public:
  ItemQueue(size_t items_max, size_t bytes_max) : items_max_(items_max), bytes_max_(bytes_max) {}

  // False when the item does not fit or the queue is closed. Never waits for the consumer.
  bool TryPush(std::string_view tag, Item item, size_t payload_bytes);

  // Whether an item of this size would fit now: lets a caller skip a large copy that would be
  // dropped.
  bool HasRoomFor(size_t bytes) const;

  // Returns when everything pushed before the call was taken and marked written, or the queue is
  // abandoned.
  void WaitUntilWritten();

  // Refuses further items and wakes the consumer, which still takes what is there.
  void Close();

  // Consumer: waits until `timeout` passes, the queue is half full, someone waits for it, or it is
  // closed; then swaps the content into `batch`, which must be clear. False once closed and empty.
  bool Take(std::chrono::milliseconds timeout, ItemBatch* batch);
  // Consumer: everything taken so far is in the file or counted as dropped.
  void MarkWritten();
  // No consumer will come: closes, and lets nobody wait.
  void Abandon();

 private:
  const size_t items_max_;
  const size_t bytes_max_;
  mutable std::mutex mutex_;  // guards everything below
  std::condition_variable wake_;
  std::condition_variable written_changed_;
  ItemBatch batch_;
  uint64_t pushed_ = 0;
  uint64_t taken_ = 0;
  uint64_t written_ = 0;
  int waiters_ = 0;  // callers in WaitUntilWritten
  bool is_woken_ = false;
  bool is_closed_ = false;
  bool is_abandoned_ = false;
};

}  // namespace spirogram::logger
