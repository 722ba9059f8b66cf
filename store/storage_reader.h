#pragma once

#include "base/result.h"
#include "store/sqlite/database.h"
#include "store/storage.h"

namespace spirogram::store {

// What takes up room, by the lengths of the stored values. REQUIRES: a read transaction is open.
Result<StorageUse> SelectStorageUse(Database& database);

}  // namespace spirogram::store
