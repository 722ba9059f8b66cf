#include <algorithm>

#include "base/str.h"
#include "web/tensorboard/catalog.h"
#include "web/tensorboard/handlers.h"
#include "web/tensorboard/hparams_download.h"
#include "web/tensorboard/hparams_request.h"
#include "web/tensorboard/hparams_table.h"
#include "web/tensorboard/hparams_value.h"
#include "web/tensorboard/json_writer.h"
#include "web/tensorboard/long_series.h"
#include "web/tensorboard/python_text.h"
#include "web/tensorboard/series_json.h"

namespace spirogram::web::tensorboard {
namespace {

// The request is the body of a POST, or ?request= of a GET.
Result<HparamsRequest> RequestOf(const Call& call, HparamsMessage message) {
  if (call.request.method == "POST") return ParseHparamsRequest(message, call.request.body);
  const std::string* text = call.query.Find("request");
  if (text == nullptr) return InvalidArgument("Expected a JSON-formatted request, but got None");
  return ParseHparamsRequest(message, *text);
}

std::string_view StatusName(store::HparamsStatus status) {
  switch (status) {
    case store::HparamsStatus::kUnknown:
      return "STATUS_UNKNOWN";
    case store::HparamsStatus::kSuccess:
      return "STATUS_SUCCESS";
    case store::HparamsStatus::kFailure:
      return "STATUS_FAILURE";
    case store::HparamsStatus::kRunning:
      return "STATUS_RUNNING";
  }
  return "STATUS_UNKNOWN";
}

std::string_view TypeName(store::HparamInfo::Type type) {
  switch (type) {
    case store::HparamInfo::Type::kUnset:
      return "DATA_TYPE_UNSET";
    case store::HparamInfo::Type::kString:
      return "DATA_TYPE_STRING";
    case store::HparamInfo::Type::kBool:
      return "DATA_TYPE_BOOL";
    case store::HparamInfo::Type::kNumber:
      return "DATA_TYPE_FLOAT64";
  }
  return "DATA_TYPE_UNSET";
}

std::string_view DatasetName(store::MetricInfo::Dataset dataset) {
  switch (dataset) {
    case store::MetricInfo::Dataset::kUnknown:
      return "DATASET_UNKNOWN";
    case store::MetricInfo::Dataset::kTraining:
      return "DATASET_TRAINING";
    case store::MetricInfo::Dataset::kValidation:
      return "DATASET_VALIDATION";
  }
  return "DATASET_UNKNOWN";
}

void WriteMetricName(const MetricName& name, JsonWriter* json) {
  json->Key("name");
  json->BeginObject();
  json->Field("group", name.group);
  json->Field("tag", name.tag);
  json->EndObject();
}

void WriteHparamInfo(const store::HparamInfo& info, JsonWriter* json) {
  json->BeginObject();
  json->Field("name", info.name);
  json->Field("displayName", info.display_name);
  json->Field("description", info.description);
  json->Field("type", TypeName(info.type));
  if (info.domain_interval) {
    json->Key("domainInterval");
    json->BeginObject();
    json->Field("minValue", info.domain_interval->min);
    json->Field("maxValue", info.domain_interval->max);
    json->EndObject();
  } else if (!info.domain_discrete.empty()) {
    json->Key("domainDiscrete");
    json->BeginArray();
    for (const store::HparamValue& value : info.domain_discrete) WriteHparam(value, json);
    json->EndArray();
  }
  json->Field("differs", info.differs);
  json->EndObject();
}

std::string ExperimentJson(const HparamsColumns& columns) {
  JsonWriter json;
  json.BeginObject();
  json.Field("name", columns.name);
  json.Field("description", columns.description);
  json.Field("user", columns.user);
  json.Field("timeCreatedSecs", columns.time_created);
  json.Key("hparamInfos");
  json.BeginArray();
  for (const store::HparamInfo& info : columns.hparams) WriteHparamInfo(info, &json);
  json.EndArray();
  json.Key("metricInfos");
  json.BeginArray();
  for (const store::MetricInfo& info : columns.metrics) {
    json.BeginObject();
    WriteMetricName({info.group, info.tag}, &json);
    json.Field("displayName", info.display_name);
    json.Field("description", info.description);
    json.Field("datasetType", DatasetName(info.dataset));
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  return json.Finish();
}

void WriteMetrics(const std::vector<MetricValue>& metrics, JsonWriter* json) {
  json->Key("metricValues");
  json->BeginArray();
  for (const MetricValue& metric : metrics) {
    json->BeginObject();
    WriteMetricName(metric.name, json);
    json->Field("value", metric.value);
    json->Field("trainingStep", metric.step);
    json->Field("wallTimeSecs", metric.wall_time);
    json->EndObject();
  }
  json->EndArray();
}

void WriteSession(const Session& session, JsonWriter* json) {
  json->BeginObject();
  json->Field("name", session.name);
  json->Field("startTimeSecs", session.info.start_time);
  json->Field("endTimeSecs", session.info.end_time);
  json->Field("status", StatusName(session.info.status));
  json->Field("modelUri", session.info.model_uri);
  json->Field("monitorUrl", session.info.monitor_url);
  WriteMetrics(session.metrics, json);
  json->EndObject();
}

void WriteGroup(const SessionGroup& group, JsonWriter* json) {
  json->BeginObject();
  json->Field("name", group.name);
  json->Field("monitorUrl", group.monitor_url);
  json->Key("hparams");
  json->BeginObject();
  for (const auto& [name, value] : group.hparams) {
    json->Key(name);
    WriteHparam(value, json);
  }
  json->EndObject();
  WriteMetrics(group.metrics, json);
  json->Key("sessions");
  json->BeginArray();
  for (const Session& session : group.sessions) WriteSession(session, json);
  json->EndArray();
  json->EndObject();
}

// The part that the request asks for: without a size, none.
std::span<const SessionGroup> SliceOf(const HparamsRequest& request,
                                      const std::vector<SessionGroup>& groups) {
  const auto begin = std::min(static_cast<size_t>(request.start_index), groups.size());
  const auto count = std::min(static_cast<size_t>(request.slice_size), groups.size() - begin);
  return {groups.data() + begin, count};
}

}  // namespace

Result<Response> HandleHparamsExperiment(const Call& call) {
  ASSIGN_OR_RETURN(const HparamsRequest request, RequestOf(call, HparamsMessage::kGetExperiment));
  ASSIGN_OR_RETURN(
      const HparamsColumns columns,
      ReadHparamsColumns(call.store(), request.include_metrics, request.hparams_limit));
  return JsonResponse(ExperimentJson(columns));
}

Result<Response> HandleHparamsGroups(const Call& call) {
  ASSIGN_OR_RETURN(const HparamsRequest request,
                   RequestOf(call, HparamsMessage::kListSessionGroups));
  ASSIGN_OR_RETURN(auto groups, ReadSessionGroups(call.store(), request));
  RETURN_IF_ERROR(ApplyColumns(request, &groups));
  JsonWriter json;
  json.BeginObject();
  json.Key("sessionGroups");
  json.BeginArray();
  for (const SessionGroup& group : SliceOf(request, groups)) WriteGroup(group, &json);
  json.EndArray();
  json.Field("totalSize", groups.size());
  json.EndObject();
  return JsonResponse(json.Finish());
}

Result<Response> HandleHparamsMetricEvals(const Call& call) {
  ASSIGN_OR_RETURN(const HparamsRequest request, RequestOf(call, HparamsMessage::kListMetricEvals));
  const std::string run = MetricRun(request.session_name, request.metric_name.group);
  const std::string& tag = request.metric_name.tag;
  ASSIGN_OR_RETURN(const auto series, FindSeries(call.store(), &run, &tag, "scalars"));
  if (!series) {
    return NotFound(StrCat("No scalar data for run=", PythonRepr(std::string_view(run)),
                           ", tag=", PythonRepr(std::string_view(tag))));
  }
  if (series->count >= kLongSeriesPoints) return LongSeriesJson(call.store(), *series);
  JsonWriter json;
  RETURN_IF_ERROR(WriteEveryPoint(call.store(), *series, PointForm::kList, &json));
  return JsonResponse(json.Finish());
}

Result<Response> HandleHparamsDownload(const Call& call) {
  const std::string* format = call.query.Find("format");
  const std::string* visibility_text = call.query.Find("columnsVisibility");
  if (visibility_text == nullptr) return InvalidArgument("columnsVisibility must be specified");
  ASSIGN_OR_RETURN(const std::vector<bool> visibility, ParseVisibility(*visibility_text));
  ASSIGN_OR_RETURN(const HparamsRequest request,
                   RequestOf(call, HparamsMessage::kListSessionGroups));
  ASSIGN_OR_RETURN(auto groups, ReadSessionGroups(call.store(), request));
  RETURN_IF_ERROR(ApplyColumns(request, &groups));
  ASSIGN_OR_RETURN(const HparamsColumns columns,
                   ReadHparamsColumns(call.store(), request.include_metrics, 0));
  const DownloadTable table = MakeDownload(columns, SliceOf(request, groups), visibility);
  Response response;
  if (format != nullptr && *format == "json") return JsonResponse(DownloadJson(table));
  if (format != nullptr && *format == "csv") {
    response.Set("Content-Type", "text/csv; charset=utf-8");
    response.body = DownloadCsv(table);
  } else if (format != nullptr && *format == "latex") {
    response.Set("Content-Type", "application/x-latex");
    response.body = DownloadLatex(table);
  } else {
    return InvalidArgument(
        StrCat("Invalid reponses format: ", format == nullptr ? "None" : Excerpt(*format)));
  }
  return response;
}

}  // namespace spirogram::web::tensorboard
