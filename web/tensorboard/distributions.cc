#include "base/str.h"
#include "web/tensorboard/catalog.h"
#include "web/tensorboard/compressor.h"
#include "web/tensorboard/handlers.h"
#include "web/tensorboard/json_writer.h"
#include "web/tensorboard/python_text.h"
#include "web/tensorboard/series_json.h"

namespace spirogram::web::tensorboard {

Result<Response> HandleDistributions(const Call& call) {
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
    json.BeginArray();
    json.Float(histogram.wall_time);
    json.Integer(histogram.step);
    json.BeginArray();
    const auto values = Compress(histogram);
    for (size_t i = 0; i < values.size(); ++i) {
      json.BeginArray();
      json.Integer(kBasisPoints[i]);
      json.Float(values[i]);
      json.EndArray();
    }
    json.EndArray();
    json.EndArray();
    RETURN_IF_ERROR(CheckAnswerSize(json.size()));
  }
  json.EndArray();
  return JsonResponse(json.Finish());
}

}  // namespace spirogram::web::tensorboard
