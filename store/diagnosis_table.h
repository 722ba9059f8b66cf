// The diagnosis of runs and the results of projections: what is computed from a run and kept beside
// it.
#pragma once

#include <string>

#include "base/result.h"
#include "store/answers.h"
#include "store/finding.h"
#include "store/sqlite/database.h"

namespace spirogram::store {

// REQUIRES, for the writes: within a write transaction. kNotFound when there is no such run.
Status ReplaceDiagnosis(Database& database, RunId run, const Diagnosis& diagnosis);
Status ReplaceProjection(Database& database, RunId run, const std::string& key,
                         const std::string& bytes);

Result<Diagnosis> SelectDiagnosis(Database& database, RunId run);
Result<std::string> SelectProjection(Database& database, RunId run, const std::string& key);

}  // namespace spirogram::store
