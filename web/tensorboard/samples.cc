#include "web/tensorboard/samples.h"

#include "web/query.h"
#include "web/tensorboard/catalog.h"
#include "web/tensorboard/json_writer.h"
#include "web/tensorboard/series_json.h"

namespace spirogram::web::tensorboard {

Result<Response> SampledTagIndex(const Call& call, std::string_view plugin) {
  ASSIGN_OR_RETURN(const SeriesByRun series, ReadSeriesOfPlugin(call.store(), plugin));
  JsonWriter json;
  json.BeginObject();
  for (const auto& [run, tags] : series) {
    json.Key(run);
    json.BeginObject();
    for (const store::Tag& tag : tags) {
      ASSIGN_OR_RETURN(const int samples, call.store().ReadSamplesMax(tag.run, tag.name));
      json.Key(tag.name);
      json.BeginObject();
      WriteTagLabels(tag, &json);
      json.Field("samples", samples);
      json.EndObject();
    }
    json.EndObject();
  }
  json.EndObject();
  return JsonResponse(json.Finish());
}

Result<int64_t> SampleParameter(const Call& call) {
  const std::string* sample = call.query.Find("sample");
  if (sample == nullptr) return int64_t{0};
  return ParseInteger("sample", *sample, {0, INT32_MAX});
}

}  // namespace spirogram::web::tensorboard
