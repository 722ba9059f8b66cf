#include "base/temp_folder.h"

#include <stdlib.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "base/str.h"

namespace spirogram {
namespace {

void RemoveTree(const std::string& path) {
  std::error_code ignored;
  std::filesystem::remove_all(path, ignored);
}

}  // namespace

Result<TempFolder> TempFolder::Make() {
  std::error_code error;
  const std::filesystem::path below = std::filesystem::temp_directory_path(error);
  if (error) return ErrnoError("find the folder for temporary files (TMPDIR)", error.value());
  std::string path = (below / "spirogram_XXXXXX").string();
  if (mkdtemp(path.data()) == nullptr) return ErrnoError(StrCat("make ", path), errno);
  return TempFolder(std::move(path));
}

TempFolder::TempFolder(std::string path)
    : path_(std::move(path)), cleanup_([path = path_] { RemoveTree(path); }) {}

TempFolder::TempFolder(TempFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})), cleanup_(std::move(other.cleanup_)) {}

TempFolder::~TempFolder() {
  if (!path_.empty()) RemoveTree(path_);
}

}  // namespace spirogram
