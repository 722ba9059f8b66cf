#include "base/str.h"
#include "web/tensorboard/catalog.h"
#include "web/tensorboard/handlers.h"
#include "web/tensorboard/json_writer.h"
#include "web/tensorboard/python_text.h"
#include "web/tensorboard/series_json.h"

namespace spirogram::web::tensorboard {
namespace {

void WriteHistogram(const store::Histogram& histogram, JsonWriter* json) {
  json->BeginArray();
  json->Float(histogram.wall_time);
  json->Integer(histogram.step);
  json->BeginArray();
  for (size_t i = 0; i < histogram.counts.size(); ++i) {
    json->BeginArray();
    json->Float(histogram.edges[i]);
    json->Float(histogram.edges[i + 1]);
    json->Float(histogram.counts[i]);
    json->EndArray();
  }
  json->EndArray();
  json->EndArray();
}

}  // namespace

Result<Response> HandleHistogramTags(const Call& call) {
  ASSIGN_OR_RETURN(const SeriesByRun series, ReadSeriesOfPlugin(call.store(), "histograms"));
  return JsonResponse(TagIndexJson(series));
}

Result<Response> HandleHistograms(const Call& call) {
  const std::string* run = call.query.Find("run");
  const std::string* tag = call.query.Find("tag");
  ASSIGN_OR_RETURN(const auto series, FindSeries(call.store(), run, tag, "histograms"));
  if (!series) {
    return NotFound(StrCat("No histogram tag ", PythonRepr(tag), " for run ", PythonRepr(run)));
  }
  ASSIGN_OR_RETURN(const auto histograms, ReadEveryHistogram(call.store(), *series));
  JsonWriter json;
  json.BeginArray();
  for (const store::Histogram& histogram : histograms) {
    WriteHistogram(histogram, &json);
    RETURN_IF_ERROR(CheckAnswerSize(json.size()));
  }
  json.EndArray();
  return JsonResponse(json.Finish());
}

}  // namespace spirogram::web::tensorboard
