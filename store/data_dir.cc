#include "store/data_dir.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <utility>

#include "base/str.h"

namespace spirogram::store {
namespace {

// SQLite's write-ahead log needs shared memory and locks that all processes see: not over a
// network. Numbers of linux/magic.h and statfs(2).
struct FileSystem {
  uint32_t magic;
  const char* name;
};
constexpr std::array<FileSystem, 8> kNetworkFileSystems = {{
    {0x00006969, "NFS"},
    {0x0000517b, "SMB"},
    {0xff534d42, "CIFS"},
    {0xfe534d42, "SMB2"},
    {0x5346414f, "AFS"},
    {0x0bd00bd0, "Lustre"},
    {0x00c36400, "Ceph"},
    {0x47504653, "GPFS"},
}};

Status RefuseNetwork(const std::string& path) {
  struct statfs info {};
  if (statfs(path.c_str(), &info) != 0) return ErrnoError(StrCat("data directory ", path), errno);
  for (const FileSystem& network : kNetworkFileSystems) {
    if (static_cast<uint32_t>(info.f_type) != network.magic) continue;
    return InvalidArgument(StrCat("data directory ", path, " is on a network file system (",
                                  network.name, "): use one on a local disk; the logdir may stay"));
  }
  return {};
}

// Where it was not chosen, its user may not know that another can be.
Error NameAnother(const Error& error) {
  return {error.code, StrCat(error.message, "; --data-dir names another data directory")};
}

Result<FileDescriptor> Lock(const std::string& folder) {
  const std::string path = folder + "/LOCK";
  FileDescriptor lock(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock.is_open()) {
    return NameAnother(ErrnoError(StrCat("data directory ", folder, ": open LOCK"), errno));
  }
  if (flock(lock.get(), LOCK_EX | LOCK_NB) == 0) return lock;
  if (errno != EWOULDBLOCK) return ErrnoError(StrCat("lock ", path), errno);
  return Unavailable(StrCat("data directory ", folder, " is in use by another server"));
}

// SQLite gives its log the mode of the database file, so making that private is enough.
Status MakeDatabaseFile(const std::string& path) {
  const FileDescriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file.is_open()) return ErrnoError(StrCat("open ", path), errno);
  return {};
}

}  // namespace

Result<DataDir> DataDir::Open(const std::string& path) {
  if (path.empty()) return InvalidArgument("the data directory has no name");
  std::error_code ignored;
  const bool is_new = !std::filesystem::exists(path, ignored);
  const Status made = MakeFolders(path);
  if (!made.ok()) return NameAnother(made.error());
  if (is_new && chmod(path.c_str(), 0700) != 0) return ErrnoError(StrCat("chmod ", path), errno);
  RETURN_IF_ERROR(RefuseNetwork(path));
  ASSIGN_OR_RETURN(FileDescriptor lock, Lock(path));
  DataDir data_dir(path, std::move(lock));
  RETURN_IF_ERROR(MakeDatabaseFile(data_dir.database_path()));
  return data_dir;
}

Result<std::string> DataDir::FindDatabase(const std::string& folder) {
  std::string path = DatabasePath(folder);
  struct stat info {};
  const int error = stat(path.c_str(), &info) == 0 ? 0 : errno;
  if (error == 0 && S_ISREG(info.st_mode)) return path;
  if (error == 0 || error == ENOENT || error == ENOTDIR) {
    return NotFound(StrCat("data directory ", folder, " holds no spirogram.sqlite"));
  }
  return ErrnoError(StrCat("open ", path), error);
}

}  // namespace spirogram::store
