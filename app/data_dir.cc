#include "app/data_dir.h"

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "base/crc32c.h"
#include "base/str.h"

namespace spirogram::app {
namespace {

std::filesystem::path DataHome() {
  if (const char* xdg = std::getenv("XDG_DATA_HOME"); xdg != nullptr && *xdg == '/') return xdg;
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0') {
    return std::filesystem::path(home) / ".local" / "share";
  }
  std::error_code error;
  std::filesystem::path temporary = std::filesystem::temp_directory_path(error);
  return error ? "/tmp" : temporary;
}

// Where a link leads to what is not there yet: a disk that is still to be mounted, say.
std::filesystem::path FollowToMissing(std::filesystem::path path) {
  constexpr int kLinksMax = 40;
  std::error_code error;
  for (int links = 0; links < kLinksMax; ++links) {
    if (!path.has_filename()) path = path.parent_path();
    if (!std::filesystem::is_symlink(path, error) || std::filesystem::exists(path, error)) break;
    path = path.parent_path() / std::filesystem::read_symlink(path, error);
  }
  return path;
}

// The same whether the folder is there yet or not, whatever the path ends with.
std::filesystem::path WholePath(const std::string& logdir) {
  std::error_code error;
  // Of a relative path of which no part is there, weakly_canonical makes no absolute one.
  const std::filesystem::path absolute = FollowToMissing(std::filesystem::absolute(logdir, error));
  std::filesystem::path whole = std::filesystem::weakly_canonical(absolute, error);
  if (error) whole = absolute.lexically_normal();
  return whole.has_filename() ? whole : whole.parent_path();
}

std::string KeyOf(const std::filesystem::path& whole) {
  return StrCat(whole.filename().string(), "-", Hex32(Crc32c(whole.string())).substr(2));
}

}  // namespace

std::string DefaultDataDir(const std::string& logdir) {
  return (DataHome() / "spirogram" / KeyOf(WholePath(logdir))).string();
}

}  // namespace spirogram::app
