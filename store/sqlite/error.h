// SQLite's result codes as Errors: the one mapping. Private to store/sqlite/.
#pragma once

#include <string>

#include "base/result.h"

struct sqlite3;

namespace spirogram::store {

// "ACTION: database is locked (spirogram.sqlite)". `db` may be null.
Error SqliteError(sqlite3* db, int code, const std::string& action);

}  // namespace spirogram::store
