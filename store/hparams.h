// Everything of TensorBoard's hparams plugin: experiments, sessions, and their union.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/types.h"
#include "store/answers.h"

namespace spirogram::store {

enum class HparamsStatus { kUnknown, kSuccess, kFailure, kRunning };
// "unknown", "success", "failure", "running".
const char* HparamsStatusName(HparamsStatus status);

// A hyperparameter as an experiment declares it, or as the sessions' values show it.
struct HparamInfo {
  enum class Type { kUnset, kString, kBool, kNumber };

  std::string name;
  std::string display_name;
  std::string description;
  Type type = Type::kUnset;
  // At most one of the two.
  std::vector<HparamValue> domain_discrete;
  struct Interval {
    double min = 0;
    double max = 0;
  };
  std::optional<Interval> domain_interval;
  bool differs = false;  // its values are not all the same
};
// "unset", "string", "bool", "number".
const char* HparamTypeName(HparamInfo::Type type);

struct MetricInfo {
  enum class Dataset { kUnknown, kTraining, kValidation };

  std::string group;  // folder below the session's run; empty for the session's own run
  std::string tag;
  std::string display_name;
  std::string description;
  Dataset dataset = Dataset::kUnknown;
};
// "unknown", "training", "validation".
const char* MetricDatasetName(MetricInfo::Dataset dataset);

struct HparamsExperiment {
  RunId run = 0;
  std::string name;
  std::string description;
  std::string user;
  double time_created = 0;  // seconds since the epoch; 0 if not said
  std::vector<HparamInfo> hparams;
  std::vector<MetricInfo> metrics;
};

// A run with a session_start_info.
struct HparamsSession {
  RunId run = 0;
  Hparams hparams;  // sorted by name
  std::string model_uri;
  std::string monitor_url;
  std::string group_name;                          // as logged: may be empty
  double start_time = 0;                           // seconds since the epoch
  double end_time = 0;                             // 0 before its end
  HparamsStatus status = HparamsStatus::kUnknown;  // kRunning before its end
};

struct HparamsData {
  std::vector<HparamsExperiment> experiments;  // by run
  std::vector<HparamsSession> sessions;        // by run
};

// The hyperparameters of all experiments and of all sessions, by name: nothing is left out because
// the first experiment did not name it. What no experiment declares is inferred from the values:
// the type where all agree, else string; a discrete domain of up to 10 values, an interval of more
// numbers. `differs` is always of the sessions' values. Pure.
std::vector<HparamInfo> UniteHparams(const HparamsData& data);

// The metrics that experiments declare, in order of first mention. Pure.
std::vector<MetricInfo> UniteMetrics(const HparamsData& data);

}  // namespace spirogram::store
