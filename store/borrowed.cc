#include "store/borrowed.h"

#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "base/crc32c.h"
#include "base/str.h"
#include "store/data_compat.h"
#include "store/histogram_codec.h"
#include "store/sqlite/statement.h"
#include "store/sqlite/transaction.h"
#include "store/sqlite/upsert.h"

namespace spirogram::store {

Result<Statement> PrepareBorrowed(Database& database) {
  return database.Prepare(
      "INSERT INTO borrowed_values VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
}

Status WriteBorrowed(Statement& prepared, const RecordRef& record, int64_t file_id,
                     const BorrowedBytes& at) {
  return prepared
      .Bind(record.run, file_id, record.position, record.item, record.tag_id, record.session_id,
            at.offset, at.bytes, at.crc, static_cast<int>(at.form))
      .Run();
}

Status WriteBorrowedFile(Database& database, RunId run, int64_t file_id, const std::string& path) {
  static const std::string sql = UpsertSql("borrowed_files", {"run_id", "file_id"}, {"path"});
  ASSIGN_OR_RETURN(Statement insert, database.Prepare(sql));
  return insert.Bind(run, file_id, Blob{path}).Run();
}

Status FollowMovedLogdir(Database& database, const Logdir& logdir) {
  struct Moved {
    RunId run = 0;
    int64_t file_id = 0;
    std::string path;
  };
  std::vector<Moved> moved;
  {
    ASSIGN_OR_RETURN(Statement select,
                     database.Prepare("SELECT b.run_id, b.file_id, b.path, r.path, f.name "
                                      "FROM borrowed_files b JOIN event_files f "
                                      "USING (run_id, file_id) JOIN runs r USING (run_id)"));
    while (true) {
      ASSIGN_OR_RETURN(const bool has_row, select.Step());
      if (!has_row) break;
      const std::string now =
          logdir.PathOf(std::string(select.Bytes(3)), std::string(select.Bytes(4)));
      std::error_code error;
      if (std::filesystem::exists(std::filesystem::path(select.Bytes(2)), error)) continue;
      if (!std::filesystem::exists(now, error)) continue;
      moved.push_back({select.Int(0), select.Int(1), std::filesystem::absolute(now).string()});
    }
  }
  if (moved.empty()) return {};
  ASSIGN_OR_RETURN(Transaction transaction,
                   Transaction::Begin(database, Transaction::Kind::kWrite));
  for (const Moved& file : moved) {
    RETURN_IF_ERROR(WriteBorrowedFile(database, file.run, file.file_id, file.path));
  }
  return transaction.Commit();
}

Result<BorrowedPlace> SelectBorrowedPlace(Database& database, const RecordRef& record) {
  ASSIGN_OR_RETURN(
      Statement select,
      database.Prepare("SELECT f.name, v.file_offset, v.bytes FROM sessions s "
                       "JOIN borrowed_values v USING (run_id, file_id) "
                       "JOIN event_files f USING (run_id, file_id) "
                       "WHERE run_id = ?1 AND s.session_id = ?2 AND position = ?3 AND item = ?4"));
  select.Bind(record.run, record.session_id, record.position, record.item);
  ASSIGN_OR_RETURN(const bool has_row, select.Step());
  if (!has_row) return NotFound(StrCat("record ", record.position, " is not borrowed"));
  return BorrowedPlace{ToValidUtf8(select.Bytes(0)), static_cast<uint64_t>(select.Int(1)),
                       static_cast<uint64_t>(select.Int(2))};
}

Result<Content> ReadBorrowed(const RandomAccessFile& file, const BorrowedBytes& at) {
  std::string bytes;
  ASSIGN_OR_RETURN(const size_t got, file.Read(at.offset, at.bytes, &bytes));
  if (got != at.bytes) {
    return Corruption(StrCat("its event file holds ", got, " of its bytes, want ", at.bytes));
  }
  const uint32_t crc = Crc32c(bytes);
  if (crc != at.crc) {
    return Corruption(StrCat("its event file was written over before it was copied: checksum got ",
                             Hex32(crc), ", want ", Hex32(at.crc)));
  }
  if (at.form == BorrowedBytes::Form::kContent) return Content{std::move(bytes)};
  ParsedValue value;
  value.payload = ParsedValue::Payload::kHistogram;
  value.bytes = bytes;
  ASSIGN_OR_RETURN(const Histogram histogram, ToHistogram(value));
  return EncodeHistogram(histogram);
}

Result<std::string> SelectBorrowed(Database& database, RunId run, int64_t session_id,
                                   int64_t position, int item) {
  ASSIGN_OR_RETURN(
      Statement select,
      database.Prepare("SELECT f.path, v.file_offset, v.bytes, v.crc, v.form FROM sessions s "
                       "JOIN borrowed_values v USING (run_id, file_id) "
                       "JOIN borrowed_files f USING (run_id, file_id) "
                       "WHERE run_id = ?1 AND s.session_id = ?2 AND position = ?3 AND item = ?4"));
  select.Bind(run, session_id, position, item);
  ASSIGN_OR_RETURN(const bool has_row, select.Step());
  if (!has_row) return Corruption(StrCat("run ", run, " lacks the bytes of record ", position));
  const auto file = RandomAccessFile::Open(std::string(select.Bytes(0)));
  if (!file.ok() && file.error().code == ErrorCode::kNotFound) {
    return NotFound("the value's event file has gone before it was copied");
  }
  // Its path is the server's own business.
  if (!file.ok()) return NotFound("the value's event file cannot be read, and it was not copied");
  Result<Content> content =
      ReadBorrowed(*file, {.offset = static_cast<uint64_t>(select.Int(1)),
                           .bytes = static_cast<uint64_t>(select.Int(2)),
                           .crc = static_cast<uint32_t>(select.Int(3)),
                           .form = static_cast<BorrowedBytes::Form>(select.Int(4))});
  if (!content.ok()) return NotFound(StrCat("the value is lost: ", content.error().message));
  return std::move(content->bytes);
}

}  // namespace spirogram::store
