#include "logger/profiler/profiler.h"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <exception>
#include <iterator>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/str.h"
#include "logger/fork_guard.h"
#include "logger/host_signals.h"
#include "logger/profiler/buffer_pool.h"
#include "logger/profiler/cupti_api.h"
#include "logger/profiler/record_decoder.h"

namespace spirogram::logger {
namespace {

constexpr size_t kDeviceBuffersMax =
    20;  // of 3.2 MB of device memory each; CUPTI's own bound is 250
constexpr size_t kSlicesPerBatch = 2048;

// CUPTI calls these two on its own threads or inside a launch: they move a pointer and no more.
void CUPTIAPI BufferRequested(uint8_t** data, size_t* bytes, size_t* records_max) {
  *data = BufferPool::Get().Take();
  *bytes = *data != nullptr ? BufferPool::Get().buffer_bytes() : 0;
  *records_max = 0;  // as many as fit
}

void CUPTIAPI BufferCompleted(CUcontext, uint32_t, uint8_t* data, size_t, size_t valid_bytes) {
  BufferPool::Get().Complete(data, valid_bytes);
}

void CUPTIAPI IgnoreCallback(void*, CUpti_CallbackDomain, CUpti_CallbackId, const void*) {}

constexpr CUpti_ActivityKind kKinds[] = {
    // Never KERNEL: it runs kernels one after the other.
    CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL, CUPTI_ACTIVITY_KIND_MEMCPY, CUPTI_ACTIVITY_KIND_MEMSET,
    CUPTI_ACTIVITY_KIND_EXTERNAL_CORRELATION,
    // An external correlation record is only made for a call that has a record itself.
    CUPTI_ACTIVITY_KIND_RUNTIME};

// Calls that start nothing on the GPU and come often.
constexpr CUpti_CallbackId kNoisyRuntimeCalls[] = {
    CUPTI_RUNTIME_TRACE_CBID_cudaGetDevice_v3020, CUPTI_RUNTIME_TRACE_CBID_cudaGetLastError_v3020,
    CUPTI_RUNTIME_TRACE_CBID_cudaPeekAtLastError_v3020,
    CUPTI_RUNTIME_TRACE_CBID_cudaStreamQuery_v3020, CUPTI_RUNTIME_TRACE_CBID_cudaEventQuery_v3020};

// Libraries such as cuBLAS launch through the driver's API.
constexpr CUpti_CallbackId kDriverLaunches[] = {
    CUPTI_DRIVER_TRACE_CBID_cuLaunchKernel,
    CUPTI_DRIVER_TRACE_CBID_cuLaunchKernel_ptsz,
    CUPTI_DRIVER_TRACE_CBID_cuLaunchKernelEx,
    CUPTI_DRIVER_TRACE_CBID_cuLaunchKernelEx_ptsz,
    CUPTI_DRIVER_TRACE_CBID_cuLaunchCooperativeKernel,
    CUPTI_DRIVER_TRACE_CBID_cuLaunchCooperativeKernel_ptsz,
    CUPTI_DRIVER_TRACE_CBID_cuGraphLaunch,
    CUPTI_DRIVER_TRACE_CBID_cuGraphLaunch_ptsz};

template <typename Value>
void SetAttribute(const CuptiApi& api, CUpti_ActivityAttribute attribute, Value value) {
  size_t bytes = sizeof value;
  // A setting that is refused keeps CUPTI's default: slower or larger, and still right.
  api.set_attribute(attribute, &bytes, &value);
}

// As CUPTI names it in its records.
uint32_t OwnThread() {
  return static_cast<uint32_t>(gettid());
}

void SetAttributes(const CuptiApi& api) {
  api.set_thread_id_type(CUPTI_ACTIVITY_THREAD_ID_TYPE_SYSTEM);
  SetAttribute(api, CUPTI_ACTIVITY_ATTR_DEVICE_BUFFER_POOL_LIMIT, size_t{kDeviceBuffersMax});
  // Buffers of the pool are zeroed on our thread; CUPTI would do it inside a launch.
  SetAttribute(api, CUPTI_ACTIVITY_ATTR_ZEROED_OUT_ACTIVITY_BUFFER, uint8_t{1});
  // One buffer at a time, not one per thread: few threads launch, and half-empty buffers add up.
  SetAttribute(api, CUPTI_ACTIVITY_ATTR_PER_THREAD_ACTIVITY_BUFFER, uint8_t{0});
}

Result<CUpti_SubscriberHandle> Subscribe(const CuptiApi& api) {
  char holder[CUPTI_OLD_SUBSCRIBER_NAME_MIN_LEN] = {};
  CUpti_SubscriberParams params{};
  params.structSize = CUpti_SubscriberParams_STRUCT_SIZE;
  params.subscriberName = "spirogram";
  params.oldSubscriberName = holder;
  params.oldSubscriberSize = sizeof holder;
  CUpti_SubscriberHandle subscriber = nullptr;
  const CUptiResult result = api.subscribe(&subscriber, IgnoreCallback, nullptr, &params);
  if (result == CUPTI_SUCCESS) return subscriber;
  if (result == CUPTI_ERROR_MULTIPLE_SUBSCRIBERS_NOT_SUPPORTED) {
    holder[sizeof holder - 1] = '\0';
    return Unavailable(StrCat("another profiler holds CUPTI: ",
                              holder[0] != '\0' ? static_cast<const char*>(holder) : "unknown"));
  }
  return CuptiError(api, "cuptiSubscribe", result);
}

void DisableKinds(const CuptiApi& api) {
  for (const CUpti_ActivityKind kind : kKinds) api.disable(kind);
  for (const CUpti_CallbackId call : kDriverLaunches) api.enable_driver_api(call, 0);
}

Status EnableKinds(const CuptiApi& api) {
  if (const CUptiResult result = api.register_callbacks(BufferRequested, BufferCompleted);
      result != CUPTI_SUCCESS) {
    return CuptiError(api, "cuptiActivityRegisterCallbacks", result);
  }
  for (const CUpti_ActivityKind kind : kKinds) {
    if (const CUptiResult result = api.enable(kind); result != CUPTI_SUCCESS) {
      DisableKinds(api);
      return CuptiError(api, StrCat("cuptiActivityEnable(", static_cast<int>(kind), ")"), result);
    }
  }
  // What these two miss or refuse costs a little speed, or sends launches to the unmatched.
  for (const CUpti_CallbackId call : kNoisyRuntimeCalls) api.enable_runtime_api(call, 0);
  for (const CUpti_CallbackId call : kDriverLaunches) api.enable_driver_api(call, 1);
  return {};
}

std::atomic<bool> is_running{false};  // CUPTI's callbacks have no user pointer: one at a time

class CuptiProfiler final : public Profiler {
 public:
  CuptiProfiler(Logger* logger, const ProfilerOptions& options, const CuptiApi& api,
                CUpti_SubscriberHandle subscriber)
      : logger_(logger),
        flush_interval_(std::max(options.flush_interval_ms, 1)),
        api_(api),
        subscriber_(subscriber),
        decoder_(api, options.is_one_thread ? OwnThread() : 0) {}
  ~CuptiProfiler() override { Stop(); }

  // False when the system refused the thread.
  bool StartCollector() {
    const HostSignalsBlocked blocked;  // the new thread inherits the mask
    try {
      collector_ = std::make_unique<std::thread>([this] { Collect(); });
      return true;
    } catch (const std::system_error&) {
      return false;
    }
  }

  void BeginStep(Step step) override {
    if (is_stopped_ || fork_guard_.IsInFork()) return;
    EndStep();
    const int64_t now_ns = RealClock().NowNs();
    {
      std::lock_guard lock(mutex_);
      if (new_steps_.size() < kNewStepsMax) new_steps_.push_back({step, now_ns});
    }
    is_in_step_ = api_.push_external_id(CUPTI_EXTERNAL_CORRELATION_KIND_CUSTOM1,
                                        static_cast<uint64_t>(step)) == CUPTI_SUCCESS;
  }

  void EndStep() override {
    if (!std::exchange(is_in_step_, false) || fork_guard_.IsInFork()) return;
    api_.pop_external_id(CUPTI_EXTERNAL_CORRELATION_KIND_CUSTOM1, nullptr);
    has_ended_step_.store(true, std::memory_order_relaxed);
  }

  void Stop() override {
    if (std::exchange(is_stopped_, true)) return;
    if (fork_guard_.IsInFork()) {
      // Neither the collector nor CUPTI came along, and a thread cannot be given up but by its
      // owner.
      static_cast<void>(collector_.release());
      return;
    }
    if (std::exchange(is_in_step_, false)) {
      api_.pop_external_id(CUPTI_EXTERNAL_CORRELATION_KIND_CUSTOM1, nullptr);
    }
    must_stop_.store(true);
    BufferPool::Get().Wake();
    if (collector_ != nullptr) collector_->join();
    // Now this thread is the collector. Forced: buffers with unfinished records come too.
    api_.flush_all(CUPTI_ACTIVITY_FLAG_FLUSH_FORCED);
    DisableKinds(api_);
    CollectOnce(std::chrono::milliseconds(0), true);
    // No cuptiFinalize: it races with launches. The library stays loaded, and quiet.
    api_.unsubscribe(subscriber_);
    NoteLosses();
    is_running = false;
  }

  ProfilerCounters GetCounters() const override {
    std::lock_guard lock(mutex_);
    return counters_;
  }

 private:
  static constexpr size_t kNewStepsMax = 4096;

  struct NewStep {
    Step step = 0;
    int64_t start_ns = 0;
  };

  void Collect() {
    pthread_setname_np(pthread_self(), "spirogram_prof");
    using Clock = std::chrono::steady_clock;
    Clock::time_point next_flush = Clock::now() + flush_interval_;
    while (!must_stop_.load()) {
      if (Clock::now() >= next_flush) {
        next_flush = Clock::now() + flush_interval_;
        // At a step boundary, and under no lock of ours: CUPTI calls back from inside.
        if (has_ended_step_.exchange(false)) api_.flush_all(0);
      }
      CollectOnce(flush_interval_, false);
    }
  }

  // Takes what is filled, decodes and logs it.
  void CollectOnce(std::chrono::milliseconds timeout, bool is_last) {
    try {
      const std::vector<FilledBuffer> buffers = BufferPool::Get().TakeFilled(timeout);
      std::vector<NewStep> steps;
      {
        std::lock_guard lock(mutex_);
        steps.swap(new_steps_);
      }
      for (const NewStep& step : steps) decoder_.AddStepStart(step.step, step.start_ns);
      for (const FilledBuffer& buffer : buffers) {
        decoder_.Decode(buffer.data, buffer.valid_bytes);
        BufferPool::Get().Recycle(buffer);
      }
      std::vector<ProfileSlice> slices;
      if (!buffers.empty() || is_last) slices = decoder_.TakeSlices(is_last);
      UpdateCounters(slices);
      LogSlices(std::move(slices));
    } catch (const std::exception&) {
      // No memory: the profile has a gap, the training goes on.
    }
  }

  void UpdateCounters(const std::vector<ProfileSlice>& new_slices) {
    size_t dropped = 0;
    api_.get_num_dropped_records(nullptr, 0, &dropped);  // since the last call; not under a lock
    std::lock_guard lock(mutex_);
    const auto calls = static_cast<uint64_t>(std::count_if(
        new_slices.begin(), new_slices.end(),
        [](const ProfileSlice& slice) { return slice.kind == ProfileSlice::Kind::kCall; }));
    counters_.calls += calls;
    counters_.slices += new_slices.size() - calls;
    counters_.dropped_records += dropped;
    counters_.zero_timestamps = decoder_.zero_timestamps();
    counters_.unmatched = decoder_.unmatched();
  }

  void LogSlices(std::vector<ProfileSlice> slices) {
    for (size_t begin = 0; begin < slices.size(); begin += kSlicesPerBatch) {
      const size_t end = std::min(begin + kSlicesPerBatch, slices.size());
      const auto at = [&](size_t i) {
        return std::make_move_iterator(slices.begin() + static_cast<std::ptrdiff_t>(i));
      };
      logger_->Profile({at(begin), at(end)});
    }
  }

  void NoteLosses() {
    const ProfilerCounters counters = GetCounters();
    if (counters.dropped_records > 0) {
      logger_->ProfileNote(
          StrCat("CUPTI dropped ", counters.dropped_records, " records: its buffers were full"));
    }
    if (counters.zero_timestamps > 0) {
      logger_->ProfileNote(
          StrCat(counters.zero_timestamps, " GPU records came without a time and are not shown"));
    }
    if (counters.slices == 0) logger_->ProfileNote("no GPU kernel slices: CUPTI recorded none");
  }

  Logger* const logger_;
  const std::chrono::milliseconds flush_interval_;
  const CuptiApi api_;
  const CUpti_SubscriberHandle subscriber_;

  const ForkGuard fork_guard_;

  // Used by the thread of the loop.
  bool is_in_step_ = false;
  bool is_stopped_ = false;

  std::atomic<bool> has_ended_step_{false};
  std::atomic<bool> must_stop_{false};
  mutable std::mutex
      mutex_;  // guards new_steps_ and counters_; nothing of CUPTI's is called under it
  std::vector<NewStep> new_steps_;
  ProfilerCounters counters_;

  RecordDecoder decoder_;  // used by the collector, after it by Stop
  std::unique_ptr<std::thread> collector_;
};

// REQUIRES: is_running is ours.
Result<std::unique_ptr<Profiler>> StartCupti(Logger* logger, const ProfilerOptions& options) {
  ASSIGN_OR_RETURN(const CuptiApi api, LoadCupti());
  ASSIGN_OR_RETURN(const CUpti_SubscriberHandle subscriber, Subscribe(api));
  BufferPool::Get().Configure(options.buffer_bytes, options.buffers_max);
  SetAttributes(api);
  if (Status status = EnableKinds(api); !status.ok()) {
    api.unsubscribe(subscriber);
    return std::move(status).error();
  }
  auto profiler = std::make_unique<CuptiProfiler>(logger, options, api, subscriber);
  if (!profiler->StartCollector()) {
    return Exhausted("the system refused a thread");
  }
  return std::unique_ptr<Profiler>(std::move(profiler));
}

}  // namespace

Result<std::unique_ptr<Profiler>> Profiler::Start(Logger* logger, const ProfilerOptions& options) {
  constexpr const char* kPrefix = "no GPU kernel slices: ";
  if (is_running.exchange(true)) {
    return Unavailable(StrCat(kPrefix, "a profiler already runs in this process"));
  }
  Result<std::unique_ptr<Profiler>> profiler = StartCupti(logger, options);
  if (profiler.ok()) return profiler;
  is_running = false;
  return Error{profiler.error().code, StrCat(kPrefix, profiler.error().message)};
}

}  // namespace spirogram::logger
