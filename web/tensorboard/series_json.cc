#include "web/tensorboard/series_json.h"

#include <algorithm>

#include "base/str.h"
#include "web/tensorboard/call.h"
#include "web/tensorboard/markdown.h"

namespace spirogram::web::tensorboard {
namespace {

// Fewer than these the store does not answer: the first, the last and one between.
constexpr int64_t kRowsMin = 3;

Status CheckCount(const store::Tag& tag) {
  if (tag.count <= kPointsPerSeriesMax) return {};
  return Exhausted(StrCat("tag ", Quoted(tag.name), " has ", tag.count, " points, want at most ",
                          kPointsPerSeriesMax, " for an answer with all of them"));
}

}  // namespace

void WriteTagLabels(const store::Tag& tag, JsonWriter* json) {
  json->Field("displayName", tag.display_name);
  json->Field("description", MarkdownToSafeHtml(tag.description));
}

std::string TagIndexJson(const SeriesByRun& series) {
  JsonWriter json;
  json.BeginObject();
  for (const auto& [run, tags] : series) {
    json.Key(run);
    json.BeginObject();
    for (const store::Tag& tag : tags) {
      json.Key(tag.name);
      json.BeginObject();
      WriteTagLabels(tag, &json);
      json.EndObject();
    }
    json.EndObject();
  }
  json.EndObject();
  return json.Finish();
}

Result<store::ScalarRows> ReadEveryPoint(store::Store& store, const store::Tag& tag) {
  RETURN_IF_ERROR(CheckCount(tag));
  // As many rows as there can be points, so that each is a row of its own; what arrives between the
  // two reads must not make summaries of them.
  const int64_t rows = std::max(kRowsMin, tag.count);
  store::ScalarQuery query{.run = tag.run, .tag = tag.name};
  query.rows_max = static_cast<int>(rows);
  ASSIGN_OR_RETURN(store::ScalarRows points, store.ReadScalars(query));
  if (points.points <= rows) return points;
  query.rows_max = static_cast<int>(kPointsPerSeriesMax);
  ASSIGN_OR_RETURN(points, store.ReadScalars(query));
  if (points.points > kPointsPerSeriesMax) {
    return Exhausted(StrCat("tag ", Quoted(tag.name), " has ", points.points, " points"));
  }
  return points;
}

void WritePoint(PointForm form, WallTime wall_time, Step step, double value, JsonWriter* json) {
  if (form == PointForm::kList) {
    json->BeginArray();
    json->Float(wall_time);
    json->Integer(step);
    json->Float(value);
    json->EndArray();
  } else {
    json->BeginObject();
    json->Field("wallTime", wall_time);
    json->Field("step", step);
    json->Field("value", value);
    json->EndObject();
  }
}

Status WriteEveryPoint(store::Store& store, const store::Tag& tag, PointForm form,
                       JsonWriter* json) {
  ASSIGN_OR_RETURN(const store::ScalarRows points, ReadEveryPoint(store, tag));
  json->BeginArray();
  for (size_t i = 0; i < points.size(); ++i) {
    WritePoint(form, points.wall_time[i], points.step[i], points.mean[i], json);
  }
  json->EndArray();
  return CheckAnswerSize(json->size());
}

Result<std::vector<store::Histogram>> ReadEveryHistogram(store::Store& store,
                                                         const store::Tag& tag) {
  RETURN_IF_ERROR(CheckCount(tag));
  return store.ReadHistograms(tag.run, tag.name, static_cast<int>(kPointsPerSeriesMax));
}

}  // namespace spirogram::web::tensorboard
