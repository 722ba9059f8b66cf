#include "store/sqlite/new_database.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "base/file.h"
#include "base/str.h"
#include "store/sqlite/database.h"
#include "store/sqlite/schema.h"

namespace spirogram::store {
namespace {

// Of a database that was removed without them: SQLite would take them for the new one's.
void RemoveLogs(const std::string& path) {
  for (const char* log : {"-wal", "-shm", "-journal"}) unlink((path + log).c_str());
}

Status Build(const std::string& path) {
  RETURN_IF_ERROR(MakePrivateFile(path));
  RemoveLogs(path);
  ASSIGN_OR_RETURN(Database database, Database::Open(path, Database::Mode::kBuilder));
  RETURN_IF_ERROR(MigrateSchema(database));
  return database.Execute("PRAGMA journal_mode = WAL");
}

Status BuildAndMove(const std::string& temporary, const std::string& path) {
  RETURN_IF_ERROR(Build(temporary));
  RETURN_IF_ERROR(SyncFile(temporary));
  RemoveLogs(path);
  if (rename(temporary.c_str(), path.c_str()) != 0) {
    return ErrnoError(StrCat("rename ", temporary, " to ", path), errno);
  }
  return SyncName(path);
}

}  // namespace

Status MakeDatabase(const std::string& path) {
  // The file may be a link to another disk, and is to stay one.
  std::error_code error;
  const std::string place = std::filesystem::canonical(path, error).string();
  if (error) return ErrnoError(StrCat("open ", path), error.value());
  const std::string temporary = place + ".new";
  Status status = BuildAndMove(temporary, place);
  if (!status.ok()) {  // a full disk needs its room
    RemoveLogs(temporary);
    unlink(temporary.c_str());
  }
  return status;
}

}  // namespace spirogram::store
