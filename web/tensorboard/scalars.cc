#include <set>
#include <utility>

#include "base/str.h"
#include "web/tensorboard/catalog.h"
#include "web/tensorboard/handlers.h"
#include "web/tensorboard/json_writer.h"
#include "web/tensorboard/long_series.h"
#include "web/tensorboard/python_text.h"
#include "web/tensorboard/series_json.h"

namespace spirogram::web::tensorboard {
namespace {

constexpr std::string_view kPlugin = "scalars";

Result<Response> CsvResponse(store::Store& store, const store::Tag& tag) {
  ASSIGN_OR_RETURN(const store::ScalarRows points, ReadEveryPoint(store, tag));
  Response response;
  response.Set("Content-Type", kCsvType);
  response.body = kCsvHeader;
  for (size_t i = 0; i < points.size(); ++i) {
    AppendCsvRow(points.wall_time[i], points.step[i], points.mean[i], &response.body);
  }
  return response;
}

}  // namespace

Result<Response> HandleScalarTags(const Call& call) {
  ASSIGN_OR_RETURN(const SeriesByRun series, ReadSeriesOfPlugin(call.store(), kPlugin));
  return JsonResponse(TagIndexJson(series));
}

Result<Response> HandleScalars(const Call& call) {
  const std::string* run = call.query.Find("run");
  const std::string* tag = call.query.Find("tag");
  if (run == nullptr || tag == nullptr) {
    return InvalidArgument(StrCat("Both run and tag must be specified: tag=", PythonRepr(tag),
                                  ", run=", PythonRepr(run)));
  }
  ASSIGN_OR_RETURN(const auto series, FindSeries(call.store(), run, tag, kPlugin));
  if (!series) {
    return NotFound(StrCat("No scalar data for run=", PythonRepr(run), ", tag=", PythonRepr(tag)));
  }
  const std::string* format = call.query.Find("format");
  const bool is_csv = format != nullptr && *format == "csv";
  if (series->count >= kLongSeriesPoints) {
    return is_csv ? LongSeriesCsv(call.store(), *series) : LongSeriesJson(call.store(), *series);
  }
  if (is_csv) return CsvResponse(call.store(), *series);
  JsonWriter json;
  RETURN_IF_ERROR(WriteEveryPoint(call.store(), *series, PointForm::kList, &json));
  return JsonResponse(json.Finish());
}

Result<Response> HandleScalarsMultirun(const Call& call) {
  const std::vector<std::string> tags = call.form.All("tag");
  if (tags.size() != 1) return InvalidArgument("tag must be specified exactly once");
  const std::vector<std::string> runs = call.form.All("runs");
  const std::set<std::string> wanted(runs.begin(), runs.end());
  // One look at all runs, however many of them are asked for.
  ASSIGN_OR_RETURN(const SeriesByRun series, ReadSeries(call.store(), [&](const store::Tag& tag) {
                     return tag.name == tags[0] && tag.plugin == kPlugin;
                   }));
  int64_t points = 0;
  for (const auto& [run, of_run] : series) points += wanted.contains(run) ? of_run[0].count : 0;
  LongAnswer long_answer(call.store());
  JsonWriter json;
  json.BeginObject();
  for (const auto& [run, of_run] : series) {
    if (!wanted.contains(run)) continue;
    json.Key(run);
    RETURN_IF_ERROR(points >= kLongSeriesPoints
                        ? long_answer.AddSeries(of_run[0], PointForm::kList, &json)
                        : WriteEveryPoint(call.store(), of_run[0], PointForm::kList, &json));
  }
  json.EndObject();
  if (points >= kLongSeriesPoints) return std::move(long_answer).Finish(&json);
  return JsonResponse(json.Finish());
}

}  // namespace spirogram::web::tensorboard
