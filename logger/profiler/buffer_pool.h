// The buffers that CUPTI fills with records. CUPTI asks for them and gives them back on threads of
// its own, through callbacks without a user pointer, and keeps some past the end of a session:
// freeing one that it has not given back corrupts the heap. So there is one pool in a process and
// it never goes away; a cap bounds it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

namespace spirogram::logger {

struct FilledBuffer {
  uint8_t* data = nullptr;
  size_t valid_bytes = 0;
};

// Thread-safe; calls nothing of CUPTI's under its lock.
class BufferPool {
 public:
  // The pool of the process.
  static BufferPool& Get();

  BufferPool() = default;
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;

  // The size of buffers is that of the first call; the cap is that of the last. What an earlier
  // session left filled is recycled.
  void Configure(size_t buffer_bytes, size_t buffers_max);

  // A zeroed buffer of buffer_bytes(), or null at the cap.
  uint8_t* Take() noexcept;
  size_t buffer_bytes() const;
  // `data` from Take is full, or flushed.
  void Complete(uint8_t* data, size_t valid_bytes) noexcept;

  // Waits up to `timeout` for filled buffers and takes them all.
  std::vector<FilledBuffer> TakeFilled(std::chrono::milliseconds timeout);
  // Makes TakeFilled return at once, now or the next time.
  void Wake();
  // Zeroes the buffer and offers it again.
  void Recycle(const FilledBuffer& buffer);

 private:
  mutable std::mutex mutex_;  // guards everything below
  std::condition_variable changed_;
  size_t buffer_bytes_ = 0;
  size_t buffers_max_ = 0;
  size_t buffers_made_ = 0;    // for the life of the process
  size_t buffers_in_use_ = 0;  // at CUPTI's or the collector's
  bool is_woken_ = false;
  std::vector<uint8_t*> free_;
  std::vector<FilledBuffer> filled_;
};

}  // namespace spirogram::logger
