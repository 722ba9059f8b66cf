#include "store/storage_reader.h"

#include <filesystem>
#include <string>
#include <system_error>

#include "store/reserve_file.h"

namespace spirogram::store {
namespace {

uint64_t SizeOf(const std::string& path) {
  std::error_code error;
  const uintmax_t bytes = std::filesystem::file_size(path, error);
  return error ? 0 : bytes;
}

}  // namespace

Result<StorageUse> SelectStorageUse(Database& database) {
  StorageUse use;
  ASSIGN_OR_RETURN(const int64_t page_bytes, database.QueryInt("PRAGMA page_size"));
  ASSIGN_OR_RETURN(const int64_t free_pages, database.QueryInt("PRAGMA freelist_count"));
  use.reusable_bytes = static_cast<uint64_t>(page_bytes * free_pages);
  use.database_bytes = SizeOf(database.path());
  use.log_bytes = SizeOf(database.path() + "-wal");
  use.disk_free_bytes = ReserveFile::FreeBytes(database.path());
  return use;
}

}  // namespace spirogram::store
