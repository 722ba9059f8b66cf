#include "logger/system_metrics.h"

#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/file.h"
#include "base/str.h"

namespace spirogram::logger {
namespace {

constexpr size_t kFileBytesMax = 1 << 20;
constexpr double kMib = 1024 * 1024;
constexpr int64_t kSilenceNs = int64_t{60} * 1'000'000'000;

// The numbers of a line, from its `first` word on, up to the first that is none.
std::vector<double> Numbers(std::string_view line, size_t first) {
  std::vector<double> numbers;
  size_t word = 0;
  for (const std::string_view part : Split(line, ' ')) {
    if (part.empty() || word++ < first) continue;
    const auto number = ParseNumber<double>(part);
    if (!number) break;
    numbers.push_back(*number);
  }
  return numbers;
}

// The first number of the line that begins so: of /proc/meminfo in KiB.
std::optional<double> Field(std::string_view text, std::string_view name) {
  for (const std::string_view line : Split(text, '\n')) {
    if (!line.starts_with(name)) continue;
    const std::vector<double> numbers = Numbers(line, 1);
    if (!numbers.empty()) return numbers[0];
  }
  return std::nullopt;
}

std::string ReadAll(const std::string& path) {
  Result<std::string> text = ReadFile(path, kFileBytesMax);
  return text.ok() ? std::move(text).value() : std::string();
}

// The files in which a control group tells of its memory.
struct GroupFiles {
  std::string_view limit;
  std::string_view used;
  std::string_view droppable;  // in memory.stat: files that the kernel drops before it kills
};
constexpr GroupFiles kGroupFilesV1 = {"/memory.limit_in_bytes", "/memory.usage_in_bytes",
                                      "total_inactive_file "};
constexpr GroupFiles kGroupFilesV2 = {"/memory.max", "/memory.current", "inactive_file "};

// Nothing where the group has no limit.
std::optional<double> LimitPercent(const std::string& group, const GroupFiles& files) {
  constexpr double kNoLimit = 1e18;  // version 1 says so by a number near 2^63
  const auto bytes = [&](std::string_view file) {
    const std::string text = ReadAll(StrCat(group, file));
    return ParseNumber<double>(std::string_view(text).substr(0, text.find('\n')));
  };
  const auto limit = bytes(files.limit);
  const auto used = bytes(files.used);
  if (!limit || !used || *limit <= 0 || *limit >= kNoLimit) return std::nullopt;
  const auto droppable = Field(ReadAll(StrCat(group, "/memory.stat")), files.droppable);
  return 100 * std::max(0.0, *used - droppable.value_or(0)) / *limit;
}

double ProcessSeconds() {
  timespec used{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + 1e-9 * static_cast<double>(used.tv_nsec);
}

}  // namespace

std::string SystemMetrics::Read(const std::string& file) const {
  return ReadAll(StrCat(sources_.proc, "/", file));
}

// proc(5): the first line of stat is user nice system idle iowait irq softirq steal, in ticks; the
// first and ninth number of an interface in net/dev are bytes received and sent.
SystemMetrics::Counters SystemMetrics::ReadCounters(int64_t now_ns) const {
  Counters counters;
  counters.now_ns = now_ns;
  counters.process_s = ProcessSeconds();
  const std::string stat = Read("stat");
  const std::vector<double> ticks = Numbers(std::string_view(stat).substr(0, stat.find('\n')), 1);
  constexpr size_t kIdle = 3;
  constexpr size_t kTicks = 8;  // what follows is counted in the first two
  if (ticks.size() >= kTicks) {
    counters.cpu_total = 0;
    for (size_t i = 0; i < kTicks; ++i) *counters.cpu_total += ticks[i];
    counters.cpu_busy = *counters.cpu_total - ticks[kIdle] - ticks[kIdle + 1];
  }
  const std::string network = Read("net/dev");
  for (const std::string_view line : Split(network, '\n')) {
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::vector<double> numbers = Numbers(line.substr(colon + 1), 0);
    const size_t name = std::min(line.find_first_not_of(' '), colon);
    if (numbers.size() < 9 || line.substr(name, colon - name) == "lo") continue;
    counters.received_bytes = counters.received_bytes.value_or(0) + numbers[0];
    counters.sent_bytes = counters.sent_bytes.value_or(0) + numbers[8];
  }
  return counters;
}

void SystemMetrics::AddMemory(std::vector<SystemValue>* values) const {
  const std::string memory = Read("meminfo");
  const auto total = Field(memory, "MemTotal:");
  const auto available = Field(memory, "MemAvailable:");
  if (total && available && *total > 0) {
    values->emplace_back("system/memory_percent", 100 * (1 - *available / *total));
  }
  const std::vector<double> pages = Numbers(Read("self/statm"), 1);
  if (pages.empty()) return;
  values->emplace_back("system/process_memory_mib",
                       pages[0] * static_cast<double>(sysconf(_SC_PAGESIZE)) / kMib);
}

// cgroups(7): each line of self/cgroup is ID:CONTROLLERS:PATH, without controllers in version 2. A
// container, a job or a slice of the system may have the limit, so the groups above count as well;
// in a container the path may be the host's, and its own group lies at the root.
void SystemMetrics::AddMemoryLimit(std::vector<SystemValue>* values) const {
  std::optional<double> highest;
  const std::string groups = Read("self/cgroup");
  for (const std::string_view line : Split(groups, '\n')) {
    const std::vector<std::string_view> parts = Split(line, ':');
    if (parts.size() < 3) continue;
    const bool is_v2 = parts[1].empty();
    if (!is_v2 && std::ranges::count(Split(parts[1], ','), "memory") == 0) continue;
    const std::string root = StrCat(sources_.cgroup, is_v2 ? "" : "/memory");
    std::string path(line.substr(parts[0].size() + parts[1].size() + 2));
    while (true) {
      const auto percent = LimitPercent(root + path, is_v2 ? kGroupFilesV2 : kGroupFilesV1);
      if (percent) highest = std::max(highest.value_or(0), *percent);
      const size_t slash = path.rfind('/');
      if (slash == std::string::npos) break;
      path.resize(slash);
    }
  }
  if (highest) values->emplace_back("system/memory_limit_percent", *highest);
}

void SystemMetrics::AddRates(const Counters& now, std::vector<SystemValue>* values) const {
  const double seconds = 1e-9 * static_cast<double>(now.now_ns - last_->now_ns);
  if (seconds <= 0) return;
  if (now.cpu_total && last_->cpu_total && *now.cpu_total > *last_->cpu_total) {
    values->emplace_back("system/cpu_percent", 100 * (*now.cpu_busy - *last_->cpu_busy) /
                                                   (*now.cpu_total - *last_->cpu_total));
  }
  values->emplace_back("system/process_cpu_cores", (now.process_s - last_->process_s) / seconds);
  const auto add_bytes = [&](const char* tag, std::optional<double> to,
                             std::optional<double> from) {
    // An interface that went takes its bytes along.
    if (to && from && *to >= *from) values->emplace_back(tag, (*to - *from) / seconds / kMib);
  };
  add_bytes("system/network_received_mib_s", now.received_bytes, last_->received_bytes);
  add_bytes("system/network_sent_mib_s", now.sent_bytes, last_->sent_bytes);
}

std::vector<SystemValue> SystemMetrics::Sample(int64_t now_ns) {
  std::vector<SystemValue> values;
  Counters now = ReadCounters(now_ns);
  if (!last_) {
    Result<std::unique_ptr<GpuCounters>> gpus = GpuCounters::Open(sources_.nvml);
    if (gpus.ok()) gpus_ = std::move(gpus).value();
  } else {
    AddRates(now, &values);
  }
  last_ = now;
  AddMemory(&values);
  AddMemoryLimit(&values);
  if (gpus_ != nullptr) gpus_->Read(&values);
  return values;
}

std::vector<SystemValue> SystemSampler::SampleIfDue(int64_t now_ns, uint64_t calls) {
  if (interval_ns_ <= 0) return {};
  if (calls != std::exchange(calls_, calls) || !last_sample_ns_) last_call_ns_ = now_ns;
  if (now_ns - last_call_ns_ > kSilenceNs) return {};
  if (last_sample_ns_ && now_ns - *last_sample_ns_ < interval_ns_) return {};
  last_sample_ns_ = now_ns;
  return metrics_.Sample(now_ns);
}

}  // namespace spirogram::logger
