#include "store/sqlite/statement.h"

#include <sqlite3.h>

#include <limits>
#include <utility>

#include "base/str.h"
#include "store/sqlite/error.h"

namespace spirogram::store {

Statement::Statement(Statement&& other) noexcept
    : statement_(std::exchange(other.statement_, nullptr)),
      in_use_(std::exchange(other.in_use_, nullptr)),
      bind_code_(other.bind_code_) {}

Statement::~Statement() {
  if (statement_ == nullptr) return;
  if (in_use_ == nullptr) {
    sqlite3_finalize(statement_);
    return;
  }
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  *in_use_ = false;
}

Result<bool> Statement::Step() {
  sqlite3* db = sqlite3_db_handle(statement_);
  if (bind_code_ != SQLITE_OK) {
    return SqliteError(nullptr, bind_code_, StrCat("bind to \"", sqlite3_sql(statement_), "\""));
  }
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return SqliteError(db, code, StrCat("run \"", sqlite3_sql(statement_), "\""));
}

Status Statement::Run() {
  while (true) {
    const Result<bool> has_row = Step();
    if (has_row.ok() && *has_row) continue;
    sqlite3_reset(statement_);
    bind_code_ = SQLITE_OK;
    if (!has_row.ok()) return has_row.error();
    return {};
  }
}

bool Statement::IsNull(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

int64_t Statement::Int(int column) const {
  return sqlite3_column_int64(statement_, column);
}

double Statement::Real(int column) const {
  if (IsNull(column)) return std::numeric_limits<double>::quiet_NaN();
  return sqlite3_column_double(statement_, column);
}

std::string_view Statement::Text(int column) const {
  const auto* text = sqlite3_column_text(statement_, column);
  if (text == nullptr) return {};
  return {reinterpret_cast<const char*>(text),
          static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}

std::string_view Statement::Bytes(int column) const {
  const void* bytes = sqlite3_column_blob(statement_, column);
  if (bytes == nullptr) return {};
  return {static_cast<const char*>(bytes),
          static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}

void Statement::Check(int code) {
  if (bind_code_ == SQLITE_OK) bind_code_ = code;
}

void Statement::BindOne(int index, int64_t value) {
  Check(sqlite3_bind_int64(statement_, index, value));
}

void Statement::BindOne(int index, double value) {
  Check(sqlite3_bind_double(statement_, index, value));
}

void Statement::BindOne(int index, std::optional<int64_t> value) {
  Check(value ? sqlite3_bind_int64(statement_, index, *value)
              : sqlite3_bind_null(statement_, index));
}

void Statement::BindOne(int index, Blob blob) {
  // A null pointer would bind NULL, and an empty BLOB is not that.
  const char* data = blob.bytes.empty() ? "" : blob.bytes.data();
  Check(sqlite3_bind_blob64(statement_, index, data, blob.bytes.size(), SQLITE_STATIC));
}

void Statement::BindOne(int index, std::optional<Blob> blob) {
  if (blob) return BindOne(index, *blob);
  Check(sqlite3_bind_null(statement_, index));
}

void Statement::BindText(int index, std::string_view text) {
  const char* data = text.empty() ? "" : text.data();
  Check(sqlite3_bind_text64(statement_, index, data, text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

}  // namespace spirogram::store
