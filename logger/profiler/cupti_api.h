// CUPTI's functions, resolved at run time, and its errors in words.
#pragma once

#include <cupti.h>

#include <string>

#include "base/result.h"

namespace spirogram::logger {

// Function pointers of a loaded libcupti. The library stays loaded for the life of the process: its
// worker threads may outlive every use of it.
struct CuptiApi {
  decltype(&cuptiGetVersion) get_version = nullptr;
  decltype(&cuptiGetResultString) get_result_string = nullptr;
  decltype(&cuptiSubscribe_v2) subscribe = nullptr;
  decltype(&cuptiUnsubscribe) unsubscribe = nullptr;
  decltype(&cuptiActivitySetAttribute) set_attribute = nullptr;
  decltype(&cuptiSetThreadIdType) set_thread_id_type = nullptr;
  decltype(&cuptiActivityRegisterCallbacks) register_callbacks = nullptr;
  decltype(&cuptiActivityEnable) enable = nullptr;
  decltype(&cuptiActivityDisable) disable = nullptr;
  decltype(&cuptiActivityEnableRuntimeApi) enable_runtime_api = nullptr;
  decltype(&cuptiActivityEnableDriverApi) enable_driver_api = nullptr;
  decltype(&cuptiActivityFlushAll) flush_all = nullptr;
  decltype(&cuptiActivityGetNextRecord) get_next_record = nullptr;
  decltype(&cuptiGetCallbackName) get_callback_name = nullptr;
  decltype(&cuptiActivityGetNumDroppedRecords) get_num_dropped_records = nullptr;
  decltype(&cuptiActivityPushExternalCorrelationId) push_external_id = nullptr;
  decltype(&cuptiActivityPopExternalCorrelationId) pop_external_id = nullptr;
};

// Looks for libcupti in SPIROGRAM_CUPTI_PATH (then nowhere else), among the loaded libraries, where
// the system looks, and in CUDA's folders. Refuses another major version than the headers': the
// layout of records is the library's.
Result<CuptiApi> LoadCupti();

// Whether the NVIDIA driver's library is on this machine.
bool IsCudaDriverInstalled();

// Why `call` failed, in words of a user: "the driver lets only administrators profile: ...".
Error CuptiError(const CuptiApi& api, const std::string& call, CUptiResult result);

}  // namespace spirogram::logger
