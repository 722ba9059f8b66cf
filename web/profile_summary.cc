#include "web/profile_summary.h"

#include <algorithm>
#include <iterator>
#include <numeric>

namespace spirogram::web {
namespace {

constexpr double kNsPerMs = 1e6;
constexpr const char* kKnownPhases[] = {"input_wait", "forward", "backward", "optimizer",
                                        "logging"};

// The names' places, those of the phases of a step first.
std::vector<size_t> OrderPhases(const std::vector<std::string>& names) {
  std::vector<size_t> order(names.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    const auto place = [&](size_t i) {
      return std::find(std::begin(kKnownPhases), std::end(kKnownPhases), names[i]);
    };
    return place(a) < place(b);
  });
  return order;
}

}  // namespace

StepSummary SummarizeSteps(const store::PhaseTimes& times) {
  StepSummary summary;
  summary.steps = std::accumulate(times.steps.begin(), times.steps.end(), int64_t{0});
  summary.step = times.last_step;
  for (const size_t phase : OrderPhases(times.names)) {
    summary.phases.push_back(times.names[phase]);
    std::vector<double>& milliseconds = summary.milliseconds.emplace_back();
    for (size_t row = 0; row < times.steps.size(); ++row) {
      milliseconds.push_back(static_cast<double>(times.own_ns[phase][row]) / kNsPerMs /
                             static_cast<double>(times.steps[row]));
    }
  }
  return summary;
}

std::vector<KernelSummary> SummarizeKernels(const std::vector<store::KernelTotal>& totals,
                                            size_t count_max) {
  double total_ns = 0;
  for (const store::KernelTotal& total : totals) total_ns += total.total_ns;
  std::vector<KernelSummary> kernels;
  kernels.reserve(totals.size());
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
