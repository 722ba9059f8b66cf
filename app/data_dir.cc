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
  return std::filesystem::temp_directory_path();
}

}  // namespace

std::string DefaultDataDir(const std::string& logdir) {
  std::error_code error;
  std::filesystem::path absolute = std::filesystem::weakly_canonical(logdir, error);
  if (error) absolute = std::filesystem::path(logdir).lexically_normal();
  const std::string key = Hex32(Crc32c(absolute.string())).substr(2);
  return (DataHome() / "spirogram" / StrCat(absolute.filename().string(), "-", key)).string();
}

}  // namespace spirogram::app
