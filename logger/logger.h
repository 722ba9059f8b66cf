// Logger: what a training program calls. It writes TensorBoard event files into a run's folder,
// from a thread of its own, and never slows, blocks, throws into or aborts its host.
//
//   auto logger = spirogram::logger::Logger::Open({.run_dir = "runs/first"});
//   for (int64_t step = 0; step < steps; ++step) logger->Scalar("loss/train", step, loss);
//
// A call copies its values into a bounded queue and returns. When the queue is full, or a call
// makes no sense (an empty tag, a matrix of the wrong size), the value is dropped and counted: see
// GetCounters. What was written stands in whole records; a crash of the host at any moment leaves a
// valid prefix. Open never fails: where the folder cannot be written, the logger says so once
// through base/log.h and then drops everything.
//
// With a url, what goes into the event files is also sent to that server, from another thread. The
// files are what waits while the server is away, so neither its absence nor a crash of this program
// loses anything: what a run's last logger could not send, its next one sends, or
// `spirogram upload`. Without a run_dir the files lie in a spool and go once they are sent.
//
// A fork of the program logs nothing: its calls are dropped and counted, which the first of them
// says, and nothing in it waits. A child that has something to log opens a logger of its own.
//
// Thread-safe. Scalars are stored as float32, as TensorBoard's own writers do; as float64 where
// that would make them infinite or 0.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/types.h"

namespace spirogram::logger {

struct LoggerOptions {
  // Created if missing; its path below the logdir is the run's name. May be empty with a url.
  std::string run_dir = {};
  // Remote.
  std::string url = {};  // "http://host:6006"; empty: nothing is sent
  std::string run = {};  // the run's name there; empty: the last part of run_dir
  std::string spool_dir =
      {};  // empty: $XDG_CACHE_HOME/spirogram/spool, or ~/.cache/spirogram/spool
  // New values are dropped while more than this waits in the spool.
  uint64_t spool_bytes_max = uint64_t{1} << 30;
  int close_timeout_ms = 10'000;  // how long the destructor waits for the server to take the rest
  // Behaviour.
  int flush_interval_ms = 1000;  // a value is in the file at most this long after its call
  // How often to log what the machine, this process and the GPUs are busy with (docs/formats.md has
  // the tags), at the step of the program's last value; 0: never. Ends a minute after the program's
  // last call, so that one that hangs is seen to.
  int system_interval_ms = 0;
  // Performance.
  size_t queue_items_max = 65'536;
  size_t queue_bytes_max = size_t{256} << 20;  // tensors, images and the like count with their size
};

struct Counters {
  uint64_t logged = 0;   // accepted calls
  uint64_t dropped = 0;  // refused calls (queue full, bad call), and accepted ones not written
  uint64_t written_bytes = 0;
};

// What has not reached the server yet.
struct UploadStatus {
  uint64_t waiting_bytes =
      0;                // in event files, those that earlier loggers of the run left included
  std::string failure;  // why, since the last attempt, or why none is made (a url that makes no
                        // sense); empty when none failed
};

using HparamValue = std::variant<double, std::string, bool>;

// N rows and, for each column, N texts: values[column][row].
struct EmbeddingMetadata {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> values;
};

// Statistics of every unit of a layer or row of a table over a window of steps. The columns and
// their units are listed in store/answers.h (EntityStats) and docs/formats.md.
struct EntityStats {
  enum class Entity { kUnit, kRow };

  Entity entity = Entity::kUnit;
  Step first_step = 0;  // of the window
  double samples = 0;   // training samples that passed in the window
  std::vector<std::string> columns;
  std::vector<std::vector<float>> values;  // values[column][entity]
  std::vector<std::pair<std::string, std::string>> attributes;
};

struct ProfileSlice {
  // kCall: a call on the host that may have put work on a GPU, as cudaLaunchKernel.
  enum class Kind : uint8_t { kPhase, kKernel, kCopy, kMemset, kCall };

  Kind kind = Kind::kPhase;
  std::string name;
  int64_t start_ns = 0;  // since the epoch, CLOCK_REALTIME: CUPTI's clock
  int64_t duration_ns = 0;
  Step step = 0;
  uint32_t correlation_id = 0;  // the same for a call and for what it put on the GPU; 0: none
  uint32_t stream = 0;          // of a call, the thread that made it
};

// kInterrupted: neither, somebody stopped it. TensorBoard has no word for that: STATUS_UNKNOWN.
enum class EndStatus { kSuccess, kFailure, kInterrupted };

class Logger {
 public:
  static std::unique_ptr<Logger> Open(const LoggerOptions& options);

  // Writes what is queued and closes the file; waits for the disk. With a url, waits up to
  // close_timeout_ms for the server as well (and for a look-up of its name, which only the system
  // ends), and says in the log how much is left.
  virtual ~Logger() = default;

  virtual void Scalar(std::string_view tag, Step step, double value) = 0;
  // Buckets the values; NaN and infinities are left out. O(values) on the calling thread.
  virtual void Histogram(std::string_view tag, Step step, std::span<const float> values) = 0;
  // The same of values that the caller gives away (std::move): they are bucketed on the logger's
  // thread. Where the queue has no room for so many, on the calling thread.
  virtual void HistogramLater(std::string_view tag, Step step, std::vector<float> values) = 0;
  virtual void Text(std::string_view tag, Step step, std::string_view markdown) = 0;
  // 8-bit samples, row-major, interleaved; channels is 1 (grey), 3 (RGB) or 4 (RGBA). Encoded as
  // PNG on the logger's thread.
  virtual void Image(std::string_view tag, Step step, std::span<const uint8_t> pixels, int width,
                     int height, int channels) = 0;
  // Row-major N x D. `metadata` (may be null) is taken the first time a tag is logged;
  // TensorBoard's projector files are written beside the event file.
  virtual void Embedding(std::string_view tag, Step step, std::span<const float> values,
                         int64_t rows, int64_t dims, const EmbeddingMetadata* metadata) = 0;
  virtual void Stats(std::string_view tag, Step step, EntityStats stats) = 0;
  // Marks the start of the run's session; TensorBoard's HParams dashboard reads it.
  virtual void Hparams(const std::vector<std::pair<std::string, HparamValue>>& hparams) = 0;
  virtual void Profile(std::vector<ProfileSlice> slices) = 0;
  // A line about the profile that the user sees: "no GPU slices: libcuda.so.1 is not installed".
  virtual void ProfileNote(std::string_view line) = 0;
  // Marks the end of the session. A run without it is shown as running, later as stopped.
  virtual void End(EndStatus status) = 0;

  // Returns when everything logged before the call is in the file.
  virtual void Flush() = 0;
  virtual Counters GetCounters() const = 0;
  // Flush, and then waits up to `timeout_ms` until the server has it. Nothing waits without a url.
  virtual UploadStatus WaitForUpload(int timeout_ms) {
    static_cast<void>(timeout_ms);
    Flush();
    return {};
  }
};

}  // namespace spirogram::logger
