// The table of an experiment: its columns (hyperparameters and metrics), its rows (groups of
// sessions with the same hyperparameters).
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "store/store.h"
#include "web/tensorboard/hparams_request.h"

namespace spirogram::web::tensorboard {

struct HparamsColumns {
  // Of the experiment where there is one.
  std::string name;
  std::string description;
  std::string user;
  double time_created = 0;
  std::vector<store::HparamInfo> hparams;  // those that differ between sessions first, then by name
  std::vector<store::MetricInfo> metrics;
};

// A metric's last value, of a session or over a group.
struct MetricValue {
  MetricName name;
  double value = 0;
  Step step = 0;
  WallTime wall_time = 0;
};

struct Session {
  std::string name;  // of its run
  store::HparamsSession info;
  std::vector<MetricValue> metrics;
};

struct SessionGroup {
  std::string name;
  std::string monitor_url;
  store::Hparams hparams;
  std::vector<MetricValue> metrics;
  std::vector<Session> sessions;  // by name
};

// What all experiments declare together, and what sessions hold beyond it. `limit` bounds the
// hyperparameters, 0 is none.
Result<HparamsColumns> ReadHparamsColumns(store::Store& store, bool include_metrics, int64_t limit);

// Every group whose sessions have an allowed status, with metrics aggregated, not yet filtered.
Result<std::vector<SessionGroup>> ReadSessionGroups(store::Store& store,
                                                    const HparamsRequest& request);

// Filters, sorts and reduces the groups as the request's columns say. kInvalidArgument where a
// filter does not fit the values of its column.
Status ApplyColumns(const HparamsRequest& request, std::vector<SessionGroup>* groups);

// The run that holds a session's metrics of a group: "session" or "session/group".
std::string MetricRun(std::string_view session, std::string_view group);

}  // namespace spirogram::web::tensorboard
