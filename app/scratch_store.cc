#include "app/scratch_store.h"

#include <chrono>
#include <semaphore>
#include <thread>
#include <utility>

#include "app/work_line.h"

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
  Status status = store.LoadOnce();
  is_loaded.release();
  watch.join();
  return status;
}

}  // namespace

Result<ScratchStore> ScratchStore::Load(const std::string& logdir) {
  ASSIGN_OR_RETURN(TempFolder folder, TempFolder::Make());
  ScratchStore scratch(std::move(folder));
  ASSIGN_OR_RETURN(scratch.store_, store::Store::Open({.logdir = logdir,
                                                       .data_dir = scratch.folder_.path(),
                                                       .converter = scratch.traces_.get()}));
  RETURN_IF_ERROR(LoadWithProgress(*scratch.store_));
  return scratch;
}

}  // namespace spirogram::app
