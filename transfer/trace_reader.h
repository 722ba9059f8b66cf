// Traces of PyTorch's profiler (NAME.pt.trace.json, also gzip): the object format of Chrome's
// traces,
// {"traceEvents": [...]}, with the categories of Kineto. Memory is bounded by one event.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "transfer/json_objects.h"

namespace spirogram::transfer {

// A complete event ("ph": "X").
struct TraceEvent {
  std::string category;
  std::string name;
  int64_t start_ns = 0;  // since the epoch where the trace tells its base, as the profiler's do
  int64_t duration_ns = 0;
  uint32_t thread = 0;  // the low bits of "tid"
  // Of "args"; 0: none.
  uint32_t correlation_id = 0;
  uint32_t stream = 0;
  uint32_t device = 0;
};

// Whether the file is an object with "traceEvents" among its first 16 MiB.
Result<bool> IsTrace(const std::string& path);

// Not thread-safe.
class TraceReader {
 public:
  static Result<TraceReader> Open(const std::string& path);

  // The next complete event with a category; false at the end. An Error says where the file is
  // damaged, or ends: all that stands before was whole.
  Result<bool> Next(TraceEvent* event);
  // Of a distributed training's process; 0 where the trace does not say.
  uint32_t rank() const { return rank_; }
  // Of the file.
  uint64_t bytes_read() const { return events_.bytes_read(); }

 private:
  TraceReader(JsonObjects events, int64_t base_ns, uint32_t rank)
      : events_(std::move(events)), base_ns_(base_ns), rank_(rank) {}

  JsonObjects events_;
  int64_t base_ns_;
  uint32_t rank_;
};

// "12.345" microseconds as 12345 nanoseconds, exact to the last digit of any time since 1970; false
// for what is no number or out of range.
bool ParseMicroseconds(std::string_view text, int64_t* ns);

}  // namespace spirogram::transfer
