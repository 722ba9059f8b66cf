#include "store/file_removal.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/str.h"
#include "store/logdir.h"

namespace spirogram::store {
namespace {

constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

struct CloseFolder {
  void operator()(DIR* folder) const { closedir(folder); }
};

// The folder, reached part by part and never through a link; not open where it has gone.
Result<FileDescriptor> OpenRunFolder(const std::string& logdir, const std::string& run) {
  FileDescriptor folder(open(logdir.c_str(), kFolderFlags));
  if (!folder.is_open()) return ErrnoError(StrCat("open ", logdir), errno);
  if (run == ".") return folder;
  for (const std::string_view part : Split(run, '/')) {
    if (part.empty() || part == "." || part == "..") {
      return Permission(StrCat("run ", ToValidUtf8(run), " is no folder below the logdir"));
    }
    FileDescriptor next(openat(folder.get(), std::string(part).c_str(), kFolderFlags | O_NOFOLLOW));
    if (!next.is_open() && errno == ENOENT) return FileDescriptor();
    if (!next.is_open() && (errno == ELOOP || errno == ENOTDIR)) {
      return Permission(StrCat("run ", ToValidUtf8(run), " is reached through a link (",
                               ToValidUtf8(part), "): its files are not deleted"));
    }
    if (!next.is_open()) return ErrnoError(StrCat("open ", ToValidUtf8(run)), errno);
    folder = std::move(next);
  }
  return folder;
}

Result<std::vector<std::string>> ListEventFiles(const FileDescriptor& folder,
                                                const std::string& run) {
  // A descriptor of its own: the handle closes the one that it gets.
  FileDescriptor own(openat(folder.get(), ".", kFolderFlags));
  const std::unique_ptr<DIR, CloseFolder> handle(own.is_open() ? fdopendir(own.get()) : nullptr);
  if (handle == nullptr) return ErrnoError(StrCat("list ", ToValidUtf8(run)), errno);
  own.Release();
  std::vector<std::string> names;
  while (const dirent* entry = readdir(handle.get())) {
    struct stat info {};
    if (!IsEventFileName(entry->d_name)) continue;
    if (fstatat(folder.get(), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0) continue;
    if (S_ISREG(info.st_mode)) names.emplace_back(entry->d_name);
  }
  return names;
}

}  // namespace

Result<int64_t> RemoveEventFiles(const std::string& logdir, const std::string& run) {
  ASSIGN_OR_RETURN(const FileDescriptor folder, OpenRunFolder(logdir, run));
  if (!folder.is_open()) return int64_t{0};
  ASSIGN_OR_RETURN(const auto names, ListEventFiles(folder, run));
  int64_t removed = 0;
  for (const std::string& name : names) {
    if (unlinkat(folder.get(), name.c_str(), 0) != 0 && errno != ENOENT) {
      return ErrnoError(StrCat("delete ", ToValidUtf8(run), "/", ToValidUtf8(name)), errno);
    }
    ++removed;
  }
  return removed;
}

}  // namespace spirogram::store
