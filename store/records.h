// Rows of the table `records`, on which the readers of every kind but scalars, hyperparameters and
// profiles are built. REQUIRES, for all: a read transaction is open.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/answers.h"
#include "store/sqlite/database.h"

namespace spirogram::store {

// The item of the one row of a value that holds no images, clips or meshes, or an empty graph. It
// says that there was such a value, and when; readers of items never see it.
inline constexpr int kNoItem = -1;

// A row but for its data.
struct RecordRef {
  RunId run = 0;
  int64_t tag_id = 0;
  int64_t session_id = 0;
  int64_t position = 0;
  int item = 0;
  Step step = 0;
  WallTime wall_time = 0;
  int64_t width = 0;
  int64_t height = 0;
  uint64_t bytes = 0;
};

// The records of a tag that the restart rule shows, by step.
Result<std::vector<RecordRef>> SelectRecords(Database& database, RunId run, int64_t tag_id);
// The same of a tag by its name, those of steps from `from` on; kNotFound when there is no tag of
// that name and kind.
Result<std::vector<RecordRef>> SelectRecords(Database& database, RunId run, const std::string& tag,
                                             DataKind kind, Step from = INT64_MIN);
// All records of a tag, in the order of their sessions: also those that the restart rule hides, and
// those of values without items.
Result<std::vector<RecordRef>> SelectAllRecords(Database& database, RunId run, int64_t tag_id);

// The value, out of its envelope. kNotFound, of a row that is there, only where it was borrowed and
// its event file cannot give it (store/borrowed.h).
Result<std::string> SelectContent(Database& database, const RecordRef& record);
// The same of a row whose `data` was selected already.
Result<std::string> ContentOf(Database& database, const RecordRef& record, std::string_view data);
// What a listing shows of the value (store/record_details.h); empty where nothing was kept.
Result<std::string> SelectDetails(Database& database, const RecordRef& record);

// The record at the step; of several the one that `repeat` says, kNewestRepeat for the last; or
// null.
const RecordRef* FindRecord(const std::vector<RecordRef>& records, Step step, int item,
                            int repeat = kNewestRepeat);
// That there is none: `what` names the item that was looked for.
Error NoRecord(RunId run, const std::string& tag, std::string_view what, Step step,
               int repeat = kNewestRepeat);
// The `repeat` that each record is found by.
std::vector<int> RepeatsOf(const std::vector<RecordRef>& records);

// At most `count_max` records, evenly spread, first and last kept.
std::vector<RecordRef> Spread(const std::vector<RecordRef>& records, size_t count_max);

}  // namespace spirogram::store
