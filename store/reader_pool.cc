#include "store/reader_pool.h"

#include <algorithm>
#include <utility>

namespace spirogram::store {

Result<std::unique_ptr<ReaderPool>> ReaderPool::Open(const std::string& path, int connections) {
  auto pool = std::make_unique<ReaderPool>();
  pool->connections_ = static_cast<size_t>(std::max(1, connections));
  for (size_t i = 0; i < pool->connections_; ++i) {
    ASSIGN_OR_RETURN(Database database, Database::Open(path, Database::Mode::kReader));
    pool->free_.push_back(std::make_unique<Database>(std::move(database)));
  }
  return pool;
}

Result<ReaderPool::Lease> ReaderPool::Borrow() {
  std::unique_lock lock(mutex_);
  returned_.wait(lock, [&] { return is_closed_ || !free_.empty(); });
  if (is_closed_) return Unavailable("the store is closed");
  Lease lease(this, std::move(free_.back()));
  free_.pop_back();
  return lease;
}

void ReaderPool::Return(std::unique_ptr<Database> database) {
  {
    std::lock_guard lock(mutex_);
    free_.push_back(std::move(database));
  }
  returned_.notify_all();
}

void ReaderPool::Close() {
  std::unique_lock lock(mutex_);
  is_closed_ = true;
  returned_.notify_all();
  returned_.wait(lock, [&] { return free_.size() == connections_; });
  free_.clear();
  connections_ = 0;
}

}  // namespace spirogram::store
