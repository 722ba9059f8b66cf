#include "store/ingest_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include "base/record.h"
#include "base/str.h"
#include "store/scalar_batch.h"

namespace spirogram::store {
namespace {

constexpr size_t kReadBytes = size_t{1} << 20;

// Of a batch behind whose last record `checker` stands.
Status CheckEnd(const RecordChecker& checker) {
  if (checker.whole() == checker.length() || checker.open_record_bytes() > kWholeRecordBytes) {
    return {};
  }
  return InvalidArgument(StrCat("the batch ends within the record at offset ", checker.whole(),
                                ": only records over ", kWholeRecordBytes,
                                " bytes may come in parts"));
}

}  // namespace

Status IngestFile::CheckFirstRecords(std::string_view bytes) {
  RecordChecker checker;
  RETURN_IF_ERROR(checker.Feed(bytes));
  return CheckEnd(checker);
}

Result<IngestAnswer> IngestFile::AppendRecords(uint64_t offset, std::string_view bytes) {
  std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(Open());
  const uint64_t length = length_;
  if (offset > length) {
    return IngestAnswer{IngestOutcome::kGap, checker_.whole(),
                        StrCat("the batch begins at offset ", offset, ", want ", checker_.whole())};
  }
  const auto known = static_cast<size_t>(std::min<uint64_t>(length - offset, bytes.size()));
  ASSIGN_OR_RETURN(const bool is_same, IsSame(offset, bytes.substr(0, known)));
  if (!is_same) {
    return IngestAnswer{IngestOutcome::kMismatch, length,
                        StrCat("bytes from offset ", offset,
                               " on are not those that this writer "
                               "sent before: another program uses its name, or its file was "
                               "rewritten")};
  }
  const std::string_view rest = bytes.substr(known);
  if (rest.empty()) return IngestAnswer{IngestOutcome::kStored, length, {}};
  RecordChecker after = checker_;
  if (const Status status = after.Feed(rest); !status.ok()) {
    // A record that came in parts turned out damaged: it can only be sent again from its start.
    if (checker_.whole() < length && after.whole() == checker_.whole()) {
      RETURN_IF_ERROR(CutBack(checker_.whole()));
      checker_ = RecordChecker(checker_.whole());
    }
    return status.error();
  }
  RETURN_IF_ERROR(CheckEnd(after));
  RETURN_IF_ERROR(Write(rest));
  checker_ = std::move(after);
  return IngestAnswer{IngestOutcome::kStored, length_, {}};
}

Result<IngestAnswer> IngestFile::AppendScalars(uint64_t sequence, WallTime wall_time,
                                               std::string_view records) {
  std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(Open());
  if (sequence < sequence_) return IngestAnswer{IngestOutcome::kStored, sequence_, {}};
  if (sequence > sequence_) {
    return IngestAnswer{IngestOutcome::kGap, sequence_,
                        StrCat("the batch has sequence ", sequence, ", want ", sequence_)};
  }
  std::string bytes;
  if (length_ == 0) AppendFileVersion(wall_time, &bytes);
  bytes.append(records);
  AppendBatchEnd(sequence + 1, wall_time, &bytes);
  RETURN_IF_ERROR(Write(bytes));
  return IngestAnswer{IngestOutcome::kStored, ++sequence_, {}};
}

Result<uint64_t> IngestFile::Position() {
  std::lock_guard lock(mutex_);
  RETURN_IF_ERROR(Open());
  return kind_ == IngestKind::kRecords ? checker_.whole() : sequence_;
}

Status IngestFile::Sync() {
  const uint64_t wanted = length_;
  std::lock_guard lock(sync_mutex_);
  if (synced_ >= wanted) return {};  // one who waited before did it for all
  const uint64_t reached = length_;
  if (fdatasync(file_.get()) != 0) return ErrnoError(StrCat("fdatasync ", path_), errno);
  synced_ = reached;
  return {};
}

void IngestFile::CountAnew() {
  std::lock_guard lock(mutex_);
  is_counted_ = false;
}

void IngestFile::Close() {
  std::lock_guard lock(mutex_);
  std::lock_guard sync_lock(sync_mutex_);
  file_.Close();
}

// A file that someone removed or changed meanwhile is looked at anew.
Status IngestFile::Open() {
  struct stat info {};
  const bool is_there = file_.is_open() && fstat(file_.get(), &info) == 0 && info.st_nlink > 0;
  if (!is_there) {
    RETURN_IF_ERROR(OpenDescriptor());
    if (fstat(file_.get(), &info) != 0) return ErrnoError(StrCat("stat ", path_), errno);
  }
  const auto size = static_cast<uint64_t>(info.st_size);
  if (!std::exchange(is_counted_, true)) counted_ = size;
  if (is_known_ && size == length_) return {};
  return kind_ == IngestKind::kRecords ? FindEndOfRecords() : FindEndOfScalars();
}

Status IngestFile::OpenDescriptor() {
  FileDescriptor file(
      open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.is_open()) return ErrnoError(StrCat("open ", path_), errno);
  std::lock_guard lock(sync_mutex_);
  file_ = std::move(file);
  return {};
}

// Drops everything from `length` on: what a crash tore, or a write that failed half-way.
Status IngestFile::CutBack(uint64_t length) {
  std::lock_guard lock(sync_mutex_);
  is_known_ = false;
  struct stat info {};
  if (fstat(file_.get(), &info) != 0) return ErrnoError(StrCat("stat ", path_), errno);
  if (static_cast<uint64_t>(info.st_size) != length &&
      ftruncate(file_.get(), static_cast<off_t>(length)) != 0) {
    return ErrnoError(StrCat("cut back ", path_), errno);
  }
  SetLength(length);
  synced_ = std::min(synced_, length);
  is_known_ = true;
  return {};
}

void IngestFile::SetLength(uint64_t length) {
  *total_ += length - std::exchange(counted_, length);  // modulo 2^64 where it became shorter
  length_ = length;
}

Status IngestFile::FindEndOfRecords() {
  is_known_ = false;
  ASSIGN_OR_RETURN(const RandomAccessFile file, RandomAccessFile::Open(path_));
  RecordChecker all;
  std::string chunk;
  while (true) {
    chunk.clear();
    ASSIGN_OR_RETURN(const size_t got, file.Read(all.length(), kReadBytes, &chunk));
    if (got == 0 || !all.Feed(chunk).ok()) break;
  }
  RETURN_IF_ERROR(CutBack(all.whole()));
  checker_ = RecordChecker(all.whole());
  return {};
}

Status IngestFile::FindEndOfScalars() {
  is_known_ = false;
  ASSIGN_OR_RETURN(const RandomAccessFile file, RandomAccessFile::Open(path_));
  std::string window;
  uint64_t read = 0;
  uint64_t at = 0;
  uint64_t end = 0;
  uint64_t sequence = 0;
  while (true) {
    ASSIGN_OR_RETURN(const size_t got, file.Read(read, kReadBytes, &window));
    if (got == 0) break;
    read += got;
    size_t used = 0;
    ParsedRecord record;
    while ((record = ParseRecord(std::string_view(window).substr(used))).state ==
           RecordState::kRecord) {
      used += record.bytes_used;
      const std::optional<uint64_t> batches = ParseBatchEnd(record.data);
      if (!batches) continue;
      sequence = *batches;
      end = at + used;
    }
    window.erase(0, used);
    at += used;
    if (record.state != RecordState::kTruncated) break;
  }
  RETURN_IF_ERROR(CutBack(end));
  sequence_ = sequence;
  return {};
}

Status IngestFile::Write(std::string_view bytes) {
  for (std::string_view left = bytes; !left.empty();) {
    const ssize_t written = write(file_.get(), left.data(), left.size());
    if (written >= 0) {
      left.remove_prefix(static_cast<size_t>(written));
    } else if (errno != EINTR) {
      const Error error = ErrnoError(StrCat("write ", path_), errno);
      RETURN_IF_ERROR(CutBack(length_));
      return error;
    }
  }
  SetLength(length_ + bytes.size());
  return {};
}

Result<bool> IngestFile::IsSame(uint64_t offset, std::string_view bytes) const {
  std::string there(bytes.size(), '\0');
  for (size_t at = 0; at < there.size();) {
    const ssize_t got =
        pread(file_.get(), there.data() + at, there.size() - at, static_cast<off_t>(offset + at));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoError(StrCat("read ", path_), errno);
    if (got == 0) return Corruption(StrCat(path_, " is shorter than ", offset + bytes.size()));
    at += static_cast<size_t>(got);
  }
  return there == bytes;
}

}  // namespace spirogram::store
