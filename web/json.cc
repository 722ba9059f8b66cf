// Problems, columns and projections as JSON, and the two texts that clients send.
#include "web/json.h"

#include "base/check.h"
#include "base/str.h"
#include "web/json_internal.h"

namespace spirogram::web {
namespace {

constexpr double kPerplexityMax = 10'000;
constexpr int64_t kIterationsMax = 100'000;
constexpr int64_t kExactIntegerMax = int64_t{1} << 53;

Json ToJson(const Projection& projection) {
  const ProjectionRequest& request = projection.request;
  const bool is_measured = std::isfinite(projection.kl_divergence);
  return {{"id", projection.id},
          {"run", request.run},
          {"tag", request.tag},
          {"step", request.step.value_or(0)},
          {"method", ProjectionMethodName(request.method)},
          {"dims", request.dims},
          {"perplexity", request.perplexity},
          {"iterations", request.iterations},
          {"seed", request.seed},
          {"state", ProjectionStateName(projection.state)},
          {"iteration", projection.iteration},
          {"kl_divergence", is_measured ? Json(projection.kl_divergence) : Json(nullptr)},
          {"seconds", JsonNumber(projection.seconds)},
          {"device", projection.device},
          {"points", projection.points},
          {"error", projection.error.empty() ? Json(nullptr) : Json(projection.error)},
          {"variance_share",
           projection.variance_share.empty() ? Json(nullptr) : Json(projection.variance_share)}};
}

Error FieldError(const std::string& name, const Json& value, std::string_view want) {
  std::string got = Dump(value);
  if (got.size() > 64) got = got.substr(0, 64) + "...";
  return InvalidArgument(StrCat("field ", name, ": got ", got, ", want ", want));
}

Result<int64_t> Integer(const std::string& name, const Json& value, int64_t min, int64_t max) {
  const bool fits = value.is_number_integer() &&
                    !(value.is_number_unsigned() && value.get<uint64_t>() > INT64_MAX) &&
                    value.get<int64_t>() >= min && value.get<int64_t>() <= max;
  if (!fits) return FieldError(name, value, StrCat("an integer from ", min, " to ", max));
  return value.get<int64_t>();
}

Result<std::string> Text(const std::string& name, const Json& value) {
  if (!value.is_string() || value.get_ref<const std::string&>().empty()) {
    return FieldError(name, value, "a text that is not empty");
  }
  return value.get<std::string>();
}

Status ReadMethod(const std::string& name, const Json& value, ProjectionMethod* method) {
  if (value == "pca") {
    *method = ProjectionMethod::kPca;
  } else if (value == "tsne") {
    *method = ProjectionMethod::kTsne;
  } else {
    return FieldError(name, value, "\"pca\" or \"tsne\"");
  }
  return Status();
}

Status ReadField(const std::string& name, const Json& value, ProjectionRequest* request) {
  if (name == "run") {
    ASSIGN_OR_RETURN(request->run, Integer(name, value, 1, kExactIntegerMax));
  } else if (name == "tag") {
    ASSIGN_OR_RETURN(request->tag, Text(name, value));
  } else if (name == "step") {
    ASSIGN_OR_RETURN(request->step, Integer(name, value, INT64_MIN, INT64_MAX));
  } else if (name == "method") {
    return ReadMethod(name, value, &request->method);
  } else if (name == "dims") {
    ASSIGN_OR_RETURN(const int64_t dims, Integer(name, value, 2, 3));
    request->dims = static_cast<int>(dims);
  } else if (name == "perplexity") {
    const double perplexity = value.is_number() ? value.get<double>() : 0;
    if (!(perplexity >= 1 && perplexity <= kPerplexityMax)) {
      return FieldError(name, value, StrCat("a number from 1 to ", kPerplexityMax));
    }
    request->perplexity = perplexity;
  } else if (name == "iterations") {
    ASSIGN_OR_RETURN(const int64_t iterations, Integer(name, value, 1, kIterationsMax));
    request->iterations = static_cast<int>(iterations);
  } else if (name == "seed") {
    ASSIGN_OR_RETURN(const int64_t seed, Integer(name, value, 0, kExactIntegerMax));
    request->seed = static_cast<uint64_t>(seed);
  } else {
    return InvalidArgument(StrCat("field ", name, ": unknown"));
  }
  return Status();
}

}  // namespace

std::optional<Json> ParseJsonObject(std::string_view text) {
  std::vector<std::vector<std::string>> keys;
  bool has_repeated_key = false;
  const auto watch = [&](int, Json::parse_event_t event, Json& value) {
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end && !keys.empty()) keys.pop_back();
    if (event == Json::parse_event_t::key && !keys.empty()) {
      const auto& name = value.get_ref<const std::string&>();
      for (const std::string& seen : keys.back()) has_repeated_key |= seen == name;
      keys.back().push_back(name);
    }
    return true;
  };
  Json json = Json::parse(text.begin(), text.end(), watch, /*allow_exceptions=*/false);
  if (!json.is_object() || has_repeated_key) return std::nullopt;
  return json;
}

Result<std::vector<store::RunId>> ParseRunIds(const Json& value) {
  constexpr size_t kRunsMax = 10'000;
  if (!value.is_array() || value.size() > kRunsMax) {
    return InvalidArgument(StrCat("field runs: want at most ", kRunsMax, " ids"));
  }
  std::vector<store::RunId> runs;
  for (const Json& item : value) {
    ASSIGN_OR_RETURN(const int64_t id, Integer("runs", item, 1, kExactIntegerMax));
    runs.push_back(id);
  }
  return runs;
}

std::string ProblemJson(int status, std::string_view title, std::string_view detail,
                        std::string_view request_id) {
  return Dump({{"type", "about:blank"},
               {"title", title},
               {"status", status},
               {"detail", detail},
               {"request_id", request_id}});
}

std::string ProjectionJson(const Projection& projection) {
  return Dump(ToJson(projection));
}

std::string ProjectionsJson(std::span<const Projection> projections) {
  return Dump({{"projections", JsonArray(projections, [](const auto& p) { return ToJson(p); })}});
}

std::string ScalarsItemJson(const store::ScalarQuery& query, int64_t points) {
  return Dump({{"run", query.run}, {"tag", query.tag}, {"points", points}});
}

std::string HistogramItemJson(const store::Histogram& histogram) {
  return Dump({{"step", histogram.step}, {"wall_time", JsonNumber(histogram.wall_time)}});
}

std::string ProfileStepsItemJson(store::RunId run, const StepSummary& summary,
                                 std::span<const store::ProfileNote> notes) {
  return Dump({{"run", run},
               {"phases", summary.phases},
               {"notes", JsonArray(notes, [](const auto& note) { return Json(note.message); })},
               {"steps", summary.steps}});
}

std::string ProfileSlicesItemJson(std::span<const std::string> names) {
  return Dump({{"names", JsonArray(names, [](const auto& name) { return Json(name); })}});
}

std::string ColumnsHeaderJson(std::span<const ItemLayout> items) {
  std::string text = "{\"items\":[";
  for (const ItemLayout& item : items) {
    const auto to_json = [](const ColumnLayout& column) {
      return Json{{"name", column.name},
                  {"type", column.type},
                  {"offset", column.offset},
                  {"length", column.length}};
    };
    CHECK(item.fields.size() > 2 && item.fields.back() == '}');
    if (text.back() != '[') text.push_back(',');
    // The item's fields are an object already: its closing brace moves behind the columns.
    text.append(item.fields, 0, item.fields.size() - 1);
    text.append(",\"columns\":").append(Dump(JsonArray(item.columns, to_json))).append("}");
  }
  return text.append("]}");
}

Result<ProjectionRequest> ParseProjectionRequest(std::string_view text) {
  const std::optional<Json> json = ParseJsonObject(text);
  if (!json) return InvalidArgument("the body is not one JSON object with each field once");
  ProjectionRequest request;
  for (const auto& [name, value] : json->items()) {
    RETURN_IF_ERROR(ReadField(name, value, &request));
  }
  for (const char* required : {"run", "tag", "method"}) {
    if (!json->contains(required)) return InvalidArgument(StrCat("field ", required, ": missing"));
  }
  return request;
}

Result<LiveMessage> ParseLiveMessage(std::string_view text) {
  const std::optional<Json> json = ParseJsonObject(text);
  if (!json || !json->contains("type")) return InvalidArgument("want a JSON object with a type");
  LiveMessage message;
  const Json& type = json->at("type");
  if (type == "subscribe") {
    if (!json->contains("runs")) return message;
    ASSIGN_OR_RETURN(message.runs, ParseRunIds(json->at("runs")));
    return message;
  }
  if (type != "watch_projection" && type != "unwatch_projection") {
    return FieldError("type", type, "subscribe, watch_projection or unwatch_projection");
  }
  message.type = type == "watch_projection" ? LiveMessage::Type::kWatchProjection
                                            : LiveMessage::Type::kUnwatchProjection;
  if (!json->contains("id")) return InvalidArgument("field id: missing");
  ASSIGN_OR_RETURN(message.id, Integer("id", json->at("id"), 1, kExactIntegerMax));
  return message;
}

std::string LiveErrorJson(std::string_view detail) {
  return Dump({{"type", "error"}, {"detail", detail}});
}

}  // namespace spirogram::web
