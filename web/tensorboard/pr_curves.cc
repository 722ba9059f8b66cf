#include <charconv>
#include <cmath>
#include <set>

#include "base/str.h"
#include "web/tensorboard/catalog.h"
#include "web/tensorboard/handlers.h"
#include "web/tensorboard/json_writer.h"
#include "web/tensorboard/python_text.h"
#include "web/tensorboard/series_json.h"

namespace spirogram::web::tensorboard {
namespace {

constexpr std::string_view kPlugin = "pr_curves";

// Thresholds at the end above which nothing was called positive have no precision; they are left
// out, all but the first one.
size_t DefinedThresholds(const store::PrCurve& curve) {
  size_t end = curve.true_positives.size();
  const auto is_defined = [&](size_t i) {
    return std::trunc(curve.true_positives[i]) + std::trunc(curve.false_positives[i]) != 0;
  };
  while (end > 1 && !is_defined(end - 1)) --end;
  return end;
}

// A count may be any float64 that a program wrote: a whole number is written with all its digits.
void WriteCount(double value, JsonWriter* json) {
  if (!std::isfinite(value)) return json->Float(value);
  char text[400];
  const auto end =
      std::to_chars(text, text + sizeof text, std::trunc(value) + 0.0, std::chars_format::fixed);
  json->Raw(std::string_view(text, static_cast<size_t>(end.ptr - text)));
}

void WriteFloats(std::string_view name, const std::vector<double>& values, size_t count,
                 JsonWriter* json) {
  json->Key(name);
  json->BeginArray();
  for (size_t i = 0; i < count; ++i) json->Float(values[i]);
  json->EndArray();
}

void WriteCounts(std::string_view name, const std::vector<double>& values, size_t count,
                 JsonWriter* json) {
  json->Key(name);
  json->BeginArray();
  for (size_t i = 0; i < count; ++i) WriteCount(values[i], json);
  json->EndArray();
}

// As NumPy's linspace computes them: i times the distance, and exactly 1 at the end.
void WriteThresholds(size_t all, size_t count, JsonWriter* json) {
  json->Key("thresholds");
  json->BeginArray();
  const double distance = all > 1 ? 1.0 / static_cast<double>(all - 1) : 0.0;
  for (size_t i = 0; i < count; ++i) {
    const bool is_last = i + 1 == all && all > 1;
    json->Float(is_last ? 1.0 : static_cast<double>(i) * distance);
  }
  json->EndArray();
}

void WriteCurve(const store::PrCurve& curve, JsonWriter* json) {
  const size_t count = DefinedThresholds(curve);
  json->BeginObject();
  json->Field("wall_time", curve.wall_time);
  json->Field("step", curve.step);
  WriteFloats("precision", curve.precision, count, json);
  WriteFloats("recall", curve.recall, count, json);
  WriteCounts("true_positives", curve.true_positives, count, json);
  WriteCounts("false_positives", curve.false_positives, count, json);
  WriteCounts("true_negatives", curve.true_negatives, count, json);
  WriteCounts("false_negatives", curve.false_negatives, count, json);
  WriteThresholds(curve.true_positives.size(), count, json);
  json->EndObject();
}

}  // namespace

Result<Response> HandlePrCurveTags(const Call& call) {
  ASSIGN_OR_RETURN(const SeriesByRun series, ReadSeriesOfPlugin(call.store(), kPlugin));
  return JsonResponse(TagIndexJson(series));
}

Result<Response> HandlePrCurves(const Call& call) {
  const std::vector<std::string> runs = call.query.All("run");
  const std::string* tag = call.query.Find("tag");
  if (runs.empty()) return TextResponse(400, "No runs provided when fetching PR curve data");
  if (tag == nullptr || tag->empty()) {
    return TextResponse(400, "No tag provided when fetching PR curve data");
  }
  JsonWriter json;
  size_t bytes = 0;  // as they are kept
  json.BeginObject();
  for (const std::string& run : std::set<std::string>(runs.begin(), runs.end())) {
    ASSIGN_OR_RETURN(const auto series, FindSeries(call.store(), &run, tag, kPlugin));
    if (!series) {
      return TextResponse(400, StrCat("No PR curves could be found for run ", PythonRepr(run),
                                      " and tag ", PythonRepr(tag)));
    }
    ASSIGN_OR_RETURN(const auto infos, call.store().ListPrCurves(series->run, series->name));
    for (const store::ValueInfo& info : infos) bytes += info.bytes;
    RETURN_IF_ERROR(CheckAnswerSize(bytes));  // before they are in memory
    ASSIGN_OR_RETURN(const auto curves, call.store().ReadPrCurves(series->run, series->name));
    json.Key(run);
    json.BeginArray();
    for (const store::PrCurve& curve : curves) WriteCurve(curve, &json);
    json.EndArray();
    RETURN_IF_ERROR(CheckAnswerSize(json.size()));
  }
  json.EndObject();
  return JsonResponse(json.Finish());
}

}  // namespace spirogram::web::tensorboard
