// How long the phases of a profile took, in rows of neighbouring steps: what the chart of a whole
// profile is drawn from. Each chunk keeps its sums at several widths of rows, so that a chart of
// millions of steps reads some thousand rows. Pure functions.
//
// Sums of several chunks are those of all their phases where the chunks follow each other in time
// and in steps, as those of one thread do. A moment within several phases counts for the one that
// began last, so chunks that overlap are summed from their phases together.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/answers.h"

namespace spirogram::store {

// Rows of level L hold the steps that are the same but for their lowest L bits.
inline constexpr int kPhaseLevels[] = {5, 8, 11, 14};

// A table of more names is refused: each of a range's slices may name another phase.
inline constexpr size_t kPhaseNamesMax = 1'000;

struct PhaseSums {
  int64_t from_ns = 0;  // the first start
  int64_t to_ns = 0;    // the last end
  Step first_step = 0;
  std::vector<uint32_t> names;                // ids, ascending
  std::vector<Step> last_step;                // of each row
  std::vector<uint32_t> steps;                // distinct ones of each row
  std::vector<std::vector<uint64_t>> own_ns;  // [name][row]; disjoint times, so no sum overflows

  bool operator==(const PhaseSums&) const = default;
};

// How long each of the phases was the one that had begun last.
std::vector<int64_t> MeasureOwnTimes(const ProfileSlices& phases);

// The phases in at most `rows_max` rows, each but the last of equally many rows of `level`; of
// level 0, each step is one. kExhausted above kPhaseNamesMax names. REQUIRES: there are phases, and
// nothing else.
Result<PhaseSums> SumPhases(const ProfileSlices& phases, int level, size_t rows_max);

// All rows of `level`; nothing where there are no phases, more than kPhaseNamesMax names, or
// several times as many numbers in the rows as there are phases.
std::optional<PhaseSums> SumChunk(const ProfileSlices& phases, int level);
// The same at each of `levels`, of which the first costs the most.
std::vector<std::optional<PhaseSums>> SumChunkAt(std::span<const int> levels,
                                                 const ProfileSlices& phases);

// Whether all of `next` comes behind `sums`; they may share a step.
bool IsBehind(const PhaseSums& sums, const PhaseSums& next);

// How many rows of `level` all parts have, each of which is behind the one before it.
size_t CountRows(const std::vector<PhaseSums>& parts, int level);

// As SumPhases of the phases of all parts. REQUIRES: there are parts, by SumChunk with this level,
// and each is behind the one before it.
Result<PhaseSums> JoinSums(const std::vector<PhaseSums>& parts, int level, size_t rows_max);

// As bytes, in the envelope of blob_codec.h:
//
//   uint8   format, 1
//   uint32  rows, uint32 names
//   int64   from_ns, to_ns, first_step
//   planes  name ids; last_step (zigzag differences), steps; per name own_ns     (byte_planes.h)
std::string EncodePhaseSums(const PhaseSums& sums);
Result<PhaseSums> DecodePhaseSums(std::string_view bytes);

// kCorruption when `bytes` are not the sums of a chunk's phases at one of kPhaseLevels.
Status CheckPhaseSums(std::string_view bytes, int64_t level, const ProfileSlices& phases);

}  // namespace spirogram::store
