// Our declarations of NVML against its header.
#include "logger/nvml_api.h"

#include <gtest/gtest.h>
#include <nvml.h>

#include <cstddef>
#include <type_traits>

namespace spirogram::logger {
namespace {

// The same result and number of parameters, each of the same size and kind: a pointer, a number.
template <typename Ours, typename Theirs>
struct IsSameToAProcessor
    : std::bool_constant<sizeof(Ours) == sizeof(Theirs) &&
                         std::is_pointer_v<Ours> == std::is_pointer_v<Theirs>> {};
template <typename... Ours, typename... Theirs>
struct IsSameToAProcessor<int(Ours...), nvmlReturn_t(Theirs...)>
    : std::conjunction<IsSameToAProcessor<Ours, Theirs>...> {};

template <typename Ours, typename Theirs>
constexpr bool kMatches = IsSameToAProcessor<Ours, Theirs>::value;

TEST(NvmlApiTest, FunctionsAreThoseOfTheHeader) {
  EXPECT_TRUE((kMatches<nvml::Init, decltype(nvmlInit_v2)>));
  EXPECT_TRUE((kMatches<nvml::Shutdown, decltype(nvmlShutdown)>));
  EXPECT_TRUE((kMatches<nvml::DeviceGetCount, decltype(nvmlDeviceGetCount_v2)>));
  EXPECT_TRUE((kMatches<nvml::DeviceGetHandleByIndex, decltype(nvmlDeviceGetHandleByIndex_v2)>));
  EXPECT_TRUE((kMatches<nvml::DeviceGetUtilizationRates, decltype(nvmlDeviceGetUtilizationRates)>));
  EXPECT_TRUE((kMatches<nvml::DeviceGetMemoryInfo, decltype(nvmlDeviceGetMemoryInfo)>));
  EXPECT_TRUE((kMatches<nvml::DeviceGetPowerUsage, decltype(nvmlDeviceGetPowerUsage)>));
  EXPECT_TRUE((kMatches<nvml::DeviceGetTemperature, decltype(nvmlDeviceGetTemperature)>));
  EXPECT_TRUE((kMatches<nvml::DeviceGetClockInfo, decltype(nvmlDeviceGetClockInfo)>));
}

TEST(NvmlApiTest, StructsAndConstantsAreThoseOfTheHeader) {
  EXPECT_EQ(sizeof(nvml::Utilization), sizeof(nvmlUtilization_t));
  EXPECT_EQ(offsetof(nvml::Utilization, gpu), offsetof(nvmlUtilization_t, gpu));
  EXPECT_EQ(sizeof(nvml::Memory), sizeof(nvmlMemory_t));
  EXPECT_EQ(offsetof(nvml::Memory, used), offsetof(nvmlMemory_t, used));
  EXPECT_EQ(int{nvml::kSuccess}, static_cast<int>(NVML_SUCCESS));
  EXPECT_EQ(int{nvml::kTemperatureOfGpu}, static_cast<int>(NVML_TEMPERATURE_GPU));
  EXPECT_EQ(int{nvml::kClockOfProcessors}, static_cast<int>(NVML_CLOCK_SM));
}

}  // namespace
}  // namespace spirogram::logger
