#include "store/sqlite/error.h"

#include <sqlite3.h>

#include <cerrno>

#include "base/str.h"

namespace spirogram::store {
namespace {

ErrorCode CodeOf(int code) {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ErrorCode::kUnavailable;
    case SQLITE_FULL:  // and nothing else: the store takes it for a full disk
      return ErrorCode::kExhausted;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorCode::kCorruption;
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_AUTH:
      return ErrorCode::kPermission;
    case SQLITE_INTERRUPT:
      return ErrorCode::kCancelled;
    default:
      return ErrorCode::kInternal;
  }
}

}  // namespace

Error SqliteError(sqlite3* db, int code, const std::string& action) {
  // A quota is to its user what a full disk is; SQLite knows the latter alone.
  const bool is_quota = db != nullptr && (code & 0xff) == SQLITE_IOERR &&
                        (sqlite3_system_errno(db) == EDQUOT || sqlite3_system_errno(db) == ENOSPC);
  const char* file = db != nullptr ? sqlite3_db_filename(db, "main") : nullptr;
  const char* reason = db != nullptr ? sqlite3_errmsg(db) : sqlite3_errstr(code);
  return {is_quota ? ErrorCode::kExhausted : CodeOf(code),
          StrCat(action, ": ", reason, file != nullptr ? " in " : "", file != nullptr ? file : "")};
}

}  // namespace spirogram::store
