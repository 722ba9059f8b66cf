// Tailer's part in writes that fail: what was read is read again, once there is room for it.
#include <chrono>
#include <memory>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "store/tailer.h"

namespace spirogram::store {

// What was read but not committed is dropped, and read again from the committed offsets. On a full
// disk that waits until there is room for the reserve: taking the last of it in the meantime would
// only fill the disk again.
void Tailer::Recover(const Error& error) {
  const bool is_full = error.code == ErrorCode::kExhausted;
  const bool is_of_file = error.code == ErrorCode::kConflict;  // the database is well
  if (is_of_file) {
    LogWarning(StrCat(error.message, ": what is not committed is read again"));
  } else {
    LogError(StrCat("the store cannot write, and tries again: ", error.ToString()));
  }
  ingest_.reset();  // waits for a commit that is on its way
  if (is_full) {
    MakeRoom();
    SetStorage(StorageState::Health::kFull,
               StrCat("The disk of ", options_.data_dir,
                      " is full: new data waits in its event files. Make room there, or purge "
                      "runs, and loading goes on by itself."));
  } else if (!is_of_file) {
    SetStorage(StorageState::Health::kFailing, error.message);
  }
  while (!is_stopping_) {
    {
      std::unique_lock lock(mutex_);
      work_.wait_for(lock, std::chrono::milliseconds(options_.retry_interval_ms),
                     [&] { return is_stopping_.load() || !tasks_.empty(); });
    }
    const Status ran = RunTasks();  // tasks have the errors of their own
    static_cast<void>(ran);
    if (is_full && !HasRoomAgain().ok()) continue;
    Result<std::unique_ptr<Ingest>> ingest = Ingest::Load(database_, logdir_);
    Result<ProjectorImport> projectors = ProjectorImport::Load(database_, logdir_);
    Result<Purger> purger = Purger::Load(database_);
    if (!ingest.ok() || !projectors.ok() || !purger.ok()) continue;
    ingest_ = std::move(ingest).value();
    projectors_ = std::move(projectors).value();
    purger_ = std::move(purger).value();
    copier_ = BorrowedCopier();
    ListEverything();
    return;
  }
}

// With the reserve's room the log goes into the database, and deleting works.
void Tailer::MakeRoom() {
  reserve_.Release();
  const Status status = database_.Checkpoint();
  if (!status.ok()) LogWarning(StrCat("no checkpoint: ", status.error().ToString()));
}

void Tailer::SetStorage(StorageState::Health health, std::string detail) {
  std::lock_guard lock(mutex_);
  const bool is_ok = health == StorageState::Health::kOk;
  if (storage_.health != health) storage_.since = is_ok ? 0 : RealClock().Now();
  storage_.health = health;
  if (!is_ok) progress_.seconds_left.reset();
  storage_.detail = std::move(detail);
}

StorageState Tailer::GetStorageState() const {
  std::lock_guard lock(mutex_);
  return storage_;
}

}  // namespace spirogram::store
