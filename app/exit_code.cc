#include "app/exit_code.h"

#include <cerrno>
#include <cstdio>

#include "base/printable.h"

namespace spirogram::app {

int ReportError(const Error& error) {
  std::fprintf(stderr, "spirogram: %s\n", ToPrintable(error.message).c_str());
  switch (error.code) {
    case ErrorCode::kInvalidArgument:
      return kExitUsage;
    case ErrorCode::kNotFound:
      return kExitNotFound;
    case ErrorCode::kPermission:
      return kExitPermission;
    case ErrorCode::kUnavailable:
      return kExitUnavailable;
    case ErrorCode::kCorruption:
      return kExitCorruption;
    case ErrorCode::kExhausted:
    case ErrorCode::kCancelled:
    case ErrorCode::kConflict:
    case ErrorCode::kInternal:
      break;
  }
  return kExitFailure;
}

int FlushStdout() {
  errno = 0;
  const bool is_flushed = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
  if (is_flushed) return kExitOk;
  return ReportError(ErrnoError("write to stdout", errno == 0 ? EIO : errno));
}

}  // namespace spirogram::app
