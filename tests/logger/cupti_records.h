// Builds CUPTI's activity records by hand, as a GPU would have left them in a buffer.
#pragma once

#include <cupti.h>

#include <cstdint>
#include <string>

namespace spirogram::testing {

template <typename Record>
std::string Bytes(const Record& record) {
  return std::string(reinterpret_cast<const char*>(&record), sizeof record);
}

// Start and end of a record; `stream` is 7.
inline std::string KernelRecord(const char* name, uint64_t start, uint64_t end,
                                uint32_t correlation_id) {
  CUpti_ActivityKernel10 kernel{};
  kernel.kind = CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL;
  kernel.name = name;
  kernel.start = start;
  kernel.end = end;
  kernel.correlationId = correlation_id;
  kernel.streamId = 7;
  return Bytes(kernel);
}

inline std::string CopyRecord(CUpti_ActivityMemcpyKind copy_kind, uint64_t start, uint64_t end,
                              uint32_t correlation_id) {
  CUpti_ActivityMemcpy6 copy{};
  copy.kind = CUPTI_ACTIVITY_KIND_MEMCPY;
  copy.copyKind = static_cast<uint8_t>(copy_kind);
  copy.start = start;
  copy.end = end;
  copy.correlationId = correlation_id;
  copy.streamId = 7;
  return Bytes(copy);
}

inline std::string MemsetRecord(uint64_t start, uint64_t end, uint32_t correlation_id) {
  CUpti_ActivityMemset4 memset{};
  memset.kind = CUPTI_ACTIVITY_KIND_MEMSET;
  memset.start = start;
  memset.end = end;
  memset.correlationId = correlation_id;
  memset.streamId = 7;
  return Bytes(memset);
}

// Says that the call `correlation_id` was made in `step`.
inline std::string StepRecord(int64_t step, uint32_t correlation_id) {
  CUpti_ActivityExternalCorrelation external{};
  external.kind = CUPTI_ACTIVITY_KIND_EXTERNAL_CORRELATION;
  external.externalKind = CUPTI_EXTERNAL_CORRELATION_KIND_CUSTOM1;
  external.externalId = static_cast<uint64_t>(step);
  external.correlationId = correlation_id;
  return Bytes(external);
}

// cudaLaunchKernel, by thread 11 unless told.
inline std::string LaunchRecord(uint64_t start, uint64_t end, uint32_t correlation_id,
                                uint32_t thread_id = 11) {
  CUpti_ActivityAPI call{};
  call.kind = CUPTI_ACTIVITY_KIND_RUNTIME;
  call.cbid = CUPTI_RUNTIME_TRACE_CBID_cudaLaunchKernel_v7000;
  call.start = start;
  call.end = end;
  call.correlationId = correlation_id;
  call.threadId = thread_id;
  return Bytes(call);
}

}  // namespace spirogram::testing
