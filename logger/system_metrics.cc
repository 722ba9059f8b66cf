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

// Of /proc/meminfo, in KiB.
std::optional<double> Field(std::string_view text, std::string_view name) {
  for (const std::string_view line : Split(text, '\n')) {
    if (!line.starts_with(name)) continue;
    const std::vector<double> numbers = Numbers(line, 1);
    if (!numbers.empty()) return numbers[0];
  }
  return std::nullopt;
}

double ProcessSeconds() {
  timespec used{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + 1e-9 * static_cast<double>(used.tv_nsec);
}

}  // namespace

std::string SystemMetrics::Read(const std::string& file) const {
  Result<std::string> text = ReadFile(sources_.proc + "/" + file, kFileBytesMax);
  return text.ok() ? std::move(text).value() : std::string();
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
