#include "store/sqlite/database.h"

#include <sqlite3.h>

#include <cstdint>
#include <unordered_map>
#include <utility>

#include "base/check.h"
#include "base/str.h"
#include "store/sqlite/error.h"
#include "store/sqlite/statement.h"
#include "store/sqlite/transaction.h"

namespace spirogram::store {
namespace {

constexpr int kBusyTimeoutMs = 5000;
constexpr int kWalPages = 2000;      // 16 MiB of log, then the writer checkpoints
constexpr int kCacheKib = 1024;      // of the writer, which seldom reads a page twice
constexpr int kPagesPerStep = 4096;  // 32 MiB between two words on the progress
constexpr int64_t kWalBytesKept = int64_t{64} << 20;

struct CachedStatement {
  sqlite3_stmt* statement = nullptr;
  bool in_use = false;
};

// Nobody asks how much memory SQLite takes; counting it costs a lock at each allocation. Has to
// come before the first connection, and where it does not, nothing is lost.
void ConfigureLibrary() {
  static const int code = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(code);
}

}  // namespace

struct Database::State {
  std::string path;
  sqlite3* db = nullptr;
  // Node-based, so that the in_use marks that Statements point to stay where they are.
  std::unordered_map<std::string, CachedStatement> statements;

  ~State() {
    for (auto& [sql, cached] : statements) {
      CHECK(!cached.in_use);
      sqlite3_finalize(cached.statement);
    }
    sqlite3_close(db);
  }
};

Database::Database(std::unique_ptr<State> state) : state_(std::move(state)) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

const std::string& Database::path() const {
  return state_->path;
}

Result<Database> Database::Open(const std::string& path, Mode mode) {
  ConfigureLibrary();
  auto state = std::make_unique<State>();
  state->path = path;
  const int flags =
      SQLITE_OPEN_NOMUTEX |
      (mode == Mode::kReader ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  const int code = sqlite3_open_v2(path.c_str(), &state->db, flags, nullptr);
  if (code != SQLITE_OK) return SqliteError(state->db, code, StrCat("open ", path));
  sqlite3_extended_result_codes(state->db, 1);
  Database database(std::move(state));
  RETURN_IF_ERROR(database.Configure(mode));
  return database;
}

Status Database::Configure(Mode mode) {
  sqlite3* db = state_->db;
  sqlite3_busy_timeout(db, kBusyTimeoutMs);
  int is_set = 0;
  sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, &is_set);
  if (is_set != 1) return Internal("SQLite refused SQLITE_DBCONFIG_DEFENSIVE");
  RETURN_IF_ERROR(ExpectPragma("trusted_schema", "OFF", "0"));
  RETURN_IF_ERROR(ExpectPragma("cell_size_check", "ON", "1"));
  RETURN_IF_ERROR(ExpectPragma("mmap_size", "0", "0"));
  if (mode == Mode::kReader) {
    RETURN_IF_ERROR(ExpectPragma("query_only", "ON", "1"));
    return ExpectPragma("wal_autocheckpoint", "0", "0");
  }
  // Of effect only in an empty file: it cannot change once the log is on.
  RETURN_IF_ERROR(Execute("PRAGMA page_size = 8192"));
  if (mode == Mode::kBuilder) {
    RETURN_IF_ERROR(ExpectPragma("journal_mode", "MEMORY", "memory"));
    return ExpectPragma("synchronous", "OFF", "0");
  }
  RETURN_IF_ERROR(ExpectPragma("cache_size", StrCat(-kCacheKib), StrCat(-kCacheKib)));
  RETURN_IF_ERROR(ExpectPragma("journal_mode", "WAL", "wal"));
  RETURN_IF_ERROR(ExpectPragma("synchronous", "FULL", "2"));
  RETURN_IF_ERROR(ExpectPragma("journal_size_limit", StrCat(kWalBytesKept), StrCat(kWalBytesKept)));
  return ExpectPragma("wal_autocheckpoint", StrCat(kWalPages), StrCat(kWalPages));
}

Status Database::ExpectPragma(const std::string& name, const std::string& value,
                              const std::string& want) {
  RETURN_IF_ERROR(Execute(StrCat("PRAGMA ", name, " = ", value)));
  ASSIGN_OR_RETURN(Statement statement, Prepare(StrCat("PRAGMA ", name)));
  ASSIGN_OR_RETURN(const bool has_row, statement.Step());
  // A build without memory-mapped files answers mmap_size with no row at all.
  const std::string got = has_row ? std::string(statement.Text(0)) : want;
  if (got == want) return {};
  return Internal(StrCat(path(), ": PRAGMA ", name, " is ", got, ", want ", want));
}

Result<Statement> Database::Prepare(std::string_view sql) {
  CachedStatement& cached = state_->statements[std::string(sql)];
  if (cached.statement == nullptr || cached.in_use) {
    sqlite3_stmt* statement = nullptr;
    const unsigned flags = cached.statement == nullptr ? SQLITE_PREPARE_PERSISTENT : 0;
    const int code = sqlite3_prepare_v3(state_->db, sql.data(), static_cast<int>(sql.size()), flags,
                                        &statement, nullptr);
    if (code != SQLITE_OK) return SqliteError(state_->db, code, StrCat("prepare \"", sql, "\""));
    if (cached.in_use) return Statement(statement, nullptr);
    cached.statement = statement;
  }
  cached.in_use = true;
  return Statement(cached.statement, &cached.in_use);
}

size_t Database::statements_kept() const {
  return state_->statements.size();
}

Status Database::Execute(const std::string& sql) {
  const int code = sqlite3_exec(state_->db, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return SqliteError(state_->db, code, StrCat("run \"", sql, "\""));
  return {};
}

Result<int64_t> Database::QueryInt(std::string_view sql) {
  ASSIGN_OR_RETURN(Statement statement, Prepare(sql));
  ASSIGN_OR_RETURN(const bool has_row, statement.Step());
  if (!has_row) return Internal(StrCat("no row from \"", sql, "\""));
  return statement.Int(0);
}

Status Database::CopyTo(const std::string& path,
                        const std::function<void(uint64_t, uint64_t)>& progress) {
  ASSIGN_OR_RETURN(const int64_t page_bytes, QueryInt("PRAGMA page_size"));
  ASSIGN_OR_RETURN(const Transaction snapshot, Transaction::Begin(*this, Transaction::Kind::kRead));
  // The snapshot begins with the first read, and holds until the copy is whole.
  ASSIGN_OR_RETURN(const int64_t ignored, QueryInt("SELECT count(*) FROM sqlite_schema"));
  static_cast<void>(ignored);
  // A copy that is not whole is thrown away.
  ASSIGN_OR_RETURN(const Database copy, Open(path, Mode::kBuilder));
  sqlite3* to = copy.state_->db;
  sqlite3_backup* backup = sqlite3_backup_init(to, "main", state_->db, "main");
  if (backup == nullptr) return SqliteError(to, sqlite3_errcode(to), StrCat("copy to ", path));
  int step = SQLITE_OK;
  while (step == SQLITE_OK) {
    step = sqlite3_backup_step(backup, kPagesPerStep);
    const auto pages = static_cast<uint64_t>(sqlite3_backup_pagecount(backup));
    const auto left = static_cast<uint64_t>(sqlite3_backup_remaining(backup));
    const auto bytes = static_cast<uint64_t>(page_bytes);
    if (progress) progress((pages - left) * bytes, pages * bytes);
  }
  sqlite3_backup_finish(backup);
  if (step != SQLITE_DONE) return SqliteError(to, step, StrCat("copy to ", path));
  return {};
}

Status Database::Checkpoint() {
  const int code =
      sqlite3_wal_checkpoint_v2(state_->db, "main", SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  if (code != SQLITE_OK) return SqliteError(state_->db, code, "checkpoint");
  return {};
}

}  // namespace spirogram::store
