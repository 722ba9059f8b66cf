#include "transfer/trace_slices.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <string_view>
#include <tuple>

#include "base/str.h"
#include "proto/event.pb.h"
#include "proto/spirogram.pb.h"
#include "transfer/event_records.h"

namespace spirogram::transfer {
namespace {

constexpr size_t kSlicesMax = 10'000'000;
constexpr size_t kSlicesPerEvent = 400;
constexpr uint32_t kRankMixer = 0x9e3779b1;  // odd: ranks stay apart, far beyond the small numbers
constexpr size_t kRecordsBytes = size_t{1} << 20;
// The year 2000: what began before it is told by a clock that began with the machine.
constexpr int64_t kEpochNsMin = 946'684'800'000'000'000;
constexpr std::string_view kStepName = "ProfilerStep#";

// As proto/spirogram.proto numbers them.
enum Kind : uint8_t { kPhase, kKernel, kCopy, kMemset, kCall };

// Categories as Kineto spells them now and as it did; nullopt for those without a place.
std::optional<Kind> KindOf(const std::string& category) {
  static const std::map<std::string, Kind, std::less<>> kinds = {
      {"user_annotation", kPhase}, {"cpu_op", kCall},       {"Operator", kCall},
      {"cuda_runtime", kCall},     {"Runtime", kCall},      {"cuda_driver", kCall},
      {"kernel", kKernel},         {"Kernel", kKernel},     {"gpu_memcpy", kCopy},
      {"Memcpy", kCopy},           {"gpu_memset", kMemset}, {"Memset", kMemset}};
  const auto found = kinds.find(category);
  return found == kinds.end() ? std::nullopt : std::optional(found->second);
}

bool IsOnHost(uint8_t kind) {
  return kind == kPhase || kind == kCall;
}

// "ProfilerStep#7" is step 7.
std::optional<Step> StepOf(std::string_view name) {
  if (!name.starts_with(kStepName)) return std::nullopt;
  name.remove_prefix(kStepName.size());
  Step step = 0;
  const auto end = std::from_chars(name.data(), name.data() + name.size(), step);
  const bool is_number = end.ec == std::errc() && end.ptr == name.data() + name.size();
  return is_number && step >= 0 ? std::optional(step) : std::nullopt;
}

// Files may say anything of a slice.
int64_t EndOf(int64_t start_ns, int64_t duration_ns) {
  int64_t end_ns = 0;
  return __builtin_add_overflow(start_ns, duration_ns, &end_ns)
             ? std::numeric_limits<int64_t>::max()
             : end_ns;
}

}  // namespace

uint32_t TraceSlices::NameId(const std::string& name) {
  const auto [found, is_new] = ids_.try_emplace(name, static_cast<uint32_t>(names_.size()));
  if (is_new) names_.push_back(name);
  return found->second;
}

Status TraceSlices::Add(const TraceEvent& event) {
  std::optional<Kind> kind = KindOf(event.category);
  if (!kind) {
    ++left_out_[event.category];
    return {};
  }
  if (slices_.size() == kSlicesMax) {
    return Exhausted(StrCat("more than ", kSlicesMax, " slices in one trace"));
  }
  const std::optional<Step> step = StepOf(event.name);
  if (step) kind = kPhase;  // old traces have them as operators
  const bool is_call = *kind == kCall;
  const uint32_t name = NameId(event.name);
  if (step) step_of_name_[name] = *step;
  slices_.push_back({.start_ns = event.start_ns,
                     .duration_ns = event.duration_ns,
                     .name = name,
                     .correlation_id = *kind == kPhase ? 0 : event.correlation_id,
                     .stream = is_call           ? event.thread
                               : IsOnHost(*kind) ? 0
                                                 : event.stream,
                     .device = IsOnHost(*kind) ? 0 : event.device,
                     .kind = *kind});
  return {};
}

void TraceSlices::FindSteps(std::vector<std::pair<int64_t, Step>>* begins) const {
  for (const Slice& slice : slices_) {
    const auto step = step_of_name_.find(slice.name);
    if (step != step_of_name_.end() && slice.kind == kPhase) {
      begins->emplace_back(slice.start_ns, step->second);
    }
  }
  std::sort(begins->begin(), begins->end());
}

void TraceSlices::Finish(uint32_t rank) {
  std::vector<std::pair<int64_t, Step>> begins;
  FindSteps(&begins);
  const auto step_at = [&begins](int64_t ns) -> Step {
    if (begins.empty()) return 0;
    const auto behind = std::upper_bound(begins.begin(), begins.end(),
                                         std::pair(ns, std::numeric_limits<Step>::max()));
    return behind == begins.begin() ? behind->second : std::prev(behind)->second;
  };
  std::unordered_map<uint32_t, Step> step_of_call;
  uint32_t first_device = std::numeric_limits<uint32_t>::max();
  for (Slice& slice : slices_) {
    slice.step = step_at(slice.start_ns);
    if (slice.kind == kCall && slice.correlation_id != 0) {
      step_of_call[slice.correlation_id] = slice.step;
    }
    if (!IsOnHost(slice.kind)) first_device = std::min(first_device, slice.device);
  }
  for (Slice& slice : slices_) {
    if (IsOnHost(slice.kind)) continue;
    const auto call = step_of_call.find(slice.correlation_id);
    if (call != step_of_call.end()) slice.step = call->second;
    // Streams of several devices and ranks have the same numbers: those of others are told apart.
    slice.stream += 1000 * (slice.device - first_device + rank);
  }
  // Each rank counts its calls from 1, and its kernels belong to no call of another one.
  for (Slice& slice : slices_) {
    if (slice.correlation_id != 0) slice.correlation_id ^= rank * kRankMixer;
  }
  // All steps are one phase.
  const uint32_t step_name = step_of_name_.empty() ? 0 : NameId("ProfilerStep");
  for (Slice& slice : slices_) {
    if (step_of_name_.contains(slice.name)) slice.name = step_name;
  }
  std::sort(slices_.begin(), slices_.end(), [](const Slice& a, const Slice& b) {
    return std::tie(a.start_ns, b.duration_ns, a.kind) <
           std::tie(b.start_ns, a.duration_ns, b.kind);
  });
}

WallTime TraceSlices::StartOr(WallTime wall_time) const {
  if (slices_.empty() || slices_.front().start_ns < kEpochNsMin) return wall_time;
  return 1e-9 * static_cast<double>(slices_.front().start_ns);
}

std::string TraceSlices::Encode(size_t from, size_t to) const {
  proto::ProfileSlices out;
  std::unordered_map<uint32_t, uint32_t> ids;
  int64_t last_start = 0;
  Step last_step = 0;
  for (size_t i = from; i < to; ++i) {
    const Slice& slice = slices_[i];
    const auto [id, is_new] = ids.emplace(slice.name, static_cast<uint32_t>(ids.size()));
    if (is_new) out.add_names(names_[slice.name]);
    out.add_kind(slice.kind);
    out.add_name(id->second);
    // Differences wrap around as two's complement does, so that any two values have one.
    out.add_start_ns(static_cast<int64_t>(static_cast<uint64_t>(slice.start_ns) -
                                          static_cast<uint64_t>(last_start)));
    out.add_duration_ns(static_cast<uint64_t>(slice.duration_ns));
    out.add_step(slice.step - last_step);
    out.add_correlation_id(slice.correlation_id);
    out.add_stream(slice.stream);
    last_start = slice.start_ns;
    last_step = slice.step;
  }
  return out.SerializeAsString();
}

Status TraceSlices::WriteRecords(WallTime wall_time, const Sink& sink) const {
  const auto time_at = [&](int64_t ns) {
    return slices_.front().start_ns < kEpochNsMin ? wall_time : 1e-9 * static_cast<double>(ns);
  };
  std::string records;
  Step step = 0;  // never goes back, which would be a restart
  int64_t end_ns = 0;
  for (size_t from = 0; from < slices_.size(); from += kSlicesPerEvent) {
    const size_t to = std::min(slices_.size(), from + kSlicesPerEvent);
    for (size_t i = from; i < to; ++i) {
      step = std::max(step, slices_[i].step);
      end_ns = std::max(end_ns, EndOf(slices_[i].start_ns, slices_[i].duration_ns));
    }
    proto::Summary::Value value;
    value.set_tag("profile");
    value.mutable_metadata()->mutable_plugin_data()->set_plugin_name("spirogram_profile");
    value.mutable_metadata()->set_data_class(proto::DATA_CLASS_TENSOR);
    value.mutable_tensor()->set_dtype(proto::DT_STRING);
    value.mutable_tensor()->mutable_tensor_shape();
    value.mutable_tensor()->add_string_val(Encode(from, to));
    EventRecords::AppendValue(step, time_at(slices_[from].start_ns), value.SerializeAsString(),
                              &records);
    if (records.size() < kRecordsBytes) continue;
    RETURN_IF_ERROR(sink(records));
    records.clear();
  }
  // So that traces of several ranks overlap in time, however short they are: none is a restart.
  if (!slices_.empty()) EventRecords::AppendMoment(time_at(end_ns), &records);
  return sink(records);
}

}  // namespace spirogram::transfer
