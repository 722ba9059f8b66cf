// A bound on how many of something there are at once.
#pragma once

#include <atomic>
#include <memory>
#include <utility>

namespace spirogram::web {

// Thread-safe. Outlives what it lends.
class Slots {
 public:
  explicit Slots(int count) : free_(count) {}

  // Gives the slot back when destroyed.
  class Slot {
   public:
    explicit Slot(Slots* slots) : slots_(slots) {}
    Slot(Slot&& other) noexcept : slots_(std::exchange(other.slots_, nullptr)) {}
    Slot& operator=(Slot&&) = delete;
    ~Slot() {
      if (slots_ != nullptr) ++slots_->free_;
    }
    // False when all were taken.
    bool is_held() const { return slots_ != nullptr; }

   private:
    Slots* slots_;
  };

  Slot Take() {
    if (free_.fetch_sub(1) > 0) return Slot(this);
    ++free_;
    return Slot(nullptr);
  }

 private:
  std::atomic<int> free_;
};

}  // namespace spirogram::web
