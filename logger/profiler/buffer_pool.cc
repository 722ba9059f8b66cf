#include "logger/profiler/buffer_pool.h"

#include <cstdlib>
#include <cstring>
#include <exception>
#include <utility>

namespace spirogram::logger {

BufferPool& BufferPool::Get() {
  static BufferPool* const pool = new BufferPool;  // never destroyed, see above
  return *pool;
}

void BufferPool::Configure(size_t buffer_bytes, size_t buffers_max) {
  for (const FilledBuffer& buffer : TakeFilled(std::chrono::milliseconds(0))) Recycle(buffer);
  std::lock_guard lock(mutex_);
  if (buffer_bytes_ == 0) buffer_bytes_ = buffer_bytes;
  buffers_max_ = buffers_max;
  is_woken_ = false;
}

uint8_t* BufferPool::Take() noexcept {
  try {
    std::lock_guard lock(mutex_);
    if (buffers_in_use_ >= buffers_max_) return nullptr;
    if (!free_.empty()) {
      uint8_t* data = free_.back();
      free_.pop_back();
      ++buffers_in_use_;
      return data;
    }
    // Room for every buffer, so that Complete and Recycle never allocate.
    free_.reserve(buffers_made_ + 1);
    filled_.reserve(buffers_made_ + 1);
    auto* data = static_cast<uint8_t*>(std::calloc(buffer_bytes_, 1));  // aligned to 16
    if (data == nullptr) return nullptr;
    ++buffers_made_;
    ++buffers_in_use_;
    return data;
  } catch (const std::exception&) {
    return nullptr;  // CUPTI counts what it drops
  }
}

size_t BufferPool::buffer_bytes() const {
  std::lock_guard lock(mutex_);
  return buffer_bytes_;
}

void BufferPool::Complete(uint8_t* data, size_t valid_bytes) noexcept {
  if (data == nullptr) return;
  try {
    {
      std::lock_guard lock(mutex_);
      filled_.push_back({data, valid_bytes});
    }
    changed_.notify_one();
  } catch (const std::exception&) {
    // No memory: the buffer is lost to the pool, its records with it.
  }
}

std::vector<FilledBuffer> BufferPool::TakeFilled(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, timeout, [&] { return is_woken_ || !filled_.empty(); });
  is_woken_ = false;
  std::vector<FilledBuffer> filled;
  filled.reserve(buffers_made_);
  filled.swap(filled_);
  return filled;
}

void BufferPool::Wake() {
  {
    std::lock_guard lock(mutex_);
    is_woken_ = true;
  }
  changed_.notify_all();
}

void BufferPool::Recycle(const FilledBuffer& buffer) {
  std::memset(buffer.data, 0, buffer_bytes());
  std::lock_guard lock(mutex_);
  free_.push_back(buffer.data);
  --buffers_in_use_;
}

}  // namespace spirogram::logger
