#include "store/graph_stats.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "base/str.h"
#include "base/wire.h"
#include "store/tensor.h"

namespace spirogram::store {
namespace {

using Type = WireReader::Type;

constexpr size_t kNodesMax = 100'000;
constexpr size_t kDeviceBytesMax = 1'000;  // of its name, which each of its nodes has

// AllocatorMemoryUsed.total_bytes; what is negative or absurd counts as nothing.
int64_t AllocatedBytes(std::string_view memory) {
  constexpr int64_t kBytesMax = int64_t{1} << 50;
  int64_t bytes = 0;
  WireReader reader(memory);
  while (reader.Next()) {
    if (reader.Is(2, Type::kVarint)) bytes = static_cast<int64_t>(reader.number());
  }
  return bytes < 0 || bytes > kBytesMax ? 0 : bytes;
}

class StatsCollector {
 public:
  // A DeviceStepStats.
  Status AddDevice(std::string_view bytes) {
    std::string device;
    WireReader names(bytes);
    while (names.Next()) {
      if (names.Is(1, Type::kBytes)) device = ToValidUtf8(names.bytes());
    }
    if (device.size() > kDeviceBytesMax) {
      return Exhausted(StrCat("the trace names a device by more than ", kDeviceBytesMax, " bytes"));
    }
    WireReader reader(bytes);
    while (reader.Next()) {
      if (reader.Is(2, Type::kBytes)) RETURN_IF_ERROR(AddExecution(reader.bytes(), device));
    }
    if (!reader.ok()) return Corruption("run metadata: malformed device statistics");
    return {};
  }

  std::vector<NodeStats> Take() { return std::move(found_); }

 private:
  // A NodeExecStats. Times in nanoseconds are newer than those in microseconds, and finer.
  Status AddExecution(std::string_view bytes, const std::string& device) {
    NodeStats stats;
    double nanos = 0;
    WireReader reader(bytes);
    while (reader.Next()) {
      if (reader.Is(1, Type::kBytes)) stats.name = ToValidUtf8(reader.bytes());
      if (reader.Is(5, Type::kVarint)) stats.duration_us = Duration(reader.number());
      if (reader.Is(16, Type::kVarint)) nanos = Duration(reader.number());
      if (reader.Is(6, Type::kBytes)) stats.memory_bytes += AllocatedBytes(reader.bytes());
    }
    if (!reader.ok()) return Corruption("run metadata: malformed node statistics");
    if (nanos > 0) stats.duration_us = nanos / 1000;
    return Merge(std::move(stats), device);
  }

  Status Merge(NodeStats stats, const std::string& device) {
    const auto [at, is_new] = places_.try_emplace(StrCat(device, "\n", stats.name), found_.size());
    if (is_new) {
      if (found_.size() >= kNodesMax) {
        return Exhausted(StrCat("the trace has more than ", kNodesMax, " nodes"));
      }
      stats.device = device;
      found_.push_back(std::move(stats));
      found_.back().executions = 1;
      return {};
    }
    NodeStats& known = found_[at->second];
    ++known.executions;
    known.duration_us += stats.duration_us;
    known.memory_bytes = std::max(known.memory_bytes, stats.memory_bytes);
    return {};
  }

  static double Duration(uint64_t varint) {
    return std::max(0.0, static_cast<double>(static_cast<int64_t>(varint)));
  }

  std::vector<NodeStats> found_;
  std::unordered_map<std::string, size_t> places_;  // device and name -> index in found_
};

}  // namespace

Result<std::vector<NodeStats>> ParseGraphStats(GraphType type, std::string_view bytes) {
  GraphInfo info;
  info.type = type;
  if (!info.is_run_metadata()) {
    return InvalidArgument(StrCat("a ", GraphTypeName(type), " is no run metadata"));
  }
  StatsCollector collector;
  WireReader reader(bytes);
  while (reader.Next()) {
    if (!reader.Is(1, Type::kBytes)) continue;
    WireReader step_stats(reader.bytes());
    while (step_stats.Next()) {
      if (step_stats.Is(1, Type::kBytes)) RETURN_IF_ERROR(collector.AddDevice(step_stats.bytes()));
    }
    if (!step_stats.ok()) return Corruption("run metadata: malformed step statistics");
  }
  if (!reader.ok()) return Corruption("run metadata: malformed message");
  return collector.Take();
}

}  // namespace spirogram::store
