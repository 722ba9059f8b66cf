#include "logger/remote/uploader.h"

#include <pthread.h>

#include <algorithm>
#include <exception>
#include <system_error>
#include <utility>

#include "base/log.h"
#include "base/str.h"
#include "logger/host_signals.h"

namespace spirogram::logger {
namespace {

using State = FileSender::State;
using std::chrono::milliseconds;

// While somebody waits, a server that comes back is not missed for long.
constexpr milliseconds kWaitedForDelayMax{500};
// A refusal needs a person; until then it is enough to ask now and then.
constexpr std::chrono::seconds kRefusedDelay{30};

}  // namespace

Uploader::Uploader(Options options) : options_(std::move(options)), client_(options_.url) {}

Uploader::~Uploader() {
  if (!thread_.joinable()) return;
  {
    std::unique_lock lock(mutex_);
    ++waiters_;
    wake_.notify_one();
    settled_.wait_for(lock, options_.close_timeout,
                      [&] { return is_settled_ && news_.empty() && !has_written_; });
    is_stopping_ = true;
  }
  client_.Cancel();
  wake_.notify_one();
  thread_.join();
  const uint64_t waiting_bytes = GetStatus().waiting_bytes;
  if (waiting_bytes == 0) return;
  try {
    LogWarning(StrCat("logger: ", waiting_bytes, " bytes of run ", options_.run,
                      " have not reached ", options_.url.ToString(), "; they wait in ",
                      options_.folder, " for the run's next logger or for `spirogram upload`"));
  } catch (const std::exception&) {
    // No memory for a line of the log.
  }
}

bool Uploader::Start() {
  const HostSignalsBlocked blocked;  // the new thread inherits the mask
  try {
    thread_ = std::thread([this] { Run(); });
  } catch (const std::system_error&) {
    return false;
  }
  return true;
}

void Uploader::OnFileOpened(const std::string& path, uint64_t bytes) noexcept {
  own_written_ += bytes;
  try {
    std::lock_guard lock(mutex_);
    news_.push_back({path});
  } catch (const std::exception&) {
    return;  // without memory the file waits for the run's next logger
  }
  wake_.notify_one();
}

void Uploader::OnFileClosed() noexcept {
  try {
    std::lock_guard lock(mutex_);
    news_.push_back({});
  } catch (const std::exception&) {
    return;
  }
  wake_.notify_one();
}

void Uploader::OnWritten(uint64_t bytes) noexcept {
  own_written_ += bytes;
  {
    std::lock_guard lock(mutex_);
    has_written_ = true;
  }
  wake_.notify_one();
}

bool Uploader::HasRoom(uint64_t bytes) noexcept {
  const uint64_t written = own_written_;
  const uint64_t waiting = written - std::min<uint64_t>(written, own_done_);
  return waiting <= options_.waiting_bytes_max && bytes <= options_.waiting_bytes_max - waiting;
}

UploadStatus Uploader::WaitUntilSent(milliseconds timeout) {
  const uint64_t target = own_written_;
  std::unique_lock lock(mutex_);
  ++waiters_;
  wake_.notify_one();
  settled_.wait_for(lock, timeout, [&] {
    const bool is_sent = own_done_ >= target && are_others_done_;
    return is_sent || (is_settled_ && news_.empty() && !has_written_);
  });
  --waiters_;
  return StatusNow();
}

UploadStatus Uploader::GetStatus() const {
  std::lock_guard lock(mutex_);
  return StatusNow();
}

// REQUIRES: mutex_ is held. What was written since the last attempt waits as well.
UploadStatus Uploader::StatusNow() const {
  const uint64_t written = own_written_;
  const uint64_t done = own_done_;
  return {.waiting_bytes = written - std::min(written, done) + left_by_others_,
          .failure = published_failure_};
}

bool Uploader::IsStopping() const {
  std::lock_guard lock(mutex_);
  return is_stopping_;
}

void Uploader::Run() {
  pthread_setname_np(pthread_self(), "spirogram_send");
  try {
    PickUpOrphans();
    while (!IsStopping()) {
      TakeNews();
      const Outcome outcome = SendAll();
      EndRound(outcome);
      WaitForWork(outcome);
    }
  } catch (const std::exception& exception) {
    // Memory or descriptors ran out. The host goes on; the files wait.
    std::lock_guard lock(mutex_);
    is_settled_ = true;
  }
}

// What earlier loggers of the run left behind: all that lies there now and that nobody writes.
void Uploader::PickUpOrphans() {
  for (const std::string& path : ListEventFiles(options_.folder)) AddItem(path, false);
}

void Uploader::AddItem(const std::string& path, bool is_own) {
  Item item;
  item.is_own = is_own;
  item.is_open = is_own;
  if (!is_own) {
    Result<OrphanFile> claim = OrphanFile::Claim(path);
    if (!claim.ok()) return;  // it has an owner
    item.claim.emplace(std::move(claim).value());
  }
  const Result<std::string> writer = WriterOf(path);
  if (!writer.ok()) return Warn(writer.error().message);
  item.sender = std::make_unique<FileSender>(
      FileSender::Options{path, options_.run, *writer, !options_.spool_root.empty()});
  items_.push_back(std::move(item));
}

void Uploader::TakeNews() {
  std::deque<News> news;
  {
    std::lock_guard lock(mutex_);
    news.swap(news_);
    has_written_ = false;
    is_settled_ = false;  // what was just taken is not sent yet
  }
  for (const News& one : news) {
    for (Item& item : items_) item.is_open = false;
    if (!one.opened.empty()) AddItem(one.opened, true);
  }
}

Uploader::Outcome Uploader::SendAll() {
  failure_.clear();
  retry_after_ = std::chrono::seconds(0);
  Outcome outcome = Outcome::kDone;
  for (auto item = items_.begin(); item != items_.end();) {
    const State state = item->is_given_up ? State::kGivenUp : SendItem(&*item);
    if (state == State::kLater) return Outcome::kLater;  // the other files would wait as well
    if (state == State::kRefused) outcome = Outcome::kRefused;
    if (state != State::kRefused && IsFinished(*item)) {
      Finish(&*item);
      item = items_.erase(item);
    } else {
      ++item;
    }
  }
  return outcome;
}

// Sends all whole records that the file has.
State Uploader::SendItem(Item* item) {
  while (true) {
    const FileSender::Progress progress = item->sender->Step(&client_);
    switch (progress.state) {
      case State::kMore:
        backoff_.Reset();
        Publish();
        if (IsStopping()) return State::kLater;
        continue;
      case State::kSent:
        return State::kSent;
      case State::kGivenUp:
        item->is_given_up = true;
        LogWarning(StrCat("logger: ", item->sender->path(), " stays behind: ", progress.detail));
        return State::kGivenUp;
      case State::kLater:
      case State::kRefused:
        failure_ = progress.detail;
        retry_after_ = std::max(retry_after_, progress.retry_after);
        if (!IsStopping()) Warn(failure_);
        return progress.state;
    }
  }
}

// What is sent to its end, or given up, is finished once nobody writes it.
bool Uploader::IsFinished(const Item& item) const {
  return !item.is_open;
}

void Uploader::Finish(Item* item) {
  if (item->is_own) own_done_before_ += item->DoneBytes();
  if (options_.spool_root.empty() || item->is_given_up) return;
  if (!item->claim) {
    Result<OrphanFile> claim = OrphanFile::Claim(item->sender->path());
    if (!claim.ok()) return;  // another process was quicker, and will remove it
    item->claim.emplace(std::move(claim).value());
  }
  item->claim->Remove(options_.spool_root);
}

uint64_t Uploader::Item::DoneBytes() const {
  return sender->acknowledged() + (is_given_up ? sender->unsent() : 0);
}

void Uploader::Publish() {
  uint64_t own_done = own_done_before_;
  uint64_t left_by_others = 0;
  bool are_others_done = true;
  for (const Item& item : items_) {
    if (item.is_own) {
      own_done += item.DoneBytes();
    } else {
      left_by_others += item.sender->unsent();
      are_others_done = false;
    }
  }
  std::lock_guard lock(mutex_);
  own_done_ = own_done;
  left_by_others_ = left_by_others;
  are_others_done_ = are_others_done;
  published_failure_ = failure_;
  settled_.notify_all();
}

void Uploader::EndRound(Outcome outcome) {
  if (outcome == Outcome::kDone && std::exchange(is_warned_, false)) {
    LogInfo(StrCat("logger: ", options_.url.ToString(), " takes what was logged again"));
  }
  Publish();
  std::lock_guard lock(mutex_);
  is_settled_ = outcome != Outcome::kLater;
  settled_.notify_all();
}

void Uploader::Warn(const std::string& why) {
  if (std::exchange(is_warned_, true)) return;
  LogWarning(StrCat("logger: run ", options_.run, " waits in ", options_.folder, ": ", why));
}

void Uploader::WaitForWork(Outcome outcome) {
  if (outcome == Outcome::kLater) return WaitFor(backoff_.Next(retry_after_));
  if (outcome == Outcome::kRefused) return WaitFor(std::max(retry_after_, kRefusedDelay));
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [&] { return is_stopping_ || has_written_ || !news_.empty(); });
}

void Uploader::WaitFor(milliseconds delay) {
  using Clock = std::chrono::steady_clock;
  const auto started = Clock::now();
  std::unique_lock lock(mutex_);
  while (!is_stopping_) {
    const auto end = started + (waiters_ > 0 ? std::min(delay, kWaitedForDelayMax) : delay);
    if (Clock::now() >= end) return;
    wake_.wait_until(lock, end);
  }
}

}  // namespace spirogram::logger
