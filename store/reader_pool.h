// A fixed number of read-only connections, lent to whoever answers a question. Thread-safe.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/sqlite/database.h"

namespace spirogram::store {

class ReaderPool {
 public:
  // A connection on loan; goes back when destroyed. The pool outlives it.
  class Lease {
   public:
    Lease(ReaderPool* pool, std::unique_ptr<Database> database)
        : pool_(pool), database_(std::move(database)) {}
    Lease(Lease&&) noexcept = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (database_ != nullptr) pool_->Return(std::move(database_));
    }
    Database& operator*() { return *database_; }

   private:
    ReaderPool* pool_;
    std::unique_ptr<Database> database_;
  };

  // REQUIRES: the writer has opened the file, and keeps it open.
  static Result<std::unique_ptr<ReaderPool>> Open(const std::string& path, int connections);

  // Waits for a free connection; kUnavailable once the pool is closed.
  Result<Lease> Borrow();

  // Waits until every connection is back and closes them.
  void Close();

 private:
  void Return(std::unique_ptr<Database> database);

  std::mutex mutex_;  // guards all below
  std::condition_variable returned_;
  std::vector<std::unique_ptr<Database>> free_;
  size_t connections_ = 0;
  bool is_closed_ = false;
};

}  // namespace spirogram::store
