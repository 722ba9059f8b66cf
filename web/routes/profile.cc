#include <algorithm>

#include "base/str.h"
#include "web/json.h"
#include "web/profile_summary.h"
#include "web/routes/handlers.h"

namespace spirogram::web {
namespace {

constexpr IntegerRange kRowsRange = {3, 10'000};
constexpr IntegerRange kTopRange = {1, 1000};
constexpr size_t kSlicesMax = 200'000;
constexpr double kNsPerMs = 1e6;

std::vector<double> ToMilliseconds(const std::vector<int64_t>& ns) {
  std::vector<double> milliseconds;
  milliseconds.reserve(ns.size());
  for (const int64_t value : ns) milliseconds.push_back(static_cast<double>(value) / kNsPerMs);
  return milliseconds;
}

// Since the first of them: files may say times that lie further apart than an int64_t counts.
std::vector<double> SinceFirst(const std::vector<int64_t>& ns) {
  std::vector<double> milliseconds;
  milliseconds.reserve(ns.size());
  const auto first = std::min_element(ns.begin(), ns.end());
  for (const int64_t value : ns) {
    const uint64_t passed = static_cast<uint64_t>(value) - static_cast<uint64_t>(*first);
    milliseconds.push_back(static_cast<double>(passed) / kNsPerMs);
  }
  return milliseconds;
}

void AddSlices(const store::ProfileSlices& slices, ColumnsBuilder* builder) {
  std::vector<uint8_t> kinds;
  kinds.reserve(slices.size());
  for (const auto kind : slices.kind) kinds.push_back(static_cast<uint8_t>(kind));
  builder->BeginItem(ProfileSlicesItemJson(slices.names));
  builder->Add("kind", std::span<const uint8_t>(kinds));
  builder->Add("name", std::span<const uint32_t>(slices.name));
  builder->Add("start_ms", std::span<const double>(SinceFirst(slices.start_ns)));
  builder->Add("duration_ms", std::span<const double>(ToMilliseconds(slices.duration_ns)));
  builder->AddSteps("step", slices.step);
  builder->Add("correlation_id", std::span<const uint32_t>(slices.correlation_id));
  builder->Add("stream", std::span<const uint32_t>(slices.stream));
}

}  // namespace

Result<Response> HandleProfileSteps(const Call& call) {
  ASSIGN_OR_RETURN(const store::RunId run, RequiredRun(call.query));
  ASSIGN_OR_RETURN(const StepRange range, OptionalSteps(call.query));
  ASSIGN_OR_RETURN(const int64_t rows_max, call.query.Integer("rows", kRowsRange, 1000));
  ASSIGN_OR_RETURN(const auto times, call.context.store.ReadPhaseTimes(run, range.from, range.to,
                                                                       static_cast<int>(rows_max)));
  ASSIGN_OR_RETURN(const auto notes, call.context.store.ReadProfileNotes(run));
  const StepSummary summary = SummarizeSteps(times);
  ColumnsBuilder builder;
  builder.BeginItem(ProfileStepsItemJson(run, summary, notes));
  builder.AddSteps("step", summary.step);
  for (size_t i = 0; i < summary.phases.size(); ++i) {
    builder.Add(summary.phases[i], std::span<const double>(summary.milliseconds[i]));
  }
  return ColumnsResponse(builder.Finish());
}

Result<Response> HandleProfileKernels(const Call& call) {
  ASSIGN_OR_RETURN(const store::RunId run, RequiredRun(call.query));
  ASSIGN_OR_RETURN(const int64_t top, call.query.Integer("top", kTopRange, 20));
  ASSIGN_OR_RETURN(const auto totals, call.context.store.ReadKernelTotals(run));
  return JsonResponse(KernelsJson(SummarizeKernels(totals, static_cast<size_t>(top))));
}

Result<Response> HandleProfileSlices(const Call& call) {
  ASSIGN_OR_RETURN(const store::RunId run, RequiredRun(call.query));
  ASSIGN_OR_RETURN(const StepRange range, OptionalSteps(call.query));
  ASSIGN_OR_RETURN(const auto slices, call.context.store.ReadProfile(run, range.from, range.to));
  if (slices.size() > kSlicesMax) {
    return Exhausted(StrCat("the range has ", slices.size(), " slices, want at most ", kSlicesMax,
                            ": ask for fewer steps"));
  }
  ColumnsBuilder builder;
  AddSlices(slices, &builder);
  return ColumnsResponse(builder.Finish());
}

}  // namespace spirogram::web
