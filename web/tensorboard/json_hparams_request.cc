#include <cmath>
#include <functional>
#include <initializer_list>
#include <limits>

#include "base/str.h"
#include "web/json_internal.h"
#include "web/tensorboard/hparams_request.h"

namespace spirogram::web::tensorboard {
namespace {

constexpr size_t kListMax = 10'000;

Error Misfit(std::string_view field, std::string_view want) {
  return InvalidArgument(StrCat("field ", Excerpt(field), ": want ", want));
}

// "include_metrics" of "includeMetrics" and of itself.
std::string Declared(std::string_view name) {
  std::string declared;
  for (const char c : name) {
    if (c >= 'A' && c <= 'Z') declared.push_back('_');
    declared.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return declared;
}

// Reads every field of an object; null means absent.
using ReadField = std::function<Status(const std::string& name, const Json& value)>;
Status ReadObject(std::string_view what, const Json& json, const ReadField& read) {
  if (!json.is_object()) return Misfit(what, "an object");
  for (const auto& [name, value] : json.items()) {
    if (!value.is_null()) RETURN_IF_ERROR(read(Declared(name), value));
  }
  return {};
}

Error Unknown(std::string_view name) {
  return InvalidArgument(StrCat("field ", Excerpt(name), ": unknown"));
}

Status ReadText(std::string_view field, const Json& value, std::string* text) {
  if (!value.is_string()) return Misfit(field, "a text");
  *text = value.get<std::string>();
  return {};
}

Status ReadBool(std::string_view field, const Json& value, bool* boolean) {
  if (!value.is_boolean()) return Misfit(field, "true or false");
  *boolean = value.get<bool>();
  return {};
}

// Protobuf's mapping lets integers be texts and whole floats.
Status ReadInteger(std::string_view field, const Json& value, int64_t* integer) {
  std::optional<int64_t> number;
  if (value.is_string()) number = ParseNumber<int64_t>(value.get<std::string>());
  if (value.is_number()) {
    const double real = value.get<double>();
    if (real == std::floor(real) && std::fabs(real) <= INT32_MAX) {
      number = static_cast<int64_t>(real);
    }
  }
  if (!number || *number < 0 || *number > INT32_MAX)
    return Misfit(field, "an integer of at least 0");
  *integer = *number;
  return {};
}

Status ReadReal(std::string_view field, const Json& value, double* real) {
  if (value.is_number()) {
    *real = value.get<double>();
  } else if (value == "Infinity" || value == "-Infinity") {
    *real = std::numeric_limits<double>::infinity() * (value == "Infinity" ? 1 : -1);
  } else {
    return Misfit(field, "a number, \"Infinity\" or \"-Infinity\"");
  }
  return {};
}

// An enum by its value's name or number: `names[i]` has the number i.
Status ReadEnum(std::string_view field, const Json& value,
                std::initializer_list<std::string_view> names, int* number) {
  *number = 0;
  for (std::string_view name : names) {
    const bool is_named = value.is_string() && value.get_ref<const std::string&>() == name;
    if (is_named || (value.is_number_integer() && value == *number)) return {};
    ++*number;
  }
  return Misfit(field, StrCat("a value such as ", *names.begin()));
}

Status ReadList(std::string_view field, const Json& value,
                const std::function<Status(const Json&)>& read) {
  if (!value.is_array() || value.size() > kListMax) {
    return Misfit(field, StrCat("a list of at most ", kListMax));
  }
  for (const Json& item : value) RETURN_IF_ERROR(read(item));
  return {};
}

Status ReadMetric(std::string_view field, const Json& json, MetricName* metric) {
  return ReadObject(field, json, [&](const std::string& name, const Json& value) -> Status {
    if (name == "group") return ReadText(name, value, &metric->group);
    if (name == "tag") return ReadText(name, value, &metric->tag);
    return Unknown(name);
  });
}

Status ReadStatus(const Json& value, std::vector<store::HparamsStatus>* statuses) {
  int number = 0;
  RETURN_IF_ERROR(ReadEnum("allowed_statuses", value,
                           {"STATUS_UNKNOWN", "STATUS_SUCCESS", "STATUS_FAILURE", "STATUS_RUNNING"},
                           &number));
  statuses->push_back(static_cast<store::HparamsStatus>(number));
  return {};
}

Status ReadInterval(const Json& json, Interval* interval) {
  return ReadObject("filter_interval", json,
                    [&](const std::string& name, const Json& value) -> Status {
                      if (name == "min_value") return ReadReal(name, value, &interval->min);
                      if (name == "max_value") return ReadReal(name, value, &interval->max);
                      return Unknown(name);
                    });
}

Status ReadValue(const Json& value, std::vector<store::HparamValue>* values) {
  using Type = store::HparamValue::Type;
  store::HparamValue read;
  if (value.is_string()) {
    read = {.type = Type::kString, .text = value.get<std::string>()};
  } else if (value.is_boolean()) {
    read = {.type = Type::kBool, .text = {}, .boolean = value.get<bool>()};
  } else if (value.is_number()) {
    read = {.type = Type::kNumber, .number = value.get<double>(), .text = {}};
  } else {
    return Misfit("filter_discrete", "texts, numbers and booleans");
  }
  values->push_back(std::move(read));
  return {};
}

Status ReadColumnField(const std::string& name, const Json& value, ColumnRequest* column) {
  int number = 0;
  if (name == "metric") return ReadMetric(name, value, &column->metric.emplace());
  if (name == "hparam") return ReadText(name, value, &column->hparam.emplace());
  if (name == "order") {
    RETURN_IF_ERROR(
        ReadEnum(name, value, {"ORDER_UNSPECIFIED", "ORDER_ASC", "ORDER_DESC"}, &number));
    column->order = static_cast<SortOrder>(number);
    return {};
  }
  if (name == "missing_values_first") return ReadBool(name, value, &column->missing_values_first);
  if (name == "exclude_missing_values") {
    return ReadBool(name, value, &column->exclude_missing_values);
  }
  if (name == "include_in_result") {
    return ReadBool(name, value, &column->include_in_result.emplace());
  }
  if (name == "filter_regexp") return ReadText(name, value, &column->filter_regexp.emplace());
  if (name == "filter_interval") return ReadInterval(value, &column->filter_interval.emplace());
  if (name == "filter_discrete") {
    auto& values = column->filter_discrete.emplace();
    return ReadList(name, value, [&](const Json& item) { return ReadValue(item, &values); });
  }
  return Unknown(name);
}

Status ReadColumn(const Json& json, std::vector<ColumnRequest>* columns) {
  ColumnRequest column;
  RETURN_IF_ERROR(ReadObject("col_params", json, [&](const std::string& name, const Json& value) {
    return ReadColumnField(name, value, &column);
  }));
  const int filters = (column.filter_regexp ? 1 : 0) + (column.filter_interval ? 1 : 0) +
                      (column.filter_discrete ? 1 : 0);
  if (column.metric.has_value() == column.hparam.has_value()) {
    return InvalidArgument("field col_params: want either \"metric\" or \"hparam\"");
  }
  if (filters > 1) return InvalidArgument("field col_params: want at most one filter");
  columns->push_back(std::move(column));
  return {};
}

Status ReadGroupsField(const std::string& name, const Json& value, HparamsRequest* request) {
  if (name == "allowed_statuses") {
    return ReadList(name, value,
                    [&](const Json& item) { return ReadStatus(item, &request->allowed_statuses); });
  }
  if (name == "col_params") {
    return ReadList(name, value,
                    [&](const Json& item) { return ReadColumn(item, &request->columns); });
  }
  if (name == "aggregation_type") {
    int number = 0;
    RETURN_IF_ERROR(ReadEnum(name, value,
                             {"AGGREGATION_UNSET", "AGGREGATION_AVG", "AGGREGATION_MEDIAN",
                              "AGGREGATION_MIN", "AGGREGATION_MAX"},
                             &number));
    request->aggregation = static_cast<Aggregation>(number);
    return {};
  }
  if (name == "aggregation_metric") return ReadMetric(name, value, &request->aggregation_metric);
  if (name == "start_index") return ReadInteger(name, value, &request->start_index);
  if (name == "slice_size") return ReadInteger(name, value, &request->slice_size);
  return Unknown(name);
}

Status ReadRequestField(HparamsMessage message, const std::string& name, const Json& value,
                        HparamsRequest* request) {
  if (name == "experiment_name") {
    std::string ignored;
    return ReadText(name, value, &ignored);
  }
  if (message == HparamsMessage::kListMetricEvals) {
    if (name == "session_name") return ReadText(name, value, &request->session_name);
    if (name == "metric_name") return ReadMetric(name, value, &request->metric_name);
    return Unknown(name);
  }
  if (name == "include_metrics") return ReadBool(name, value, &request->include_metrics);
  if (message == HparamsMessage::kListSessionGroups) return ReadGroupsField(name, value, request);
  if (name == "hparams_limit") return ReadInteger(name, value, &request->hparams_limit);
  return Unknown(name);
}

}  // namespace

Result<HparamsRequest> ParseHparamsRequest(HparamsMessage message, std::string_view text) {
  const Json json = ParseJson(text);
  if (!json.is_object()) return InvalidArgument("Expected a JSON-formatted request");
  HparamsRequest request;
  RETURN_IF_ERROR(ReadObject("request", json, [&](const std::string& name, const Json& value) {
    return ReadRequestField(message, name, value, &request);
  }));
  return request;
}

Result<std::vector<bool>> ParseVisibility(std::string_view text) {
  const Json json = ParseJson(text);
  std::vector<bool> visibility;
  const auto read = [&](const Json& item) -> Status {
    bool is_visible = false;
    RETURN_IF_ERROR(ReadBool("columnsVisibility", item, &is_visible));
    visibility.push_back(is_visible);
    return {};
  };
  const Status status = ReadList("columnsVisibility", json, read);
  if (!status.ok()) return status.error();
  return visibility;
}

}  // namespace spirogram::web::tensorboard
