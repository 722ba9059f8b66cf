#include "transfer/trace_file.h"

#include <string_view>
#include <utility>

#include "base/str.h"
#include "transfer/trace_reader.h"

namespace spirogram::transfer {
namespace {

constexpr int64_t kEventsPerProgress = 4096;

}  // namespace

Result<TraceContent> ReadTrace(const std::string& path, const TraceProgress& progress) {
  ASSIGN_OR_RETURN(TraceReader events, TraceReader::Open(path));
  TraceContent content;
  TraceEvent event;
  while (true) {
    const Result<bool> has_event = events.Next(&event);
    Status status = has_event.ok() ? Status() : Status(has_event.error());
    if (has_event.ok() && !*has_event) break;
    if (status.ok()) status = content.slices.Add(event);
    if (!status.ok()) {
      if (content.slices.size() == 0) return status.error();
      content.damage = WithoutPath(status.error().message, path);
      break;
    }
    if (++content.events % kEventsPerProgress == 0 && progress) {
      RETURN_IF_ERROR(progress(content.events, events.bytes_read()));
    }
  }
  if (content.slices.size() == 0) {
    return InvalidArgument(StrCat(path, ": the trace has no operators, annotations or kernels"));
  }
  content.slices.Finish(events.rank());
  return content;
}

std::string WithoutPath(const std::string& message, const std::string& path) {
  std::string_view rest = message;
  if (!rest.starts_with(path)) return message;
  rest.remove_prefix(path.size());
  while (rest.starts_with(',') || rest.starts_with(':') || rest.starts_with(' ')) {
    rest.remove_prefix(1);
  }
  return std::string(rest);
}

std::string DescribeDamage(const TraceContent& trace) {
  return StrCat("the trace is damaged or ends early: its first ", trace.slices.size(),
                " slices are kept, what follows is lost (", trace.damage, ")");
}

}  // namespace spirogram::transfer
