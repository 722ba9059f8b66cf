#include "store/profile_reader.h"

#include <optional>
#include <string>

#include "base/str.h"
#include "store/profile_codec.h"
#include "store/run_reader.h"
#include "store/sqlite/statement.h"
#include "store/visibility.h"

namespace spirogram::store {
namespace {

// Where each session's slices begin.
Result<std::vector<SessionPart>> SelectParts(Database& database, RunId run) {
  ASSIGN_OR_RETURN(Statement select,
                   database.Prepare("SELECT session_id, min(min_step) FROM profile_chunks "
                                    "WHERE run_id = ?1 GROUP BY session_id"));
  select.Bind(run);
  std::vector<SessionPart> parts;
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) return parts;
    parts.push_back({select.Int(0), select.Int(1)});
  }
}

// Appends one session's slices with from <= step <= to and below the cutoff.
Status AppendSession(Database& database, RunId run, int64_t session_id, Step from, Step to,
                     std::optional<Step> cutoff, ProfileSlices* slices) {
  ASSIGN_OR_RETURN(Statement select,
                   database.Prepare("SELECT data FROM profile_chunks WHERE run_id = ?1 "
                                    "AND session_id = ?2 AND max_step >= ?3 AND min_step <= ?4 "
                                    "ORDER BY position"));
  select.Bind(run, session_id, from, to);
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) return {};
    ProfileSlices chunk;
    RETURN_IF_ERROR(DecodeProfileChunk(select.Bytes(0), &chunk));
    for (size_t i = 0; i < chunk.size(); ++i) {
      const Step step = chunk.step[i];
      const bool is_visible = step >= from && step <= to && (!cutoff || step < *cutoff);
      if (!is_visible) continue;
      if (chunk.name[i] >= slices->names.size()) {
        return Corruption(StrCat("profile of run ", run, ": no name ", chunk.name[i]));
      }
      AppendSlice(chunk, i, chunk.name[i], slices);
    }
  }
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
  RETURN_IF_ERROR(CheckRun(database, run));
  ASSIGN_OR_RETURN(const std::vector<SessionPart> parts, SelectParts(database, run));
  ASSIGN_OR_RETURN(const std::vector<Session> sessions, SelectSessions(database, run));
  const std::vector<std::optional<Step>> cutoffs = GetCutoffs(sessions, parts);
  ProfileSlices slices;
  ASSIGN_OR_RETURN(slices.names, SelectProfileNames(database, run));
  for (size_t i = 0; i < parts.size(); ++i) {
    RETURN_IF_ERROR(
        AppendSession(database, run, parts[i].session_id, from, to, cutoffs[i], &slices));
  }
  return slices;
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
