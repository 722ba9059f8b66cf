#include "store/profile_reader.h"

#include <algorithm>
#include <optional>
#include <string>

#include "base/str.h"
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
        const Step step = slices.step[i];
        return step >= from && step <= to && (!part.cutoff || step < *part.cutoff) &&
               (!is_phases || slices.kind[i] == ProfileSlices::Kind::kPhase);
      };
      KeepSlices(first, is_wanted, &slices);
    }
  }
  for (const uint32_t name : slices.name) {
    if (name >= slices.names.size()) return NoName(run, name);
  }
  return slices;
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

Result<ProfileSlices> SelectPhases(Database& database, RunId run, Step from, Step to) {
  return SelectSlices(database, kPhases, true, run, from, to);
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
