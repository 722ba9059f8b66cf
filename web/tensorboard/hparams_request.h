// What the routes of hparams are asked: TensorBoard's messages of plugins/hparams/api.proto as
// JSON, in protobuf's mapping (field names in camelCase or as declared, enums by name or number,
// unknown fields refused).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/hparams.h"

namespace spirogram::web::tensorboard {

struct MetricName {
  std::string group;
  std::string tag;

  auto operator<=>(const MetricName&) const = default;  // NOLINT(modernize-use-nullptr)
};

enum class SortOrder { kUnspecified, kAscending, kDescending };
enum class Aggregation { kUnset, kAverage, kMedian, kMin, kMax };

// Both ends count.
struct Interval {
  double min = 0;
  double max = 0;
};

// A column of the table of session groups: how to sort and filter by it.
struct ColumnRequest {
  // One of the two.
  std::optional<MetricName> metric;
  std::optional<std::string> hparam;
  SortOrder order = SortOrder::kUnspecified;
  bool missing_values_first = false;
  // At most one of the three.
  std::optional<std::string> filter_regexp;
  std::optional<Interval> filter_interval;
  std::optional<std::vector<store::HparamValue>> filter_discrete;
  bool exclude_missing_values = false;
  std::optional<bool> include_in_result;
};

// One struct for GetExperimentRequest, ListSessionGroupsRequest and ListMetricEvalsRequest; each
// route reads its own fields.
struct HparamsRequest {
  bool include_metrics = true;
  int64_t hparams_limit = 0;  // 0: all
  std::vector<store::HparamsStatus> allowed_statuses;
  std::vector<ColumnRequest> columns;
  Aggregation aggregation = Aggregation::kUnset;
  MetricName aggregation_metric;
  int64_t start_index = 0;
  int64_t slice_size = 0;
  std::string session_name;
  MetricName metric_name;
};

enum class HparamsMessage { kGetExperiment, kListSessionGroups, kListMetricEvals };

// kInvalidArgument names the field that does not fit.
Result<HparamsRequest> ParseHparamsRequest(HparamsMessage message, std::string_view json);

// "[true, false]": the columnsVisibility of a download.
Result<std::vector<bool>> ParseVisibility(std::string_view json);

}  // namespace spirogram::web::tensorboard
