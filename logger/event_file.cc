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
  const std::string path = StrCat(run_dir, "/", NextEventFileName(wall_time));
  Result<AppendFile> opened = NotFound(run_dir);
  // Who removes the last sent file of a folder removes the folder: it may go once in between.
  for (int attempt = 0; attempt < 2 && !opened.ok(); ++attempt) {
    RETURN_IF_ERROR(MakeFolders(run_dir));
    opened = AppendFile::Open(path);
  }
  if (!opened.ok()) return opened.error();
  AppendFile file = std::move(opened).value();
  static_cast<void>(file.TryLock());  // without locks others merely send it a second time
  const std::string first_record = FileVersionRecord(wall_time);
  if (Status status = file.Append(first_record); !status.ok()) {
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
    return std::move(status).error();
  }
  return EventFile(std::move(file), first_record.size());
}

bool EventFile::IsStillThere() const {
  std::error_code error;
  return std::filesystem::exists(path(), error) || error;
}

}  // namespace spirogram::logger
