#include "logger/profiler/record_decoder.h"

#include <cxxabi.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <utility>

namespace spirogram::logger {
namespace {

constexpr uint64_t kRoundsToWait = 2;
// A generation of correlation ids lasts this many rounds, or this many ids.
constexpr uint64_t kRoundsPerGeneration = 16;
constexpr size_t kIdsPerGeneration = 1 << 20;
constexpr size_t kStepStartsMax = 4096;
constexpr size_t kNamesMax = 1 << 16;

const char* CopyName(uint8_t copy_kind) {
  switch (copy_kind) {
    case CUPTI_ACTIVITY_MEMCPY_KIND_HTOD:
      return "Memcpy HtoD";
    case CUPTI_ACTIVITY_MEMCPY_KIND_DTOH:
      return "Memcpy DtoH";
    case CUPTI_ACTIVITY_MEMCPY_KIND_DTOD:
      return "Memcpy DtoD";
    case CUPTI_ACTIVITY_MEMCPY_KIND_HTOH:
      return "Memcpy HtoH";
    case CUPTI_ACTIVITY_MEMCPY_KIND_PTOP:
      return "Memcpy PtoP";
    default:
      return "Memcpy";
  }
}

template <typename Record>
const Record& As(const CUpti_Activity* record) {
  return *reinterpret_cast<const Record*>(record);
}

}  // namespace

void RecordDecoder::AddStepStart(Step step, int64_t start_ns) {
  step_starts_.push_back({step, start_ns});
  if (step_starts_.size() > kStepStartsMax) step_starts_.pop_front();
}

void RecordDecoder::Decode(uint8_t* data, size_t valid_bytes) {
  CUpti_Activity* record = nullptr;
  // Ends with MAX_LIMIT_REACHED behind the last record, or INVALID_KIND at one that is not
  // complete.
  while (get_next_record_(data, valid_bytes, &record) == CUPTI_SUCCESS && record != nullptr) {
    DecodeRecord(record);
  }
}

void RecordDecoder::DecodeRecord(const CUpti_Activity* record) {
  using Kind = ProfileSlice::Kind;
  switch (record->kind) {
    case CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL:
    case CUPTI_ACTIVITY_KIND_KERNEL: {
      const auto& kernel = As<CUpti_ActivityKernel10>(record);
      return AddSlice(Kind::kKernel, Demangled(kernel.name), kernel, kernel.streamId);
    }
    case CUPTI_ACTIVITY_KIND_MEMCPY: {
      const auto& copy = As<CUpti_ActivityMemcpy6>(record);
      return AddSlice(Kind::kCopy, CopyName(copy.copyKind), copy, copy.streamId);
    }
    case CUPTI_ACTIVITY_KIND_MEMCPY2: {
      const auto& copy = As<CUpti_ActivityMemcpyPtoP4>(record);
      return AddSlice(Kind::kCopy, "Memcpy PtoP", copy, copy.streamId);
    }
    case CUPTI_ACTIVITY_KIND_MEMSET: {
      const auto& memset = As<CUpti_ActivityMemset4>(record);
      return AddSlice(Kind::kMemset, "Memset", memset, memset.streamId);
    }
    case CUPTI_ACTIVITY_KIND_EXTERNAL_CORRELATION: {
      const auto& external = As<CUpti_ActivityExternalCorrelation>(record);
      if (external.externalKind == CUPTI_EXTERNAL_CORRELATION_KIND_CUSTOM1) {
        recent_steps_[external.correlationId] = static_cast<Step>(external.externalId);
      }
      return;
    }
    case CUPTI_ACTIVITY_KIND_RUNTIME:
    case CUPTI_ACTIVITY_KIND_DRIVER: {
      const auto& call = As<CUpti_ActivityAPI>(record);
      if (thread_id_ != 0 && call.threadId != thread_id_) {
        recent_others_.insert(call.correlationId);
        return;
      }
      const auto domain = record->kind == CUPTI_ACTIVITY_KIND_RUNTIME ? CUPTI_CB_DOMAIN_RUNTIME_API
                                                                      : CUPTI_CB_DOMAIN_DRIVER_API;
      return AddSlice(Kind::kCall, CallName(domain, call.cbid), call, call.threadId);
    }
    default:
      return;
  }
}

template <typename Record>
void RecordDecoder::AddSlice(ProfileSlice::Kind kind, std::string name, const Record& record,
                             uint32_t stream) {
  if (record.start == 0 || record.end < record.start) {
    ++zero_timestamps_;
    return;
  }
  Waiting waiting;
  waiting.round = round_;
  waiting.slice.kind = kind;
  waiting.slice.name = std::move(name);
  waiting.slice.start_ns = static_cast<int64_t>(record.start);
  waiting.slice.duration_ns = static_cast<int64_t>(record.end - record.start);
  waiting.slice.correlation_id = record.correlationId;
  waiting.slice.stream = stream;
  waiting_.push_back(std::move(waiting));
}

const std::string& RecordDecoder::Demangled(const char* name) {
  if (name == nullptr) name = "unknown kernel";
  if (demangled_.size() >= kNamesMax) demangled_.clear();  // a program that makes names without end
  const auto [it, is_new] = demangled_.try_emplace(name);
  if (is_new) {
    int status = 0;
    char* demangled = abi::__cxa_demangle(name, nullptr, nullptr, &status);
    it->second = status == 0 ? demangled : name;
    std::free(demangled);
  }
  return it->second;
}

const std::string& RecordDecoder::CallName(CUpti_CallbackDomain domain, CUpti_CallbackId id) {
  const auto [it, is_new] = call_names_.try_emplace({domain, id});
  if (!is_new) return it->second;
  const char* name = nullptr;
  if (get_callback_name_(domain, id, &name) != CUPTI_SUCCESS || name == nullptr) name = "CUDA call";
  std::string& call = it->second = name;
  // cudaLaunchKernel_v7000, cudaMemcpyAsync_ptsz_v7000
  const size_t version = call.rfind("_v");
  if (version != std::string::npos && version + 2 < call.size() &&
      call.find_first_not_of("0123456789", version + 2) == std::string::npos) {
    call.resize(version);
  }
  return call;
}

std::vector<ProfileSlice> RecordDecoder::TakeSlices(bool all) {
  std::vector<ProfileSlice> slices;
  std::vector<Waiting> still_waiting;
  for (Waiting& waiting : waiting_) {
    ProfileSlice& slice = waiting.slice;
    if (IsOfAnotherThread(slice.correlation_id)) continue;
    if (!FindStep(slice.correlation_id, &slice.step)) {
      const bool is_call = slice.kind == ProfileSlice::Kind::kCall;
      if (!is_call && !all && round_ - waiting.round < kRoundsToWait) {
        still_waiting.push_back(std::move(waiting));
        continue;
      }
      if (!is_call) ++unmatched_;
      slice.step = StepAt(slice.start_ns);
    }
    slices.push_back(std::move(slice));
  }
  waiting_ = std::move(still_waiting);
  ++round_;
  ForgetOldCorrelations();
  return slices;
}

bool RecordDecoder::FindStep(uint32_t correlation_id, Step* step) const {
  for (const auto* steps : {&recent_steps_, &older_steps_}) {
    if (const auto it = steps->find(correlation_id); it != steps->end()) {
      *step = it->second;
      return true;
    }
  }
  return false;
}

bool RecordDecoder::IsOfAnotherThread(uint32_t correlation_id) const {
  return recent_others_.contains(correlation_id) || older_others_.contains(correlation_id);
}

// The step that had begun last at that time; the first one for what ran before.
Step RecordDecoder::StepAt(int64_t time_ns) const {
  if (step_starts_.empty()) return 0;
  const auto next =
      std::upper_bound(step_starts_.begin(), step_starts_.end(), time_ns,
                       [](int64_t time, const StepStart& start) { return time < start.start_ns; });
  return next == step_starts_.begin() ? next->step : std::prev(next)->step;
}

void RecordDecoder::ForgetOldCorrelations() {
  const size_t ids = std::max(recent_steps_.size(), recent_others_.size());
  if (round_ % kRoundsPerGeneration != 0 && ids < kIdsPerGeneration) return;
  older_steps_ = std::exchange(recent_steps_, {});
  older_others_ = std::exchange(recent_others_, {});
}

}  // namespace spirogram::logger
