// The database's tables, as numbered migrations; docs/formats.md describes them. Stateless.
#pragma once

#include "base/result.h"
#include "store/sqlite/database.h"

namespace spirogram::store {

// The schema this program writes, kept in the file's user_version.
int SchemaVersion();

// Brings the file to SchemaVersion() in one transaction; a new file is version 0. kInvalidArgument
// when the file is newer than this program or belongs to another one.
Status MigrateSchema(Database& database);

// For connections that only read: kInvalidArgument where MigrateSchema would refuse the file or
// would have to change it.
Status CheckSchema(Database& database);

}  // namespace spirogram::store
