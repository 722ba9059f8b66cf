// The charts that runs lay out, joined.
#include <algorithm>
#include <utility>

#include "web/tensorboard/catalog.h"
#include "web/tensorboard/handlers.h"
#include "web/tensorboard/json_writer.h"

namespace spirogram::web::tensorboard {
namespace {

using store::CustomCategory;
using store::CustomChart;

bool AreSame(const store::MarginSeries& a, const store::MarginSeries& b) {
  return a.value == b.value && a.lower == b.lower && a.upper == b.upper;
}

bool AreSame(const CustomChart& a, const CustomChart& b) {
  return a.title == b.title && a.kind == b.kind && a.tags == b.tags &&
         std::equal(a.series.begin(), a.series.end(), b.series.begin(), b.series.end(),
                    [](const auto& x, const auto& y) { return AreSame(x, y); });
}

// Categories of one title are one; charts that are already there are not doubled.
void Merge(const CustomCategory& category, std::vector<CustomCategory>* merged) {
  const auto same = std::find_if(merged->begin(), merged->end(), [&](const CustomCategory& other) {
    return other.title == category.title;
  });
  if (same == merged->end()) {
    merged->push_back(category);
    return;
  }
  const size_t before = same->charts.size();
  for (const CustomChart& chart : category.charts) {
    const auto end = same->charts.begin() + static_cast<std::ptrdiff_t>(before);
    const bool is_there = std::any_of(
        same->charts.begin(), end, [&](const CustomChart& other) { return AreSame(chart, other); });
    if (!is_there) same->charts.push_back(chart);
  }
}

void WriteContent(const CustomChart& chart, JsonWriter* json) {
  json->Key(chart.kind == CustomChart::Kind::kMultiline ? "multiline" : "margin");
  json->BeginObject();
  json->Key(chart.kind == CustomChart::Kind::kMultiline ? "tag" : "series");
  json->BeginArray();
  if (chart.kind == CustomChart::Kind::kMultiline) {
    for (const std::string& tag : chart.tags) json->String(tag);
  } else {
    for (const store::MarginSeries& series : chart.series) {
      json->BeginObject();
      json->Field("value", series.value);
      json->Field("lower", series.lower);
      json->Field("upper", series.upper);
      json->EndObject();
    }
  }
  json->EndArray();
  json->EndObject();
}

void WriteChart(const CustomChart& chart, JsonWriter* json) {
  json->BeginObject();
  json->Field("title", chart.title);
  if (chart.kind != CustomChart::Kind::kNone) WriteContent(chart, json);
  json->EndObject();
}

std::string LayoutJson(const std::vector<CustomCategory>& categories) {
  JsonWriter json;
  json.BeginObject();
  json.Field("version", 0);
  json.Key("category");
  json.BeginArray();
  for (const CustomCategory& category : categories) {
    json.BeginObject();
    json.Field("title", category.title);
    json.Key("chart");
    json.BeginArray();
    for (const CustomChart& chart : category.charts) WriteChart(chart, &json);
    json.EndArray();
    json.Field("closed", category.is_closed);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  return json.Finish();
}

}  // namespace

Result<Response> HandleCustomScalarLayout(const Call& call) {
  ASSIGN_OR_RETURN(const SeriesByRun series, ReadSeriesOfPlugin(call.store(), "custom_scalars"));
  std::vector<CustomCategory> merged;
  bool has_layout = false;
  for (const auto& [run, tags] : series) {
    auto layout = call.store().ReadCustomScalarLayout(tags[0].run);
    if (!layout.ok() && layout.error().code == ErrorCode::kNotFound) continue;
    if (!layout.ok()) return layout.error();
    // The first one is as it was logged, whatever stands in it twice.
    if (!std::exchange(has_layout, true)) {
      merged = std::move(layout->categories);
    } else {
      for (const CustomCategory& category : layout->categories) Merge(category, &merged);
    }
  }
  return JsonResponse(has_layout ? LayoutJson(merged) : "{}");
}

}  // namespace spirogram::web::tensorboard
