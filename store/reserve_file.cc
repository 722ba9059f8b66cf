#include "store/reserve_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/file.h"
#include "base/str.h"

namespace spirogram::store {

namespace {

// SQLite's log is emptied into the database at 8 MiB, and a transaction has about as much again.
constexpr uint64_t kLogBytes = uint64_t{16} << 20;

}  // namespace

ReserveFile::ReserveFile(std::string folder, uint64_t bytes)
    : folder_(std::move(folder)), path_(folder_ + "/RESERVE"), bytes_(bytes) {}

Status ReserveFile::Make(uint64_t reusable_bytes) {
  struct stat info {};
  const bool is_there = stat(path_.c_str(), &info) == 0 && S_ISREG(info.st_mode);
  const uint64_t kept = is_there ? static_cast<uint64_t>(info.st_blocks) * 512 : 0;
  if (kept >= bytes_) return {};
  const uint64_t free = FreeBytes(folder_) + kept;
  uint64_t bytes = bytes_;
  if (free < 2 * bytes_) {
    // New data then needs no room on the disk but for SQLite's log.
    bytes = bytes_ / 2;
    if (kept >= bytes) return {};
    if (free < bytes + kLogBytes || free + reusable_bytes < 2 * bytes_) {
      return Exhausted(
          StrCat(folder_, ": ", free >> 20, " MiB are free, want ", (2 * bytes_) >> 20, " MiB"));
    }
  }
  const FileDescriptor file(open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file.is_open()) return ErrnoError(StrCat("open ", path_), errno);
  const int error = posix_fallocate(file.get(), 0, static_cast<off_t>(bytes));
  if (error == 0) return {};
  Release();
  return ErrnoError(StrCat("allocate ", path_), error);
}

uint64_t ReserveFile::FreeBytes(const std::string& folder) {
  struct statvfs disk {};
  if (statvfs(folder.c_str(), &disk) != 0) return 0;
  return uint64_t{disk.f_bavail} * disk.f_frsize;
}

void ReserveFile::Release() {
  if (bytes_ != 0) unlink(path_.c_str());
}

}  // namespace spirogram::store
