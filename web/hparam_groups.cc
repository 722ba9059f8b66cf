#include "web/hparam_groups.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "base/str.h"
#include "store/sub_runs.h"

namespace spirogram::web {
namespace {

// The same for sessions of a group, whatever their order.
std::string KeyOf(const store::HparamsSession& session) {
  if (!session.group_name.empty()) return StrCat("n", session.group_name);
  return store::HparamsKey(session.hparams);
}

// The paths to `run` from the sessions that it is in or below.
std::vector<std::string_view> PathsFromSessions(std::string_view run,
                                                const std::set<std::string_view>& sessions) {
  std::vector<std::string_view> paths;
  if (sessions.contains(run)) paths.emplace_back();
  if (run != "." && sessions.contains(".")) paths.push_back(run);
  for (size_t slash = run.find('/'); slash != std::string_view::npos;
       slash = run.find('/', slash + 1)) {
    if (sessions.contains(run.substr(0, slash))) paths.push_back(run.substr(slash + 1));
  }
  return paths;
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

std::vector<store::MetricInfo> InferMetrics(std::span<const store::HparamsSession> sessions,
                                            std::span<const store::Run> runs,
                                            std::span<const store::Tag> tags) {
  std::map<store::RunId, std::string_view> names;
  for (const store::Run& run : runs) names[run.id] = run.name;
  std::set<std::string_view> session_names;
  for (const store::HparamsSession& session : sessions) session_names.insert(names[session.run]);
  std::map<store::RunId, std::vector<std::string_view>> groups;
  for (const store::Run& run : runs) groups[run.id] = PathsFromSessions(run.name, session_names);
  std::set<std::pair<std::string_view, std::string_view>> found;
  for (const store::Tag& tag : tags) {
    if (tag.kind != store::DataKind::kScalar) continue;
    for (const std::string_view group : groups[tag.run]) found.emplace(group, tag.name);
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
