#include "store/folder_watch.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/check.h"
#include "base/log.h"
#include "base/str.h"

namespace spirogram::store {
namespace {

constexpr uint32_t kMask = IN_CREATE | IN_MODIFY | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM |
                           IN_DELETE | IN_ATTRIB | IN_ONLYDIR;

// File systems on which every write passes this kernel: linux/magic.h and statfs(2).
constexpr std::array<int64_t, 7> kLocalFileSystems = {
    0xef53,      // ext2, ext3, ext4
    0x58465342,  // xfs
    0x9123683e,  // btrfs
    0x01021994,  // tmpfs
    0x794c7630,  // overlayfs
    0xf2f52010,  // f2fs
    0x2fc12fc1,  // zfs
};

bool IsLocal(const std::string& path) {
  struct statfs info {};
  if (statfs(path.c_str(), &info) != 0) return false;
  return std::find(kLocalFileSystems.begin(), kLocalFileSystems.end(),
                   static_cast<int64_t>(info.f_type)) != kLocalFileSystems.end();
}

}  // namespace

FolderWatch::FolderWatch()
    : inotify_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)),
      wake_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  is_complete_ = inotify_.is_open();
}

void FolderWatch::Add(const std::string& folder, const std::string& path) {
  if (!is_complete_) return;
  const int watch = IsLocal(path) ? inotify_add_watch(inotify_.get(), path.c_str(), kMask) : -1;
  if (watch >= 0) {
    folders_[watch].insert(folder);
    return;
  }
  if (access(path.c_str(), F_OK) != 0) return;  // it has gone already
  is_complete_ = false;
  LogInfo(
      StrCat("cannot watch ", ToValidUtf8(path), " for changes: listing the logdir at intervals"));
}

FolderChanges FolderWatch::Wait(int timeout_ms) {
  std::array<pollfd, 2> waiting = {pollfd{wake_.get(), POLLIN, 0},
                                   pollfd{inotify_.get(), POLLIN, 0}};
  poll(waiting.data(), inotify_.is_open() ? 2 : 1, timeout_ms);
  uint64_t wakes = 0;
  const ssize_t ignored = read(wake_.get(), &wakes, sizeof wakes);
  static_cast<void>(ignored);
  FolderChanges changes;
  if (inotify_.is_open()) ReadChanges(&changes);
  return changes;
}

void FolderWatch::ReadChanges(FolderChanges* changes) {
  alignas(inotify_event) std::array<char, 64 * 1024> buffer;
  while (true) {
    const ssize_t bytes = read(inotify_.get(), buffer.data(), buffer.size());
    if (bytes <= 0) return;
    for (ssize_t at = 0; at < bytes;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
      if ((event->mask & IN_Q_OVERFLOW) != 0) changes->is_overrun = true;
      const auto folder = folders_.find(event->wd);
      if (folder == folders_.end()) continue;
      if ((event->mask & IN_IGNORED) != 0) {
        // Of other folders, the one above tells.
        if (folder->second.contains(".")) changes->is_overrun = true;
        folders_.erase(folder);
        continue;
      }
      const bool is_folder = (event->mask & IN_ISDIR) != 0;
      const bool is_new = (event->mask & (IN_CREATE | IN_MOVED_TO)) != 0;
      (is_folder && is_new ? changes->grown : changes->changed)
          .insert(folder->second.begin(), folder->second.end());
      if (is_folder || !is_new) continue;
      for (const std::string& name : folder->second) changes->appeared.emplace(name, event->name);
    }
  }
}

void FolderWatch::Wake() {
  const uint64_t one = 1;
  const ssize_t ignored = write(wake_.get(), &one, sizeof one);
  static_cast<void>(ignored);
}

}  // namespace spirogram::store
