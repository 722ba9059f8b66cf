// A libcupti without a GPU: the functions that the profiler resolves, driven by a FakeCupti.
#include "tests/logger/fake_cupti.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <thread>
#include <utility>

namespace {

std::mutex mutex;  // guards all below but the callbacks, which are called outside it, as CUPTI does
spirogram::testing::FakeCupti script;
CUpti_BuffersCallbackRequestFunc request_buffer = nullptr;
CUpti_BuffersCallbackCompleteFunc complete_buffer = nullptr;

void Deliver(const std::string& records) {
  uint8_t* data = nullptr;
  size_t bytes = 0;
  size_t records_max = 0;
  request_buffer(&data, &bytes, &records_max);
  if (data == nullptr || bytes < records.size()) {
    std::lock_guard lock(mutex);
    ++script.buffers_refused;
    ++script.dropped_records;
    return;
  }
  std::memcpy(data, records.data(), records.size());
  complete_buffer(nullptr, 0, data, bytes, records.size());
}

size_t RecordBytes(CUpti_ActivityKind kind) {
  switch (kind) {
    case CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL:
      return sizeof(CUpti_ActivityKernel10);
    case CUPTI_ACTIVITY_KIND_MEMCPY:
      return sizeof(CUpti_ActivityMemcpy6);
    case CUPTI_ACTIVITY_KIND_MEMSET:
      return sizeof(CUpti_ActivityMemset4);
    case CUPTI_ACTIVITY_KIND_RUNTIME:
      return sizeof(CUpti_ActivityAPI);
    case CUPTI_ACTIVITY_KIND_EXTERNAL_CORRELATION:
      return sizeof(CUpti_ActivityExternalCorrelation);
    default:
      return 0;
  }
}

}  // namespace

extern "C" {

spirogram::testing::FakeCupti* SpirogramFakeCupti() {
  return &script;
}

CUptiResult cuptiGetVersion(uint32_t* version) {
  *version = script.version;
  return CUPTI_SUCCESS;
}

CUptiResult cuptiGetResultString(CUptiResult, const char** text) {
  *text = "CUPTI_FAKE_ERROR";
  return CUPTI_SUCCESS;
}

CUptiResult cuptiSubscribe_v2(CUpti_SubscriberHandle* subscriber, CUpti_CallbackFunc, void*,
                              CUpti_SubscriberParams* params) {
  std::lock_guard lock(mutex);
  *subscriber = nullptr;
  std::strncpy(params->oldSubscriberName, script.holder, params->oldSubscriberSize);
  if (script.subscribe_result == CUPTI_SUCCESS) ++script.subscribers;
  return script.subscribe_result;
}

CUptiResult cuptiUnsubscribe(CUpti_SubscriberHandle) {
  std::lock_guard lock(mutex);
  --script.subscribers;
  return CUPTI_SUCCESS;
}

CUptiResult cuptiActivitySetAttribute(CUpti_ActivityAttribute, size_t*, void*) {
  return CUPTI_SUCCESS;
}

CUptiResult cuptiSetThreadIdType(CUpti_ActivityThreadIdType type) {
  script.thread_id_type = type;
  return CUPTI_SUCCESS;
}

CUptiResult cuptiActivityRegisterCallbacks(CUpti_BuffersCallbackRequestFunc request,
                                           CUpti_BuffersCallbackCompleteFunc complete) {
  request_buffer = request;
  complete_buffer = complete;
  return script.register_result;
}

CUptiResult cuptiActivityEnable(CUpti_ActivityKind kind) {
  std::lock_guard lock(mutex);
  if (script.enable_result == CUPTI_SUCCESS) script.enabled.push_back(kind);
  return script.enable_result;
}

CUptiResult cuptiActivityDisable(CUpti_ActivityKind kind) {
  std::lock_guard lock(mutex);
  std::erase(script.enabled, kind);
  return CUPTI_SUCCESS;
}

CUptiResult cuptiActivityEnableRuntimeApi(CUpti_CallbackId, uint8_t) {
  return CUPTI_SUCCESS;
}
CUptiResult cuptiActivityEnableDriverApi(CUpti_CallbackId, uint8_t) {
  return CUPTI_SUCCESS;
}

CUptiResult cuptiActivityFlushAll(uint32_t flag) {
  std::vector<std::string> buffers;
  {
    std::lock_guard lock(mutex);
    if (flag == CUPTI_ACTIVITY_FLAG_FLUSH_FORCED) ++script.forced_flushes;
    buffers.swap(script.buffers_to_deliver);
  }
  if (script.delivers_from_two_threads) {
    const auto half = static_cast<std::ptrdiff_t>(buffers.size() / 2);
    std::thread other([&] { std::for_each(buffers.begin() + half, buffers.end(), Deliver); });
    std::for_each(buffers.begin(), buffers.begin() + half, Deliver);
    other.join();
  } else {
    std::for_each(buffers.begin(), buffers.end(), Deliver);
  }
  return CUPTI_SUCCESS;
}

CUptiResult cuptiActivityGetNextRecord(uint8_t* data, size_t valid_bytes, CUpti_Activity** record) {
  uint8_t* next = data;
  if (*record != nullptr) next = reinterpret_cast<uint8_t*>(*record) + RecordBytes((*record)->kind);
  if (next >= data + valid_bytes) return CUPTI_ERROR_MAX_LIMIT_REACHED;
  *record = reinterpret_cast<CUpti_Activity*>(next);
  return RecordBytes((*record)->kind) == 0 ? CUPTI_ERROR_INVALID_KIND : CUPTI_SUCCESS;
}

CUptiResult cuptiGetCallbackName(CUpti_CallbackDomain, uint32_t, const char** name) {
  *name = "cudaLaunchKernel_v7000";
  return CUPTI_SUCCESS;
}

CUptiResult cuptiActivityGetNumDroppedRecords(CUcontext, uint32_t, size_t* dropped) {
  std::lock_guard lock(mutex);
  *dropped = std::exchange(script.dropped_records, size_t{0});
  return CUPTI_SUCCESS;
}

CUptiResult cuptiActivityPushExternalCorrelationId(CUpti_ExternalCorrelationKind, uint64_t id) {
  std::lock_guard lock(mutex);
  script.pushed_ids.push_back(id);
  ++script.pushes_without_pop;
  return CUPTI_SUCCESS;
}

CUptiResult cuptiActivityPopExternalCorrelationId(CUpti_ExternalCorrelationKind, uint64_t*) {
  std::lock_guard lock(mutex);
  --script.pushes_without_pop;
  return CUPTI_SUCCESS;
}

}  // extern "C"
