#include "transfer/output_file.h"

#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <functional>
#include <system_error>
#include <utility>
#include <vector>

#include "base/str.h"

namespace spirogram::transfer {

namespace {

// Of `folder` and the folders above it those that are not there, the innermost first.
std::vector<std::string> MissingFolders(std::filesystem::path folder) {
  std::vector<std::string> missing;
  std::error_code error;
  while (!folder.empty() && !std::filesystem::exists(folder, error)) {
    missing.push_back(folder.string());
    folder = folder.parent_path();
  }
  return missing;
}

void Remove(const std::string& temporary, const std::vector<std::string>& made) {
  unlink(temporary.c_str());
  for (const std::string& folder : made) rmdir(folder.c_str());  // no more than an empty one goes
}

}  // namespace

Result<OutputFile> OutputFile::Create(const std::string& path) {
  std::error_code error;
  std::filesystem::path whole(path);
  // A link stays one: what it names is written.
  if (std::filesystem::is_symlink(whole, error) && std::filesystem::exists(whole, error)) {
    whole = std::filesystem::canonical(whole, error);
    if (error) return ErrnoError(StrCat("follow ", path), error.value());
  }
  if (std::filesystem::is_directory(whole, error)) {
    return InvalidArgument(StrCat(path, " is a folder, want the name of a file"));
  }
  // The rename at the end would put a file in the place of /dev/null.
  if (std::filesystem::exists(whole, error) && !std::filesystem::is_regular_file(whole, error)) {
    return InvalidArgument(StrCat(path, " is a device or a pipe, want the name of a file"));
  }
  const std::filesystem::path folder = whole.parent_path();
  // By its number, not by its name: a folder's watcher must not take it for what it will be.
  const size_t number = std::hash<std::string>()(whole.filename().string());
  const std::string temporary =
      (folder / StrCat(".spirogram-", getpid(), "-", number, ".part")).string();
  // Before anything is made, so that nothing is which a signal would leave behind.
  OutputFile file(whole.string(), temporary, MissingFolders(folder));
  if (!folder.empty()) RETURN_IF_ERROR(MakeFolders(folder.string()));
  std::filesystem::remove(temporary, error);
  // The temporary name would tell nobody what cannot be written.
  if (const auto made = AppendFile::Open(temporary); !made.ok()) {
    return Error{made.error().code, StrCat("write ", path, ": ", made.error().message)};
  }
  return file;
}

OutputFile::OutputFile(std::string path, std::string temporary, std::vector<std::string> made)
    : path_(std::move(path)),
      temporary_(std::move(temporary)),
      made_(std::move(made)),
      cleanup_([temporary = temporary_, made = made_] { Remove(temporary, made); }) {}

OutputFile::~OutputFile() {
  if (!temporary_.empty()) Remove(temporary_, made_);
}

// Opened for each part: an import of a thousand runs would need a thousand descriptors. Never made
// anew: RunCleanups may have removed it meanwhile, and an empty one would be committed then.
Status OutputFile::Append(std::string_view bytes) {
  ASSIGN_OR_RETURN(AppendFile file, AppendFile::Reopen(temporary_));
  return file.Append(bytes);
}

Status OutputFile::Sync() const {
  ASSIGN_OR_RETURN(AppendFile file, AppendFile::Reopen(temporary_));
  return file.Sync();
}

Status OutputFile::Publish() const {
  std::error_code error;
  std::filesystem::rename(temporary_, path_, error);
  if (error) return ErrnoError(StrCat("rename ", temporary_, " to ", path_), error.value());
  RETURN_IF_ERROR(SyncName(path_));
  for (const std::string& folder : made_) RETURN_IF_ERROR(SyncName(folder));
  return {};
}

void OutputFile::Keep() {
  temporary_.clear();
  made_.clear();
}

Status OutputFile::Commit() {
  RETURN_IF_ERROR(Sync());
  RETURN_IF_ERROR(Publish());
  Keep();
  return {};
}

Status OutputFile::CommitAll(std::span<OutputFile* const> files) {
  // What takes long, and what a full disk ends, comes before any of them appears.
  for (const OutputFile* file : files) RETURN_IF_ERROR(file->Sync());
  std::vector<std::string> paths;
  paths.reserve(files.size());
  for (const OutputFile* file : files) paths.push_back(file->path_);
  const auto withdraw = [paths = std::move(paths)] {
    for (const std::string& path : paths) unlink(path.c_str());
  };
  const Cleanup cleanup(withdraw);
  for (const OutputFile* file : files) {
    Status status = file->Publish();
    if (status.ok()) continue;
    withdraw();
    return status;
  }
  for (OutputFile* file : files) file->Keep();
  return {};
}

}  // namespace spirogram::transfer
