// CUPTI's activity records to slices: of the GPU, and of the host's calls, which have records
// anyway because external correlation needs them.
//
// A record of a kernel says which call launched it (correlation id), not in which step. That stands
// in an external correlation record, which may come in a later buffer. So a slice waits for its
// step for two rounds (a round is one collection); after them it gets the step during which it ran,
// and counts as unmatched; a call, whose step is that of its time, is not waited for. The launching
// step is right where the two differ: kernels run after the host has gone on.
#pragma once

#include <cupti.h>

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/types.h"
#include "logger/logger.h"
#include "logger/profiler/cupti_api.h"

namespace spirogram::logger {

// Not thread-safe. Names are copied while decoding: CUPTI's strings last no longer than the buffer.
class RecordDecoder {
 public:
  // Uses two functions of `api`: get_next_record and get_callback_name. What another thread than
  // `thread_id` called or launched is left out; 0: none.
  explicit RecordDecoder(const CuptiApi& api, uint32_t thread_id = 0)
      : get_next_record_(api.get_next_record),
        get_callback_name_(api.get_callback_name),
        thread_id_(thread_id) {}

  void AddStepStart(Step step, int64_t start_ns);
  // Reads the records of one buffer.
  void Decode(uint8_t* data, size_t valid_bytes);
  // Ends a round: the slices whose step is known. With `all`, also those that still wait.
  std::vector<ProfileSlice> TakeSlices(bool all);

  uint64_t zero_timestamps() const { return zero_timestamps_; }
  uint64_t unmatched() const { return unmatched_; }

 private:
  struct Waiting {
    ProfileSlice slice;
    uint64_t round = 0;
  };
  struct StepStart {
    Step step = 0;
    int64_t start_ns = 0;
  };

  void DecodeRecord(const CUpti_Activity* record);
  // Takes any record with start, end and correlationId.
  template <typename Record>
  void AddSlice(ProfileSlice::Kind kind, std::string name, const Record& record, uint32_t stream);
  const std::string& Demangled(const char* name);
  // "cudaLaunchKernel"; without the version that CUPTI puts behind it.
  const std::string& CallName(CUpti_CallbackDomain domain, CUpti_CallbackId id);
  bool FindStep(uint32_t correlation_id, Step* step) const;
  bool IsOfAnotherThread(uint32_t correlation_id) const;
  Step StepAt(int64_t time_ns) const;
  void ForgetOldCorrelations();

  const decltype(&cuptiActivityGetNextRecord) get_next_record_;
  const decltype(&cuptiGetCallbackName) get_callback_name_;
  const uint32_t thread_id_;
  uint64_t round_ = 0;
  uint64_t zero_timestamps_ = 0;
  uint64_t unmatched_ = 0;
  std::vector<Waiting> waiting_;
  std::deque<StepStart> step_starts_;
  // Step by correlation id, in two generations: the older one is dropped as a whole. An id is not
  // dropped at its first use, because all kernels of a graph launch share one.
  std::unordered_map<uint32_t, Step> recent_steps_;
  std::unordered_map<uint32_t, Step> older_steps_;
  // Calls of other threads, likewise.
  std::unordered_set<uint32_t> recent_others_;
  std::unordered_set<uint32_t> older_others_;
  std::unordered_map<std::string, std::string> demangled_;
  std::map<std::pair<CUpti_CallbackDomain, CUpti_CallbackId>, std::string> call_names_;
};

}  // namespace spirogram::logger
