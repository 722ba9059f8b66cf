// The part of NVML's binary interface that gpu_counters.cc calls, which NVIDIA keeps stable. A test
// holds it against nvml.h where that is installed. Source: the NVML API reference of CUDA 13.0.
#pragma once

namespace spirogram::logger::nvml {

struct Device;  // nvmlDevice_st

struct Utilization {
  unsigned gpu;     // percent of the last period in which a kernel ran
  unsigned memory;  // percent of it in which memory was read or written
};

struct Memory {  // bytes
  unsigned long long total;
  unsigned long long free;
  unsigned long long used;
};

inline constexpr int kSuccess = 0;            // NVML_SUCCESS
inline constexpr int kTemperatureOfGpu = 0;   // NVML_TEMPERATURE_GPU
inline constexpr int kClockOfProcessors = 1;  // NVML_CLOCK_SM

using Init = int();                                                   // nvmlInit_v2
using Shutdown = int();                                               // nvmlShutdown
using DeviceGetCount = int(unsigned* count);                          // ..._v2
using DeviceGetHandleByIndex = int(unsigned index, Device** device);  // ..._v2
using DeviceGetUtilizationRates = int(Device* device, Utilization* rates);
using DeviceGetMemoryInfo = int(Device* device, Memory* memory);
using DeviceGetPowerUsage = int(Device* device, unsigned* milliwatts);
using DeviceGetTemperature = int(Device* device, int sensor, unsigned* celsius);
using DeviceGetClockInfo = int(Device* device, int clock, unsigned* megahertz);

}  // namespace spirogram::logger::nvml
