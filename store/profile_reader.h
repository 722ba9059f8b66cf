// Reads of profile slices and notes. REQUIRES: a read transaction is open.
#pragma once

#include <vector>

#include "base/result.h"
#include "store/answers.h"
#include "store/sqlite/database.h"

namespace spirogram::store {

Result<ProfileSlices> SelectProfile(Database& database, RunId run, Step from, Step to);
// As Store::ReadPhaseTimes.
Result<PhaseTimes> SelectPhaseTimes(Database& database, RunId run, Step from, Step to,
                                    int rows_max);
// Of all steps, by name id.
Result<std::vector<KernelTotal>> SelectKernelTotals(Database& database, RunId run);
// By name id.
Result<std::vector<std::string>> SelectProfileNames(Database& database, RunId run);
Result<std::vector<ProfileNote>> SelectProfileNotes(Database& database, RunId run);

}  // namespace spirogram::store
