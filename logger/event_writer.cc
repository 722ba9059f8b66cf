#include "logger/event_writer.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <system_error>
#include <utility>
#include <variant>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "logger/host_signals.h"

namespace spirogram::logger {
namespace {

constexpr size_t kWriteBytes = 256 << 10;  // per system call

}  // namespace

EventWriter::EventWriter(const LoggerOptions& options, ItemQueue* queue, SharedCounters* counters,
                         FileFollower* follower, Hooks hooks)
    : run_dir_(options.run_dir),
      flush_interval_ms_(std::max(options.flush_interval_ms, 2)),
      queue_(queue),
      counters_(counters),
      follower_(follower),
      hooks_(std::move(hooks)),
      projector_files_(options.run_dir),
      file_begin_(RealClock().Now()) {}

EventWriter::~EventWriter() {
  if (thread_.joinable()) thread_.join();
}

bool EventWriter::Start() {
  const HostSignalsBlocked blocked;  // the new thread inherits the mask
  try {
    thread_ = std::thread([this] { Run(); });
  } catch (const std::system_error&) {
    queue_->Abandon();
    return false;
  }
  return true;
}

void EventWriter::Run() {
  pthread_setname_np(pthread_self(), "spirogram_log");
  ItemBatch batch;
  PrepareFile(batch);  // a run is visible from its first moment
  // Half the interval: a value waits at most that long, and the rest is for the disk.
  const std::chrono::milliseconds interval(flush_interval_ms_ / 2);
  while (queue_->Take(interval, &batch)) {
    WriteBatch(batch);
    NoteLosses(false);
    queue_->MarkWritten();
    batch.Clear();
  }
  hooks_.before_batch();  // a bad call since the last batch is worth its line too
  NoteLosses(true);
  SyncFile();
  CloseFile();
}

void EventWriter::SyncFile() noexcept {
  if (!file_.has_value()) return;
  try {
    if (const Status status = file_->Sync(); !status.ok()) WarnOnce(status.error().message);
  } catch (const std::exception&) {
    // No memory for a line of the log.
  }
}

void EventWriter::WriteBatch(const ItemBatch& batch) noexcept {
  hooks_.before_batch();
  if (batch.items.empty()) return;
  if (!PrepareFile(batch)) return counters_->losses.AddNotWritten(batch.items.size());
  for (const Item& item : batch.items) {
    const std::string_view tag = batch.TagOf(item);
    if (EncodeItem(tag, item)) WriteProjectorFiles(tag, item);
    if (pending_.size() >= kWriteBytes) WritePending();
  }
  WritePending();
  if (pending_.capacity() > 16 * kWriteBytes) pending_ = std::string();
}

bool EventWriter::PrepareFile(const ItemBatch& batch) noexcept {
  if (!batch.items.empty()) file_begin_ = batch.items.front().wall_time;
  try {
    if (file_.has_value() && !batch.items.empty() && !file_->IsStillThere()) {
      LogWarning(StrCat("logger: ", file_->path(), " was deleted; a new event file begins"));
      LoseFile();
    }
    return EnsureFile();
  } catch (const std::exception&) {
    return false;
  }
}

bool EventWriter::EncodeItem(std::string_view tag, const Item& item) noexcept {
  const size_t bytes_before = pending_.size();
  try {
    if (const Status status = encoder_.Encode(tag, item, &pending_); status.ok()) {
      ++pending_items_;
      return true;
    } else if (!std::exchange(encoding_failed_, true)) {
      LogWarning(StrCat("logger: a value is dropped: ", status.error().message));
    }
  } catch (const std::exception&) {
    // No memory: dropped like a value that has no encoding.
  }
  pending_.resize(bytes_before);
  counters_->losses.AddBadCall();
  return false;
}

void EventWriter::WriteProjectorFiles(std::string_view tag, const Item& item) noexcept {
  if (item.payload == nullptr) return;
  const auto* embedding = std::get_if<EmbeddingItem>(item.payload.get());
  if (embedding == nullptr || (follower_ != nullptr && !follower_->KeepsFiles())) return;
  try {
    const Status status = projector_files_.Write(tag, *embedding);
    if (!status.ok() && !std::exchange(projector_files_failed_, true)) {
      LogWarning(StrCat("logger: no projector files for TensorBoard: ", status.error().message));
    }
  } catch (const std::exception&) {
    // The event file has the embedding; TensorBoard's copy of it is missing.
  }
}

void EventWriter::NoteLosses(bool is_end) noexcept {
  const Losses losses = counters_->losses.Get();
  const bool goes_on = losses.total() != std::exchange(seen_losses_, losses).total();
  if (losses.total() == noted_losses_.total()) return;
  if (!is_end && (goes_on || !file_.has_value() || is_out_of_room_)) return;
  try {
    pending_ = LossRecord(losses - noted_losses_, RealClock().Now());
    if (WritePending()) noted_losses_ = losses;
  } catch (const std::exception&) {
    // No memory for the note: the next look tries again.
  }
}

bool EventWriter::WritePending() noexcept {
  if (pending_.empty()) return true;
  try {
    if (!EnsureFile()) return DropPending(), false;
    if (follower_ != nullptr && !follower_->HasRoom(pending_.size())) {
      return DropForWantOfRoom(), false;
    }
    if (const Status status = file_->Append(pending_); !status.ok()) {
      WarnOnce(status.error().message);
      return DropPending(), false;
    }
  } catch (const std::exception&) {
    return DropPending(), false;  // how far the write came is not known
  }
  counters_->written_bytes.fetch_add(pending_.size(), std::memory_order_relaxed);
  if (follower_ != nullptr) follower_->OnWritten(pending_.size());
  pending_.clear();
  pending_items_ = 0;
  is_out_of_room_ = false;
  return true;
}

// All that is pending counts as dropped, though the failed write may have got a part of it to the
// file: too many is the honest side to err on.
void EventWriter::DropPending() noexcept {
  counters_->losses.AddNotWritten(pending_items_);
  pending_.clear();
  pending_items_ = 0;
  LoseFile();
}

// The file is whole and goes on when there is room; tags get their metadata again, because it may
// have been in what is dropped.
void EventWriter::DropForWantOfRoom() noexcept {
  counters_->losses.AddNotWritten(pending_items_);
  pending_.clear();
  pending_items_ = 0;
  encoder_.ForgetTags();
  hooks_.file_lost();
  if (std::exchange(is_out_of_room_, true)) return;
  try {
    LogWarning(StrCat("logger: too much waits in ", run_dir_,
                      " to be sent; new values are dropped ",
                      "until the server has taken some of it"));
  } catch (const std::exception&) {
    // No memory for a line of the log; the counter tells.
  }
}

// The next file starts from nothing: first events of tags carry their metadata again.
void EventWriter::LoseFile() noexcept {
  CloseFile();
  encoder_.ForgetTags();
  hooks_.file_lost();
}

void EventWriter::CloseFile() noexcept {
  if (!file_.has_value()) return;
  file_.reset();
  if (follower_ != nullptr) follower_->OnFileClosed();
}

bool EventWriter::EnsureFile() {
  if (file_.has_value()) return true;
  Result<EventFile> file = EventFile::Create(run_dir_, file_begin_);
  if (!file.ok()) {
    WarnOnce(file.error().message);
    return false;
  }
  file_.emplace(std::move(file).value());
  if (follower_ != nullptr) follower_->OnFileOpened(file_->path(), file_->first_record_bytes());
  if (std::exchange(is_failing_, false)) {
    LogInfo(StrCat("logger: writing again, to ", file_->path()));
  }
  return true;
}

void EventWriter::WarnOnce(const std::string& reason) {
  if (std::exchange(is_failing_, true)) return;
  LogWarning(StrCat("logger: cannot write to ", run_dir_, ": ", reason,
                    "; values are dropped until it works again"));
}

}  // namespace spirogram::logger
