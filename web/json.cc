// Problems and columns as JSON, and what live pages send.
#include "web/json.h"

#include <cmath>
#include <utility>

#include "base/check.h"
#include "base/str.h"
#include "web/json_internal.h"

namespace spirogram::web {

Json JsonNumber(double value) {
  if (std::isfinite(value)) return value;
  if (std::isnan(value)) return "NaN";
  return value > 0 ? "Infinity" : "-Infinity";
}

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool IsShallow(std::string_view text) {
  constexpr int kNestingMax = 256;
  int depth = 0;
  bool is_in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_in_string && c == '\\') {
      ++i;
    } else if (c == '"') {
      is_in_string = !is_in_string;
    } else if (!is_in_string && (c == '{' || c == '[')) {
      if (++depth > kNestingMax) return false;
    } else if (!is_in_string && (c == '}' || c == ']')) {
      --depth;
    }
  }
  return true;
}

Json ParseJson(std::string_view text) {
  if (!IsShallow(text)) return Json(Json::value_t::discarded);
  // The library searches all fields of an object for each new one.
  constexpr size_t kFieldsMax = 1'000;
  std::vector<size_t> fields;  // of the objects that are open
  bool is_refused = false;
  const auto watch = [&](int, Json::parse_event_t event, Json&) {
    if (event == Json::parse_event_t::object_start) fields.push_back(0);
    if (event == Json::parse_event_t::object_end && !fields.empty()) fields.pop_back();
    if (event == Json::parse_event_t::key && !fields.empty()) {
      is_refused |= ++fields.back() > kFieldsMax;
    }
    return !is_refused;
  };
  Json json = Json::parse(text.begin(), text.end(), watch, /*allow_exceptions=*/false);
  return is_refused ? Json(Json::value_t::discarded) : json;
}

void AppendField(const std::string& name, Json value, Json* object) {
  object->get_ref<Json::object_t&>().emplace_back(name, std::move(value));
}

Error FieldError(const std::string& name, const Json& value, std::string_view want) {
  return InvalidArgument(
      StrCat("field ", Excerpt(name), ": got ", Excerpt(Dump(value)), ", want ", want));
}

Result<int64_t> ReadInteger(const std::string& name, const Json& value, int64_t min, int64_t max) {
  const bool fits = value.is_number_integer() &&
                    !(value.is_number_unsigned() && value.get<uint64_t>() > INT64_MAX) &&
                    value.get<int64_t>() >= min && value.get<int64_t>() <= max;
  if (!fits) return FieldError(name, value, StrCat("an integer from ", min, " to ", max));
  return value.get<int64_t>();
}

std::optional<Json> ParseJsonObject(std::string_view text) {
  if (!IsShallow(text)) return std::nullopt;
  // The library, as the check below, searches all fields of an object for each new one.
  constexpr size_t kFieldsMax = 10'000;
  std::vector<std::vector<std::string>> keys;
  bool is_refused = false;
  const auto watch = [&](int, Json::parse_event_t event, Json& value) {
    if (is_refused) return false;
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end && !keys.empty()) keys.pop_back();
    if (event == Json::parse_event_t::key && !keys.empty()) {
      const auto& name = value.get_ref<const std::string&>();
      for (const std::string& seen : keys.back()) is_refused |= seen == name;
      is_refused |= keys.back().size() >= kFieldsMax;
      keys.back().push_back(name);
    }
    return !is_refused;
  };
  Json json = Json::parse(text.begin(), text.end(), watch, /*allow_exceptions=*/false);
  if (is_refused || !json.is_object()) return std::nullopt;
  return json;
}

Result<std::vector<store::RunId>> ParseRunIds(const Json& value) {
  constexpr size_t kRunsMax = 10'000;
  if (!value.is_array() || value.size() > kRunsMax) {
    return InvalidArgument(StrCat("field runs: want at most ", kRunsMax, " ids"));
  }
  std::vector<store::RunId> runs;
  for (const Json& item : value) {
    ASSIGN_OR_RETURN(const int64_t id, ReadInteger("runs", item, 1, kExactIntegerMax));
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

Result<LiveMessage> ParseLiveMessage(std::string_view text) {
  const std::optional<Json> json = ParseJsonObject(text);
  if (!json || !json->contains("type")) return InvalidArgument("want a JSON object with a type");
  LiveMessage message;
  if (json->contains("projection_format")) {
    const Json& format = json->at("projection_format");
    if (format != "f32" && format != "u16") {
      return FieldError("projection_format", format, "\"f32\" or \"u16\"");
    }
    message.format = format == "u16" ? CoordinateFormat::kU16 : CoordinateFormat::kF32;
  }
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
  ASSIGN_OR_RETURN(message.id, ReadInteger("id", json->at("id"), 1, kExactIntegerMax));
  return message;
}

std::string LiveErrorJson(std::string_view detail) {
  return Dump({{"type", "error"}, {"detail", detail}});
}

}  // namespace spirogram::web
