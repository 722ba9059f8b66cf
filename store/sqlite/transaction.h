// A transaction that rolls back unless it is committed. Lives shorter than its connection.
#pragma once

#include "base/result.h"
#include "store/sqlite/database.h"

namespace spirogram::store {

class Transaction {
 public:
  // kWrite takes the write lock at once: a read transaction that is promoted later can fail with
  // SQLITE_BUSY_SNAPSHOT, which waiting does not cure. kRead gives several SELECTs one snapshot.
  enum class Kind { kRead, kWrite };

  static Result<Transaction> Begin(Database& database, Kind kind);

  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  Status Commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}

  Database* database_;  // null once committed
};

}  // namespace spirogram::store
