#include "web/profile_summary.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/str.h"

namespace spirogram::web {
namespace {

using Kind = store::ProfileSlices::Kind;

constexpr double kNsPerMs = 1e6;
constexpr const char* kKnownPhases[] = {"input_wait", "forward", "backward", "optimizer",
                                        "logging"};

// Position of each name among the phases, or -1 for names that no phase has.
std::vector<int> NumberPhases(const store::ProfileSlices& slices,
                              std::vector<std::string>* phases) {
  std::vector<bool> is_phase(slices.names.size(), false);
  for (size_t i = 0; i < slices.size(); ++i) {
    if (slices.kind[i] == Kind::kPhase) is_phase[slices.name[i]] = true;
  }
  std::unordered_set<std::string_view> present;
  for (size_t i = 0; i < slices.names.size(); ++i) {
    if (is_phase[i]) present.insert(slices.names[i]);
  }
  std::unordered_map<std::string_view, int> places;
  const auto place_of = [&](std::string_view name) {
    const auto [place, is_new] = places.try_emplace(name, static_cast<int>(phases->size()));
    if (is_new) phases->emplace_back(name);
    return place->second;
  };
  for (const char* known : kKnownPhases) {
    if (present.contains(known)) place_of(known);
  }
  std::vector<int> numbers(slices.names.size(), -1);
  for (size_t i = 0; i < slices.names.size(); ++i) {
    if (is_phase[i]) numbers[i] = place_of(slices.names[i]);
  }
  return numbers;
}

constexpr int64_t kTimeMax = std::numeric_limits<int64_t>::max();

// Files may say anything of a slice.
int64_t EndOf(const store::ProfileSlices& slices, size_t i) {
  const int64_t duration_ns = std::max<int64_t>(0, slices.duration_ns[i]);
  int64_t end_ns = 0;
  return __builtin_add_overflow(slices.start_ns[i], duration_ns, &end_ns) ? kTimeMax : end_ns;
}

// The phases by their start; those around others come before them.
std::vector<size_t> SortPhases(const store::ProfileSlices& slices) {
  std::vector<size_t> phases;
  for (size_t i = 0; i < slices.size(); ++i) {
    if (slices.kind[i] == Kind::kPhase) phases.push_back(i);
  }
  std::sort(phases.begin(), phases.end(), [&](size_t a, size_t b) {
    if (slices.start_ns[a] != slices.start_ns[b]) return slices.start_ns[a] < slices.start_ns[b];
    if (slices.duration_ns[a] != slices.duration_ns[b]) {
      return slices.duration_ns[a] > slices.duration_ns[b];
    }
    return a < b;
  });
  return phases;
}

// How long each slice was the phase that had begun last; 0 for what is no phase.
std::vector<int64_t> MeasureOwnTimes(const store::ProfileSlices& slices,
                                     const std::vector<size_t>& phases) {
  std::vector<int64_t> own_ns(slices.size());
  std::vector<size_t> open;
  int64_t now = std::numeric_limits<int64_t>::min();
  const auto advance = [&](int64_t to) {
    while (!open.empty() && now < to) {
      const size_t last = open.back();
      const int64_t end = EndOf(slices, last);
      if (end <= to) open.pop_back();
      if (end <= now) continue;
      own_ns[last] += std::min(end, to) - now;
      now = std::min(end, to);
    }
    now = to;
  };
  for (const size_t phase : phases) {
    advance(slices.start_ns[phase]);
    open.push_back(phase);
  }
  advance(kTimeMax);
  return own_ns;
}

}  // namespace

Result<StepSummary> SummarizeSteps(const store::ProfileSlices& slices, int64_t rows_max) {
  StepSummary summary;
  const std::vector<int> numbers = NumberPhases(slices, &summary.phases);
  if (summary.phases.size() > kPhasesMax) {
    return Exhausted(StrCat("the range has ", summary.phases.size(), " phases, want at most ",
                            kPhasesMax, ": ask for fewer steps"));
  }
  const std::vector<size_t> phases = SortPhases(slices);
  const std::vector<int64_t> own_ns = MeasureOwnTimes(slices, phases);
  std::set<Step> steps;
  for (const size_t i : phases) steps.insert(slices.step[i]);
  summary.steps = std::ssize(steps);
  const int64_t steps_per_row = std::max<int64_t>(1, (summary.steps + rows_max - 1) / rows_max);
  std::unordered_map<Step, size_t> rows;
  std::vector<int64_t> steps_of_row;
  for (const Step step : steps) {
    if (steps_of_row.empty() || steps_of_row.back() == steps_per_row) {
      summary.step.push_back(step);
      steps_of_row.push_back(0);
    }
    summary.step.back() = step;
    ++steps_of_row.back();
    rows[step] = steps_of_row.size() - 1;
  }
  summary.milliseconds.assign(summary.phases.size(), std::vector<double>(steps_of_row.size()));
  for (const size_t i : phases) {
    const auto phase = static_cast<size_t>(numbers[slices.name[i]]);
    const size_t row = rows.at(slices.step[i]);
    summary.milliseconds[phase][row] +=
        static_cast<double>(own_ns[i]) / (kNsPerMs * static_cast<double>(steps_of_row[row]));
  }
  return summary;
}

std::vector<KernelSummary> SummarizeKernels(const store::ProfileSlices& slices, size_t count_max) {
  std::map<std::pair<uint32_t, Kind>, KernelSummary> by_name;
  double total_ms = 0;
  for (size_t i = 0; i < slices.size(); ++i) {
    if (slices.kind[i] == Kind::kPhase || slices.kind[i] == Kind::kCall) continue;
    KernelSummary& kernel = by_name[{slices.name[i], slices.kind[i]}];
    const int64_t duration_ns = std::max<int64_t>(0, slices.duration_ns[i]);
    const double milliseconds = static_cast<double>(duration_ns) / kNsPerMs;
    ++kernel.count;
    kernel.total_ms += milliseconds;
    kernel.max_ms = std::max(kernel.max_ms, milliseconds);
    total_ms += milliseconds;
  }
  std::vector<KernelSummary> kernels;
  for (auto& [key, kernel] : by_name) {
    kernel.name = slices.names[key.first];
    kernel.kind = key.second;
    kernel.share = total_ms > 0 ? kernel.total_ms / total_ms : 0;
    kernels.push_back(std::move(kernel));
  }
  std::sort(kernels.begin(), kernels.end(), [](const KernelSummary& a, const KernelSummary& b) {
    return a.total_ms != b.total_ms ? a.total_ms > b.total_ms : a.name < b.name;
  });
  if (kernels.size() > count_max) kernels.resize(count_max);
  return kernels;
}

}  // namespace spirogram::web
