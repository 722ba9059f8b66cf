#include "store/phase_sums.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <numeric>
#include <utility>

#include "base/check.h"
#include "base/str.h"
#include "store/blob_codec.h"
#include "store/byte_io.h"
#include "store/number_columns.h"
#include "store/profile_codec.h"

namespace spirogram::store {
namespace {

constexpr uint8_t kFormat = 1;
constexpr int64_t kTimeMax = std::numeric_limits<int64_t>::max();

// Files may say anything of a slice.
int64_t EndOf(const ProfileSlices& phases, size_t i) {
  const int64_t duration_ns = std::max<int64_t>(0, phases.duration_ns[i]);
  int64_t end_ns = 0;
  return __builtin_add_overflow(phases.start_ns[i], duration_ns, &end_ns) ? kTimeMax : end_ns;
}

// Calls `visit` for the phases by their start; those around others come before them.
template <typename Visit>
void ForEachByStart(const ProfileSlices& phases, const Visit& visit) {
  const auto is_before = [&](size_t a, size_t b) {
    if (phases.start_ns[a] != phases.start_ns[b]) return phases.start_ns[a] < phases.start_ns[b];
    if (phases.duration_ns[a] != phases.duration_ns[b]) {
      return phases.duration_ns[a] > phases.duration_ns[b];
    }
    return a < b;
  };
  // As one thread logs them; but phases within a phase end, and are logged, before it.
  bool is_sorted = true;
  for (size_t i = 1; i < phases.size() && is_sorted; ++i) is_sorted = is_before(i - 1, i);
  if (is_sorted) {
    for (size_t i = 0; i < phases.size(); ++i) visit(i);
    return;
  }
  std::vector<size_t> order(phases.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), is_before);
  for (const size_t i : order) visit(i);
}

std::vector<Step> DistinctSteps(const ProfileSlices& phases) {
  std::vector<Step> steps;
  bool is_sorted = true;
  for (const Step step : phases.step) {
    if (!steps.empty() && step == steps.back()) continue;
    is_sorted &= steps.empty() || step > steps.back();
    steps.push_back(step);
  }
  if (is_sorted) return steps;
  std::sort(steps.begin(), steps.end());
  steps.erase(std::unique(steps.begin(), steps.end()), steps.end());
  return steps;
}

// Place of a step among `steps`, which has it. `hint`, the place of the one asked for before, is
// most often that of the next one too.
size_t PlaceOf(Step step, const std::vector<Step>& steps, size_t hint) {
  if (steps[hint] == step) return hint;
  if (hint + 1 < steps.size() && steps[hint + 1] == step) return hint + 1;
  return static_cast<size_t>(std::lower_bound(steps.begin(), steps.end(), step) - steps.begin());
}

std::vector<uint32_t> DistinctNames(std::vector<uint32_t> names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

size_t PlaceOfName(uint32_t name, const std::vector<uint32_t>& names) {
  return static_cast<size_t>(std::lower_bound(names.begin(), names.end(), name) - names.begin());
}

Error TooManyNames(size_t names) {
  return Exhausted(StrCat("the range has ", names, " phases, want at most ", kPhaseNamesMax,
                          ": ask for fewer steps"));
}

// Steps of one level's row have the same number.
Step RowNumber(Step step, int level) {
  return step >> level;
}

size_t RowsOfSteps(const std::vector<Step>& steps, int level) {
  size_t rows = 0;
  for (size_t i = 0; i < steps.size(); ++i) {
    rows += i == 0 || RowNumber(steps[i], level) != RowNumber(steps[i - 1], level) ? 1 : 0;
  }
  return rows;
}

// A part's first row may be the last one of the part before it, and its first step that one's last.
bool GoesOn(const std::vector<PhaseSums>& parts, size_t part, int level) {
  return part > 0 && RowNumber(parts[part - 1].last_step.back(), level) ==
                         RowNumber(parts[part].first_step, level);
}

// What the sums of every level are made of.
struct Measured {
  std::vector<uint32_t> names;  // distinct, ascending, as the steps are
  std::vector<Step> steps;
  std::vector<int64_t> own_ns;  // of each phase
};

Measured Measure(const ProfileSlices& phases) {
  return {DistinctNames(phases.name), DistinctSteps(phases), MeasureOwnTimes(phases)};
}

// How many rows of a level make one of the answer's.
size_t RowsPerRow(size_t rows, size_t rows_max) {
  return std::max<size_t>(1, (rows + rows_max - 1) / rows_max);
}

PhaseSums SumRows(const ProfileSlices& phases, const Measured& measured, int level,
                  size_t rows_max) {
  const std::vector<Step>& steps = measured.steps;
  PhaseSums sums;
  sums.names = measured.names;
  const size_t rows_per_row = RowsPerRow(RowsOfSteps(steps, level), rows_max);
  std::vector<size_t> row_of(steps.size());
  size_t rows = 0;
  for (size_t i = 0; i < steps.size(); ++i) {
    const bool is_new = i == 0 || RowNumber(steps[i], level) != RowNumber(steps[i - 1], level);
    rows += is_new ? 1 : 0;
    row_of[i] = (rows - 1) / rows_per_row;
    if (row_of[i] == sums.steps.size()) {
      sums.last_step.push_back(steps[i]);
      sums.steps.push_back(0);
    }
    sums.last_step.back() = steps[i];
    ++sums.steps.back();
  }
  sums.first_step = steps.front();
  sums.from_ns = *std::min_element(phases.start_ns.begin(), phases.start_ns.end());
  sums.to_ns = sums.from_ns;
  sums.own_ns.assign(sums.names.size(), std::vector<uint64_t>(sums.steps.size()));
  size_t place = 0;
  for (size_t i = 0; i < phases.size(); ++i) {
    place = PlaceOf(phases.step[i], steps, place);
    sums.own_ns[PlaceOfName(phases.name[i], sums.names)][row_of[place]] +=
        static_cast<uint64_t>(measured.own_ns[i]);
    sums.to_ns = std::max(sums.to_ns, EndOf(phases, i));
  }
  return sums;
}

}  // namespace

std::vector<int64_t> MeasureOwnTimes(const ProfileSlices& phases) {
  std::vector<int64_t> own_ns(phases.size());
  std::vector<size_t> open;
  int64_t now = std::numeric_limits<int64_t>::min();
  const auto advance = [&](int64_t to) {
    while (!open.empty() && now < to) {
      const size_t last = open.back();
      const int64_t end = EndOf(phases, last);
      if (end <= to) open.pop_back();
      if (end <= now) continue;
      own_ns[last] += std::min(end, to) - now;
      now = std::min(end, to);
    }
    now = to;
  };
  ForEachByStart(phases, [&](size_t phase) {
    advance(phases.start_ns[phase]);
    open.push_back(phase);
  });
  advance(kTimeMax);
  return own_ns;
}

Result<PhaseSums> SumPhases(const ProfileSlices& phases, int level, size_t rows_max) {
  CHECK(phases.size() > 0);
  const Measured measured = Measure(phases);
  if (measured.names.size() > kPhaseNamesMax) return TooManyNames(measured.names.size());
  return SumRows(phases, measured, level, rows_max);
}

std::optional<PhaseSums> SumChunk(const ProfileSlices& phases, int level) {
  return std::move(SumChunkAt({&level, 1}, phases).front());
}

std::vector<std::optional<PhaseSums>> SumChunkAt(std::span<const int> levels,
                                                 const ProfileSlices& phases) {
  std::vector<std::optional<PhaseSums>> sums(levels.size());
  if (phases.size() == 0) return sums;
  const Measured measured = Measure(phases);
  const size_t names = measured.names.size();
  for (size_t i = 0; i < levels.size(); ++i) {
    const size_t rows = RowsOfSteps(measured.steps, levels[i]);
    if (names > kPhaseNamesMax || names * rows > 4 * phases.size()) continue;
    sums[i] = SumRows(phases, measured, levels[i], rows);
  }
  return sums;
}

bool IsBehind(const PhaseSums& sums, const PhaseSums& next) {
  return sums.to_ns <= next.from_ns && sums.last_step.back() <= next.first_step;
}

size_t CountRows(const std::vector<PhaseSums>& parts, int level) {
  size_t rows = 0;
  for (size_t i = 0; i < parts.size(); ++i) {
    rows += parts[i].steps.size() - (GoesOn(parts, i, level) ? 1 : 0);
  }
  return rows;
}

Result<PhaseSums> JoinSums(const std::vector<PhaseSums>& parts, int level, size_t rows_max) {
  CHECK(!parts.empty());
  PhaseSums all;
  all.first_step = parts.front().first_step;
  all.from_ns = parts.front().from_ns;
  all.to_ns = parts.back().to_ns;
  for (const PhaseSums& part : parts) {
    all.names.insert(all.names.end(), part.names.begin(), part.names.end());
  }
  all.names = DistinctNames(std::move(all.names));
  if (all.names.size() > kPhaseNamesMax) return TooManyNames(all.names.size());
  const size_t rows = CountRows(parts, level);
  const size_t rows_per_row = RowsPerRow(rows, rows_max);
  const size_t rows_of_all = (rows + rows_per_row - 1) / rows_per_row;
  all.last_step.resize(rows_of_all);
  all.steps.resize(rows_of_all);
  all.own_ns.assign(all.names.size(), std::vector<uint64_t>(rows_of_all));
  size_t begin = 0;
  for (size_t i = 0; i < parts.size(); ++i) {
    const PhaseSums& part = parts[i];
    begin -= GoesOn(parts, i, level) ? 1 : 0;
    for (size_t row = 0; row < part.steps.size(); ++row) {
      all.last_step[(begin + row) / rows_per_row] = part.last_step[row];
      all.steps[(begin + row) / rows_per_row] += part.steps[row];
    }
    const bool shares_step = i > 0 && parts[i - 1].last_step.back() == part.first_step;
    if (shares_step) --all.steps[begin / rows_per_row];
    for (size_t name = 0; name < part.names.size(); ++name) {
      std::vector<uint64_t>& own_ns = all.own_ns[PlaceOfName(part.names[name], all.names)];
      for (size_t row = 0; row < part.steps.size(); ++row) {
        own_ns[(begin + row) / rows_per_row] += part.own_ns[name][row];
      }
    }
    begin += part.steps.size();
  }
  return all;
}

std::string EncodePhaseSums(const PhaseSums& sums) {
  ByteWriter header;
  header.Put(kFormat);
  header.Put(static_cast<uint32_t>(sums.steps.size()));
  header.Put(static_cast<uint32_t>(sums.names.size()));
  header.Put(sums.from_ns);
  header.Put(sums.to_ns);
  header.Put(sums.first_step);
  std::string content = header.Take();
  AppendColumn(sums.names, false, &content);
  AppendColumn(sums.last_step, true, &content);
  AppendColumn(sums.steps, false, &content);
  for (const std::vector<uint64_t>& own_ns : sums.own_ns) AppendColumn(own_ns, false, &content);
  return PackBlob(content, Compression::kZstd);
}

Result<PhaseSums> DecodePhaseSums(std::string_view bytes) {
  ASSIGN_OR_RETURN(const std::string content, UnpackBlob(bytes));
  ByteReader header(content);
  const auto format = header.Get<uint8_t>();
  const auto rows = header.Get<uint32_t>();
  const auto names = header.Get<uint32_t>();
  PhaseSums sums;
  sums.from_ns = header.Get<int64_t>();
  sums.to_ns = header.Get<int64_t>();
  sums.first_step = header.Get<Step>();
  const bool is_known = header.ok() && format == kFormat && names > 0 && names <= kPhaseNamesMax &&
                        rows > 0 && rows <= kChunkSlicesMax / names;
  if (!is_known) {
    return Corruption(StrCat("phase sums: format ", format, " of ", rows, " rows and ", names,
                             " names is not known"));
  }
  std::string_view rest = header.rest();
  ColumnReader ids(rest, names);
  bool is_whole = ids.Read(false, &sums.names);
  ColumnReader columns(ids.rest(), rows);
  is_whole = is_whole && columns.Read(true, &sums.last_step) && columns.Read(false, &sums.steps);
  sums.own_ns.resize(names);
  for (uint32_t name = 0; is_whole && name < names; ++name) {
    is_whole = columns.Read(false, &sums.own_ns[name]);
  }
  if (!is_whole || !columns.rest().empty()) {
    return Corruption(StrCat("phase sums: not ", rows, " rows of ", names, " names"));
  }
  return sums;
}

Status CheckPhaseSums(std::string_view bytes, int64_t level, const ProfileSlices& phases) {
  const int* known = std::find(std::begin(kPhaseLevels), std::end(kPhaseLevels), level);
  if (known == std::end(kPhaseLevels)) {
    return Corruption(StrCat("its sums are of level ", level, ", which is not kept"));
  }
  ASSIGN_OR_RETURN(const PhaseSums sums, DecodePhaseSums(bytes));
  if (sums == SumChunk(phases, *known)) return {};
  return Corruption(StrCat("its sums of level ", level, " are not those of its phases"));
}

}  // namespace spirogram::store
