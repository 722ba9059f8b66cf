#include "tests/testing/sync_spy.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <mutex>
#include <system_error>
#include <utility>

namespace spirogram::testing {
namespace {

std::mutex mutex;  // guards synced
std::vector<std::string> synced;
std::function<void(const std::string&)> on_sync;

int Sync(long call, int fd) {
  std::error_code error;
  const auto path = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd), error);
  {
    std::lock_guard lock(mutex);
    synced.push_back(path.string());
  }
  if (on_sync) on_sync(path.string());
  return static_cast<int>(syscall(call, fd));
}

}  // namespace

std::vector<std::string> TakeSynced() {
  std::lock_guard lock(mutex);
  return std::exchange(synced, {});
}

void OnSync(std::function<void(const std::string& path)> listener) {
  on_sync = std::move(listener);
}

}  // namespace spirogram::testing

// In the place of the C library's.
extern "C" int fsync(int fd) {
  return spirogram::testing::Sync(SYS_fsync, fd);
}
extern "C" int fdatasync(int fd) {
  return spirogram::testing::Sync(SYS_fdatasync, fd);
}
