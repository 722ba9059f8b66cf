// Sends event files that lie in a folder: what `spirogram upload` does.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"

namespace spirogram::logger {

// Bytes of the files that were found: those that are done with, of all. `waits` says what is waited
// for while the server is away or busy, and is empty otherwise.
using UploadProgress = std::function<void(uint64_t done, uint64_t of, const std::string& waits)>;

struct UploadOptions {
  // Searched at any depth; a run is named by its folder's path below. Empty: the spool of the url,
  // whose files are removed once sent.
  std::string dir = {};
  std::string url = {};
  // The name of the run in `dir` itself (empty: the folder's own), and put before those below it.
  std::string run = {};
  std::string spool_dir = {};  // as LoggerOptions
  // Removes what is wholly sent and written by nobody.
  bool removes_sent = false;
  std::chrono::seconds patience{60};  // how long the server may be away
  UploadProgress progress = nullptr;  // called on the caller's thread, after each request
};

struct UploadSummary {
  int64_t files = 0;   // that the server has up to their last whole record
  uint64_t bytes = 0;  // of them
  int64_t removed = 0;
  std::vector<std::string> left;  // a sentence for each file that was not, or not wholly, sent
};

// kInvalidArgument where a logger could not send to this url under this name.
Status CheckUploadTarget(const std::string& url, const std::string& run);

// kUnavailable when the server stays away longer than `patience`; what was sent until then need not
// be sent again. kNotFound when `dir` is no folder. Links to folders are not followed.
Result<UploadSummary> UploadFolder(const UploadOptions& options);

}  // namespace spirogram::logger
