#include "base/cleanup.h"

#include <chrono>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace spirogram {
namespace {

// Owners go on working until the program ends: what was just removed may be made anew, as a store
// makes its folder, before they fail for want of the rest. That goes in a later round.
constexpr int kRounds = 4;
constexpr std::chrono::milliseconds kPause{10};

struct Registry {
  std::mutex mutex;  // guards all below; never released once the cleanups have run
  std::map<int64_t, std::function<void()>> undo_by_id;
  int64_t last_id = 0;
};

Registry& TheRegistry() {
  static auto* registry = new Registry;  // outlives every static object that owns a Cleanup
  return *registry;
}

}  // namespace

Cleanup::Cleanup(std::function<void()> undo) {
  Registry& registry = TheRegistry();
  std::lock_guard lock(registry.mutex);
  id_ = ++registry.last_id;
  registry.undo_by_id.emplace(id_, std::move(undo));
}

Cleanup::Cleanup(Cleanup&& other) noexcept : id_(std::exchange(other.id_, 0)) {}

Cleanup::~Cleanup() {
  if (id_ == 0) return;
  Registry& registry = TheRegistry();
  std::lock_guard lock(registry.mutex);
  registry.undo_by_id.erase(id_);
}

void RunCleanups() {
  Registry& registry = TheRegistry();
  registry.mutex.lock();
  for (int round = 0; round < kRounds; ++round) {
    if (round > 0) std::this_thread::sleep_for(kPause);
    for (auto undo = registry.undo_by_id.rbegin(); undo != registry.undo_by_id.rend(); ++undo) {
      undo->second();
    }
  }
}

}  // namespace spirogram
