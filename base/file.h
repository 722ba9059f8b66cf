// Files and folders with errors as values. POSIX only.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace spirogram {

// Owns a file descriptor. Movable; closes on destruction.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(other.Release()) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  ~FileDescriptor() { Close(); }

  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  int Release();
  void Close();

 private:
  int fd_ = -1;
};

// A file read at any offset. Thread-safe: pread has no shared position.
class RandomAccessFile {
 public:
  // Opens a regular file; anything else (FIFO, device, folder) is kInvalidArgument.
  static Result<RandomAccessFile> Open(const std::string& path);

  // Appends up to `bytes_max` bytes from `offset` to `out`; fewer only at the end of the file.
  // Memory grows by what was read, never by what was asked. Returns the bytes read.
  Result<size_t> Read(uint64_t offset, size_t bytes_max, std::string* out) const;
  // The same into memory that is there.
  Result<size_t> ReadInto(uint64_t offset, std::span<char> out) const;
  // Tells the system that the file is read from front to back, so that it reads ahead.
  void ExpectSequentialReads() const;

  Result<uint64_t> Size() const;
  const std::string& path() const { return path_; }
  int descriptor() const { return fd_.get(); }
  // Identify the file behind the path: a replaced file has another inode.
  uint64_t device() const { return device_; }
  uint64_t inode() const { return inode_; }

 private:
  RandomAccessFile(FileDescriptor fd, std::string path, uint64_t device, uint64_t inode);

  FileDescriptor fd_;
  std::string path_;
  uint64_t device_;
  uint64_t inode_;
};

// A file that only grows. Not thread-safe.
class AppendFile {
 public:
  // Creates the file, or appends to it when it is there. Mode 0644 under the umask.
  static Result<AppendFile> Open(const std::string& path);
  // Appends to a file that is there; kNotFound where it has gone.
  static Result<AppendFile> Reopen(const std::string& path);

  // Locks the file (flock) until this is destroyed or the process ends. kUnavailable when another
  // holds it.
  Status TryLock();
  // Writes all of `data` or says why not (then part of it may be written).
  Status Append(std::string_view data);
  // Returns once the written bytes are on the disk.
  Status Sync();
  const std::string& path() const { return path_; }
  int descriptor() const { return fd_.get(); }

 private:
  AppendFile(FileDescriptor fd, std::string path);
  static Result<AppendFile> OpenWith(const std::string& path, int flags);

  FileDescriptor fd_;
  std::string path_;
};

// The whole file; kExhausted when it is longer than `bytes_max`.
Result<std::string> ReadFile(const std::string& path, size_t bytes_max);

// Readers see the old content or the new, never a part: writes PATH.tmp, then renames. After an
// error PATH is as it was, and PATH.tmp is gone. Does not wait for the disk: where the machine
// fails, PATH may be empty.
Status WriteFileAtomically(const std::string& path, std::string_view data);

// Makes the file anew, empty, and readable by its owner alone.
Status MakePrivateFile(const std::string& path);

// Returns once what was written to the file, by whomever, is on the disk.
Status SyncFile(const std::string& path);

// Creates the folder and its parents; succeeds when it is there.
Status MakeFolders(const std::string& path);

// Returns once what was made at `path`, or renamed to it, is on the disk by that name, which stands
// in the folder above. Does nothing where the file system cannot, or that folder may not be read.
Status SyncName(const std::string& path);

}  // namespace spirogram
