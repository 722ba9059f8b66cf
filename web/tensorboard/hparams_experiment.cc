// The columns: what experiments declare, and what only sessions show.
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <tuple>

#include "base/str.h"
#include "web/tensorboard/catalog.h"
#include "web/tensorboard/hparams_table.h"
#include "web/tensorboard/hparams_value.h"

namespace spirogram::web::tensorboard {
namespace {

using store::HparamInfo;
using store::HparamValue;
using store::MetricInfo;

HparamInfo::Type TypeOf(const HparamValue& value) {
  switch (value.type) {
    case HparamValue::Type::kNumber:
      return HparamInfo::Type::kNumber;
    case HparamValue::Type::kBool:
      return HparamInfo::Type::kBool;
    case HparamValue::Type::kString:
      return HparamInfo::Type::kString;
  }
  return HparamInfo::Type::kUnset;
}

// Of what is a number; NaN where nothing is.
void SetInterval(const std::vector<HparamValue>& values, HparamInfo* info) {
  std::vector<double> numbers;
  for (const HparamValue& value : values) {
    if (!std::isnan(value.number)) numbers.push_back(value.number);
  }
  if (numbers.empty()) numbers.push_back(std::numeric_limits<double>::quiet_NaN());
  const auto [low, high] = std::minmax_element(numbers.begin(), numbers.end());
  info->domain_interval = {*low, *high};
  info->differs = *low < *high || (!std::isnan(*low) && numbers.size() < values.size());
}

void SetDomain(const std::vector<HparamValue>& values, HparamInfo* info) {
  if (info->type == HparamInfo::Type::kNumber) {
    SetInterval(values, info);
    return;
  }
  std::set<std::string> seen;
  for (const HparamValue& value : values) {
    if (value.type == HparamValue::Type::kNumber && !std::isfinite(value.number)) continue;
    std::string text = HparamText(value);
    if (!seen.insert(text).second) continue;
    const bool is_bool = info->type == HparamInfo::Type::kBool;
    info->domain_discrete.push_back(
        is_bool ? value : HparamValue{.type = HparamValue::Type::kString, .text = std::move(text)});
  }
  info->differs = seen.size() > 1;
}

// One type where all values agree, else texts; numbers are an interval, all else a list.
HparamInfo Infer(const std::string& name, const std::vector<HparamValue>& values) {
  HparamInfo info;
  info.name = name;
  for (const HparamValue& value : values) {
    const HparamInfo::Type type = TypeOf(value);
    if (info.type == HparamInfo::Type::kUnset) info.type = type;
    if (info.type != type) info.type = HparamInfo::Type::kString;
  }
  SetDomain(values, &info);
  return info;
}

std::vector<HparamInfo> UniteInfos(const store::HparamsData& data) {
  std::vector<HparamInfo> infos;
  std::set<std::string> declared;
  for (const store::HparamsExperiment& experiment : data.experiments) {
    for (const HparamInfo& info : experiment.hparams) {
      if (declared.insert(info.name).second) infos.push_back(info);
    }
  }
  std::map<std::string, std::vector<HparamValue>> values;
  for (const store::HparamsSession& session : data.sessions) {
    for (const auto& [name, value] : session.hparams) values[name].push_back(value);
  }
  for (const auto& [name, list] : values) {
    if (!declared.contains(name)) infos.push_back(Infer(name, list));
  }
  std::sort(infos.begin(), infos.end(), [](const HparamInfo& a, const HparamInfo& b) {
    return std::make_tuple(!a.differs, std::string_view(a.name)) <
           std::make_tuple(!b.differs, std::string_view(b.name));
  });
  return infos;
}

std::string Parent(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

// Every scalar in a session's run or below it: the group is the path from the session.
Result<std::vector<MetricInfo>> InferMetrics(store::Store& store, const store::HparamsData& data) {
  ASSIGN_OR_RETURN(const auto names, ReadRunNames(store));
  std::set<std::string> sessions;
  for (const store::HparamsSession& session : data.sessions) {
    const auto name = names.find(session.run);
    if (name != names.end()) sessions.insert(name->second);
  }
  ASSIGN_OR_RETURN(const SeriesByRun scalars, ReadSeriesOfPlugin(store, "scalars"));
  std::set<std::pair<std::string, std::string>> metrics;  // tag, group
  for (const auto& [run, tags] : scalars) {
    std::string session = run;
    while (!session.empty() && !sessions.contains(session)) session = Parent(session);
    if (session.empty()) continue;
    const std::string group = session == run ? "" : run.substr(session.size() + 1);
    for (const store::Tag& tag : tags) metrics.emplace(tag.name, group);
  }
  std::vector<MetricInfo> infos;
  for (const auto& [tag, group] : metrics) {
    infos.emplace_back();
    infos.back().group = group;
    infos.back().tag = tag;
  }
  return infos;
}

}  // namespace

Result<HparamsColumns> ReadHparamsColumns(store::Store& store, bool include_metrics,
                                          int64_t limit) {
  ASSIGN_OR_RETURN(const store::HparamsData data, store.ReadHparamsData());
  HparamsColumns columns;
  if (!data.experiments.empty()) {
    const store::HparamsExperiment& first = data.experiments.front();
    columns.name = first.name;
    columns.description = first.description;
    columns.user = first.user;
    columns.time_created = first.time_created;
  }
  columns.hparams = UniteInfos(data);
  if (include_metrics && !data.experiments.empty()) {
    columns.metrics = store::UniteMetrics(data);
  } else if (include_metrics && !columns.hparams.empty()) {
    ASSIGN_OR_RETURN(columns.metrics, InferMetrics(store, data));
  }
  if (limit > 0 && columns.hparams.size() > static_cast<size_t>(limit)) {
    columns.hparams.erase(columns.hparams.begin() + limit, columns.hparams.end());
  }
  return columns;
}

}  // namespace spirogram::web::tensorboard
