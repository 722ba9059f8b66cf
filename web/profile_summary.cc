#include "web/profile_summary.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/str.h"

namespace spirogram::web {
namespace {

constexpr double kNsPerMs = 1e6;
constexpr const char* kKnownPhases[] = {"input_wait", "forward", "backward", "optimizer",
                                        "logging"};

// Position of each name among the phases' names, or -1 for names that no phase has.
std::vector<int> NumberPhases(const store::ProfileSlices& phases, std::vector<std::string>* names) {
  std::vector<bool> is_phase(phases.names.size(), false);
  for (const uint32_t name : phases.name) is_phase[name] = true;
  std::unordered_set<std::string_view> present;
  for (size_t i = 0; i < phases.names.size(); ++i) {
    if (is_phase[i]) present.insert(phases.names[i]);
  }
  std::unordered_map<std::string_view, int> places;
  const auto place_of = [&](std::string_view name) {
    const auto [place, is_new] = places.try_emplace(name, static_cast<int>(names->size()));
    if (is_new) names->emplace_back(name);
    return place->second;
  };
  for (const char* known : kKnownPhases) {
    if (present.contains(known)) place_of(known);
  }
  std::vector<int> numbers(phases.names.size(), -1);
  for (size_t i = 0; i < phases.names.size(); ++i) {
    if (is_phase[i]) numbers[i] = place_of(phases.names[i]);
  }
  return numbers;
}

constexpr int64_t kTimeMax = std::numeric_limits<int64_t>::max();

// Files may say anything of a slice.
int64_t EndOf(const store::ProfileSlices& phases, size_t i) {
  const int64_t duration_ns = std::max<int64_t>(0, phases.duration_ns[i]);
  int64_t end_ns = 0;
  return __builtin_add_overflow(phases.start_ns[i], duration_ns, &end_ns) ? kTimeMax : end_ns;
}

// Calls `visit` for the phases by their start; those around others come before them.
template <typename Visit>
void ForEachByStart(const store::ProfileSlices& phases, const Visit& visit) {
  const auto is_before = [&](size_t a, size_t b) {
    if (phases.start_ns[a] != phases.start_ns[b]) return phases.start_ns[a] < phases.start_ns[b];
    if (phases.duration_ns[a] != phases.duration_ns[b]) {
      return phases.duration_ns[a] > phases.duration_ns[b];
    }
    return a < b;
  };
  // As one thread logs them; but phases within a phase end, and are logged, before it.
  bool is_sorted = true;
  for (size_t i = 1; i < phases.size() && is_sorted; ++i) is_sorted = is_before(i - 1, i);
  if (is_sorted) {
    for (size_t i = 0; i < phases.size(); ++i) visit(i);
    return;
  }
  std::vector<size_t> order(phases.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), is_before);
  for (const size_t i : order) visit(i);
}

// How long each slice was the phase that had begun last.
std::vector<int64_t> MeasureOwnTimes(const store::ProfileSlices& phases) {
  std::vector<int64_t> own_ns(phases.size());
  std::vector<size_t> open;
  int64_t now = std::numeric_limits<int64_t>::min();
  const auto advance = [&](int64_t to) {
    while (!open.empty() && now < to) {
      const size_t last = open.back();
      const int64_t end = EndOf(phases, last);
      if (end <= to) open.pop_back();
      if (end <= now) continue;
      own_ns[last] += std::min(end, to) - now;
      now = std::min(end, to);
    }
    now = to;
  };
  ForEachByStart(phases, [&](size_t phase) {
    advance(phases.start_ns[phase]);
    open.push_back(phase);
  });
  advance(kTimeMax);
  return own_ns;
}

std::vector<Step> DistinctSteps(const store::ProfileSlices& phases) {
  std::vector<Step> steps;
  bool is_sorted = true;
  for (const Step step : phases.step) {
    if (!steps.empty() && step == steps.back()) continue;
    is_sorted &= steps.empty() || step > steps.back();
    steps.push_back(step);
  }
  if (is_sorted) return steps;
  std::sort(steps.begin(), steps.end());
  steps.erase(std::unique(steps.begin(), steps.end()), steps.end());
  return steps;
}

// Place of a step among `steps`, which has it. `hint`, the place of the one asked for before, is
// most often that of the next one too.
size_t PlaceOf(Step step, const std::vector<Step>& steps, size_t hint) {
  if (steps[hint] == step) return hint;
  if (hint + 1 < steps.size() && steps[hint + 1] == step) return hint + 1;
  return static_cast<size_t>(std::lower_bound(steps.begin(), steps.end(), step) - steps.begin());
}

}  // namespace

Result<StepSummary> SummarizeSteps(const store::ProfileSlices& phases, int64_t rows_max) {
  StepSummary summary;
  const std::vector<int> numbers = NumberPhases(phases, &summary.phases);
  if (summary.phases.size() > kPhasesMax) {
    return Exhausted(StrCat("the range has ", summary.phases.size(), " phases, want at most ",
                            kPhasesMax, ": ask for fewer steps"));
  }
  const std::vector<int64_t> own_ns = MeasureOwnTimes(phases);
  const std::vector<Step> steps = DistinctSteps(phases);
  summary.steps = std::ssize(steps);
  const auto steps_per_row =
      static_cast<size_t>(std::max<int64_t>(1, (summary.steps + rows_max - 1) / rows_max));
  for (size_t first = 0; first < steps.size(); first += steps_per_row) {
    summary.step.push_back(steps[std::min(first + steps_per_row, steps.size()) - 1]);
  }
  const size_t rows = summary.step.size();
  summary.milliseconds.assign(summary.phases.size(), std::vector<double>(rows));
  size_t place = 0;
  for (size_t i = 0; i < phases.size(); ++i) {
    place = PlaceOf(phases.step[i], steps, place);
    const size_t row = place / steps_per_row;
    const size_t steps_of_row = std::min(steps_per_row, steps.size() - row * steps_per_row);
    summary.milliseconds[static_cast<size_t>(numbers[phases.name[i]])][row] +=
        static_cast<double>(own_ns[i]) / (kNsPerMs * static_cast<double>(steps_of_row));
  }
  return summary;
}

std::vector<KernelSummary> SummarizeKernels(const std::vector<store::KernelTotal>& totals,
                                            size_t count_max) {
  double total_ns = 0;
  for (const store::KernelTotal& total : totals) total_ns += total.total_ns;
  std::vector<KernelSummary> kernels;
  for (const store::KernelTotal& total : totals) {
    kernels.push_back({.name = total.name,
                       .kind = total.kind,
                       .count = total.count,
                       .total_ms = total.total_ns / kNsPerMs,
                       .max_ms = static_cast<double>(total.max_ns) / kNsPerMs,
                       .share = total_ns > 0 ? total.total_ns / total_ns : 0});
  }
  std::sort(kernels.begin(), kernels.end(), [](const KernelSummary& a, const KernelSummary& b) {
    return a.total_ms != b.total_ms ? a.total_ms > b.total_ms : a.name < b.name;
  });
  if (kernels.size() > count_max) kernels.resize(count_max);
  return kernels;
}

}  // namespace spirogram::web
