// Answers with every point of a series that is too long to lie in memory, once for each who asks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/types.h"
#include "store/store.h"
#include "web/message.h"

namespace spirogram::web::tensorboard {

// From so many points on an answer is made part by part while it is sent.
inline constexpr int64_t kLongSeriesPoints = 200'000;

// [[wall_time, step, value], ...] as WritePoints writes it, or CSV. The store outlives the answer.
Response LongSeriesJson(store::Store& store, const store::Tag& tag);
Response LongSeriesCsv(store::Store& store, const store::Tag& tag);

// The parts of the CSV.
inline constexpr std::string_view kCsvType = "text/csv; charset=utf-8";
inline constexpr std::string_view kCsvHeader = "Wall time,Step,Value\r\n";
void AppendCsvRow(WallTime wall_time, Step step, double value, std::string* out);

}  // namespace spirogram::web::tensorboard
