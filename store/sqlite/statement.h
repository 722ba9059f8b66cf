// A prepared statement on loan from its connection's cache; it goes back, reset, when this is
// destroyed.
//
//   ASSIGN_OR_RETURN(Statement select, db.Prepare("SELECT name FROM runs WHERE run_id = ?1"));
//   select.Bind(run);
//   while (true) {
//     ASSIGN_OR_RETURN(const bool has_row, select.Step());
//     if (!has_row) break;
//     names.emplace_back(select.Text(0));
//   }
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

struct sqlite3_stmt;

namespace spirogram::store {

// Bytes to bind as a BLOB. Not copied: the memory must live until the statement has run.
struct Blob {
  std::string_view bytes;
};

class Statement {
 public:
  // `in_use` points to the cache's mark for this statement, or is null when nobody caches it.
  Statement(sqlite3_stmt* statement, bool* in_use) : statement_(statement), in_use_(in_use) {}
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  // Binds ?1, ?2, ... in order. A value that cannot be bound makes the next Step fail. A NaN
  // becomes NULL, and Real reads NULL as NaN.
  template <typename... Values>
  Statement& Bind(const Values&... values) {
    int index = 0;
    (BindOne(++index, values), ...);
    return *this;
  }

  // True when there is a row to read.
  Result<bool> Step();
  // Steps to the end and resets, so that the statement can be run again. REQUIRES: all its values
  // are bound anew before that: clearing them at each row would cost a load a part of its time.
  Status Run();

  bool IsNull(int column) const;
  int64_t Int(int column) const;
  double Real(int column) const;
  // Valid until the next Step.
  std::string_view Text(int column) const;
  std::string_view Bytes(int column) const;

 private:
  void BindOne(int index, int64_t value);
  void BindOne(int index, int value) { BindOne(index, static_cast<int64_t>(value)); }
  void BindOne(int index, uint32_t value) { BindOne(index, static_cast<int64_t>(value)); }
  void BindOne(int index, uint64_t value) { BindOne(index, static_cast<int64_t>(value)); }
  void BindOne(int index, bool value) { BindOne(index, static_cast<int64_t>(value)); }
  void BindOne(int index, double value);
  void BindOne(int index, const std::string& text) { BindText(index, text); }
  void BindOne(int index, std::string_view text) { BindText(index, text); }
  void BindOne(int index, const char* text) { BindText(index, text); }
  void BindOne(int index, Blob blob);
  void BindOne(int index, std::optional<Blob> blob);
  void BindOne(int index, std::optional<int64_t> value);
  void BindText(int index, std::string_view text);
  void Check(int code);

  sqlite3_stmt* statement_;
  bool* in_use_;
  int bind_code_ = 0;  // the first failure of Bind, reported by Step
};

}  // namespace spirogram::store
