#include "store/sub_runs.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "base/str.h"

namespace spirogram::store {
namespace {

// What a run logs within this many seconds after its sub-run is still of its end, as in JudgeRun.
constexpr double kAfterEndMaxS = 60;

bool IsDigits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// A time as Python's str(time.time()) spells it, which the name of a folder is then: within the
// minute that the run's first event is.
bool IsNamedByItsTime(std::string_view name, WallTime start_time) {
  constexpr double kDifferenceMax = 60;
  const size_t point = name.find('.');
  if (point == std::string_view::npos) return false;
  if (!IsDigits(name.substr(0, point)) || !IsDigits(name.substr(point + 1))) return false;
  const auto time = ParseNumber<double>(name);
  return time && std::abs(*time - start_time) <= kDifferenceMax;
}

// The name of the run that this one was made below for its hyperparameters, or nothing.
std::optional<std::string_view> ParentOf(const Run& run) {
  const std::string_view name = run.name;
  const size_t slash = name.rfind('/');
  const std::string_view last = slash == std::string_view::npos ? name : name.substr(slash + 1);
  if (!IsNamedByItsTime(last, run.start_time)) return std::nullopt;
  return slash == std::string_view::npos ? "." : name.substr(0, slash);
}

bool HasEnded(const Run& run) {
  return run.status == RunStatus::kFinished || run.status == RunStatus::kFailed;
}

}  // namespace

std::string HparamsKey(const Hparams& hparams) {
  std::string key = "v";
  for (const auto& [name, value] : hparams) {
    key += StrCat(name.size(), ":", name, static_cast<int>(value.type), value.boolean, value.number,
                  "/", value.text.size(), ":", value.text);
  }
  return key;
}

std::vector<JoinedHparams> JoinSubRuns(std::span<const Run> runs,
                                       std::span<const RunHparams> hparams) {
  std::map<RunId, const Hparams*> of_run;
  for (const RunHparams& one : hparams) of_run[one.run] = &one.hparams;
  std::map<std::string_view, std::vector<const Run*>> below;
  for (const Run& run : runs) {
    const auto parent = of_run.contains(run.id) ? ParentOf(run) : std::nullopt;
    if (parent) below[*parent].push_back(&run);
  }
  std::vector<JoinedHparams> joined;
  for (const Run& run : runs) {
    const auto found = below.find(run.name);
    if (found == below.end() || of_run.contains(run.id)) continue;
    std::vector<const Run*>& sub_runs = found->second;
    std::sort(sub_runs.begin(), sub_runs.end(), [](const auto* a, const auto* b) {
      return std::tie(a->start_time, a->id) < std::tie(b->start_time, b->id);
    });
    std::set<std::string> said;
    JoinedHparams one{run.id, {}};
    for (const Run* sub_run : sub_runs) {
      said.insert(HparamsKey(*of_run[sub_run->id]));
      one.sub_runs.push_back(sub_run->id);
    }
    if (said.size() == 1) joined.push_back(std::move(one));
  }
  return joined;
}

bool IsSilent(const Run& run) {
  return run.status == RunStatus::kStalled || run.status == RunStatus::kStopped;
}

bool MayJudgeJoinedRuns(std::span<const Run> runs) {
  return std::any_of(runs.begin(), runs.end(), IsSilent) &&
         std::any_of(runs.begin(), runs.end(),
                     [](const Run& run) { return HasEnded(run) && ParentOf(run); });
}

void JudgeJoinedRuns(std::span<const RunHparams> hparams, std::span<Run> runs) {
  std::map<RunId, Run*> of_id;
  for (Run& run : runs) of_id[run.id] = &run;
  for (const JoinedHparams& joined : JoinSubRuns(runs, hparams)) {
    Run& run = *of_id[joined.run];
    const Run& last = *of_id[joined.sub_runs.back()];
    const bool went_on = run.last_wall_time - last.last_wall_time > kAfterEndMaxS;
    if (!IsSilent(run) || !HasEnded(last) || went_on) continue;
    run.status = last.status;
    run.status_reason = StrCat("Of its sub-run ", last.name, ": ", last.status_reason);
  }
}

std::optional<std::string_view> FolderAbove(std::string_view name) {
  const size_t slash = name.rfind('/');
  if (slash == std::string_view::npos) return std::nullopt;
  return name.substr(0, slash);
}

void JudgePartsOfRuns(std::span<Run> runs) {
  struct Above {
    const Run* run = nullptr;
    WallTime end = 0;  // of its last event, or of the sub-run's that said that it ended
  };
  std::map<std::string_view, Above> by_name;
  for (const Run& run : runs) {
    Above& own = by_name[run.name];
    own = {&run, std::max(own.end, run.last_wall_time)};
    const auto parent = HasEnded(run) ? ParentOf(run) : std::nullopt;
    if (parent) by_name[*parent].end = std::max(by_name[*parent].end, run.last_wall_time);
  }
  const auto find_above = [&](const Run& run) -> const Above* {
    for (auto name = FolderAbove(run.name); name; name = FolderAbove(*name)) {
      const auto found = by_name.find(*name);
      if (found != by_name.end() && found->second.run != nullptr) return &found->second;
    }
    return nullptr;
  };
  std::vector<std::pair<Run*, const Run*>> parts;
  for (Run& run : runs) {
    const Above* above = IsSilent(run) ? find_above(run) : nullptr;
    if (above == nullptr || !HasEnded(*above->run)) continue;
    const double silence_at_end = above->end - run.last_wall_time;
    if (silence_at_end > SilenceLimit(run.evidence) || silence_at_end < -kAfterEndMaxS) continue;
    parts.emplace_back(&run, above->run);
  }
  for (const auto& [part, whole] : parts) {
    part->status = whole->status;
    part->status_reason = StrCat("Of the run above, ", whole->name, ": ", whole->status_reason);
  }
}

}  // namespace spirogram::store
