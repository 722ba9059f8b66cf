// The rows: sessions, the groups they form, and the metrics of both.
#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>

#include "base/str.h"
#include "web/tensorboard/catalog.h"
#include "web/tensorboard/hparams_table.h"

namespace spirogram::web::tensorboard {
namespace {

using RunIds = std::unordered_map<std::string, store::RunId>;

// The float64 nearest to the last step on each side that a conversion takes.
constexpr double kStepLow = -0x1p63;
constexpr double kStepHigh = 0x1.fffffffffffffp62;

// The last values of the metrics of each session, all read at once.
Status ReadMetrics(store::Store& store, const RunIds& runs,
                   const std::vector<store::MetricInfo>& infos, std::vector<Session>* sessions) {
  std::vector<store::SeriesName> series;
  std::vector<std::pair<Session*, MetricName>> owners;  // of each of them
  for (Session& session : *sessions) {
    for (const store::MetricInfo& info : infos) {
      const auto run = runs.find(MetricRun(session.name, info.group));
      if (run == runs.end()) continue;
      series.push_back({run->second, info.tag});
      owners.emplace_back(&session, MetricName{info.group, info.tag});
    }
  }
  ASSIGN_OR_RETURN(const auto points, store.ReadLastPoints(series));
  for (size_t i = 0; i < points.size(); ++i) {
    const auto& [session, name] = owners[i];
    const auto& point = points[i];
    if (!point) continue;
    session->metrics.push_back({name, point->value, point->step, point->wall_time});
  }
  return {};
}

const MetricValue* FindMetric(const std::vector<MetricValue>& metrics, const MetricName& name) {
  const auto metric = std::find_if(metrics.begin(), metrics.end(),
                                   [&](const MetricValue& value) { return value.name == name; });
  return metric == metrics.end() ? nullptr : &*metric;
}

// A metric summed over sessions. Steps as float64, in which TensorBoard divides them too: two of
// them may exceed an int64.
struct Sum {
  MetricName name;
  double value = 0;
  double step = 0;
  double wall_time = 0;
  double count = 0;
};

std::vector<MetricValue> Average(const std::vector<Session>& sessions) {
  std::vector<Sum> sums;  // in the order in which the metrics appear
  std::map<MetricName, size_t> places;
  for (const Session& session : sessions) {
    for (const MetricValue& metric : session.metrics) {
      const auto [place, is_new] = places.try_emplace(metric.name, sums.size());
      if (is_new) sums.push_back({.name = metric.name});
      Sum& sum = sums[place->second];
      sum.value += metric.value;
      sum.step += static_cast<double>(metric.step);
      sum.wall_time += metric.wall_time;
      ++sum.count;
    }
  }
  std::vector<MetricValue> averages;
  averages.reserve(sums.size());
  for (const Sum& sum : sums) {
    averages.push_back(
        {.name = sum.name,
         .value = sum.value / sum.count,
         .step = static_cast<Step>(std::clamp(sum.step / sum.count, kStepLow, kStepHigh)),
         .wall_time = sum.wall_time / sum.count});
  }
  return averages;
}

// The metrics of the one session whose aggregation metric is the least, middle or greatest; none
// where no session has it.
std::vector<MetricValue> Choose(const std::vector<Session>& sessions,
                                const HparamsRequest& request) {
  std::vector<std::pair<double, const Session*>> measured;
  for (const Session& session : sessions) {
    const MetricValue* metric = FindMetric(session.metrics, request.aggregation_metric);
    if (metric != nullptr) measured.emplace_back(metric->value, &session);
  }
  // NaN is neither less nor greater: it counts where there is nothing else.
  const auto is_nan = [](const auto& entry) { return std::isnan(entry.first); };
  if (!std::all_of(measured.begin(), measured.end(), is_nan)) std::erase_if(measured, is_nan);
  if (measured.empty()) return {};
  std::stable_sort(measured.begin(), measured.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  switch (request.aggregation) {
    case Aggregation::kMedian:
      return measured[(measured.size() - 1) / 2].second->metrics;
    case Aggregation::kMax:
      // Of equal ones the first session, as for the least.
      return std::max_element(measured.begin(), measured.end(),
                              [](const auto& a, const auto& b) { return a.first < b.first; })
          ->second->metrics;
    default:
      return measured.front().second->metrics;
  }
}

void Aggregate(const HparamsRequest& request, SessionGroup* group) {
  const bool is_average =
      request.aggregation == Aggregation::kUnset || request.aggregation == Aggregation::kAverage;
  group->metrics = is_average ? Average(group->sessions) : Choose(group->sessions, request);
}

bool IsAllowed(const HparamsRequest& request, store::HparamsStatus status) {
  return std::find(request.allowed_statuses.begin(), request.allowed_statuses.end(), status) !=
         request.allowed_statuses.end();
}

void AddToGroup(Session session, std::map<std::string, SessionGroup>* groups) {
  const std::string name = session.info.group_name.empty() ? session.name : session.info.group_name;
  SessionGroup& group = (*groups)[name];
  if (group.sessions.empty()) {
    group.name = name;
    group.monitor_url = session.info.monitor_url;
    for (const auto& [hparam, value] : session.info.hparams) {
      const bool is_number = value.type == store::HparamValue::Type::kNumber;
      if (!is_number || std::isfinite(value.number)) group.hparams.emplace_back(hparam, value);
    }
  }
  group.sessions.push_back(std::move(session));
}

}  // namespace

std::string MetricRun(std::string_view session, std::string_view group) {
  return group.empty() ? std::string(session) : StrCat(session, "/", group);
}

Result<std::vector<SessionGroup>> ReadSessionGroups(store::Store& store,
                                                    const HparamsRequest& request) {
  ASSIGN_OR_RETURN(store::HparamsData data, store.ReadHparamsData());
  ASSIGN_OR_RETURN(const HparamsColumns columns,
                   ReadHparamsColumns(store, request.include_metrics, 0));
  ASSIGN_OR_RETURN(const auto names, ReadRunNames(store));
  RunIds runs;
  for (const auto& [id, name] : names) runs.emplace(name, id);
  std::vector<Session> sessions;
  for (store::HparamsSession& info : data.sessions) {
    const auto name = names.find(info.run);
    if (name == names.end()) continue;
    // A session without an end has no status for TensorBoard.
    if (info.status == store::HparamsStatus::kRunning && info.end_time == 0) {
      info.status = store::HparamsStatus::kUnknown;
    }
    if (!IsAllowed(request, info.status)) continue;
    sessions.push_back({name->second, std::move(info), {}});
  }
  RETURN_IF_ERROR(ReadMetrics(store, runs, columns.metrics, &sessions));
  std::sort(sessions.begin(), sessions.end(),
            [](const Session& a, const Session& b) { return a.name < b.name; });
  std::map<std::string, SessionGroup> by_name;
  for (Session& session : sessions) AddToGroup(std::move(session), &by_name);
  std::vector<SessionGroup> groups;
  for (auto& [name, group] : by_name) {
    Aggregate(request, &group);
    groups.push_back(std::move(group));
  }
  return groups;
}

}  // namespace spirogram::web::tensorboard
