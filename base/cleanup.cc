#include "base/cleanup.h"

#include <map>
#include <mutex>
#include <utility>

namespace spirogram {
namespace {

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
  for (auto undo = registry.undo_by_id.rbegin(); undo != registry.undo_by_id.rend(); ++undo) {
    undo->second();
  }
}

}  // namespace spirogram
