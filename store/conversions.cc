#include "store/conversions.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/str.h"
#include "store/ingest_names.h"

namespace spirogram::store {
namespace {

// A file that was written to so lately is not looked at: its writer is likely at it.
constexpr int64_t kRestNs = 1'000'000'000;
// One that ends early and has rested so long will not grow any more.
constexpr int64_t kQuietNs = 60'000'000'000;
constexpr int64_t kRetryNs = 30'000'000'000;
constexpr size_t kStampBytesMax = 100;

constexpr const char* kPart = "part";
constexpr const char* kStamp = "stamp";

int64_t NowNs() {
  return RealClock().NowNs();
}

// How long ago; never of what the clock of another machine has changed in our future.
bool IsWithin(const FoundFile& file, int64_t now_ns, int64_t span_ns) {
  return file.modified_ns <= now_ns && now_ns - file.modified_ns < span_ns;
}

bool IsSame(const FoundFile& a, const FoundFile& b) {
  return a.size == b.size && a.modified_ns == b.modified_ns;
}

// The first number changes when converters do.
std::string StampOf(const FoundFile& original) {
  return StrCat("1 ", original.size, " ", original.modified_ns, "\n");
}

// What stays of it is written over when a file has the name again.
void RemoveFolder(const std::filesystem::path& folder) {
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
}

// False where the file has gone.
bool Refresh(const std::string& path, FoundFile* file) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return false;
  file->size = static_cast<uint64_t>(info.st_size);
  file->modified_ns = int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec;
  file->device = static_cast<uint64_t>(info.st_dev);
  file->inode = static_cast<uint64_t>(info.st_ino);
  return true;
}

}  // namespace

std::string Conversions::PathOf(const Key& key, const char* part) const {
  const std::string path = logdir_.PathOf(key.first, StrCat(kConvertedPrefix, key.second));
  return part == nullptr ? path : (std::filesystem::path(path).parent_path() / part).string();
}

std::vector<FoundFile> Conversions::NoteFiles(const ScanResult& found) {
  std::vector<FoundFile> converted;
  if (converter_ == nullptr) return converted;
  for (const FoundFile& original : found.others) NoteOriginal(original);
  for (const std::string& folder : found.folders) {
    ForgetGone(folder);
    if (folders_.insert(folder).second) RemoveUnknown(folder);
    for (auto at = files_.lower_bound({folder, ""}); at != files_.end(); ++at) {
      if (at->first.first != folder) break;
      at->second.is_seen = false;
      if (at->second.is_done) converted.push_back(at->second.converted);
    }
  }
  return converted;
}

void Conversions::NoteOriginal(const FoundFile& found) {
  const Key key(found.run, converter_->NameOf(found.name));
  const auto [at, is_new] = files_.try_emplace(key);
  File& file = at->second;
  // Packed and not, side by side: one of the two is read.
  if (std::exchange(file.is_seen, true)) return;
  const bool is_changed = is_new || !IsSame(file.original, found);
  if (!is_changed) {
    file.original = found;
    return;
  }
  if (!is_new) Count(file, false);
  unread_.erase({file.original.modified_ns, key});
  file.original = found;
  file.not_before_ns = 0;
  file.is_done = FindConverted(key, &file);
  Count(file, true);
  if (!file.is_done) unread_.insert({found.modified_ns, key});
}

void Conversions::ForgetGone(const std::string& folder) {
  for (auto at = files_.lower_bound({folder, ""});
       at != files_.end() && at->first.first == folder;) {
    const auto& [key, file] = *at;
    if (file.is_seen) {
      ++at;
      continue;
    }
    RemoveFolder(std::filesystem::path(PathOf(key, nullptr)).parent_path());
    Count(file, false);
    unread_.erase({file.original.modified_ns, key});
    at = files_.erase(at);
  }
}

// What was made of files that have gone while nobody looked: one of them may have another name now.
void Conversions::RemoveUnknown(const std::string& folder) const {
  const std::filesystem::path any = PathOf({folder, "any"}, nullptr);
  std::error_code error;  // mostly there is none
  for (const auto& entry :
       std::filesystem::directory_iterator(any.parent_path().parent_path(), error)) {
    // A folder that holds none of them is of another run, whose name begins like this one's.
    const bool is_ours = std::filesystem::exists(entry.path() / any.filename(), error) ||
                         std::filesystem::exists(entry.path() / kPart, error) ||
                         std::filesystem::exists(entry.path() / kStamp, error);
    const Key key(folder, entry.path().filename().string());
    if (is_ours && !files_.contains(key)) RemoveFolder(entry.path());
  }
}

void Conversions::Count(const File& file, bool is_more) {
  const uint64_t bytes = is_more ? file.original.size : -file.original.size;
  bytes_found_ += bytes;
  if (file.is_done) bytes_done_ += bytes;
}

bool Conversions::HasReady() const {
  Key key;
  return !is_stopping_ && FindReady(NowNs(), &key) != nullptr;
}

const Conversions::File* Conversions::FindReady(int64_t now_ns, Key* key) const {
  for (auto next = unread_.rbegin(); next != unread_.rend(); ++next) {
    const File& file = files_.at(next->second);
    if (now_ns < file.not_before_ns || IsWithin(file.original, now_ns, kRestNs)) continue;
    *key = next->second;
    return &file;
  }
  return nullptr;
}

std::vector<FoundFile> Conversions::Work() {
  std::vector<FoundFile> converted;
  if (running_) {
    if (!has_ended_) return {};
    if (auto file = Finish()) converted.push_back(*std::move(file));
  }
  Key key;
  const int64_t now_ns = NowNs();
  const File* const file = is_stopping_ ? nullptr : FindReady(now_ns, &key);
  if (file != nullptr) Begin(key, IsWithin(file->original, now_ns, kQuietNs));
  return converted;
}

std::vector<FoundFile> Conversions::WorkAll() {
  std::vector<FoundFile> converted;
  const auto all = unread_;
  for (const auto& [modified_ns, key] : all) {
    Begin(key, false);
    if (auto file = Finish()) converted.push_back(*std::move(file));
  }
  return converted;
}

void Conversions::Begin(const Key& key, bool may_grow) {
  const FoundFile& original = files_.at(key).original;
  bytes_read_ = 0;
  has_ended_ = false;
  running_ = {key, original, std::async(std::launch::async, [this, key, original, may_grow] {
                Status status = Convert(key, original, may_grow);
                has_ended_ = true;
                wake_();
                return status;
              })};
}

// On a thread of its own.
Status Conversions::Convert(const Key& key, const FoundFile& original, bool may_grow) {
  const std::string path = logdir_.PathOf(original.run, original.name);
  const std::string part = PathOf(key, kPart);
  const std::string whole = PathOf(key, nullptr);
  RETURN_IF_ERROR(MakeFolders(std::filesystem::path(part).parent_path().string()));
  RETURN_IF_ERROR(MakePrivateFile(part));
  {
    ASSIGN_OR_RETURN(AppendFile out, AppendFile::Reopen(part));
    const FileConverter::Job job{
        .path = path,
        .modified_time = 1e-9 * static_cast<double>(original.modified_ns),
        .may_grow = may_grow,
        .progress =
            [this](uint64_t bytes) {
              bytes_read_ = bytes;
              return is_stopping_ ? Status(Cancelled("the store is closed")) : Status();
            },
        .append = [&out](std::string_view records) { return out.Append(records); }};
    RETURN_IF_ERROR(converter_->Convert(job));
    RETURN_IF_ERROR(out.Sync());
  }
  FoundFile now;
  if (!Refresh(path, &now) || !IsSame(now, original)) {
    return Unavailable(StrCat(path, " was changed while it was read"));
  }
  if (rename(part.c_str(), whole.c_str()) != 0) return ErrnoError(StrCat("make ", whole), errno);
  RETURN_IF_ERROR(SyncName(whole));
  // Last: without it the same is made again.
  return WriteFileAtomically(PathOf(key, kStamp), StampOf(original));
}

std::optional<FoundFile> Conversions::Finish() {
  Running ended = std::move(*running_);
  running_.reset();
  const Status status = ended.done.get();
  bytes_read_ = 0;
  unlink(PathOf(ended.key, kPart).c_str());
  const auto at = files_.find(ended.key);
  // Gone, or changed meanwhile: what was made is written over, or goes with the next.
  if (at == files_.end() || !IsSame(at->second.original, ended.original)) return std::nullopt;
  File& file = at->second;
  if (!status.ok()) {
    Fail(ended.key, status.error(), &file);
    return std::nullopt;
  }
  if (!FindConverted(ended.key, &file)) return std::nullopt;
  file.error.clear();
  file.is_done = true;
  bytes_done_ += file.original.size;
  unread_.erase({file.original.modified_ns, ended.key});
  return file.converted;
}

void Conversions::Fail(const Key& key, const Error& error, File* file) {
  if (error.code == ErrorCode::kUnavailable) {  // it may grow
    file->not_before_ns = std::max(file->original.modified_ns + kQuietNs, NowNs() + kRestNs);
    return;
  }
  file->not_before_ns = NowNs() + kRetryNs;
  if (error.code == ErrorCode::kCancelled || error.code == ErrorCode::kNotFound) return;
  if (std::exchange(file->error, error.message) == error.message) return;
  LogWarning(StrCat("run ", ToValidUtf8(key.first), ": ", ToValidUtf8(file->original.name),
                    " is not read, and tried again: ", error.message));
}

// Whether there is an event file of the original as it is now.
bool Conversions::FindConverted(const Key& key, File* file) const {
  const Result<std::string> stamp = ReadFile(PathOf(key, kStamp), kStampBytesMax);
  if (!stamp.ok() || *stamp != StampOf(file->original)) return false;
  FoundFile converted = file->original;
  if (!Refresh(PathOf(key, nullptr), &converted)) return false;
  converted.name = StrCat(kConvertedPrefix, key.second);
  // When the run was written to last is not when this was made.
  converted.modified_ns = file->original.modified_ns;
  file->converted = std::move(converted);
  return true;
}

void Conversions::Stop() {
  is_stopping_ = true;
  if (!running_) return;
  running_->done.wait();
  unlink(PathOf(running_->key, kPart).c_str());
}

void Conversions::AddProgress(LoadProgress* progress) const {
  progress->files_found += static_cast<int64_t>(unread_.size());
  progress->bytes_found += bytes_found_;
  progress->bytes_read += bytes_done_ + bytes_read_;
}

}  // namespace spirogram::store
