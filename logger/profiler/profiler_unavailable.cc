// The profiler of a build without CUPTI's headers.
#include "logger/profiler/profiler.h"

namespace spirogram::logger {

Result<std::unique_ptr<Profiler>> Profiler::Start(Logger*, const ProfilerOptions&) {
  return Unavailable("no GPU kernel slices: this build has no CUPTI support");
}

}  // namespace spirogram::logger
