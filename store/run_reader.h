// Reads of tags, warnings, hyperparameters and sessions (runs: run_rows.h). Each function is one
// snapshot of the database when the caller holds a read transaction.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/answers.h"
#include "store/sqlite/database.h"
#include "store/tag_metadata.h"
#include "store/visibility.h"

namespace spirogram::store {

// For lists of all runs: a condition on run_id.
inline constexpr const char* kIsNotDeleted =
    "run_id NOT IN (SELECT run_id FROM run_labels WHERE deleted_time IS NOT NULL) ";

// Without `runs` of all that are not deleted.
Result<std::vector<Tag>> SelectTags(Database& database, std::span<const RunId> runs);
// The one of event files, if they hold it.
Result<std::optional<Tag>> SelectTag(Database& database, RunId run, std::string_view name);
Result<std::vector<Warning>> SelectWarnings(Database& database, RunId run);
Result<std::vector<RunHparams>> SelectHparams(Database& database);
Result<std::vector<Session>> SelectSessions(Database& database, RunId run);

// The id of a tag, or kNotFound naming what is missing. Nothing as `kind` accepts every kind.
struct TagKey {
  int64_t id = 0;
  DataKind kind = DataKind::kOther;
  std::string plugin;
};
Result<TagKey> FindTagKey(Database& database, RunId run, std::string_view tag,
                          std::optional<DataKind> kind);
Result<TagMetadata> SelectTagMetadata(Database& database, RunId run, const std::string& tag);
Result<int> SelectSamplesMax(Database& database, RunId run, const std::string& tag);
// kNotFound when there is no such run.
Status CheckRun(Database& database, RunId run);

}  // namespace spirogram::store
