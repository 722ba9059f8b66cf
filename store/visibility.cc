#include "store/visibility.h"

#include <algorithm>
#include <tuple>

namespace spirogram::store {
namespace {

bool IsLater(const Session& b, const Session& a) {
  if (b.file == a.file) return b.id > a.id;
  return b.first_wall_time >= a.last_wall_time &&
         std::tie(a.first_wall_time, a.file) < std::tie(b.first_wall_time, b.file);
}

const Session* Find(const std::vector<Session>& sessions, int64_t id) {
  for (const Session& session : sessions) {
    if (session.id == id) return &session;
  }
  return nullptr;
}

}  // namespace

std::vector<std::optional<Step>> GetCutoffs(const std::vector<Session>& sessions,
                                            const std::vector<SessionPart>& parts) {
  std::vector<std::optional<Step>> cutoffs(parts.size());
  for (size_t i = 0; i < parts.size(); ++i) {
    const Session* mine = Find(sessions, parts[i].session_id);
    if (mine == nullptr) continue;
    const auto lower = [&](Step step) { cutoffs[i] = std::min(cutoffs[i].value_or(step), step); };
    for (const Session& other : sessions) {
      if (other.id == mine->id || !IsLater(other, *mine)) continue;
      if (other.purge_step) lower(*other.purge_step);
      for (const SessionPart& part : parts) {
        if (part.session_id == other.id) lower(part.min_step);
      }
    }
  }
  return cutoffs;
}

}  // namespace spirogram::store
