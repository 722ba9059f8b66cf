#include "logger/event_file.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/str.h"
#include "logger/item_encoder.h"

namespace spirogram::logger {
namespace {

std::string HostName() {
  char name[256] = {};
  if (gethostname(name, sizeof name - 1) != 0 || name[0] == '\0') return "localhost";
  std::string host(name);
  std::replace(host.begin(), host.end(), '/', '_');
  return host;
}

}  // namespace

std::string NextEventFileName(WallTime wall_time) {
  static std::atomic<int> next_uid{0};
  std::string seconds = StrCat(static_cast<int64_t>(wall_time));
  if (seconds.size() < 10) seconds.insert(0, 10 - seconds.size(), '0');  // names sort by time
  return StrCat("events.out.tfevents.", seconds, ".", HostName(), ".", getpid(), ".",
                next_uid.fetch_add(1), ".v2");
}

Result<EventFile> EventFile::Create(const std::string& run_dir, WallTime wall_time) {
  RETURN_IF_ERROR(MakeFolders(run_dir));
  const std::string path = StrCat(run_dir, "/", NextEventFileName(wall_time));
  ASSIGN_OR_RETURN(AppendFile file, AppendFile::Open(path));
  if (Status status = file.Append(FileVersionRecord(wall_time)); !status.ok()) {
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
    return std::move(status).error();
  }
  return EventFile(std::move(file));
}

bool EventFile::IsStillThere() const {
  std::error_code error;
  return std::filesystem::exists(path(), error) || error;
}

}  // namespace spirogram::logger
