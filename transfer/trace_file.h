// A whole trace, as far as it can be read: a program that is killed while it writes one leaves the
// beginning of it, which is worth as much as that of any other file.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/result.h"
#include "transfer/trace_slices.h"

namespace spirogram::transfer {

struct TraceContent {
  TraceSlices slices;
  int64_t events = 0;  // complete ones, with a category
  // What ended reading before the end of the trace, and where; empty: nothing did.
  std::string damage;
};

// Called now and then; an Error ends reading, and is returned.
using TraceProgress = std::function<Status(int64_t events, uint64_t bytes_read)>;

// An Error where nothing is to be had of the file: it cannot be opened, is no trace, or holds no
// slice.
Result<TraceContent> ReadTrace(const std::string& path, const TraceProgress& progress);

// "line 7: WHAT" of "FILE, line 7: WHAT": for whom the file is known to.
std::string WithoutPath(const std::string& message, const std::string& path);

// The damage as a warning of the run. REQUIRES: there is one.
std::string DescribeDamage(const TraceContent& trace);

}  // namespace spirogram::transfer
