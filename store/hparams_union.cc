#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "store/hparams.h"

namespace spirogram::store {
namespace {

constexpr size_t kDiscreteMax = 10;

HparamInfo::Type TypeOf(const HparamValue& value) {
  switch (value.type) {
    case HparamValue::Type::kString:
      return HparamInfo::Type::kString;
    case HparamValue::Type::kBool:
      return HparamInfo::Type::kBool;
    case HparamValue::Type::kNumber:
      return HparamInfo::Type::kNumber;
  }
  return HparamInfo::Type::kUnset;
}

// NaN is one value, and before all numbers: a set needs a strict order.
struct ByValue {
  static auto Key(const HparamValue& v) {
    const bool is_number = v.type == HparamValue::Type::kNumber && v.number == v.number;
    return std::make_tuple(static_cast<int>(v.type), is_number, is_number ? v.number : 0.0, v.text,
                           v.boolean);
  }
  bool operator()(const HparamValue& a, const HparamValue& b) const { return Key(a) < Key(b); }
};

struct Seen {
  std::set<HparamValue, ByValue> values;
  size_t sessions = 0;
};

std::map<std::string, Seen> CollectValues(const std::vector<HparamsSession>& sessions) {
  std::map<std::string, Seen> seen;
  for (const HparamsSession& session : sessions) {
    for (const auto& [name, value] : session.hparams) {
      seen[name].values.insert(value);
      ++seen[name].sessions;
    }
  }
  return seen;
}

void InferType(const Seen& seen, HparamInfo* info) {
  if (info->type != HparamInfo::Type::kUnset || seen.values.empty()) return;
  info->type = TypeOf(*seen.values.begin());
  for (const HparamValue& value : seen.values) {
    if (TypeOf(value) != info->type) info->type = HparamInfo::Type::kString;
  }
}

void InferDomain(const Seen& seen, HparamInfo* info) {
  if (!info->domain_discrete.empty() || info->domain_interval || seen.values.empty()) return;
  if (seen.values.size() <= kDiscreteMax) {
    info->domain_discrete.assign(seen.values.begin(), seen.values.end());
  } else if (info->type == HparamInfo::Type::kNumber) {
    // The order of ByValue puts a NaN first.
    auto least = seen.values.begin();
    if (least->number != least->number) ++least;
    info->domain_interval = {least->number, seen.values.rbegin()->number};
  }
}

}  // namespace

std::vector<HparamInfo> UniteHparams(const HparamsData& data) {
  std::map<std::string, HparamInfo> infos;
  for (const HparamsExperiment& experiment : data.experiments) {
    for (const HparamInfo& info : experiment.hparams) infos.try_emplace(info.name, info);
  }
  const std::map<std::string, Seen> seen = CollectValues(data.sessions);
  for (const auto& [name, values] : seen) {
    HparamInfo& info = infos[name];
    info.name = name;
    InferType(values, &info);
    InferDomain(values, &info);
    // A session without it differs from one with it.
    info.differs = values.values.size() > 1 || values.sessions < data.sessions.size();
  }
  std::vector<HparamInfo> united;
  united.reserve(infos.size());
  for (auto& [name, info] : infos) united.push_back(std::move(info));
  return united;
}

std::vector<MetricInfo> UniteMetrics(const HparamsData& data) {
  std::vector<MetricInfo> metrics;
  std::set<std::pair<std::string, std::string>> seen;
  for (const HparamsExperiment& experiment : data.experiments) {
    for (const MetricInfo& metric : experiment.metrics) {
      if (seen.emplace(metric.group, metric.tag).second) metrics.push_back(metric);
    }
  }
  return metrics;
}

}  // namespace spirogram::store
