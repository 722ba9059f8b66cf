// Which points of a series are seen after a restart: the restart rule of docs/formats.md as a pure
// function. Nothing is ever deleted by it; a superseded point stays in the database, hidden.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/types.h"

namespace spirogram::store {

// What one event file wrote without a break: from its start, or from a SessionLog START in it, to
// the next START or its end.
struct Session {
  int64_t id = 0;
  std::string file;  // base name; orders sessions that begin at the same wall time
  WallTime first_wall_time = 0;
  WallTime last_wall_time = 0;
  std::optional<Step> purge_step = std::nullopt;  // of the START
};

// Where a session's part of one tag begins; sessions without the tag are left out.
struct SessionPart {
  int64_t session_id = 0;
  Step min_step = 0;
};

// The cutoff of each part: its points with step < cutoff are visible; nothing where all are.
//
// A later session supersedes the points of an earlier one from its own lowest step of the tag on,
// and from its purge_step on. Later means that it began when the other had ended: sessions that
// wrote at the same time never hide each other's points.
std::vector<std::optional<Step>> GetCutoffs(const std::vector<Session>& sessions,
                                            const std::vector<SessionPart>& parts);

}  // namespace spirogram::store
