#include "web/hparam_groups.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include "base/str.h"

namespace spirogram::web {
namespace {

// The same for equal values.
std::string KeyOf(const store::Hparams& hparams) {
  std::string key = "v";
  for (const auto& [name, value] : hparams) {
    key += StrCat(name.size(), ":", name, static_cast<int>(value.type), value.boolean, value.number,
                  "/", value.text.size(), ":", value.text);
  }
  return key;
}

// The same for sessions of a group, whatever their order.
std::string KeyOf(const store::HparamsSession& session) {
  if (!session.group_name.empty()) return StrCat("n", session.group_name);
  return KeyOf(session.hparams);
}

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
std::optional<std::string_view> ParentOf(const store::Run& run) {
  const std::string_view name = run.name;
  const size_t slash = name.rfind('/');
  const std::string_view last = slash == std::string_view::npos ? name : name.substr(slash + 1);
  if (!IsNamedByItsTime(last, run.start_time)) return std::nullopt;
  return slash == std::string_view::npos ? "." : name.substr(0, slash);
}

// What is left of `name` behind the folder `session`, or nothing when it is not in it.
std::optional<std::string_view> BelowSession(std::string_view session, std::string_view name) {
  if (name == session) return "";
  if (session == ".") return name;
  const bool is_below =
      name.size() > session.size() && name.starts_with(session) && name[session.size()] == '/';
  if (!is_below) return std::nullopt;
  return name.substr(session.size() + 1);
}

}  // namespace

std::vector<HparamGroup> GroupSessions(std::span<const store::HparamsSession> sessions) {
  std::vector<HparamGroup> groups;
  std::map<std::string, size_t> places;
  for (const store::HparamsSession& session : sessions) {
    const auto [place, is_new] = places.try_emplace(KeyOf(session), groups.size());
    if (is_new) groups.push_back({session.group_name, session.hparams, {}});
    groups[place->second].runs.push_back(session.run);
  }
  return groups;
}

std::vector<JoinedHparams> JoinSubRuns(std::span<const store::Run> runs,
                                       std::span<const store::RunHparams> hparams) {
  std::map<store::RunId, const store::Hparams*> of_run;
  for (const store::RunHparams& one : hparams) of_run[one.run] = &one.hparams;
  std::map<std::string_view, std::vector<const store::Run*>> below;
  for (const store::Run& run : runs) {
    const auto parent = of_run.contains(run.id) ? ParentOf(run) : std::nullopt;
    if (parent) below[*parent].push_back(&run);
  }
  std::vector<JoinedHparams> joined;
  for (const store::Run& run : runs) {
    const auto found = below.find(run.name);
    if (found == below.end() || of_run.contains(run.id)) continue;
    std::vector<const store::Run*>& sub_runs = found->second;
    std::sort(sub_runs.begin(), sub_runs.end(), [](const auto* a, const auto* b) {
      return std::tie(a->start_time, a->id) < std::tie(b->start_time, b->id);
    });
    std::set<std::string> said;
    JoinedHparams one{run.id, {}};
    for (const store::Run* sub_run : sub_runs) {
      said.insert(KeyOf(*of_run[sub_run->id]));
      one.sub_runs.push_back(sub_run->id);
    }
    if (said.size() == 1) joined.push_back(std::move(one));
  }
  return joined;
}

std::vector<store::MetricInfo> InferMetrics(std::span<const store::HparamsSession> sessions,
                                            std::span<const store::Run> runs,
                                            std::span<const store::Tag> tags) {
  std::map<store::RunId, std::string_view> names;
  for (const store::Run& run : runs) names[run.id] = run.name;
  std::map<std::string_view, std::set<std::string_view>> scalars;  // by run name
  for (const store::Tag& tag : tags) {
    if (tag.kind == store::DataKind::kScalar) scalars[names[tag.run]].insert(tag.name);
  }
  std::set<std::pair<std::string, std::string>> found;
  for (const store::HparamsSession& session : sessions) {
    const std::string_view session_name = names[session.run];
    for (const auto& [run_name, run_tags] : scalars) {
      const std::optional<std::string_view> group = BelowSession(session_name, run_name);
      if (!group) continue;
      for (const std::string_view tag : run_tags) found.emplace(*group, tag);
    }
  }
  std::vector<store::MetricInfo> metrics;
  for (const auto& [group, tag] : found) {
    store::MetricInfo metric;
    metric.group = group;
    metric.tag = tag;
    metrics.push_back(std::move(metric));
  }
  return metrics;
}

}  // namespace spirogram::web
