// The parts of answers that several plugins share.
#pragma once

#include <string_view>

#include "base/result.h"
#include "store/store.h"
#include "web/tensorboard/catalog.h"
#include "web/tensorboard/json_writer.h"

namespace spirogram::web::tensorboard {

// {run: {tag: {"displayName", "description"}}}: what most plugins answer to /tags.
std::string TagIndexJson(const SeriesByRun& series);

// "displayName" and "description" (HTML that is safe to show) of a series; the object is open.
void WriteTagLabels(const store::Tag& tag, JsonWriter* json);

// Every point of a scalar series, one row a point. kExhausted above kPointsPerSeriesMax.
Result<store::ScalarRows> ReadEveryPoint(store::Store& store, const store::Tag& tag);

// A point in JSON: [wall_time, step, value], or {"wallTime", "step", "value"}.
enum class PointForm { kList, kObject };
void WritePoint(PointForm form, WallTime wall_time, Step step, double value, JsonWriter* json);
// A list of all of a series, read as ReadEveryPoint does.
Status WriteEveryPoint(store::Store& store, const store::Tag& tag, PointForm form,
                       JsonWriter* json);

// Every histogram of a series.
Result<std::vector<store::Histogram>> ReadEveryHistogram(store::Store& store,
                                                         const store::Tag& tag);

}  // namespace spirogram::web::tensorboard
