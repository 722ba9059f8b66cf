#include "base/temp_folder.h"

#include <stdlib.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "base/str.h"

namespace spirogram {

Result<TempFolder> TempFolder::Make() {
  std::error_code error;
  const std::filesystem::path below = std::filesystem::temp_directory_path(error);
  if (error) return ErrnoError("find the folder for temporary files (TMPDIR)", error.value());
  std::string path = (below / "spirogram_XXXXXX").string();
  if (mkdtemp(path.data()) == nullptr) return ErrnoError(StrCat("make ", path), errno);
  return TempFolder(std::move(path));
}

TempFolder::TempFolder(TempFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}

TempFolder::~TempFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace spirogram
