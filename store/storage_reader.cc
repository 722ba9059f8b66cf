#include "store/storage_reader.h"

#include <sys/statvfs.h>

#include <filesystem>
#include <map>
#include <string>
#include <system_error>

#include "store/sqlite/statement.h"

namespace spirogram::store {
namespace {

// Each selects the run and the bytes of its values. The length of a BLOB stands in front of it, so
// none is read.
constexpr const char* kSizes[] = {
    "SELECT run_id, sum(length(pyramid) + length(data)) FROM scalar_data GROUP BY run_id",
    "SELECT run_id, sum(length(data)) FROM records GROUP BY run_id",
    "SELECT run_id, sum(length(data)) FROM profile_chunks GROUP BY run_id",
    "SELECT run_id, sum(length(data)) FROM projections GROUP BY run_id",
};

uint64_t SizeOf(const std::string& path) {
  std::error_code error;
  const uintmax_t bytes = std::filesystem::file_size(path, error);
  return error ? 0 : bytes;
}

}  // namespace

Result<StorageUse> SelectStorageUse(Database& database) {
  StorageUse use;
  std::map<RunId, uint64_t> sizes;
  for (const char* sql : kSizes) {
    ASSIGN_OR_RETURN(Statement select, database.Prepare(sql));
    while (true) {
      ASSIGN_OR_RETURN(const bool has_row, select.Step());
      if (!has_row) break;
      sizes[select.Int(0)] += static_cast<uint64_t>(select.Int(1));
    }
  }
  for (const auto& [run, bytes] : sizes) use.runs.push_back({run, bytes});
  ASSIGN_OR_RETURN(const int64_t page_bytes, database.QueryInt("PRAGMA page_size"));
  ASSIGN_OR_RETURN(const int64_t free_pages, database.QueryInt("PRAGMA freelist_count"));
  use.reusable_bytes = static_cast<uint64_t>(page_bytes * free_pages);
  use.database_bytes = SizeOf(database.path());
  use.log_bytes = SizeOf(database.path() + "-wal");
  struct statvfs disk {};
  if (statvfs(database.path().c_str(), &disk) == 0) {
    use.disk_free_bytes = uint64_t{disk.f_bavail} * disk.f_frsize;
  }
  return use;
}

}  // namespace spirogram::store
