#include "transfer/trace_converter.h"

#include "base/str.h"
#include "transfer/event_records.h"
#include "transfer/trace_file.h"

namespace spirogram::transfer {
namespace {

constexpr std::string_view kEnding = ".pt.trace.json";
constexpr std::string_view kPackedEnding = ".gz";

// Of the system, not of the trace: another try may do better.
bool IsOfSystem(const Error& error) {
  return error.code != ErrorCode::kInvalidArgument && error.code != ErrorCode::kCorruption &&
         error.code != ErrorCode::kExhausted;
}

Status WriteWarning(const store::FileConverter::Job& job, WallTime wall_time,
                    const std::string& warning) {
  std::string record;
  EventRecords::AppendWarning(wall_time, warning, &record);
  return job.append(record);
}

}  // namespace

std::string TraceConverter::NameOf(std::string_view name) const {
  if (name.ends_with(kPackedEnding)) name.remove_suffix(kPackedEnding.size());
  return name.ends_with(kEnding) ? std::string(name) : std::string();
}

Status TraceConverter::Convert(const Job& job) const {
  const Result<TraceContent> trace =
      ReadTrace(job.path, [&](int64_t, uint64_t bytes) { return job.progress(bytes); });
  if (!trace.ok() && IsOfSystem(trace.error())) return trace.error();
  const bool is_whole = trace.ok() && trace->damage.empty();
  if (!is_whole && job.may_grow) return Unavailable(StrCat(job.path, " may still be written"));
  const WallTime start = trace.ok() ? trace->slices.StartOr(job.modified_time) : job.modified_time;
  std::string head;
  EventRecords::AppendFileVersion(start, &head);
  RETURN_IF_ERROR(job.append(head));
  if (!trace.ok()) {
    return WriteWarning(job, start, WithoutPath(trace.error().message, job.path));
  }
  if (!is_whole) RETURN_IF_ERROR(WriteWarning(job, start, DescribeDamage(*trace)));
  return trace->slices.WriteRecords(job.modified_time, job.append);
}

}  // namespace spirogram::transfer
