#include "logger/logger.h"

#include <atomic>
#include <chrono>
#include <exception>
#include <memory>
#include <mutex>
#include <unordered_set>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "base/record.h"
#include "base/str.h"
#include "logger/call_checks.h"
#include "logger/event_writer.h"
#include "logger/fork_guard.h"
#include "logger/item_queue.h"
#include "logger/remote/make_uploader.h"
#include "logger/summary.h"
#include "logger/system_metrics.h"

namespace spirogram::logger {
namespace {

constexpr size_t kTagBytesMax = 4096;
// What a record holds beside its payload: framing, tag, metadata. Generous.
constexpr size_t kRecordOverheadBytes = 64 << 10;
constexpr size_t kPayloadBytesMax = size_t{kRecordBytesMax} - kRecordOverheadBytes;

class LoggerImpl final : public Logger {
 public:
  // `uploader` may be null, or say why nothing can be sent.
  LoggerImpl(const LoggerOptions& options, Result<std::unique_ptr<Uploader>> uploader)
      : not_sent_(uploader.ok() ? "" : uploader.error().message),
        queue_(std::make_unique<ItemQueue>(options.queue_items_max, options.queue_bytes_max)),
        uploader_(uploader.ok() ? std::move(uploader).value() : nullptr),
        sampler_(
            std::make_unique<SystemSampler>(options.system_interval_ms, SystemMetrics::Sources{})),
        writer_(std::make_unique<EventWriter>(
            options, queue_.get(), &counters_, uploader_.get(),
            EventWriter::Hooks{.file_lost = [this] { ForgetMetadata(); },
                               .before_batch =
                                   [this] {
                                     ReportFirstLosses();
                                     SampleSystem();
                                   }})) {
    full_queue_ = StrCat(
        "logger: the queue is full: values come faster than they can be written. "
        "More than ",
        options.queue_items_max, " calls (queue_items_max) or ", options.queue_bytes_max,
        " bytes (queue_bytes_max) wait; what does not fit is dropped and counted");
    if (!not_sent_.empty()) LogWarning(StrCat("logger: nothing is sent: ", not_sent_));
    if (options.run_dir.empty()) {
      LogWarning(not_sent_.empty()
                     ? "logger: neither a run_dir nor a url to send to; nothing is logged"
                     : "logger: there is no run_dir to log to instead; nothing is logged");
      queue_->Abandon();
      return;
    }
    if (uploader_ != nullptr && !uploader_->Start()) {
      LogWarning("logger: the system refused a thread; nothing is sent");
    }
    if (!writer_->Start()) LogWarning("logger: the system refused a thread; nothing is logged");
  }

  ~LoggerImpl() override {
    if (fork_guard_.IsInFork()) {
      // Their threads are not here, and what those waited for cannot be taken down.
      static_cast<void>(writer_.release());
      static_cast<void>(uploader_.release());
      static_cast<void>(queue_.release());
      static_cast<void>(sampler_.release());
      return;
    }
    queue_->Close();  // the writer's destructor waits for its thread
  }

  void Scalar(std::string_view tag, Step step, double value) override {
    Guarded([&] {
      if (IsTagGood(tag)) Push(tag, step, nullptr, 0, value);
    });
  }

  void Histogram(std::string_view tag, Step step, std::span<const float> values) override {
    Guarded([&] {
      if (IsTagGood(tag)) PushBuckets(tag, step, values);
    });
  }

  void HistogramLater(std::string_view tag, Step step, std::vector<float> values) override {
    Guarded([&] {
      if (!IsTagGood(tag)) return;
      const size_t bytes = values.capacity() * sizeof(float);
      if (!queue_->HasRoomFor(tag.size() + bytes)) return PushBuckets(tag, step, values);
      Push(tag, step, std::make_unique<Payload>(HistogramItem{std::move(values)}), bytes);
    });
  }

  void Text(std::string_view tag, Step step, std::string_view markdown) override {
    Guarded([&] {
      if (!IsTagGood(tag) || !IsRoomFor(tag, markdown.size())) return;
      Push(tag, step, std::make_unique<Payload>(TextItem{std::string(markdown)}), markdown.size());
    });
  }

  void Image(std::string_view tag, Step step, std::span<const uint8_t> pixels, int width,
             int height, int channels) override {
    Guarded([&] {
      if (!IsTagGood(tag) || !IsGood(tag, CheckImage(pixels, width, height, channels))) return;
      if (!IsRoomFor(tag, pixels.size())) return;
      ImageItem image{{pixels.begin(), pixels.end()}, width, height, channels};
      Push(tag, step, std::make_unique<Payload>(std::move(image)), pixels.size());
    });
  }

  void Embedding(std::string_view tag, Step step, std::span<const float> values, int64_t rows,
                 int64_t dims, const EmbeddingMetadata* metadata) override {
    Guarded([&] {
      if (!IsTagGood(tag) || !IsGood(tag, CheckEmbedding(values, rows, dims, metadata))) return;
      // Held to the end: two callers must not both find that a tag's metadata is still wanted.
      std::lock_guard lock(metadata_mutex_);
      std::string key(tag);
      const bool wants_metadata = metadata != nullptr && !has_metadata_.contains(key);
      const size_t metadata_bytes = wants_metadata ? MetadataBytes(*metadata) : 0;
      if (!IsRoomFor(tag, values.size_bytes()) || !IsRoomFor(tag, metadata_bytes)) return;
      EmbeddingItem item{{values.begin(), values.end()}, rows, dims, nullptr};
      if (wants_metadata) item.metadata = std::make_unique<EmbeddingMetadata>(*metadata);
      const bool is_pushed = Push(tag, step, std::make_unique<Payload>(std::move(item)),
                                  values.size_bytes() + metadata_bytes);
      if (is_pushed && wants_metadata) has_metadata_.insert(std::move(key));
    });
  }

  void Stats(std::string_view tag, Step step, EntityStats stats) override {
    Guarded([&] {
      if (!IsTagGood(tag) || !IsGood(tag, CheckStats(stats))) return;
      size_t bytes = StringBytes(stats.columns);
      for (const auto& column : stats.values) bytes += column.size() * sizeof(float);
      for (const auto& [name, value] : stats.attributes) bytes += name.size() + value.size();
      if (IsRoomFor(tag, bytes)) {
        Push(tag, step, std::make_unique<Payload>(std::move(stats)), bytes);
      }
    });
  }

  void Hparams(const std::vector<std::pair<std::string, HparamValue>>& hparams) override {
    Guarded([&] {
      size_t bytes = 0;
      for (const auto& [name, value] : hparams) {
        const auto* text = std::get_if<std::string>(&value);
        bytes += sizeof value + name.size() + (text != nullptr ? text->size() : 0);
      }
      if (!IsRoomFor(kSessionStartTag, bytes)) return;
      Push(kSessionStartTag, 0, std::make_unique<Payload>(HparamsItem{hparams}), bytes);
    });
  }

  void Profile(std::vector<ProfileSlice> slices) override {
    Guarded([&] {
      if (slices.empty()) return;
      const Step step = slices.back().step;
      size_t bytes = slices.size() * sizeof(ProfileSlice);
      for (const ProfileSlice& slice : slices) bytes += slice.name.size();
      Push(kProfileTag, step, std::make_unique<Payload>(ProfileItem{std::move(slices)}), bytes);
    });
  }

  void ProfileNote(std::string_view line) override {
    Guarded([&] {
      if (!IsRoomFor(kProfileNoteTag, line.size())) return;
      Push(kProfileNoteTag, 0, std::make_unique<Payload>(ProfileNoteItem{std::string(line)}),
           line.size());
    });
  }

  void End(EndStatus status) override {
    Guarded([&] { Push(kSessionEndTag, 0, std::make_unique<Payload>(EndItem{status}), 0); });
  }

  void Flush() override {
    if (fork_guard_.IsInFork()) return;
    Guarded([&] { queue_->WaitUntilWritten(); });
  }

  UploadStatus WaitForUpload(int timeout_ms) override {
    UploadStatus status;
    if (fork_guard_.IsInFork()) return status;
    Guarded([&] {
      queue_->WaitUntilWritten();
      status.failure = not_sent_;
      if (uploader_ == nullptr) return;
      status = uploader_->WaitUntilSent(std::chrono::milliseconds(timeout_ms));
    });
    return status;
  }

  Counters GetCounters() const override {
    return {.logged = counters_.logged.load(std::memory_order_relaxed),
            .dropped = counters_.losses.Get().total(),
            .written_bytes = counters_.written_bytes.load(std::memory_order_relaxed)};
  }

 private:
  // The host never sees an exception of ours: without memory, a value is dropped.
  template <typename Call>
  void Guarded(Call call) {
    if (fork_guard_.IsInFork()) {
      DropInFork();
      return;
    }
    try {
      call();
    } catch (const std::exception&) {
      counters_.losses.AddNotQueued();
    }
  }

  // Here the caller itself writes the line: there is no other thread.
  void DropInFork() {
    counters_.losses.AddBadCall();
    if (was_fork_told_.exchange(true, std::memory_order_relaxed)) return;
    Warn(
        "logger: this process is a fork of the one that opened the logger: what it logs is dropped "
        "and counted; open another logger in it");
  }

  void CountForWantOfRoom() {
    counters_.losses.AddNotQueued();
    was_full_.store(true, std::memory_order_relaxed);
  }

  bool Push(std::string_view tag, Step step, std::unique_ptr<Payload> payload, size_t payload_bytes,
            double value = 0) {
    Item item;
    item.step = step;
    item.wall_time = RealClock().Now();
    item.value = value;
    item.payload = std::move(payload);
    if (step != 0) last_step_.store(step, std::memory_order_relaxed);
    const bool is_pushed = queue_->TryPush(tag, std::move(item), payload_bytes);
    if (is_pushed) {
      counters_.logged.fetch_add(1, std::memory_order_relaxed);
    } else {
      CountForWantOfRoom();
    }
    return is_pushed;
  }

  void PushBuckets(std::string_view tag, Step step, std::span<const float> values) {
    BucketedValues buckets = BucketValues(values);
    const size_t bytes = sizeof buckets + 2 * sizeof(double) * buckets.limits.size();
    Push(tag, step, std::make_unique<Payload>(std::move(buckets)), bytes);
  }

  bool IsTagGood(std::string_view tag) {
    if (!tag.empty() && tag.size() <= kTagBytesMax) return true;
    return IsGood(tag.substr(0, 64), InvalidArgument(StrCat("a tag of ", tag.size(),
                                                            " bytes, want 1 to ", kTagBytesMax)));
  }

  // Checked before a copy is made: what will not fit is not worth copying.
  bool IsRoomFor(std::string_view tag, size_t payload_bytes) {
    if (payload_bytes > kPayloadBytesMax) {
      return IsGood(tag, Exhausted(StrCat("a value of ", payload_bytes,
                                          " bytes is over the bound of ", kPayloadBytesMax)));
    }
    if (queue_->HasRoomFor(tag.size() + payload_bytes)) return true;
    CountForWantOfRoom();
    return false;
  }

  // Counts a bad call and keeps the first one's reason; the writer's thread logs it, because a line
  // of the log is I/O that the host should not wait for.
  bool IsGood(std::string_view tag, const Status& status) {
    if (status.ok()) return true;
    counters_.losses.AddBadCall();
    std::lock_guard lock(bad_call_mutex_);
    if (!has_bad_call_) {
      has_bad_call_ = true;
      bad_call_ = StrCat("logger: tag ", Quoted(tag), ": ", status.error().message,
                         "; this and every other bad call is dropped and counted");
    }
    return false;
  }

  void ReportFirstLosses() noexcept {
    std::string message;
    {
      std::lock_guard lock(bad_call_mutex_);
      message.swap(bad_call_);
    }
    Warn(message);
    if (was_full_.load(std::memory_order_relaxed)) Warn(std::exchange(full_queue_, ""));
  }

  // On the writer's thread. These are no calls of the program, and are not counted as such.
  void SampleSystem() noexcept {
    try {
      const uint64_t calls = counters_.logged.load(std::memory_order_relaxed);
      for (const auto& [tag, value] : sampler_->SampleIfDue(RealClock().MonotonicNs(), calls)) {
        Item item;
        item.step = last_step_.load(std::memory_order_relaxed);
        item.wall_time = RealClock().Now();
        item.value = value;
        queue_->TryPush(tag, std::move(item), 0);
      }
    } catch (const std::exception&) {
      // No memory: the next sample may have some.
    }
  }

  static void Warn(std::string_view message) noexcept {
    if (message.empty()) return;
    try {
      LogWarning(message);
    } catch (const std::exception&) {
      // The program's own sink threw; the counter still tells.
    }
  }

  void ForgetMetadata() noexcept {
    std::lock_guard lock(metadata_mutex_);
    has_metadata_.clear();
  }

  const ForkGuard fork_guard_;
  std::mutex metadata_mutex_;                     // guards has_metadata_; taken before the queue's
  std::unordered_set<std::string> has_metadata_;  // tags of embeddings whose metadata is queued
  std::mutex bad_call_mutex_;                     // guards the two below
  bool has_bad_call_ = false;
  std::string bad_call_;  // not yet logged
  std::atomic<bool> was_full_ = false;
  std::atomic<bool> was_fork_told_ = false;
  std::string full_queue_;  // the warning, until the writer's thread has logged it
  std::atomic<Step> last_step_ = 0;
  SharedCounters counters_;
  const std::string not_sent_;  // why nothing is sent to the url that was given; else empty
  std::unique_ptr<ItemQueue> queue_;
  std::unique_ptr<Uploader> uploader_;      // destroyed once the writer has closed its file
  std::unique_ptr<SystemSampler> sampler_;  // used by the writer's thread alone
  std::unique_ptr<EventWriter> writer_;     // last: its thread uses the rest
};

}  // namespace

std::unique_ptr<Logger> Logger::Open(const LoggerOptions& options) {
  LoggerOptions local = options;
  // Before `local` is read: it gets its run_dir there.
  Result<std::unique_ptr<Uploader>> uploader = MakeUploader(&local);
  return std::make_unique<LoggerImpl>(local, std::move(uploader));
}

}  // namespace spirogram::logger
