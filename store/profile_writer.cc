#include "store/profile_writer.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "store/phase_sums.h"
#include "store/profile_codec.h"
#include "store/profile_sums.h"
#include "store/sqlite/statement.h"

namespace spirogram::store {
namespace {

std::optional<Blob> ToBlob(const std::optional<std::string>& bytes) {
  return bytes ? std::optional(Blob{*bytes}) : std::nullopt;
}

struct StoredChunk {
  int64_t position = 0;
  ProfileSlices slices;
};

// The chunks at the session's end that `chunk` swallows, the last one first. A damaged one stays as
// it is, for `check` to tell of, and what is new is kept behind it.
Result<std::vector<StoredChunk>> SelectShortOnes(Database& database, RunId run,
                                                 const PendingProfile& chunk) {
  ASSIGN_OR_RETURN(Statement select,
                   database.Prepare("SELECT position, count, data FROM profile_chunks "
                                    "WHERE run_id = ?1 AND session_id = ?2 "
                                    "ORDER BY position DESC"));
  select.Bind(run, chunk.session_id);
  std::vector<StoredChunk> swallowed;
  size_t size = chunk.slices.size();
  while (true) {
    ASSIGN_OR_RETURN(const bool has_row, select.Step());
    if (!has_row) return swallowed;
    const auto count = static_cast<size_t>(select.Int(1));
    if (count >= 2 * size || count + size > kChunkSlicesMax) return swallowed;
    StoredChunk last{select.Int(0), {}};
    const bool is_whole =
        DecodeProfileChunk(select.Bytes(2), &last.slices).ok() && last.slices.size() == count;
    if (!is_whole) return swallowed;
    size += count;
    swallowed.push_back(std::move(last));
  }
}

// Removes the session's chunks from `position` on.
Status RemoveChunks(Database& database, RunId run, int64_t session_id, int64_t position) {
  for (const char* sql :
       {"DELETE FROM profile_chunks WHERE run_id = ?1 AND session_id = ?2 AND position >= ?3",
        "DELETE FROM profile_sums WHERE run_id = ?1 AND session_id = ?2 AND position >= ?3",
        "DELETE FROM phase_sums WHERE run_id = ?1 AND session_id = ?2 AND position >= ?3"}) {
    ASSIGN_OR_RETURN(Statement remove, database.Prepare(sql));
    RETURN_IF_ERROR(remove.Bind(run, session_id, position).Run());
  }
  return {};
}

void AppendSlices(const ProfileSlices& from, ProfileSlices* to) {
  for (size_t i = 0; i < from.size(); ++i) AppendSlice(from, i, from.name[i], to);
}

// Puts the slices of the short chunks before it in front of its own, and removes them.
Status SwallowShortOnes(Database& database, RunId run, PendingProfile* chunk) {
  ASSIGN_OR_RETURN(std::vector<StoredChunk> swallowed, SelectShortOnes(database, run, *chunk));
  if (swallowed.empty()) return {};
  const int64_t position = swallowed.back().position;
  RETURN_IF_ERROR(RemoveChunks(database, run, chunk->session_id, position));
  ProfileSlices joined;
  for (; !swallowed.empty(); swallowed.pop_back()) AppendSlices(swallowed.back().slices, &joined);
  AppendSlices(chunk->slices, &joined);
  chunk->position = static_cast<uint64_t>(position);
  chunk->slices = std::move(joined);
  return {};
}

// At the levels where they are much fewer than the slices.
Status InsertPhaseSums(Database& database, RunId run, const PendingProfile& chunk) {
  const auto sums = SumChunkAt(kPhaseLevels, PhasesOf(chunk.slices));
  for (size_t i = 0; i < sums.size(); ++i) {
    if (!sums[i] || sums[i]->names.size() * sums[i]->steps.size() > chunk.slices.size() / 4) {
      continue;
    }
    const std::string data = EncodePhaseSums(*sums[i]);
    ASSIGN_OR_RETURN(Statement insert,
                     database.Prepare("INSERT INTO phase_sums VALUES (?1, ?2, ?3, ?4, ?5)"));
    RETURN_IF_ERROR(
        insert.Bind(run, chunk.session_id, chunk.position, kPhaseLevels[i], Blob{data}).Run());
  }
  return {};
}

Status InsertChunk(Database& database, RunId run, const PendingProfile& chunk) {
  const auto [low, high] = std::minmax_element(chunk.slices.step.begin(), chunk.slices.step.end());
  const std::string data = EncodeProfileChunk(chunk.slices);
  ASSIGN_OR_RETURN(Statement insert, database.Prepare("INSERT INTO profile_chunks VALUES "
                                                      "(?1, ?2, ?3, ?4, ?5, ?6, ?7)"));
  RETURN_IF_ERROR(
      insert
          .Bind(run, chunk.session_id, chunk.position, chunk.slices.size(), *low, *high, Blob{data})
          .Run());
  const ProfileSums sums = EncodeProfileSums(chunk.slices);
  if (sums.phases || sums.kernels) {
    ASSIGN_OR_RETURN(Statement keep,
                     database.Prepare("INSERT INTO profile_sums VALUES (?1, ?2, ?3, ?4, ?5)"));
    RETURN_IF_ERROR(
        keep.Bind(run, chunk.session_id, chunk.position, ToBlob(sums.phases), ToBlob(sums.kernels))
            .Run());
  }
  return InsertPhaseSums(database, run, chunk);
}

}  // namespace

Status WriteProfile(Database& database, RunBatch* run) {
  int64_t id = run->first_profile_name_id;
  for (const std::string& name : run->new_profile_names) {
    ASSIGN_OR_RETURN(Statement insert,
                     database.Prepare("INSERT INTO profile_names VALUES (?1, ?2, ?3)"));
    RETURN_IF_ERROR(insert.Bind(run->id, id++, name).Run());
  }
  for (PendingProfile& chunk : run->profiles) {
    RETURN_IF_ERROR(SwallowShortOnes(database, run->id, &chunk));
    RETURN_IF_ERROR(InsertChunk(database, run->id, chunk));
    chunk.slices = {};
  }
  for (const PendingNote& note : run->notes) {
    ASSIGN_OR_RETURN(Statement insert,
                     database.Prepare("INSERT INTO profile_notes VALUES (?1, ?2, ?3, ?4, ?5)"));
    RETURN_IF_ERROR(
        insert.Bind(run->id, note.session_id, note.position, note.wall_time, note.message).Run());
  }
  return {};
}

}  // namespace spirogram::store
