#include "app/scratch_store.h"

#include <stdlib.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/str.h"

namespace spirogram::app {

Result<ScratchStore> ScratchStore::Load(const std::string& logdir) {
  std::string pattern = (std::filesystem::temp_directory_path() / "spirogram_XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) return ErrnoError(StrCat("make ", pattern), errno);
  ScratchStore scratch(pattern);
  ASSIGN_OR_RETURN(scratch.store_, store::Store::Open({.logdir = logdir, .data_dir = pattern}));
  RETURN_IF_ERROR(scratch.store_->LoadOnce());
  return scratch;
}

ScratchStore::ScratchStore(ScratchStore&& other) noexcept
    : folder_(std::exchange(other.folder_, {})), store_(std::move(other.store_)) {}

ScratchStore::~ScratchStore() {
  store_.reset();
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
}

}  // namespace spirogram::app
