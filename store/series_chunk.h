// A whole series in parts of bounded size: what an export reads. Each part is a snapshot of its
// own, so that a slow reader never holds the write-ahead log back, and the position at which it
// ended is where the next one begins.
//
// A part yields only what stands behind its position. So while the run goes on, nothing comes
// twice, and everything comes that was there at the first part and is still visible; a value that
// is back-filled before the position does not come.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/types.h"
#include "store/answers.h"

namespace spirogram::store {

// Where a point or a value stands in the order of its series: by step, and within a step as it was
// written. `index` counts within the session; what exactly is the store's business.
struct SeriesPosition {
  Step step = 0;
  int64_t session = 0;
  int64_t index = 0;

  // NOLINTNEXTLINE(modernize-use-nullptr): it takes the 0 that orders compare with for a pointer
  auto operator<=>(const SeriesPosition&) const = default;
};

struct PointsQuery {
  RunId run = 0;
  std::string tag;
  Step from = INT64_MIN;     // inclusive
  Step to = INT64_MAX;       // inclusive
  bool with_hidden = false;  // also what the restart rule hides
  std::optional<SeriesPosition> after = std::nullopt;
  size_t points_max = 65'536;  // at least 1
};

// Points in the order of the series; all columns have size() entries.
struct PointsChunk {
  std::vector<Step> step;
  std::vector<WallTime> wall_time;
  std::vector<double> value;  // bit by bit as logged
  SeriesPosition last;        // of the last point
  bool is_end = false;        // nothing stands behind it

  size_t size() const { return step.size(); }
};

// The tag by which a run says that it has ended; TensorBoard's name for it.
inline constexpr std::string_view kSessionEndTag = "_hparams_/session_end_info";

struct LoggedValuesQuery {
  RunId run = 0;
  std::string tag;  // of any kind but scalar
  Step from = INT64_MIN;
  Step to = INT64_MAX;
  std::optional<SeriesPosition> after = std::nullopt;
  size_t bytes_max =
      size_t{8} << 20;  // a part ends when it has reached so many; one value may pass
};

// A value as it stands in an event file.
struct LoggedValue {
  Step step = 0;
  WallTime wall_time = 0;
  std::string summary_value;  // a serialized Summary.Value (proto/summary.proto) with its metadata
};

struct LoggedValuesChunk {
  std::vector<LoggedValue> values;
  SeriesPosition last;
  bool is_end = false;
};

}  // namespace spirogram::store
