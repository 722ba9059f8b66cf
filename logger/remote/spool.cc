#include "logger/remote/spool.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "base/str.h"

namespace spirogram::logger {
namespace {

namespace fs = std::filesystem;

}  // namespace

std::string DefaultSpoolDir() {
  fs::path cache;
  if (const char* xdg = std::getenv("XDG_CACHE_HOME"); xdg != nullptr && *xdg == '/') {
    cache = xdg;
  } else if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0') {
    cache = fs::path(home) / ".cache";
  } else {
    cache = fs::temp_directory_path();
  }
  return (cache / "spirogram" / "spool").string();
}

std::string SpoolOf(const std::string& spool_dir, const Url& url) {
  return StrCat(spool_dir, "/", PercentEncode(StrCat(url.host, "_", url.port, url.prefix)));
}

std::vector<std::string> ListEventFiles(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    std::error_code ignored;
    if (at->path().filename().string().find("tfevents") == std::string::npos) continue;
    if (at->is_regular_file(ignored)) paths.push_back(at->path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

Result<OrphanFile> OrphanFile::Claim(const std::string& path) {
  FileDescriptor file(open(path.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK));
  if (!file.is_open()) return ErrnoError(StrCat("open ", path), errno);
  if (flock(file.get(), LOCK_EX | LOCK_NB) != 0) return ErrnoError(StrCat("lock ", path), errno);
  struct stat info {};
  if (fstat(file.get(), &info) != 0) return ErrnoError(StrCat("stat ", path), errno);
  if (info.st_nlink == 0 || info.st_size == 0) return NotFound(StrCat(path, " is empty or gone"));
  return OrphanFile(std::move(file), path);
}

void OrphanFile::Remove(const std::string& root) {
  std::error_code ignored;
  fs::remove(path_, ignored);
  for (fs::path folder = fs::path(path_).parent_path();
       folder.string().size() >= root.size() && rmdir(folder.c_str()) == 0;
       folder = folder.parent_path()) {
  }
}

}  // namespace spirogram::logger
