#include "logger/remote/file_sender.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/log.h"
#include "base/record.h"
#include "base/str.h"
#include "logger/remote/url.h"

namespace spirogram::logger {
namespace {

using Kind = IngestReply::Kind;

constexpr size_t kWriterBytesMax = 200;
// A batch is halved when it does not get through, for slow lines, and doubled when it does.
constexpr size_t kBatchBytesMin = size_t{64} << 10;
// The server compares these with what it has, so that two files of one name are found out.
constexpr uint64_t kCheckedBytes = 256;
// What is left of what was sent: more than is ever compared, and whole blocks of the disk.
constexpr uint64_t kFreeBytesStep = uint64_t{1} << 20;
constexpr uint64_t kKeptBytes = uint64_t{64} << 10;
constexpr uint64_t kDiskBlockBytes = 4096;

uint64_t FramedBytes(std::string_view header) {
  uint64_t length = 0;
  std::memcpy(&length, header.data(), sizeof length);
  return kRecordHeaderBytes + length + kRecordFooterBytes;
}

}  // namespace

Result<std::string> WriterOf(const std::string& path) {
  std::string name = PercentEncode(path.substr(path.rfind('/') + 1));
  std::replace(name.begin(), name.end(), '~', '-');
  if (name.starts_with('.')) name.replace(0, 1, "%2E");
  if (name.size() <= kWriterBytesMax) return name;
  return InvalidArgument(
      StrCat(path, ": the name is too long to be sent, want at most ", kWriterBytesMax, " bytes"));
}

uint64_t FileSender::unsent() const {
  if (!file_) return 0;
  const Result<uint64_t> size = file_->Size();
  return size.ok() && *size > offset_ ? *size - offset_ : 0;
}

FileSender::Progress FileSender::Step(IngestClient* client) {
  if (const Status status = Open(); !status.ok()) {
    return {State::kGivenUp, {}, status.error().message};
  }
  if (!knows_offset_) {
    Progress progress = FindOffset(client);
    if (!knows_offset_) return progress;
  }
  const Result<Batch> batch = ReadBatch();
  if (!batch.ok()) return {State::kGivenUp, {}, batch.error().message};
  if (batch->bytes.empty()) return {State::kSent, {}, {}};
  return SendBatch(client, *batch);
}

Status FileSender::Open() {
  if (file_) return {};
  ASSIGN_OR_RETURN(file_, RandomAccessFile::Open(options_.path));
  return {};
}

FileSender::Progress FileSender::FindOffset(IngestClient* client) {
  IngestReply reply = client->GetOffset(options_.run, writer_);
  if (reply.kind == Kind::kOffset && base_ == 0) {
    if (const Status status = SkipFreed(reply.offset); !status.ok()) {
      return {State::kGivenUp, {}, status.error().message};
    }
    if (base_ > 0) reply = client->GetOffset(options_.run, writer_);
  }
  return TakeReply(reply);
}

// A server that was set up anew, or from a backup, has less than it acknowledged once. What follows
// the hole is sent as a stream of its own, named after its place, so that whoever sends the file
// next finds it again: nothing more is given back to the disk from then on.
Status FileSender::SkipFreed(uint64_t wanted) {
  std::string header;
  RETURN_IF_ERROR(file_->Read(wanted, kRecordHeaderBytes, &header));
  if (header.find_first_not_of('\0') != std::string::npos) return {};
  const FileDescriptor file(open(options_.path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return {};
  const off_t data = lseek(file.get(), static_cast<off_t>(wanted), SEEK_DATA);
  if (data < 0 || static_cast<uint64_t>(data) == wanted) return {};
  std::string kept;
  RETURN_IF_ERROR(file_->Read(static_cast<uint64_t>(data),
                              kKeptBytes + kDiskBlockBytes + kRecordHeaderBytes, &kept));
  const size_t skipped = FindRecordHeader(kept, 0);
  if (skipped == std::string::npos) return {};  // told as damage
  base_ = static_cast<uint64_t>(data) + skipped;
  writer_ = StrCat(options_.writer, ".", base_);
  LogWarning(StrCat("logger: ", options_.path, ": the server has ", wanted,
                    " bytes of it now; up to ", base_,
                    " it had more once, which is gone here. The rest is sent"));
  return {};
}

Result<FileSender::Batch> FileSender::ReadBatch() {
  ASSIGN_OR_RETURN(const uint64_t size, file_->Size());
  if (size < offset_) {
    return Corruption(
        StrCat(options_.path, " has ", size, " bytes, the server has ", offset_, " of that name"));
  }
  Batch batch{offset_ - checked_, {}};
  RETURN_IF_ERROR(file_->Read(batch.offset, batch_bytes_max_, &batch.bytes));
  const std::string_view fresh = std::string_view(batch.bytes).substr(checked_);
  ASSIGN_OR_RETURN(const size_t taken, TakeRecords(fresh, size - offset_));
  batch.bytes.resize(taken == 0 ? 0 : checked_ + taken);
  return batch;
}

// How many of `bytes`, of which the file has `file_bytes`, make the next batch.
Result<size_t> FileSender::TakeRecords(std::string_view bytes, uint64_t file_bytes) {
  if (record_left_ > 0) return std::min<size_t>(record_left_, bytes.size());
  size_t used = 0;
  while (true) {
    const std::string_view rest = bytes.substr(used);
    const ParsedRecord record = ParseRecord(rest);
    if (record.state == RecordState::kRecord) {
      used += record.bytes_used;
      continue;
    }
    if (record.state != RecordState::kTruncated) {
      if (used > 0) return used;  // the rest is told once it is all that is left
      return Corruption(StrCat(options_.path, " is damaged at offset ", offset_,
                               ": what lies behind cannot be sent"));
    }
    if (used > 0 || rest.size() < kRecordHeaderBytes) return used;
    // A record longer than a batch goes in parts, once the file has all of it.
    return FramedBytes(rest) <= file_bytes ? rest.size() : 0;
  }
}

FileSender::Progress FileSender::SendBatch(IngestClient* client, const Batch& batch) {
  IngestReply reply = client->Send(options_.run, writer_, batch.offset - base_, batch.bytes);
  if (reply.kind == Kind::kLater) {
    batch_bytes_max_ = std::max(kBatchBytesMin, batch_bytes_max_ / 2);
  } else if (reply.kind == Kind::kTooLong && batch_bytes_max_ > kBatchBytesMin) {
    batch_bytes_max_ = std::max(kBatchBytesMin, batch_bytes_max_ / 2);
    batch_bytes_limit_ = batch_bytes_max_;
    return {State::kMore, {}, {}};
  } else if (reply.kind == Kind::kOffset) {
    batch_bytes_max_ = std::min(batch_bytes_limit_, batch_bytes_max_ * 2);
    const uint64_t end = batch.offset + batch.bytes.size();
    reply.offset += base_;
    // The server has more where a sender before this one ended within a long record. It compares
    // what it has with what is sent again.
    if (reply.offset >= end) {
      const std::string_view fresh = std::string_view(batch.bytes).substr(checked_);
      if (record_left_ > 0) {
        record_left_ -= fresh.size();
      } else if (const ParsedRecord first = ParseRecord(fresh);
                 first.state == RecordState::kTruncated) {
        record_left_ = FramedBytes(fresh) - fresh.size();
      }
      if (record_left_ == 0) boundary_ = end;
      offset_ = end;
      checked_ = 0;
      FreeSent();
      return {State::kMore, {}, {}};
    }
    // The server has less than was sent: where it stands is asked anew, after a while.
    knows_offset_ = false;
    return {
        State::kLater, {}, StrCat("the server has ", reply.offset, " bytes, ", end, " were sent")};
  }
  return TakeReply(reply);
}

FileSender::Progress FileSender::TakeReply(const IngestReply& reply) {
  switch (reply.kind) {
    case Kind::kBehind:
      knows_offset_ = false;
      return {State::kLater, {}, reply.detail};
    case Kind::kOffset:
      knows_offset_ = true;
      offset_ = base_ + reply.offset;
      boundary_ = offset_;
      checked_ = std::min(reply.offset, kCheckedBytes);
      record_left_ = 0;
      return {State::kMore, {}, {}};
    case Kind::kConflict:
      return {State::kGivenUp, {}, reply.detail};
    case Kind::kTooLong:
    case Kind::kRefused:
      return {State::kRefused, reply.retry_after, reply.detail};
    case Kind::kLater:
      return {State::kLater, reply.retry_after, reply.detail};
  }
  return {};
}

// Keeps the file's length and offsets: the disk blocks alone go. Where the file system cannot, they
// stay until the file goes.
void FileSender::FreeSent() {
  if (!options_.frees_sent || base_ > 0 || boundary_ < freed_ + kFreeBytesStep + kKeptBytes) return;
  const uint64_t end = (boundary_ - kKeptBytes) & ~(kDiskBlockBytes - 1);
  const FileDescriptor file(open(options_.path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file.is_open()) return;
  if (fallocate(file.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(freed_),
                static_cast<off_t>(end - freed_)) == 0) {
    freed_ = end;
  }
}

}  // namespace spirogram::logger
