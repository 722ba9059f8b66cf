#include "base/file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/str.h"

namespace spirogram {
namespace {

Status WriteAll(int fd, std::string_view data, const std::string& path) {
  while (!data.empty()) {
    const ssize_t n = write(fd, data.data(), data.size());
    if (n < 0) {
      if (errno == EINTR) continue;
      return ErrnoError(StrCat("write ", path), errno);
    }
    data.remove_prefix(static_cast<size_t>(n));
  }
  return {};
}

}  // namespace

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  if (this != &other) {
    Close();
    fd_ = other.Release();
  }
  return *this;
}

int FileDescriptor::Release() {
  return std::exchange(fd_, -1);
}

void FileDescriptor::Close() {
  if (fd_ >= 0) close(Release());
}

RandomAccessFile::RandomAccessFile(FileDescriptor fd, std::string path, uint64_t device,
                                   uint64_t inode)
    : fd_(std::move(fd)), path_(std::move(path)), device_(device), inode_(inode) {}

Result<RandomAccessFile> RandomAccessFile::Open(const std::string& path) {
  // O_NONBLOCK: opening a FIFO must not wait for its writer.
  FileDescriptor fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd.is_open()) return ErrnoError(StrCat("open ", path), errno);
  struct stat info {};
  if (fstat(fd.get(), &info) != 0) return ErrnoError(StrCat("stat ", path), errno);
  if (!S_ISREG(info.st_mode)) return InvalidArgument(StrCat(path, " is not a regular file"));
  return RandomAccessFile(std::move(fd), path, static_cast<uint64_t>(info.st_dev),
                          static_cast<uint64_t>(info.st_ino));
}

Result<size_t> RandomAccessFile::Read(uint64_t offset, size_t bytes_max, std::string* out) const {
  constexpr size_t kChunkBytes = 1 << 20;
  size_t total = 0;
  while (total < bytes_max) {
    const size_t want = std::min(kChunkBytes, bytes_max - total);
    const size_t old_size = out->size();
    out->resize(old_size + want);
    const ssize_t n =
        pread(fd_.get(), out->data() + old_size, want, static_cast<off_t>(offset + total));
    out->resize(old_size + static_cast<size_t>(std::max<ssize_t>(n, 0)));
    if (n < 0) {
      if (errno == EINTR) continue;
      return ErrnoError(StrCat("read ", path_), errno);
    }
    if (n == 0) break;
    total += static_cast<size_t>(n);
  }
  return total;
}

Result<size_t> RandomAccessFile::ReadInto(uint64_t offset, std::span<char> out) const {
  size_t total = 0;
  while (total < out.size()) {
    const ssize_t n = pread(fd_.get(), out.data() + total, out.size() - total,
                            static_cast<off_t>(offset + total));
    if (n < 0) {
      if (errno == EINTR) continue;
      return ErrnoError(StrCat("read ", path_), errno);
    }
    if (n == 0) break;
    total += static_cast<size_t>(n);
  }
  return total;
}

void RandomAccessFile::ExpectSequentialReads() const {
  // Advice: where it is not taken, nothing is lost.
  posix_fadvise(fd_.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
}

Result<uint64_t> RandomAccessFile::Size() const {
  struct stat info {};
  if (fstat(fd_.get(), &info) != 0) return ErrnoError(StrCat("stat ", path_), errno);
  return static_cast<uint64_t>(info.st_size);
}

AppendFile::AppendFile(FileDescriptor fd, std::string path)
    : fd_(std::move(fd)), path_(std::move(path)) {}

Result<AppendFile> AppendFile::Open(const std::string& path) {
  return OpenWith(path, O_CREAT);
}

Result<AppendFile> AppendFile::Reopen(const std::string& path) {
  return OpenWith(path, 0);
}

Result<AppendFile> AppendFile::OpenWith(const std::string& path, int flags) {
  FileDescriptor fd(open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | flags, 0644));
  if (!fd.is_open()) return ErrnoError(StrCat("open ", path), errno);
  return AppendFile(std::move(fd), path);
}

Status AppendFile::TryLock() {
  if (flock(fd_.get(), LOCK_EX | LOCK_NB) == 0) return {};
  return ErrnoError(StrCat("lock ", path_), errno);
}

Status AppendFile::Append(std::string_view data) {
  return WriteAll(fd_.get(), data, path_);
}

Status AppendFile::Sync() {
  if (fdatasync(fd_.get()) != 0) return ErrnoError(StrCat("fdatasync ", path_), errno);
  return {};
}

Result<std::string> ReadFile(const std::string& path, size_t bytes_max) {
  ASSIGN_OR_RETURN(const RandomAccessFile file, RandomAccessFile::Open(path));
  std::string content;
  ASSIGN_OR_RETURN(const size_t bytes, file.Read(0, bytes_max, &content));
  std::string rest;
  ASSIGN_OR_RETURN(const size_t more, file.Read(bytes, 1, &rest));
  if (more > 0) return Exhausted(StrCat(path, " is longer than ", bytes_max, " bytes"));
  return content;
}

Status WriteFileAtomically(const std::string& path, std::string_view data) {
  const std::string temporary = path + ".tmp";
  FileDescriptor fd(open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!fd.is_open()) return ErrnoError(StrCat("open ", temporary), errno);
  Status status = WriteAll(fd.get(), data, temporary);
  if (status.ok() && rename(temporary.c_str(), path.c_str()) != 0) {
    status = ErrnoError(StrCat("rename ", temporary, " to ", path), errno);
  }
  if (!status.ok()) unlink(temporary.c_str());  // a full disk needs its room
  return status;
}

Status MakePrivateFile(const std::string& path) {
  unlink(path.c_str());
  const FileDescriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.is_open()) return ErrnoError(StrCat("make ", path), errno);
  return {};
}

Status SyncFile(const std::string& path) {
  ASSIGN_OR_RETURN(AppendFile file, AppendFile::Reopen(path));
  return file.Sync();
}

Status MakeFolders(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return ErrnoError(StrCat("make folder ", path), error.value());
  return {};
}

Status SyncName(const std::string& path) {
  std::string above = std::filesystem::path(path).parent_path().string();
  if (above.empty()) above = ".";
  const FileDescriptor folder(open(above.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.is_open() && errno == EACCES) return {};
  if (!folder.is_open()) return ErrnoError(StrCat("open ", above), errno);
  if (fsync(folder.get()) == 0 || errno == EINVAL) return {};
  return ErrnoError(StrCat("fsync ", above), errno);
}

}  // namespace spirogram
