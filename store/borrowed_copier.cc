#include "store/borrowed_copier.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/str.h"
#include "store/blob_codec.h"
#include "store/borrowed.h"
#include "store/sqlite/statement.h"
#include "store/sqlite/transaction.h"

namespace spirogram::store {
namespace {

// Of one transaction, as of those that write what was read.
constexpr uint64_t kPartBytes = uint64_t{4} << 20;

struct BorrowedValue {
  RecordRef record;
  BorrowedBytes at;
};

Status WriteCopy(Database& database, int64_t file_id, const RecordRef& record,
                 const Content& content) {
  ASSIGN_OR_RETURN(
      Statement update,
      database.Prepare("UPDATE records SET data = ?6, bytes = ?7 WHERE run_id = ?1 AND tag_id = "
                       "?2 AND session_id = ?3 AND position = ?4 AND item = ?5"));
  const std::string blob = PackBlob(content.bytes, content.compression);
  RETURN_IF_ERROR(update
                      .Bind(record.run, record.tag_id, record.session_id, record.position,
                            record.item, Blob{blob}, content.bytes.size())
                      .Run());
  ASSIGN_OR_RETURN(Statement remove,
                   database.Prepare("DELETE FROM borrowed_values WHERE run_id = ?1 AND file_id = "
                                    "?2 AND position = ?3 AND item = ?4"));
  return remove.Bind(record.run, file_id, record.position, record.item).Run();
}

// The next values of the file, of about `bytes_max` bytes.
Result<std::vector<BorrowedValue>> SelectNext(Database& database, RunId run, int64_t file_id,
                                              std::pair<int64_t, int> after, uint64_t bytes_max) {
  ASSIGN_OR_RETURN(
      Statement select,
      database.Prepare("SELECT position, item, tag_id, session_id, file_offset, bytes, crc, form "
                       "FROM borrowed_values WHERE run_id = ?1 AND file_id = ?2 "
                       "AND (position, item) > (?3, ?4) ORDER BY position, item"));
  select.Bind(run, file_id, after.first, after.second);
  std::vector<BorrowedValue> values;
  for (uint64_t bytes = 0; bytes < bytes_max;) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) break;
    BorrowedValue& value = values.emplace_back();
    value.record.run = run;
    value.record.position = select.Int(0);
    value.record.item = static_cast<int>(select.Int(1));
    value.record.tag_id = select.Int(2);
    value.record.session_id = select.Int(3);
    value.at = {.offset = static_cast<uint64_t>(select.Int(4)),
                .bytes = static_cast<uint64_t>(select.Int(5)),
                .crc = static_cast<uint32_t>(select.Int(6)),
                .form = static_cast<BorrowedBytes::Form>(select.Int(7))};
    bytes += value.at.bytes;
  }
  return values;
}

}  // namespace

void BorrowedCopier::LookAgain() {
  is_stale_ |= !unreadable_.empty();
  unreadable_.clear();
}

Status BorrowedCopier::FindFiles(Database& database) {
  files_.clear();
  bytes_left_ = 0;
  ASSIGN_OR_RETURN(
      Statement select,
      database.Prepare("SELECT run_id, file_id, path, message, (SELECT coalesce(sum(bytes), 0) "
                       "FROM borrowed_values v WHERE v.run_id = f.run_id AND v.file_id = "
                       "f.file_id) FROM borrowed_files f"));
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) break;
    if (unreadable_.contains({select.Int(0), select.Int(1)})) continue;
    files_.push_back({.run = select.Int(0),
                      .id = select.Int(1),
                      .path = std::string(select.Bytes(2)),
                      .bytes_left = static_cast<uint64_t>(select.Int(4)),
                      .message = std::string(select.Text(3))});
    bytes_left_ += files_.back().bytes_left;
  }
  is_stale_ = false;
  return {};
}

Result<bool> BorrowedCopier::Work(Database& database, uint64_t bytes_max) {
  // A file that has lost values keeps its place: looking at them again after each commit, it would
  // never come to those behind.
  const bool is_within_losses = !files_.empty() && !files_.front().why.empty();
  if (is_stale_ && !is_within_losses) RETURN_IF_ERROR(FindFiles(database));
  if (files_.empty()) return false;
  ASSIGN_OR_RETURN(Transaction transaction,
                   Transaction::Begin(database, Transaction::Kind::kWrite));
  bool are_warnings_new = false;
  uint64_t bytes = 0;
  while (!files_.empty() && bytes < bytes_max) {
    File& file = files_.front();
    ASSIGN_OR_RETURN(const uint64_t copied, CopySome(database, bytes_max - bytes, &file));
    bytes += copied;
    CountDown(copied, &file);
    if (bytes >= bytes_max) break;
    ASSIGN_OR_RETURN(const bool is_new, Finish(database, file));
    are_warnings_new |= is_new;
    CountDown(file.bytes_left, &file);
    files_.pop_front();
  }
  RETURN_IF_ERROR(transaction.Commit());
  return are_warnings_new;
}

Status BorrowedCopier::WorkAll(Database& database) {
  while (has_work()) {
    ASSIGN_OR_RETURN(const bool ignored, Work(database, kPartBytes));
    static_cast<void>(ignored);
  }
  return {};
}

// Returns the bytes of the values that were tried: less than `bytes_max` when those were the last.
Result<uint64_t> BorrowedCopier::CopySome(Database& database, uint64_t bytes_max, File* file) {
  const Result<RandomAccessFile> event_file = RandomAccessFile::Open(file->path);
  if (!event_file.ok()) {
    file->why = event_file.error().code == ErrorCode::kNotFound
                    ? "the file has gone before they were copied"
                    : ToValidUtf8(event_file.error().message);
    return uint64_t{0};
  }
  uint64_t bytes = 0;
  ASSIGN_OR_RETURN(const auto values,
                   SelectNext(database, file->run, file->id, file->after, bytes_max));
  for (const auto& [record, at] : values) {
    file->after = {record.position, record.item};
    bytes += at.bytes;
    const Result<Content> content = ReadBorrowed(*event_file, at);
    if (content.ok()) {
      RETURN_IF_ERROR(WriteCopy(database, file->id, record, *content));
    } else if (file->why.empty()) {
      file->why = content.error().message;
    }
  }
  return bytes;
}

void BorrowedCopier::CountDown(uint64_t bytes, File* file) {
  const uint64_t counted = std::min(bytes, file->bytes_left);
  file->bytes_left -= counted;
  bytes_left_ -= counted;
}

// All values of the file were tried. True when its warning came, went or changed.
Result<bool> BorrowedCopier::Finish(Database& database, const File& file) {
  if (file.why.empty()) {
    ASSIGN_OR_RETURN(
        Statement remove,
        database.Prepare("DELETE FROM borrowed_files WHERE run_id = ?1 AND file_id = ?2"));
    RETURN_IF_ERROR(remove.Bind(file.run, file.id).Run());
    return !file.message.empty();
  }
  unreadable_.insert({file.run, file.id});
  if (file.why == file.message) return false;
  ASSIGN_OR_RETURN(Statement update, database.Prepare("UPDATE borrowed_files SET message = ?3 "
                                                      "WHERE run_id = ?1 AND file_id = ?2"));
  RETURN_IF_ERROR(update.Bind(file.run, file.id, file.why).Run());
  return true;
}

}  // namespace spirogram::store
