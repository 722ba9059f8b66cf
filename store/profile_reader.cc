#include "store/profile_reader.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "base/str.h"
#include "store/phase_sums.h"
#include "store/profile_codec.h"
#include "store/profile_sums.h"
#include "store/run_reader.h"
#include "store/sqlite/statement.h"
#include "store/visibility.h"

namespace spirogram::store {
namespace {

// A session's slices of a run, those with step < cutoff.
struct VisiblePart {
  int64_t session_id = 0;
  std::optional<Step> cutoff;
};

Result<std::vector<VisiblePart>> SelectParts(Database& database, RunId run) {
  ASSIGN_OR_RETURN(Statement select,
                   database.Prepare("SELECT session_id, min(min_step) FROM profile_chunks "
                                    "WHERE run_id = ?1 GROUP BY session_id"));
  select.Bind(run);
  std::vector<SessionPart> parts;
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) break;
    parts.push_back({select.Int(0), select.Int(1)});
  }
  ASSIGN_OR_RETURN(const std::vector<Session> sessions, SelectSessions(database, run));
  const std::vector<std::optional<Step>> cutoffs = GetCutoffs(sessions, parts);
  std::vector<VisiblePart> visible;
  for (size_t i = 0; i < parts.size(); ++i) visible.push_back({parts[i].session_id, cutoffs[i]});
  return visible;
}

Error NoName(RunId run, uint32_t name) {
  return Corruption(StrCat("profile of run ", run, ": no name ", name));
}

constexpr const char* kChunks =
    "SELECT data FROM profile_chunks WHERE run_id = ?1 AND session_id = ?2 AND max_step >= ?3 "
    "AND min_step <= ?4 ORDER BY position";

// An empty BLOB: no phases.
constexpr const char* kPhases =
    "SELECT CASE WHEN s.phases IS NULL THEN c.data ELSE s.phases END FROM profile_chunks c "
    "LEFT JOIN profile_sums s USING (run_id, session_id, position) WHERE c.run_id = ?1 "
    "AND c.session_id = ?2 AND c.max_step >= ?3 AND c.min_step <= ?4 ORDER BY c.position";

// How many slices the chunks have that are read whole, at most.
Result<size_t> SelectCount(Database& database, bool is_phases, RunId run, const VisiblePart& part,
                           Step from, Step to) {
  ASSIGN_OR_RETURN(
      Statement select,
      database.Prepare("SELECT sum(c.count) FROM profile_chunks c LEFT JOIN profile_sums s "
                       "USING (run_id, session_id, position) WHERE c.run_id = ?1 "
                       "AND c.session_id = ?2 AND c.max_step >= ?3 AND c.min_step <= ?4 "
                       "AND (NOT ?5 OR s.phases IS NULL)"));
  select.Bind(run, part.session_id, from, to, is_phases);
  ASSIGN_OR_RETURN(const bool has_row, select.Step());
  constexpr int64_t kTrusted = 16'000'000;  // beyond it, columns grow as they are filled
  return static_cast<size_t>(has_row ? std::clamp<int64_t>(select.Int(0), 0, kTrusted) : 0);
}

// Calls `act` for each column.
template <typename Act>
void ForEachColumn(const Act& act, ProfileSlices* slices) {
  act(&slices->kind);
  act(&slices->name);
  act(&slices->start_ns);
  act(&slices->duration_ns);
  act(&slices->step);
  act(&slices->correlation_id);
  act(&slices->stream);
}

// Removes those of the slices from `first` on that `is_kept` does not want.
template <typename IsKept>
void KeepSlices(size_t first, const IsKept& is_kept, ProfileSlices* slices) {
  size_t kept = first;
  for (size_t i = first; i < slices->size(); ++i) {
    if (!is_kept(i)) continue;
    if (kept != i) {
      ForEachColumn([&](auto* column) { (*column)[kept] = (*column)[i]; }, slices);
    }
    ++kept;
  }
  ForEachColumn([&](auto* column) { column->resize(kept); }, slices);
}

bool IsWanted(const ProfileSlices& slices, size_t i, const VisiblePart& part, Step from, Step to) {
  const Step step = slices.step[i];
  return step >= from && step <= to && (!part.cutoff || step < *part.cutoff);
}

bool IsPhase(const ProfileSlices& slices, size_t i) {
  return slices.kind[i] == ProfileSlices::Kind::kPhase;
}

// Reads the run's chunks by `sql`: those of their slices with from <= step <= to that are visible,
// phases alone where `is_phases`.
Result<ProfileSlices> SelectSlices(Database& database, const char* sql, bool is_phases, RunId run,
                                   Step from, Step to) {
  RETURN_IF_ERROR(CheckRun(database, run));
  ASSIGN_OR_RETURN(const std::vector<VisiblePart> parts, SelectParts(database, run));
  ProfileSlices slices;
  ASSIGN_OR_RETURN(slices.names, SelectProfileNames(database, run));
  for (const VisiblePart& part : parts) {
    ASSIGN_OR_RETURN(const size_t count, SelectCount(database, is_phases, run, part, from, to));
    const size_t room = slices.size() + count;
    ForEachColumn([&](auto* column) { column->reserve(room); }, &slices);
    ASSIGN_OR_RETURN(Statement select, database.Prepare(sql));
    select.Bind(run, part.session_id, from, to);
    while (true) {
      ASSIGN_OR_RETURN(const bool has_row, select.Step());
      if (!has_row) break;
      if (select.Bytes(0).empty()) continue;
      const size_t first = slices.size();
      RETURN_IF_ERROR(DecodeProfileChunk(select.Bytes(0), &slices));
      const auto is_wanted = [&](size_t i) {
        return IsWanted(slices, i, part, from, to) && (!is_phases || IsPhase(slices, i));
      };
      KeepSlices(first, is_wanted, &slices);
    }
  }
  for (const uint32_t name : slices.name) {
    if (name >= slices.names.size()) return NoName(run, name);
  }
  return slices;
}

// How far the last step asked for lies behind the first.
Result<uint64_t> SelectStepRange(Database& database, RunId run, Step from, Step to) {
  ASSIGN_OR_RETURN(Statement select,
                   database.Prepare("SELECT max(min(min_step), ?2), min(max(max_step), ?3) "
                                    "FROM profile_chunks WHERE run_id = ?1 AND max_step >= ?2 "
                                    "AND min_step <= ?3"));
  select.Bind(run, from, to);
  ASSIGN_OR_RETURN(const bool has_row, select.Step());
  if (!has_row || select.IsNull(0)) return uint64_t{0};
  return static_cast<uint64_t>(select.Int(1)) - static_cast<uint64_t>(select.Int(0));
}

// The sums of each chunk of a session; nothing where those of one cannot be had.
Result<bool> AppendChunkSums(Database& database, RunId run, const VisiblePart& part, Step from,
                             Step to, int level, std::vector<PhaseSums>* all) {
  // Sums hold where all of a chunk is asked for and visible.
  ASSIGN_OR_RETURN(
      Statement select,
      database.Prepare(
          "SELECT p.data, CASE WHEN p.data IS NULL THEN coalesce(s.phases, c.data) END "
          "FROM profile_chunks c "
          "LEFT JOIN profile_sums s USING (run_id, session_id, position) "
          "LEFT JOIN phase_sums p ON p.run_id = c.run_id AND p.session_id = c.session_id "
          "AND p.position = c.position AND p.level = ?6 AND c.min_step >= ?3 "
          "AND c.max_step <= ?4 AND (?5 IS NULL OR c.max_step < ?5) "
          "WHERE c.run_id = ?1 AND c.session_id = ?2 AND c.max_step >= ?3 AND c.min_step <= ?4"));
  select.Bind(run, part.session_id, from, to, part.cutoff, level);
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) return true;
    if (!select.IsNull(0)) {
      ASSIGN_OR_RETURN(PhaseSums sums, DecodePhaseSums(select.Bytes(0)));
      all->push_back(std::move(sums));
      continue;
    }
    if (select.Bytes(1).empty()) continue;
    ProfileSlices phases;
    RETURN_IF_ERROR(DecodeProfileChunk(select.Bytes(1), &phases));
    KeepSlices(
        0, [&](size_t i) { return IsWanted(phases, i, part, from, to) && IsPhase(phases, i); },
        &phases);
    if (phases.size() == 0) continue;
    std::optional<PhaseSums> sums = SumChunk(phases, level);
    if (!sums) return false;
    all->push_back(*std::move(sums));
  }
}

// Of all chunks, in the order of time; nothing where those of one cannot be had or where chunks
// overlap.
Result<std::optional<std::vector<PhaseSums>>> SelectChunkSums(Database& database, RunId run,
                                                              const std::vector<VisiblePart>& parts,
                                                              Step from, Step to, int level) {
  const std::optional<std::vector<PhaseSums>> nothing;
  std::vector<PhaseSums> sums;
  for (const VisiblePart& part : parts) {
    ASSIGN_OR_RETURN(const bool is_there,
                     AppendChunkSums(database, run, part, from, to, level, &sums));
    if (!is_there) return nothing;
  }
  std::sort(sums.begin(), sums.end(),
            [](const PhaseSums& a, const PhaseSums& b) { return a.from_ns < b.from_ns; });
  for (size_t i = 1; i < sums.size(); ++i) {
    if (!IsBehind(sums[i - 1], sums[i])) return nothing;
  }
  return std::optional(std::move(sums));
}

// From the sums of the chunks, of the widest rows of which there are still `rows_max`; nothing
// where the phases must be read themselves.
Result<std::optional<PhaseSums>> SelectSums(Database& database, RunId run, Step from, Step to,
                                            int rows_max) {
  const std::optional<PhaseSums> nothing;
  const auto enough = static_cast<uint64_t>(rows_max);
  ASSIGN_OR_RETURN(const uint64_t step_range, SelectStepRange(database, run, from, to));
  ASSIGN_OR_RETURN(const std::vector<VisiblePart> parts, SelectParts(database, run));
  for (auto level = std::rbegin(kPhaseLevels); level != std::rend(kPhaseLevels); ++level) {
    if ((step_range >> *level) < enough) continue;
    ASSIGN_OR_RETURN(const auto sums, SelectChunkSums(database, run, parts, from, to, *level));
    if (!sums) return nothing;
    // Where a run profiles some steps now and then, wide rows are few, or one a time.
    if (CountRows(*sums, *level) < enough) continue;
    ASSIGN_OR_RETURN(PhaseSums joined, JoinSums(*sums, *level, static_cast<size_t>(rows_max)));
    return std::optional(std::move(joined));
  }
  return nothing;
}

// Adds what of a chunk is visible.
Status AddVisibleKernels(std::string_view data, std::optional<Step> cutoff, KernelTimes* times) {
  ProfileSlices chunk;
  RETURN_IF_ERROR(DecodeProfileChunk(data, &chunk));
  KeepSlices(
      0, [&](size_t i) { return !cutoff || chunk.step[i] < *cutoff; }, &chunk);
  AddKernels(chunk, times);
  return {};
}

}  // namespace

Result<std::vector<std::string>> SelectProfileNames(Database& database, RunId run) {
  ASSIGN_OR_RETURN(Statement select, database.Prepare("SELECT name FROM profile_names "
                                                      "WHERE run_id = ?1 ORDER BY name_id"));
  select.Bind(run);
  std::vector<std::string> names;
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) return names;
    names.emplace_back(select.Text(0));
  }
}

Result<ProfileSlices> SelectProfile(Database& database, RunId run, Step from, Step to) {
  return SelectSlices(database, kChunks, false, run, from, to);
}

Result<PhaseTimes> SelectPhaseTimes(Database& database, RunId run, Step from, Step to,
                                    int rows_max) {
  RETURN_IF_ERROR(CheckRun(database, run));
  ASSIGN_OR_RETURN(std::optional<PhaseSums> sums, SelectSums(database, run, from, to, rows_max));
  if (!sums) {
    ASSIGN_OR_RETURN(const ProfileSlices phases,
                     SelectSlices(database, kPhases, true, run, from, to));
    if (phases.size() == 0) return PhaseTimes();
    ASSIGN_OR_RETURN(sums, SumPhases(phases, 0, static_cast<size_t>(rows_max)));
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> names, SelectProfileNames(database, run));
  PhaseTimes times;
  for (const uint32_t name : sums->names) {
    if (name >= names.size()) return NoName(run, name);
    times.names.push_back(names[name]);
  }
  times.last_step = std::move(sums->last_step);
  times.steps = std::move(sums->steps);
  times.own_ns = std::move(sums->own_ns);
  return times;
}

Result<std::vector<KernelTotal>> SelectKernelTotals(Database& database, RunId run) {
  RETURN_IF_ERROR(CheckRun(database, run));
  ASSIGN_OR_RETURN(const std::vector<VisiblePart> parts, SelectParts(database, run));
  KernelTimes times;
  for (const VisiblePart& part : parts) {
    // Sums of a chunk hold where all of it is visible.
    ASSIGN_OR_RETURN(
        Statement select,
        database.Prepare("SELECT CASE WHEN s.kernels IS NULL OR c.max_step >= ?3 THEN c.data END, "
                         "s.kernels FROM profile_chunks c LEFT JOIN profile_sums s "
                         "USING (run_id, session_id, position) "
                         "WHERE c.run_id = ?1 AND c.session_id = ?2 "
                         "AND (?3 IS NULL OR c.min_step < ?3)"));
    select.Bind(run, part.session_id, part.cutoff);
    while (true) {
      ASSIGN_OR_RETURN(const bool has_row, select.Step());
      if (!has_row) break;
      if (!select.IsNull(0)) {
        RETURN_IF_ERROR(AddVisibleKernels(select.Bytes(0), part.cutoff, &times));
      } else if (!select.Bytes(1).empty()) {
        RETURN_IF_ERROR(DecodeKernelTimes(select.Bytes(1), &times));
      }
    }
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> names, SelectProfileNames(database, run));
  std::vector<KernelTotal> totals;
  for (const auto& [key, time] : times) {
    if (key.first >= names.size()) return NoName(run, key.first);
    totals.push_back({names[key.first], key.second, time.count, time.total_ns, time.max_ns});
  }
  return totals;
}

Result<std::vector<ProfileNote>> SelectProfileNotes(Database& database, RunId run) {
  RETURN_IF_ERROR(CheckRun(database, run));
  ASSIGN_OR_RETURN(Statement select,
                   database.Prepare("SELECT wall_time, message FROM profile_notes "
                                    "WHERE run_id = ?1 ORDER BY session_id, position"));
  select.Bind(run);
  std::vector<ProfileNote> notes;
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) return notes;
    notes.push_back({select.Real(0), std::string(select.Text(1))});
  }
}

}  // namespace spirogram::store
