#include "web/profile_summary.h"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

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
  const auto add = [&](const std::string& name) {
    if (std::find(phases->begin(), phases->end(), name) == phases->end()) phases->push_back(name);
  };
  for (const char* known : kKnownPhases) {
    for (size_t i = 0; i < slices.names.size(); ++i) {
      if (is_phase[i] && slices.names[i] == known) add(known);
    }
  }
  std::vector<int> numbers(slices.names.size(), -1);
  for (size_t i = 0; i < slices.names.size(); ++i) {
    if (!is_phase[i]) continue;
    add(slices.names[i]);
    const auto found = std::find(phases->begin(), phases->end(), slices.names[i]);
    numbers[i] = static_cast<int>(found - phases->begin());
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

StepSummary SummarizeSteps(const store::ProfileSlices& slices, int64_t rows_max) {
  StepSummary summary;
  const std::vector<int> numbers = NumberPhases(slices, &summary.phases);
  const std::vector<size_t> phases = SortPhases(slices);
  const std::vector<int64_t> own_ns = MeasureOwnTimes(slices, phases);
  std::map<Step, std::vector<double>> by_step;
  for (const size_t i : phases) {
    std::vector<double>& totals = by_step[slices.step[i]];
    totals.resize(summary.phases.size());
    totals[static_cast<size_t>(numbers[slices.name[i]])] +=
        static_cast<double>(own_ns[i]) / kNsPerMs;
  }
  summary.steps = static_cast<int64_t>(by_step.size());
  summary.milliseconds.resize(summary.phases.size());
  const int64_t steps_per_row = std::max<int64_t>(1, (summary.steps + rows_max - 1) / rows_max);
  int64_t steps_in_row = 0;
  for (const auto& [step, totals] : by_step) {
    if (steps_in_row == 0) {
      summary.step.push_back(step);
      for (auto& column : summary.milliseconds) column.push_back(0);
    }
    ++steps_in_row;
    summary.step.back() = step;
    for (size_t phase = 0; phase < totals.size(); ++phase) {
      double& mean = summary.milliseconds[phase].back();
      mean += (totals[phase] - mean) / static_cast<double>(steps_in_row);
    }
    if (steps_in_row == steps_per_row) steps_in_row = 0;
  }
  return summary;
}

std::vector<KernelSummary> SummarizeKernels(const store::ProfileSlices& slices, size_t count_max) {
  std::map<std::pair<uint32_t, Kind>, KernelSummary> by_name;
  double total_ms = 0;
  for (size_t i = 0; i < slices.size(); ++i) {
    if (slices.kind[i] == Kind::kPhase || slices.kind[i] == Kind::kCall) continue;
    KernelSummary& kernel = by_name[{slices.name[i], slices.kind[i]}];
    const double milliseconds = static_cast<double>(slices.duration_ns[i]) / kNsPerMs;
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
