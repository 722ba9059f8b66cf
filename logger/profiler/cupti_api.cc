#include "logger/profiler/cupti_api.h"

#include <dlfcn.h>

#include <cstdint>
#include <cstdlib>
#include <vector>

#include "base/str.h"

namespace spirogram::logger {
namespace {

// Since CUDA 13, a CUPTI version is 10,000 x the major version of CUDA and so on.
constexpr uint32_t kMajor = CUPTI_API_VERSION / 10'000;

std::vector<std::string> Candidates() {
  if (const char* path = std::getenv("SPIROGRAM_CUPTI_PATH"); path != nullptr) return {path};
  const std::string name = StrCat("libcupti.so.", kMajor);
  std::vector<std::string> paths = {name, "libcupti.so"};
  std::vector<std::string> roots;
  if (const char* home = std::getenv("CUDA_HOME"); home != nullptr) roots.emplace_back(home);
  roots.emplace_back("/usr/local/cuda");
  for (const std::string& root : roots) {
    for (const char* folder : {"/extras/CUPTI/lib64/", "/lib64/", "/lib/"}) {
      paths.push_back(StrCat(root, folder, name));
    }
  }
  return paths;
}

void* OpenLibrary(const std::vector<std::string>& candidates) {
  // One that is loaded already wins: two copies of CUPTI in a process do not work.
  for (const int mode : {RTLD_NOW | RTLD_NOLOAD, RTLD_NOW}) {
    for (const std::string& path : candidates) {
      if (void* library = dlopen(path.c_str(), mode); library != nullptr) return library;
    }
  }
  return nullptr;
}

template <typename Function>
bool Resolve(void* library, const char* name, Function* function) {
  *function = reinterpret_cast<Function>(dlsym(library, name));
  return *function != nullptr;
}

// The name of the first function that is missing, or null.
const char* ResolveAll(void* library, CuptiApi* api) {
  const char* missing = nullptr;
  const auto resolve = [&](const char* name, auto* function) {
    if (!Resolve(library, name, function) && missing == nullptr) missing = name;
  };
  resolve("cuptiGetVersion", &api->get_version);
  resolve("cuptiGetResultString", &api->get_result_string);
  resolve("cuptiSubscribe_v2", &api->subscribe);
  resolve("cuptiUnsubscribe", &api->unsubscribe);
  resolve("cuptiActivitySetAttribute", &api->set_attribute);
  resolve("cuptiSetThreadIdType", &api->set_thread_id_type);
  resolve("cuptiActivityRegisterCallbacks", &api->register_callbacks);
  resolve("cuptiActivityEnable", &api->enable);
  resolve("cuptiActivityDisable", &api->disable);
  resolve("cuptiActivityEnableRuntimeApi", &api->enable_runtime_api);
  resolve("cuptiActivityEnableDriverApi", &api->enable_driver_api);
  resolve("cuptiActivityFlushAll", &api->flush_all);
  resolve("cuptiActivityGetNextRecord", &api->get_next_record);
  resolve("cuptiGetCallbackName", &api->get_callback_name);
  resolve("cuptiActivityGetNumDroppedRecords", &api->get_num_dropped_records);
  resolve("cuptiActivityPushExternalCorrelationId", &api->push_external_id);
  resolve("cuptiActivityPopExternalCorrelationId", &api->pop_external_id);
  return missing;
}

}  // namespace

bool IsCudaDriverInstalled() {
  // Kept open when it is: a driver library is not made to be unloaded.
  return dlopen("libcuda.so.1", RTLD_LAZY) != nullptr;
}

Result<CuptiApi> LoadCupti() {
  const std::vector<std::string> candidates = Candidates();
  void* library = OpenLibrary(candidates);
  if (library == nullptr) {
    if (!IsCudaDriverInstalled()) return NotFound("libcuda.so.1 is not installed");
    return NotFound(StrCat("libcupti was not found: tried ", candidates.front(), " and ",
                           candidates.size() - 1, " other places; SPIROGRAM_CUPTI_PATH names it"));
  }
  CuptiApi api;
  uint32_t version = 0;
  if (!Resolve(library, "cuptiGetVersion", &api.get_version) ||
      api.get_version(&version) != CUPTI_SUCCESS) {
    return Unavailable("libcupti does not tell its version");
  }
  if (version / 10'000 != kMajor) {
    return Unavailable(StrCat("libcupti has version ", version, ", want ", kMajor, "xxxx"));
  }
  if (const char* missing = ResolveAll(library, &api); missing != nullptr) {
    return Unavailable(StrCat("libcupti ", version, " has no function ", missing));
  }
  return api;
}

Error CuptiError(const CuptiApi& api, const std::string& call, CUptiResult result) {
  switch (result) {
    case CUPTI_ERROR_INSUFFICIENT_PRIVILEGES:
      return Permission(
          "the driver lets only administrators profile: set "
          "NVreg_RestrictProfilingToAdminUsers=0 for the nvidia kernel module");
    case CUPTI_ERROR_NOT_INITIALIZED:
    case CUPTI_ERROR_UNKNOWN:  // what every call returns without a driver
      if (!IsCudaDriverInstalled()) return NotFound("libcuda.so.1 is not installed");
      break;
    case CUPTI_ERROR_VIRTUALIZED_DEVICE_NOT_SUPPORTED:
    case CUPTI_ERROR_VIRTUALIZED_DEVICE_INSUFFICIENT_PRIVILEGES:
      return Permission("profiling of this virtual GPU is not allowed");
    default:
      break;
  }
  const char* text = nullptr;
  api.get_result_string(result, &text);
  const char* hint =
      result == CUPTI_ERROR_NOT_INITIALIZED ? ": the NVIDIA driver may be older than libcupti" : "";
  return Unavailable(StrCat(call, " failed with CUPTI error ", static_cast<int>(result), " (",
                            text != nullptr ? text : "unknown", ")", hint));
}

}  // namespace spirogram::logger
