#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "base/str.h"
#include "web/tensorboard/catalog.h"
#include "web/tensorboard/handlers.h"
#include "web/tensorboard/images.h"
#include "web/tensorboard/json_writer.h"
#include "web/tensorboard/long_series.h"
#include "web/tensorboard/markdown.h"
#include "web/tensorboard/series_json.h"
#include "web/tensorboard/time_series_request.h"

namespace spirogram::web::tensorboard {
namespace {

// The runs of each description, whatever the tag they give it to, as TensorBoard lists them;
// sorted.
using RunsOfDescription = std::map<std::string_view, std::set<std::string_view>>;

std::string CombinedDescription(const std::set<std::string_view>& descriptions,
                                const RunsOfDescription& runs_of) {
  if (descriptions.size() == 1) return std::string(*descriptions.begin());
  std::string text = "# Multiple descriptions\n";
  for (const std::string_view description : descriptions) {
    const auto& runs = runs_of.at(description);
    if (text.back() != '\n') text.push_back('\n');
    text.append(runs.size() > 1 ? "## For runs: " : "## For run: ");
    bool is_first = true;
    for (const std::string_view run : runs) {
      text.append(std::exchange(is_first, false) ? "" : ", ").append(run);
    }
    text.append("\n").append(description);
  }
  return text;
}

void WriteDescriptions(const SeriesByRun& series, JsonWriter* json) {
  RunsOfDescription runs_of;
  std::map<std::string_view, std::set<std::string_view>> by_tag;
  for (const auto& [run, tags] : series) {
    for (const store::Tag& tag : tags) {
      if (tag.description.empty()) continue;
      runs_of[tag.description].insert(run);
      by_tag[tag.name].insert(tag.description);
    }
  }
  json->Key("tagDescriptions");
  json->BeginObject();
  for (const auto& [tag, descriptions] : by_tag) {
    json->Field(tag, MarkdownToSafeHtml(CombinedDescription(descriptions, runs_of)));
  }
  json->EndObject();
}

void WriteRunTags(const SeriesByRun& series, JsonWriter* json) {
  json->BeginObject();
  json->Key("runTagInfo");
  json->BeginObject();
  for (const auto& [run, tags] : series) {
    json->Key(run);
    json->BeginArray();
    for (const store::Tag& tag : tags) json->String(tag.name);
    json->EndArray();
  }
  json->EndObject();
  WriteDescriptions(series, json);
  json->EndObject();
}

Status WriteImageTags(const Call& call, const SeriesByRun& series, JsonWriter* json) {
  std::map<std::string, std::map<std::string, int>> samples;  // tag -> run -> images per step
  for (const auto& [run, tags] : series) {
    for (const store::Tag& tag : tags) {
      ASSIGN_OR_RETURN(samples[tag.name][run], call.store().ReadSamplesMax(tag.run, tag.name));
    }
  }
  json->BeginObject();
  WriteDescriptions(series, json);
  json->Key("tagRunSampledInfo");
  json->BeginObject();
  for (const auto& [tag, runs] : samples) {
    json->Key(tag);
    json->BeginObject();
    for (const auto& [run, count] : runs) {
      json->Key(run);
      json->BeginObject();
      json->Field("maxSamplesPerStep", count);
      json->EndObject();
    }
    json->EndObject();
  }
  json->EndObject();
  json->EndObject();
  return {};
}

Status WriteHistograms(const Call& call, const store::Tag& tag, JsonWriter* json) {
  ASSIGN_OR_RETURN(const auto histograms, ReadEveryHistogram(call.store(), tag));
  json->BeginArray();
  for (const store::Histogram& histogram : histograms) {
    json->BeginObject();
    json->Field("wallTime", histogram.wall_time);
    json->Field("step", histogram.step);
    json->Key("bins");
    json->BeginArray();
    for (size_t i = 0; i < histogram.counts.size(); ++i) {
      json->BeginObject();
      json->Field("min", histogram.edges[i]);
      json->Field("max", histogram.edges[i + 1]);
      json->Field("count", histogram.counts[i]);
      json->EndObject();
    }
    json->EndArray();
    json->EndObject();
    RETURN_IF_ERROR(CheckAnswerSize(json->size()));
  }
  json->EndArray();
  return {};
}

void WriteImages(const Call& call, const std::string& run, const store::Tag& tag,
                 const std::vector<store::ImageInfo>& images, JsonWriter* json) {
  json->BeginArray();
  for (const store::ImageInfo& image : images) {
    json->BeginObject();
    json->Field("step", image.step);
    json->Field("wallTime", image.wall_time);
    json->Field("imageId", ImageKey(call, run, tag, image));
    json->EndObject();
  }
  json->EndArray();
}

std::string_view RequestError(const TimeSeriesRequest& request) {
  if (!request.tag) return "Missing tag";
  const std::string plugin = request.plugin.value_or("");
  if (plugin != "scalars" && plugin != "histograms" && plugin != "images") return "Invalid plugin";
  if (plugin != "scalars" && !request.run) return "Missing run";
  if (plugin == "images" && !request.sample) return "Missing sample";
  return {};
}

// Where `long_answer` is not null, scalars are left to it.
Status WriteSeriesOfRun(const Call& call, const TimeSeriesRequest& request, const std::string& run,
                        const store::Tag& tag, LongAnswer* long_answer, JsonWriter* json) {
  if (*request.plugin == "images") {
    ASSIGN_OR_RETURN(const auto images, ReadSamples(call.store(), tag, *request.sample));
    if (images.empty()) return {};
    json->Key(run);
    WriteImages(call, run, tag, images, json);
    return {};
  }
  json->Key(run);
  if (*request.plugin == "histograms") return WriteHistograms(call, tag, json);
  return long_answer != nullptr ? long_answer->AddSeries(tag, PointForm::kObject, json)
                                : WriteEveryPoint(call.store(), tag, PointForm::kObject, json);
}

// Plugin and tag -> run -> the series.
using Catalog = std::map<std::pair<std::string, std::string>, std::map<std::string, store::Tag>>;

// One look at all tags, however many requests ask for them.
Result<Catalog> ReadCatalog(store::Store& store, const std::vector<TimeSeriesRequest>& requests) {
  Catalog catalog;
  for (const TimeSeriesRequest& request : requests) {
    if (RequestError(request).empty()) catalog[{*request.plugin, *request.tag}];
  }
  ASSIGN_OR_RETURN(SeriesByRun series, ReadSeries(store, [&](const store::Tag& tag) {
                     return catalog.contains({tag.plugin, tag.name});
                   }));
  for (auto& [run, tags] : series) {
    for (store::Tag& tag : tags) catalog[{tag.plugin, tag.name}].emplace(run, std::move(tag));
  }
  return catalog;
}

bool AsksFor(const TimeSeriesRequest& request, const std::string& run) {
  return !request.run || request.run->empty() || run == *request.run;
}

// Of all scalars that are asked for.
int64_t CountPoints(const std::vector<TimeSeriesRequest>& requests, const Catalog& catalog) {
  int64_t points = 0;
  for (const TimeSeriesRequest& request : requests) {
    if (!RequestError(request).empty() || *request.plugin != "scalars") continue;
    for (const auto& [run, series] : catalog.at({*request.plugin, *request.tag})) {
      if (AsksFor(request, run)) points += series.count;
    }
  }
  return points;
}

Status WriteRunToSeries(const Call& call, const TimeSeriesRequest& request, const Catalog& catalog,
                        LongAnswer* long_answer, JsonWriter* json) {
  json->Key("runToSeries");
  json->BeginObject();
  for (const auto& [run, series] : catalog.at({*request.plugin, *request.tag})) {
    if (!AsksFor(request, run)) continue;
    RETURN_IF_ERROR(WriteSeriesOfRun(call, request, run, series, long_answer, json));
  }
  json->EndObject();
  return {};
}

Status WriteAnswer(const Call& call, const TimeSeriesRequest& request, const Catalog& catalog,
                   LongAnswer* long_answer, JsonWriter* json) {
  json->BeginObject();
  json->Key("plugin");
  json->Raw(request.plugin_json);
  json->Key("tag");
  json->Raw(request.tag_json);
  if (request.run) json->Field("run", *request.run);
  if (request.sample) json->Field("sample", *request.sample);
  const std::string_view error = RequestError(request);
  if (error.empty()) {
    RETURN_IF_ERROR(WriteRunToSeries(call, request, catalog, long_answer, json));
  } else {
    json->Field("error", error);
  }
  json->EndObject();
  return {};
}

}  // namespace

Result<Response> HandleTimeSeriesTags(const Call& call) {
  ASSIGN_OR_RETURN(const SeriesByRun scalars, ReadSeriesOfPlugin(call.store(), "scalars"));
  ASSIGN_OR_RETURN(const SeriesByRun histograms, ReadSeriesOfPlugin(call.store(), "histograms"));
  ASSIGN_OR_RETURN(const SeriesByRun images, ReadSeriesOfPlugin(call.store(), "images"));
  JsonWriter json;
  json.BeginObject();
  json.Key("scalars");
  WriteRunTags(scalars, &json);
  json.Key("histograms");
  WriteRunTags(histograms, &json);
  json.Key("images");
  RETURN_IF_ERROR(WriteImageTags(call, images, &json));
  json.EndObject();
  return JsonResponse(json.Finish());
}

Result<Response> HandleTimeSeries(const Call& call) {
  const Parameters& parameters = call.request.method == "POST" ? call.form : call.query;
  const std::string* text = parameters.Find("requests");
  if (text == nullptr || text->empty()) return InvalidArgument("Missing 'requests' field");
  ASSIGN_OR_RETURN(const auto requests, ParseTimeSeriesRequests(*text));
  ASSIGN_OR_RETURN(const Catalog catalog, ReadCatalog(call.store(), requests));
  const bool is_long = CountPoints(requests, catalog) >= kLongSeriesPoints;
  LongAnswer long_answer(call.store());
  JsonWriter json;
  json.BeginArray();
  for (const TimeSeriesRequest& request : requests) {
    RETURN_IF_ERROR(WriteAnswer(call, request, catalog, is_long ? &long_answer : nullptr, &json));
  }
  json.EndArray();
  return is_long ? std::move(long_answer).Finish(&json) : JsonResponse(json.Finish());
}

Result<Response> HandleTimeSeriesImage(const Call& call) {
  const std::string* key = call.query.Find("imageId");
  if (key == nullptr || key->empty()) return InvalidArgument("Missing 'imageId' field");
  return ServeImage(call, *key);
}

}  // namespace spirogram::web::tensorboard
