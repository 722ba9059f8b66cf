#include "logger/gpu_counters.h"

#include <dlfcn.h>

#include <algorithm>

#include "base/str.h"
#include "logger/nvml_api.h"

namespace spirogram::logger {
namespace {

constexpr unsigned kGpusMax = 16;
constexpr double kMib = 1024 * 1024;

struct Functions {
  nvml::Init* init = nullptr;
  nvml::Shutdown* shutdown = nullptr;
  nvml::DeviceGetCount* count = nullptr;
  nvml::DeviceGetHandleByIndex* handle = nullptr;
  nvml::DeviceGetUtilizationRates* utilization = nullptr;
  nvml::DeviceGetMemoryInfo* memory = nullptr;
  nvml::DeviceGetPowerUsage* power = nullptr;
  nvml::DeviceGetTemperature* temperature = nullptr;
  nvml::DeviceGetClockInfo* clock = nullptr;
};

template <typename Function>
bool Find(void* library, const char* name, Function** function) {
  *function = reinterpret_cast<Function*>(dlsym(library, name));
  return *function != nullptr;
}

bool FindAll(void* library, Functions* f) {
  return Find(library, "nvmlInit_v2", &f->init) && Find(library, "nvmlShutdown", &f->shutdown) &&
         Find(library, "nvmlDeviceGetCount_v2", &f->count) &&
         Find(library, "nvmlDeviceGetHandleByIndex_v2", &f->handle) &&
         Find(library, "nvmlDeviceGetUtilizationRates", &f->utilization) &&
         Find(library, "nvmlDeviceGetMemoryInfo", &f->memory) &&
         Find(library, "nvmlDeviceGetPowerUsage", &f->power) &&
         Find(library, "nvmlDeviceGetTemperature", &f->temperature) &&
         Find(library, "nvmlDeviceGetClockInfo", &f->clock);
}

class NvmlCounters final : public GpuCounters {
 public:
  explicit NvmlCounters(const Functions& functions) : nvml_(functions) {}
  ~NvmlCounters() override { nvml_.shutdown(); }

  Status FindDevices() {
    unsigned count = 0;
    if (nvml_.count(&count) != nvml::kSuccess) count = 0;
    for (unsigned i = 0; i < std::min(count, kGpusMax); ++i) {
      nvml::Device* device = nullptr;
      if (nvml_.handle(i, &device) == nvml::kSuccess) devices_.push_back(device);
    }
    return devices_.empty() ? Status(Unavailable("NVML names no GPU")) : Status();
  }

  void Read(std::vector<SystemValue>* values) override {
    for (size_t i = 0; i < devices_.size(); ++i) {
      ReadDevice(devices_[i], StrCat("system/gpu_", i, "/"), values);
    }
  }

 private:
  void ReadDevice(nvml::Device* device, const std::string& prefix,
                  std::vector<SystemValue>* values) {
    nvml::Utilization rates{};
    nvml::Memory memory{};
    unsigned number = 0;
    const auto add = [&](const char* name, double value) {
      values->emplace_back(prefix + name, value);
    };
    if (nvml_.utilization(device, &rates) == nvml::kSuccess) add("busy_percent", rates.gpu);
    if (nvml_.memory(device, &memory) == nvml::kSuccess) {
      add("memory_mib", static_cast<double>(memory.used) / kMib);
    }
    if (nvml_.power(device, &number) == nvml::kSuccess) add("power_watt", number / 1e3);
    if (nvml_.temperature(device, nvml::kTemperatureOfGpu, &number) == nvml::kSuccess) {
      add("temperature_celsius", number);
    }
    if (nvml_.clock(device, nvml::kClockOfProcessors, &number) == nvml::kSuccess) {
      add("clock_mhz", number);
    }
  }

  const Functions nvml_;
  std::vector<nvml::Device*> devices_;
};

}  // namespace

Result<std::unique_ptr<GpuCounters>> GpuCounters::Open(const std::string& library) {
  // Never closed: what a driver's library leaves behind in a process cannot be unloaded safely.
  void* const handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return Unavailable(StrCat(library, " is not installed"));
  Functions functions;
  if (!FindAll(handle, &functions)) return Unavailable(StrCat(library, " lacks a function"));
  if (const int code = functions.init(); code != nvml::kSuccess) {
    return Unavailable(StrCat(library, ": nvmlInit returned ", code));
  }
  auto counters = std::make_unique<NvmlCounters>(functions);
  RETURN_IF_ERROR(counters->FindDevices());
  return std::unique_ptr<GpuCounters>(std::move(counters));
}

}  // namespace spirogram::logger
