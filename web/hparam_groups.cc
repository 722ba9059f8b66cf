#include "web/hparam_groups.h"

#include <algorithm>
#include <map>
#include <optional>
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
