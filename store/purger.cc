#include "store/purger.h"

#include <algorithm>

#include "base/clock.h"
#include "store/run_labels_table.h"
#include "store/sqlite/run_tables.h"
#include "store/sqlite/transaction.h"

namespace spirogram::store {
namespace {

// Between two looks at the clock. Rows may be large: an embedding is one.
constexpr int kRowsPerDelete = 64;

// True when nothing of the run is left.
Result<bool> DeleteFor(Database& database, RunId run, int64_t budget_ns) {
  const int64_t started_ns = RealClock().MonotonicNs();
  ASSIGN_OR_RETURN(const auto tables, ListRunTables(database));
  for (const RunTable& table : tables) {
    while (true) {
      ASSIGN_OR_RETURN(const int64_t deleted, DeleteRows(database, table, run, kRowsPerDelete));
      if (deleted < kRowsPerDelete) break;
      if (RealClock().MonotonicNs() - started_ns >= budget_ns) return false;
    }
  }
  return true;
}

}  // namespace

Result<Purger> Purger::Load(Database& database) {
  Purger purger;
  ASSIGN_OR_RETURN(const auto runs, SelectPurging(database));
  purger.runs_.assign(runs.begin(), runs.end());
  return purger;
}

void Purger::Add(RunId run) {
  if (std::find(runs_.begin(), runs_.end(), run) == runs_.end()) runs_.push_back(run);
}

Result<bool> Purger::Work(Database& database, int64_t budget_ns) {
  if (runs_.empty()) return false;
  ASSIGN_OR_RETURN(Transaction transaction,
                   Transaction::Begin(database, Transaction::Kind::kWrite));
  ASSIGN_OR_RETURN(const bool is_done, DeleteFor(database, runs_.front(), budget_ns));
  if (is_done) RETURN_IF_ERROR(FinishPurge(database, runs_.front()));
  RETURN_IF_ERROR(transaction.Commit());
  if (is_done) runs_.pop_front();
  return is_done;
}

}  // namespace spirogram::store
