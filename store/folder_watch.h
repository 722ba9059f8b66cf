// Says which folders below a logdir changed, by inotify. Where that does not work (a network file
// system, no watches left) it says so, and the caller lists everything at intervals instead.
// Not thread-safe, except Wake.
#pragma once

#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/file.h"

namespace spirogram::store {

struct FolderChanges {
  std::set<std::string> changed;  // something in the folder was written, renamed or removed
  std::set<std::string> grown;    // a folder appeared in it: list it with all below
  // Folder and name of what else appeared: a link may lead to a folder.
  std::set<std::pair<std::string, std::string>> appeared;
  bool is_overrun = false;  // changes were lost: list everything
};

class FolderWatch {
 public:
  FolderWatch();

  // Watches a folder; `folder` is the name under which changes are reported. Repeating is harmless.
  // A folder that links lead to is watched once and reported under each of its names.
  void Add(const std::string& folder, const std::string& path);
  // False once some folder could not be watched.
  bool is_complete() const { return is_complete_; }

  // Waits up to `timeout_ms` for a change or for Wake, then returns all changes that are known.
  FolderChanges Wait(int timeout_ms);
  // Ends a Wait, now or the next one. From any thread.
  void Wake();

 private:
  void ReadChanges(FolderChanges* changes);

  FileDescriptor inotify_;
  FileDescriptor wake_;
  bool is_complete_ = true;
  std::unordered_map<int, std::set<std::string>> folders_;  // names by watch descriptor
};

}  // namespace spirogram::store
