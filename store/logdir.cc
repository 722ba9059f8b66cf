#include "store/logdir.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <memory>
#include <system_error>
#include <tuple>

#include "base/clock.h"
#include "base/str.h"
#include "store/ingest_names.h"
#include "store/projector_config.h"

namespace spirogram::store {
namespace {

constexpr size_t kDepthMax = 64;
constexpr size_t kFoldersMax = 1'000'000;
constexpr size_t kLeftOutMax = 100;
constexpr std::string_view kEventFileInfix = "tfevents";

struct CloseFolder {
  void operator()(DIR* folder) const { closedir(folder); }
};
using FolderHandle = std::unique_ptr<DIR, CloseFolder>;

constexpr std::string_view kIngestRoot = "/";

bool IsIngestFolder(const std::string& folder) {
  return folder.starts_with(kIngestRoot);
}

std::string Below(const std::string& folder, const std::string& name) {
  if (folder == kIngestRoot) return StrCat(kIngestRoot, name);
  return folder == "." ? name : StrCat(folder, "/", name);
}

FoundFile MakeFoundFile(const std::string& run, std::string name, const struct stat& info) {
  return {.run = run,
          .name = std::move(name),
          .size = static_cast<uint64_t>(info.st_size),
          .modified_ns = int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec,
          .seen_ns = RealClock().NowNs(),
          .device = static_cast<uint64_t>(info.st_dev),
          .inode = static_cast<uint64_t>(info.st_ino)};
}

void AddFile(const std::string& folder, std::string name, const struct stat& info,
             ScanResult* result) {
  if (!IsIngestFolder(folder)) {
    result->files.push_back(MakeFoundFile(folder, std::move(name), info));
  } else if (const auto run = RunOfFolder(folder.substr(kIngestRoot.size()))) {
    result->files.push_back(MakeFoundFile(*run, StrCat(kIngestPrefix, name), info));
  }
}

Error IsDataDir(const std::string& path) {
  return InvalidArgument(
      StrCat("logdir ", path, " is the data directory, too, which is never read"));
}

// Of folders that need not be there: one would be made at the path of the other.
bool IsSamePath(const std::string& a, const std::string& b) {
  using std::filesystem::weakly_canonical;
  std::error_code error;  // leaves an empty path, which nothing is the same as
  const auto path = weakly_canonical(StrCat(a, "/."), error);
  return !path.empty() && path == weakly_canonical(StrCat(b, "/."), error);
}

}  // namespace

bool IsEventFileName(std::string_view name) {
  return name.find(kEventFileInfix) != std::string_view::npos;
}

Result<Logdir> Logdir::Open(const std::string& path, const std::string& data_dir,
                            bool follow_symlinks, bool may_be_missing) {
  FolderId data_dir_id;
  struct stat info {};
  if (stat(data_dir.c_str(), &info) == 0) {
    data_dir_id = {static_cast<uint64_t>(info.st_dev), static_cast<uint64_t>(info.st_ino)};
  }
  if (stat(path.c_str(), &info) != 0) {
    if (errno == ENOENT && path.find("://") != std::string::npos) {
      return NotFound(StrCat("logdir ", path,
                             " is no folder of this machine: copy the files, or mount what holds "
                             "them"));
    }
    if (errno != ENOENT || path.empty() || !may_be_missing) {
      return ErrnoError(StrCat("logdir ", path), errno);
    }
    if (IsSamePath(path, data_dir)) return IsDataDir(path);
    return Logdir(path, data_dir_id, follow_symlinks);
  }
  if (!S_ISDIR(info.st_mode)) return InvalidArgument(StrCat("logdir ", path, " is not a folder"));
  const FolderHandle folder(opendir(path.c_str()));
  if (folder == nullptr) return ErrnoError(StrCat("read logdir ", path), errno);
  if (fstat(dirfd(folder.get()), &info) != 0)
    return ErrnoError(StrCat("stat logdir ", path), errno);
  if (data_dir_id ==
      FolderId{static_cast<uint64_t>(info.st_dev), static_cast<uint64_t>(info.st_ino)}) {
    return IsDataDir(path);
  }
  return Logdir(path, data_dir_id, follow_symlinks);
}

bool Logdir::IsLinkedFolder(const std::string& folder, const std::string& name) const {
  const std::string path = StrCat(PathOf(folder), "/", name);
  struct stat link {};
  struct stat info {};
  return follow_symlinks_ && lstat(path.c_str(), &link) == 0 && S_ISLNK(link.st_mode) &&
         stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

std::optional<Logdir::FolderId> Logdir::Identify() const {
  struct stat info {};
  if (stat(path_.c_str(), &info) != 0) return std::nullopt;
  return FolderId{static_cast<uint64_t>(info.st_dev), static_cast<uint64_t>(info.st_ino)};
}

std::string Logdir::PathOf(const std::string& folder) const {
  if (IsIngestFolder(folder)) return StrCat(ingest_dir_, folder);
  return folder == "." ? path_ : StrCat(path_, "/", folder);
}

std::string Logdir::PathOf(const std::string& folder, const std::string& name) const {
  if (name.starts_with(kIngestPrefix)) {
    return StrCat(ingest_dir_, "/", RunFolder(folder), "/", name.substr(kIngestPrefix.size()));
  }
  if (name.starts_with(kConvertedPrefix)) {
    // No folder that RunFolder makes is called like one of these.
    return StrCat(converted_dir_, "/", RunFolder(folder), "/", name.substr(kConvertedPrefix.size()),
                  "/", kEventFileInfix);
  }
  return StrCat(PathOf(folder), "/", name);
}

ScanResult Logdir::ScanAll(const FolderObserver& before) const {
  ScanResult all = Scan(".", true, before);
  if (ingest_dir_.empty()) return all;
  ScanResult sent = Scan(std::string(kIngestRoot), true, before);
  std::move(sent.files.begin(), sent.files.end(), std::back_inserter(all.files));
  std::move(sent.folders.begin(), sent.folders.end(), std::back_inserter(all.folders));
  std::move(sent.left_out.begin(), sent.left_out.end(), std::back_inserter(all.left_out));
  return all;
}

ScanResult Logdir::Scan(const std::string& folder, bool is_recursive,
                        const FolderObserver& before) const {
  ScanResult result;
  std::vector<FolderId> above;
  ScanFolder(folder, is_recursive, before, &above, &result);
  for (std::vector<FoundFile>* files : {&result.files, &result.others}) {
    std::sort(files->begin(), files->end(), [](const FoundFile& a, const FoundFile& b) {
      return std::tie(a.run, a.name) < std::tie(b.run, b.name);
    });
  }
  return result;
}

void Logdir::ScanFolder(const std::string& folder, bool is_recursive, const FolderObserver& before,
                        std::vector<FolderId>* above, ScanResult* result) const {
  const auto leave_out = [&](const std::string& why) {
    if (result->left_out.size() == kLeftOutMax) return;
    result->left_out.push_back(StrCat("folder ", ToValidUtf8(folder), " is not read: ", why));
  };
  if (above->size() >= kDepthMax) return leave_out(StrCat("deeper than ", kDepthMax, " folders"));
  if (result->folders.size() >= kFoldersMax) {
    return leave_out(StrCat("more than ", kFoldersMax, " folders"));
  }
  const FolderHandle handle(opendir(PathOf(folder).c_str()));
  if (handle == nullptr) {
    if (errno != ENOENT && errno != ENOTDIR) leave_out(std::strerror(errno));
    return;
  }
  struct stat info {};
  if (fstat(dirfd(handle.get()), &info) != 0) return;
  const FolderId id{static_cast<uint64_t>(info.st_dev), static_cast<uint64_t>(info.st_ino)};
  if (id == data_dir_ || std::find(above->begin(), above->end(), id) != above->end()) return;
  above->push_back(id);
  result->folders.push_back(folder);
  if (before) before(folder);
  std::vector<std::string> folders;
  while (const dirent* entry = readdir(handle.get())) {
    std::string name = entry->d_name;
    if (name == "." || name == "..") continue;
    const int flags = follow_symlinks_ ? 0 : AT_SYMLINK_NOFOLLOW;
    if (fstatat(dirfd(handle.get()), name.c_str(), &info, flags) != 0) continue;
    if (S_ISDIR(info.st_mode)) {
      folders.push_back(std::move(name));
    } else if (S_ISREG(info.st_mode) && IsEventFileName(name)) {
      AddFile(folder, std::move(name), info, result);
      result->has_linked_files |= entry->d_type == DT_LNK;
    } else if (S_ISREG(info.st_mode) && converter_ != nullptr && !IsIngestFolder(folder) &&
               !converter_->NameOf(name).empty()) {
      result->others.push_back(MakeFoundFile(folder, std::move(name), info));
      result->has_linked_files |= entry->d_type == DT_LNK;
    } else if (S_ISREG(info.st_mode) && name == kProjectorConfigName) {
      result->projector_folders.push_back(folder);
    }
  }
  std::sort(folders.begin(), folders.end());
  if (is_recursive) {
    for (const std::string& name : folders) {
      ScanFolder(Below(folder, name), true, before, above, result);
    }
  }
  above->pop_back();
}

}  // namespace spirogram::store
