#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/str.h"
#include "mapping/map.h"

namespace spirogram::mapping {
namespace {

constexpr size_t kSystemFileBytesMax = size_t{1} << 20;

// The first line of a file of the kernel.
std::optional<int64_t> ReadNumberFile(const std::string& path) {
  const Result<std::string> text = ReadFile(path, kSystemFileBytesMax);
  if (!text.ok()) return std::nullopt;
  return ParseNumber<int64_t>(std::string_view(*text).substr(0, text->find('\n')));
}

// "MemAvailable:   12345 kB"
std::optional<int64_t> ReadAvailable() {
  constexpr std::string_view kKey = "MemAvailable:";
  const Result<std::string> text = ReadFile("/proc/meminfo", kSystemFileBytesMax);
  if (!text.ok()) return std::nullopt;
  const size_t at = text->find(kKey);
  if (at == std::string::npos) return std::nullopt;
  const size_t begin = text->find_first_not_of(' ', at + kKey.size());
  if (begin == std::string::npos) return std::nullopt;
  const size_t end = text->find(' ', begin);
  const auto kibibytes = ParseNumber<int64_t>(std::string_view(*text).substr(begin, end - begin));
  return kibibytes ? std::optional(*kibibytes * 1024) : std::nullopt;
}

// Version 2; within a container its own group is the root of what it sees.
std::optional<int64_t> ReadGroupRest() {
  const auto most = ReadNumberFile("/sys/fs/cgroup/memory.max");
  const auto used = ReadNumberFile("/sys/fs/cgroup/memory.current");
  return most && used ? std::optional(std::max<int64_t>(*most - *used, 0)) : std::nullopt;
}

}  // namespace

int64_t AvailableMemoryBytes() {
  const int64_t physical = int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGESIZE);
  const int64_t available = ReadAvailable().value_or(physical);
  return std::min(available, ReadGroupRest().value_or(available));
}

}  // namespace spirogram::mapping
