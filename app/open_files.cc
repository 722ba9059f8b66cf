#include "app/open_files.h"

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>

#include "base/str.h"

namespace spirogram::app {

Status AllowOpenFiles(int want) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return ErrnoError("limit on open files", errno);
  const rlim_t most = std::min<rlim_t>(limit.rlim_max, kOpenFilesMax);
  if (limit.rlim_cur < most) {
    limit.rlim_cur = most;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) return ErrnoError("limit on open files", errno);
  }
  if (limit.rlim_cur >= static_cast<rlim_t>(want)) return {};
  return Exhausted(StrCat("this process may have ", limit.rlim_cur,
                          " files open (ulimit -n), want at least ", want, ": raise the limit"));
}

}  // namespace spirogram::app
