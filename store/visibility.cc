#include "store/visibility.h"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace spirogram::store {
namespace {

using OptionalStep = std::optional<Step>;

void Lower(const OptionalStep& step, OptionalStep* lowest) {
  if (step) *lowest = std::min(lowest->value_or(*step), *step);
}

// A session with the step from which on it supersedes earlier ones; nothing where it does not.
struct Superseder {
  const Session* session = nullptr;
  OptionalStep from;
};

// The lowest step of several sessions, also without those of any one file.
class LowestStep {
 public:
  void Add(const Superseder& superseder) {
    if (!superseder.from) return;
    const std::string_view file = superseder.session->file;
    if (!lowest_ || *superseder.from < *lowest_) {
      if (file != file_) of_other_files_ = lowest_;
      lowest_ = superseder.from;
      file_ = file;
    } else if (file != file_) {
      Lower(superseder.from, &of_other_files_);
    }
  }
  OptionalStep Without(std::string_view file) const {
    return file == file_ ? of_other_files_ : lowest_;
  }

 private:
  OptionalStep lowest_;
  std::string_view file_;  // of the session that it is of
  OptionalStep of_other_files_;
};

// What supersedes each session, for all of them at once: a run that was started again thousands of
// times has too many to compare each with each.
class Supersession {
 public:
  explicit Supersession(std::vector<Superseder> all) : by_time_(std::move(all)) {
    FollowFiles(by_time_);
    std::sort(by_time_.begin(), by_time_.end(), [](const Superseder& a, const Superseder& b) {
      return TimeOf(*a.session) < TimeOf(*b.session);
    });
    from_here_on_.resize(by_time_.size() + 1);
    for (size_t i = by_time_.size(); i-- > 0;) {
      from_here_on_[i] = from_here_on_[i + 1];
      from_here_on_[i].Add(by_time_[i]);
    }
  }

  OptionalStep CutoffOf(const Session& session) const {
    const auto later =
        std::partition_point(by_time_.begin(), by_time_.end(), [&](const Superseder& other) {
          return other.session->first_wall_time < session.last_wall_time ||
                 TimeOf(*other.session) <= TimeOf(session);
        });
    OptionalStep cutoff =
        from_here_on_[static_cast<size_t>(later - by_time_.begin())].Without(session.file);
    Lower(later_in_file_.at(session.id), &cutoff);
    return cutoff;
  }

 private:
  static std::tuple<WallTime, std::string_view> TimeOf(const Session& session) {
    return {session.first_wall_time, session.file};
  }

  // Within a file the order of writing counts, whatever the clock said.
  void FollowFiles(std::vector<Superseder> all) {
    std::sort(all.begin(), all.end(), [](const Superseder& a, const Superseder& b) {
      return a.session->id > b.session->id;
    });
    std::unordered_map<std::string_view, OptionalStep> lowest;
    for (const Superseder& superseder : all) {
      OptionalStep& of_file = lowest[superseder.session->file];
      later_in_file_[superseder.session->id] = of_file;
      Lower(superseder.from, &of_file);
    }
  }

  std::vector<Superseder> by_time_;
  std::vector<LowestStep> from_here_on_;                     // of by_time_[i] and all behind it
  std::unordered_map<int64_t, OptionalStep> later_in_file_;  // by session id
};

}  // namespace

std::vector<std::optional<Step>> GetCutoffs(const std::vector<Session>& sessions,
                                            const std::vector<SessionPart>& parts) {
  std::unordered_map<int64_t, Superseder> by_id;
  for (const Session& session : sessions) by_id[session.id] = {&session, session.purge_step};
  for (const SessionPart& part : parts) {
    const auto found = by_id.find(part.session_id);
    if (found != by_id.end()) Lower(part.min_step, &found->second.from);
  }
  std::vector<Superseder> all;
  all.reserve(by_id.size());
  for (const auto& [id, superseder] : by_id) all.push_back(superseder);
  const Supersession supersession(std::move(all));
  std::vector<std::optional<Step>> cutoffs;
  for (const SessionPart& part : parts) {
    const auto found = by_id.find(part.session_id);
    cutoffs.push_back(found == by_id.end() ? std::nullopt
                                           : supersession.CutoffOf(*found->second.session));
  }
  return cutoffs;
}

}  // namespace spirogram::store
