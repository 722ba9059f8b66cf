#include "logger/item_queue.h"

#include <utility>

namespace spirogram::logger {

bool ItemQueue::TryPush(std::string_view tag, Item item, size_t payload_bytes) {
  const size_t bytes = tag.size() + payload_bytes;
  bool notify = false;
  {
    std::lock_guard lock(mutex_);
    if (is_closed_ || batch_.items.size() >= items_max_) return false;
    if (bytes > bytes_max_ || batch_.bytes > bytes_max_ - bytes) return false;
    item.tag_begin = batch_.tag_chars.size();
    item.tag_length = tag.size();
    batch_.tag_chars.append(tag);
    batch_.items.push_back(std::move(item));
    batch_.bytes += bytes;
    ++pushed_;
    if (!is_woken_ && (batch_.items.size() >= items_max_ / 2 || batch_.bytes >= bytes_max_ / 2)) {
      is_woken_ = true;
      notify = true;
    }
  }
  if (notify) wake_.notify_one();
  return true;
}

bool ItemQueue::HasRoomFor(size_t bytes) const {
  std::lock_guard lock(mutex_);
  return !is_closed_ && batch_.items.size() < items_max_ && bytes <= bytes_max_ &&
         batch_.bytes <= bytes_max_ - bytes;
}

void ItemQueue::WaitUntilWritten() {
  std::unique_lock lock(mutex_);
  const uint64_t target = pushed_;
  if (written_ >= target || is_abandoned_) return;
  ++waiters_;
  wake_.notify_one();
  written_changed_.wait(lock, [&] { return written_ >= target || is_abandoned_; });
  --waiters_;
}

void ItemQueue::Close() {
  {
    std::lock_guard lock(mutex_);
    is_closed_ = true;
  }
  wake_.notify_one();
}

bool ItemQueue::Take(std::chrono::milliseconds timeout, ItemBatch* batch) {
  std::unique_lock lock(mutex_);
  const auto is_wanted = [&] {
    return is_woken_ || is_closed_ || (waiters_ > 0 && !batch_.items.empty());
  };
  wake_.wait_for(lock, timeout, is_wanted);
  is_woken_ = false;
  std::swap(batch_, *batch);
  taken_ = pushed_;
  return !is_closed_ || !batch->items.empty();
}

void ItemQueue::MarkWritten() {
  {
    std::lock_guard lock(mutex_);
    written_ = taken_;
  }
  written_changed_.notify_all();
}

void ItemQueue::Abandon() {
  {
    std::lock_guard lock(mutex_);
    is_closed_ = true;
    is_abandoned_ = true;
  }
  written_changed_.notify_all();
}

}  // namespace spirogram::logger
