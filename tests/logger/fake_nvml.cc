// A libnvidia-ml with two GPUs, of which the second counts no power.
#include "logger/nvml_api.h"

namespace nvml = spirogram::logger::nvml;

namespace {

constexpr int kNotSupported = 3;  // NVML_ERROR_NOT_SUPPORTED
unsigned indices[2] = {0, 1};

unsigned IndexOf(nvml::Device* device) {
  return *reinterpret_cast<unsigned*>(device);
}

}  // namespace

extern "C" {

int nvmlInit_v2() {
  return nvml::kSuccess;
}
int nvmlShutdown() {
  return nvml::kSuccess;
}
int nvmlDeviceGetCount_v2(unsigned* count) {
  *count = 2;
  return nvml::kSuccess;
}
int nvmlDeviceGetHandleByIndex_v2(unsigned index, nvml::Device** device) {
  *device = reinterpret_cast<nvml::Device*>(&indices[index]);
  return nvml::kSuccess;
}
int nvmlDeviceGetUtilizationRates(nvml::Device* device, nvml::Utilization* rates) {
  *rates = {.gpu = 90 + IndexOf(device), .memory = 40};
  return nvml::kSuccess;
}
int nvmlDeviceGetMemoryInfo(nvml::Device*, nvml::Memory* memory) {
  *memory = {.total = 4ULL << 30, .free = 1ULL << 30, .used = 3ULL << 30};
  return nvml::kSuccess;
}
int nvmlDeviceGetPowerUsage(nvml::Device* device, unsigned* milliwatts) {
  *milliwatts = 350'500;
  return IndexOf(device) == 0 ? nvml::kSuccess : kNotSupported;
}
int nvmlDeviceGetTemperature(nvml::Device*, int sensor, unsigned* celsius) {
  *celsius = 60;
  return sensor == nvml::kTemperatureOfGpu ? nvml::kSuccess : kNotSupported;
}
int nvmlDeviceGetClockInfo(nvml::Device*, int clock, unsigned* megahertz) {
  *megahertz = 1980;
  return clock == nvml::kClockOfProcessors ? nvml::kSuccess : kNotSupported;
}

}  // extern "C"
