#include "app/scratch_store.h"

#include <stdlib.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <semaphore>
#include <system_error>
#include <thread>
#include <utility>

#include "app/work_line.h"
#include "base/str.h"

namespace spirogram::app {
namespace {

Status LoadWithProgress(store::Store& store) {
  std::binary_semaphore is_loaded(0);
  std::thread watch([&] {
    WorkLine line;
    while (!is_loaded.try_acquire_for(std::chrono::milliseconds(250))) {
      const store::LoadProgress progress = store.GetProgress();
      line.ShowBytes("reading event files", progress.bytes_read, progress.bytes_found);
    }
  });
  const Status status = store.LoadOnce();
  is_loaded.release();
  watch.join();
  return status;
}

}  // namespace

Result<ScratchStore> ScratchStore::Load(const std::string& logdir) {
  std::string pattern = (std::filesystem::temp_directory_path() / "spirogram_XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) return ErrnoError(StrCat("make ", pattern), errno);
  ScratchStore scratch(pattern);
  ASSIGN_OR_RETURN(scratch.store_, store::Store::Open({.logdir = logdir, .data_dir = pattern}));
  RETURN_IF_ERROR(LoadWithProgress(*scratch.store_));
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
