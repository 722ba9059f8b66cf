// Where event files wait until a server has them, and how processes keep out of each other's way.
//
// An event file is locked (flock) by the logger that writes it, from before its first record to its
// end, which a crash is as well. So a file that is not empty and can be locked has nobody who
// writes it: whoever holds its lock may send the rest and remove it.
#pragma once

#include <string>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "logger/remote/url.h"

namespace spirogram::logger {

// $XDG_CACHE_HOME/spirogram/spool, or ~/.cache/spirogram/spool.
std::string DefaultSpoolDir();

// The folder of what waits for one server; below it a run's files lie in the folder of its name.
std::string SpoolOf(const std::string& spool_dir, const Url& url);

// Paths of the event files in `folder` itself, by name.
std::vector<std::string> ListEventFiles(const std::string& folder);

// A file that nobody writes. Owns its lock.
class OrphanFile {
 public:
  // kUnavailable while another process has the file, kNotFound when it has gone or is empty.
  static Result<OrphanFile> Claim(const std::string& path);

  const std::string& path() const { return path_; }
  // Removes the file, and the folders above it that are then empty, up to `root`.
  void Remove(const std::string& root);

 private:
  OrphanFile(FileDescriptor lock, std::string path)
      : lock_(std::move(lock)), path_(std::move(path)) {}

  FileDescriptor lock_;
  std::string path_;
};

}  // namespace spirogram::logger
