#include "store/sqlite/transaction.h"

#include <utility>

#include "store/sqlite/statement.h"

namespace spirogram::store {

Result<Transaction> Transaction::Begin(Database& database, Kind kind) {
  ASSIGN_OR_RETURN(Statement begin,
                   database.Prepare(kind == Kind::kWrite ? "BEGIN IMMEDIATE" : "BEGIN"));
  RETURN_IF_ERROR(begin.Run());
  return Transaction(database);
}

Transaction::Transaction(Transaction&& other) noexcept
    : database_(std::exchange(other.database_, nullptr)) {}

Transaction::~Transaction() {
  if (database_ == nullptr) return;
  // Fails harmlessly where SQLite has rolled back by itself, on a full disk for example.
  const Status ignored = database_->Execute("ROLLBACK");
  static_cast<void>(ignored);
}

Status Transaction::Commit() {
  ASSIGN_OR_RETURN(Statement commit, database_->Prepare("COMMIT"));
  RETURN_IF_ERROR(commit.Run());
  database_ = nullptr;
  return {};
}

}  // namespace spirogram::store
