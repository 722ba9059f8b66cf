#include "store/confined_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <memory>

#include "base/str.h"

namespace spirogram::store {
namespace {

struct FreePath {
  void operator()(char* path) const { std::free(path); }
};

// Where the file behind the descriptor really lies, or nothing.
std::string RealPathOf(const FileDescriptor& file) {
  char target[PATH_MAX];
  const ssize_t length =
      readlink(StrCat("/proc/self/fd/", file.get()).c_str(), target, sizeof target);
  return length <= 0 ? std::string() : std::string(target, static_cast<size_t>(length));
}

// The file, if it may be read.
Result<FileDescriptor> OpenDescriptor(const std::string& folder, const std::string& path) {
  const std::string shown = ToValidUtf8(path);
  if (path.find('\0') != std::string::npos) return InvalidArgument(StrCat(shown, " holds a NUL"));
  const std::unique_ptr<char, FreePath> real_folder(realpath(folder.c_str(), nullptr));
  if (real_folder == nullptr) return ErrnoError(StrCat("open ", ToValidUtf8(folder)), errno);
  const std::string absolute = AbsolutePath(folder, path);
  // What is opened is what is checked: a link that changes between the two is of no use.
  // O_NONBLOCK: opening a FIFO must not wait for its writer.
  FileDescriptor file(open(absolute.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.is_open()) return ErrnoError(StrCat("open ", shown), errno);
  const std::string inside = StrCat(real_folder.get(), "/");
  const std::string real_path = RealPathOf(file);
  if (real_path.compare(0, inside.size(), inside) != 0) {
    return Permission(StrCat(shown, " lies outside of the config's folder"));
  }
  struct stat info {};
  if (fstat(file.get(), &info) != 0) return ErrnoError(StrCat("stat ", shown), errno);
  if (!S_ISREG(info.st_mode)) return InvalidArgument(StrCat(shown, " is not a regular file"));
  return file;
}

// By the descriptor, never by the path again.
std::string PathOf(const FileDescriptor& file) {
  return StrCat("/proc/self/fd/", file.get());
}

}  // namespace

std::string AbsolutePath(const std::string& folder, const std::string& path) {
  return !path.empty() && path.front() == '/' ? path : StrCat(folder, "/", path);
}

Result<RandomAccessFile> OpenConfined(const std::string& folder, const std::string& path) {
  ASSIGN_OR_RETURN(const FileDescriptor file, OpenDescriptor(folder, path));
  return RandomAccessFile::Open(PathOf(file));
}

Result<std::string> ReadConfined(const std::string& folder, const std::string& path,
                                 size_t bytes_max) {
  ASSIGN_OR_RETURN(const FileDescriptor file, OpenDescriptor(folder, path));
  Result<std::string> content = ReadFile(PathOf(file), bytes_max);
  if (content.ok() || content.error().code != ErrorCode::kExhausted) return content;
  return Exhausted(StrCat(ToValidUtf8(path), " is longer than ", bytes_max, " bytes"));
}

Result<std::string> ReadConfinedPart(const std::string& folder, const std::string& path,
                                     uint64_t offset, size_t bytes) {
  ASSIGN_OR_RETURN(const RandomAccessFile file, OpenConfined(folder, path));
  std::string part;
  ASSIGN_OR_RETURN(const size_t got, file.Read(offset, bytes, &part));
  if (got == bytes) return part;
  return Corruption(
      StrCat(ToValidUtf8(path), ": got ", got, " bytes at ", offset, ", want ", bytes));
}

}  // namespace spirogram::store
