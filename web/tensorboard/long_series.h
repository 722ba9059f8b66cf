// Answers with every point of series that are too long to lie in memory, once for each who asks.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/types.h"
#include "store/store.h"
#include "web/message.h"
#include "web/tensorboard/json_writer.h"
#include "web/tensorboard/series_json.h"

namespace spirogram::web::tensorboard {

// From so many points on, all series together, an answer is made part by part while it is sent.
inline constexpr int64_t kLongSeriesPoints = 200'000;

// All points of a series as a list of JSON, or as CSV. The store outlives the answer.
Response LongSeriesJson(store::Store& store, const store::Tag& tag);
Response LongSeriesCsv(store::Store& store, const store::Tag& tag);

// JSON with long series amid it:
//
//   json.Key(run);
//   RETURN_IF_ERROR(answer.AddSeries(tag, PointForm::kList, &json));  // the value of that key
//   ...
//   return std::move(answer).Finish(&json);
//
// The store outlives the answer.
class LongAnswer {
 public:
  explicit LongAnswer(store::Store& store);

  // What was written to `json` so far, and then the series as its next value. kExhausted where all
  // that is not of series is longer than an answer may be.
  Status AddSeries(const store::Tag& tag, PointForm form, JsonWriter* json);
  // The rest of `json` ends the answer.
  Response Finish(JsonWriter* json) &&;

 private:
  class Body;

  store::Store& store_;
  std::shared_ptr<Body> body_;
  size_t text_bytes_ = 0;
};

// The parts of the CSV.
inline constexpr std::string_view kCsvType = "text/csv; charset=utf-8";
inline constexpr std::string_view kCsvHeader = "Wall time,Step,Value\r\n";
void AppendCsvRow(WallTime wall_time, Step step, double value, std::string* out);

}  // namespace spirogram::web::tensorboard
