#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/str.h"
#include "store/borrowed_copier.h"
#include "store/data_dir.h"
#include "store/maintenance.h"
#include "store/sqlite/database.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/transaction.h"

namespace spirogram::store {
namespace {

// With the log that a copy has while it is written.
void RemoveParts(const std::string& temporary) {
  for (const char* part : {"", "-wal", "-shm"}) unlink((temporary + part).c_str());
}

// SQLite takes what lies beside a database under this name for its log: that of another one would
// be written over the pages of the backup when it is opened.
Status CheckNoLog(const std::string& out) {
  const std::string log = out + "-wal";
  std::error_code error;
  const uintmax_t bytes = std::filesystem::file_size(log, error);
  if (error || bytes == 0) return {};
  return Unavailable(
      StrCat(log,
             " is there: the log of a database that a server has open, or was "
             "killed over. Stop the server or remove the log, or take another name"));
}

Error IsThereAlready(const std::string& out) {
  return InvalidArgument(StrCat(out, " is there already"));
}

// Link takes no place that another file has, rename takes every place. Where the file system knows
// no links (FAT, some of networks), an empty file holds the place until the copy is renamed to it.
Status MoveToFreePlace(const std::string& temporary, const std::string& out) {
  if (link(temporary.c_str(), out.c_str()) == 0) {
    unlink(temporary.c_str());
    return {};
  }
  if (errno == EEXIST) return IsThereAlready(out);
  if (errno != EPERM && errno != EOPNOTSUPP && errno != ENOSYS) {
    return ErrnoError(StrCat("link ", temporary, " to ", out), errno);
  }
  const FileDescriptor place(open(out.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!place.is_open()) {
    return errno == EEXIST ? IsThereAlready(out) : ErrnoError(StrCat("make ", out), errno);
  }
  if (rename(temporary.c_str(), out.c_str()) == 0) return {};
  const Error error = ErrnoError(StrCat("rename ", temporary, " to ", out), errno);
  unlink(out.c_str());
  return error;
}

Status Publish(const std::string& temporary, const BackupOptions& options) {
  RETURN_IF_ERROR(CheckNoLog(options.out));
  if (!options.overwrite) return MoveToFreePlace(temporary, options.out);
  if (rename(temporary.c_str(), options.out.c_str()) == 0) return {};
  return ErrnoError(StrCat("rename ", temporary, " to ", options.out), errno);
}

// What the database had not copied yet is copied here: a backup must not need the log directory.
Result<BackupReport> MakeWhole(const std::string& path) {
  ASSIGN_OR_RETURN(Database copy, Database::Open(path, Database::Mode::kWriter));
  RETURN_IF_ERROR(BorrowedCopier().WorkAll(copy));
  BackupReport report;
  ASSIGN_OR_RETURN(report.values_left_out, copy.QueryInt("SELECT count(*) FROM borrowed_values"));
  RETURN_IF_ERROR(copy.Checkpoint());
  return report;
}

Result<BackupReport> CopyTo(const BackupOptions& options, const std::string& temporary) {
  ASSIGN_OR_RETURN(Database source, Database::Open(DataDir::DatabasePath(options.data_dir),
                                                   Database::Mode::kReader));
  RETURN_IF_ERROR(CheckSchema(source));
  RETURN_IF_ERROR(MakePrivateFile(temporary));
  RETURN_IF_ERROR(source.CopyTo(temporary, options.progress));
  ASSIGN_OR_RETURN(const BackupReport report, MakeWhole(temporary));
  RETURN_IF_ERROR(SyncFile(temporary));
  RETURN_IF_ERROR(Publish(temporary, options));
  RETURN_IF_ERROR(SyncName(options.out));
  return report;
}

}  // namespace

Result<BackupReport> Backup(const BackupOptions& options) {
  ASSIGN_OR_RETURN(const std::string database, DataDir::FindDatabase(options.data_dir));
  std::error_code error;
  if (std::filesystem::is_directory(options.out, error)) {
    return InvalidArgument(StrCat(options.out, " is a folder, want the name of a file"));
  }
  if (std::filesystem::equivalent(database, options.out, error)) {
    return InvalidArgument(StrCat(options.out, " is the database itself"));
  }
  if (!options.overwrite && std::filesystem::exists(options.out, error)) {
    return IsThereAlready(options.out);
  }
  RETURN_IF_ERROR(CheckNoLog(options.out));
  const std::string temporary = StrCat(options.out, ".", getpid(), ".part");
  const Cleanup cleanup([temporary] { RemoveParts(temporary); });
  Result<BackupReport> report = CopyTo(options, temporary);
  if (!report.ok()) RemoveParts(temporary);
  return report;
}

}  // namespace spirogram::store
