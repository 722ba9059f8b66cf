#include "tests/testing/no_links.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace spirogram::testing {

std::atomic<bool> has_no_links = false;

}  // namespace spirogram::testing

// In the place of the C library's.
extern "C" int link(const char* from, const char* to) noexcept {
  if (!spirogram::testing::has_no_links) return linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
  errno = EPERM;
  return -1;
}
