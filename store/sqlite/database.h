// A connection to a SQLite file. The folder store/sqlite/ is the only place that sees sqlite3.h;
// every result code becomes an Error here, once.
//
// Not thread-safe: one thread at a time per connection. SQLite before 3.51.3 corrupts a database
// when two connections write or checkpoint at once (the "WAL-reset" defect), so a program opens
// exactly one kWriter and does all writes and all checkpoints on it; every other connection is a
// kReader, opened read-only and with automatic checkpoints off.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

struct sqlite3;

namespace spirogram::store {

class Statement;

class Database {
 public:
  // kBuilder is for a file that nobody else sees yet: it never waits for the disk, and where the
  // machine fails, the file is worth nothing.
  enum class Mode { kWriter, kReader, kBuilder };

  // Opens the file (kReader does not create it) and sets its pragmas, reading each back:
  // trusted_schema off, defensive on; of a kWriter WAL and synchronous=FULL.
  static Result<Database> Open(const std::string& path, Mode mode);

  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  // REQUIRES: every Statement of this connection is gone.
  ~Database();

  // A statement to bind and step. Prepared once per text and kept, so that preparing the same text
  // again costs a look-up. What a text is made of must therefore be the program's own: numbers and
  // names of a request are bound, or every request leaves a statement behind.
  Result<Statement> Prepare(std::string_view sql);
  // For tests of that.
  size_t statements_kept() const;
  // Runs statements that take no values and return no rows.
  Status Execute(const std::string& sql);
  // The single integer that a pragma or query returns; kInternal when there is none.
  Result<int64_t> QueryInt(std::string_view sql);

  // Moves the whole write-ahead log into the database file and empties it. kUnavailable while a
  // reader still needs the log. REQUIRES: mode kWriter.
  Status Checkpoint();

  // Copies the database as it is now into the empty file at `path`, page by page in one snapshot:
  // what others commit meanwhile does not begin it anew. `progress` may be null. The copy is not
  // yet on the disk when this returns.
  Status CopyTo(const std::string& path,
                const std::function<void(uint64_t done, uint64_t of)>& progress);

  const std::string& path() const;

 private:
  struct State;

  explicit Database(std::unique_ptr<State> state);
  Status Configure(Mode mode);
  Status ExpectPragma(const std::string& name, const std::string& value, const std::string& want);

  std::unique_ptr<State> state_;
};

}  // namespace spirogram::store
