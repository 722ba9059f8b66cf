#include "base/str.h"
#include "web/json.h"
#include "web/routes/handlers.h"

namespace spirogram::web {
namespace {

constexpr size_t kRunsPerChartMax = 1000;
constexpr IntegerRange kRowsRange = {3, 10'000};
constexpr IntegerRange kHistogramsRange = {2, 1000};
// A row takes 48 bytes: as many runs as can be asked for fit with the rows that they have by
// default.
constexpr size_t kScalarsBytesMax = size_t{64} << 20;
constexpr size_t kEntityStatsBytesMax = size_t{64} << 20;

void AddScalars(const store::ScalarQuery& query, const store::ScalarRows& rows,
                ColumnsBuilder* builder) {
  builder->BeginItem(ScalarsItemJson(query, rows.points));
  builder->AddSteps("step", rows.step);
  builder->Add("wall_time", std::span<const double>(rows.wall_time));
  builder->Add("mean", std::span<const double>(rows.mean));
  builder->Add("min", std::span<const double>(rows.min));
  builder->Add("max", std::span<const double>(rows.max));
  builder->Add("count", std::span<const uint32_t>(rows.count));
  builder->Add("nonfinite", std::span<const uint32_t>(rows.nonfinite));
}

Error TooManyRows(size_t runs_that_fit, size_t runs, int rows) {
  return InvalidArgument(StrCat(runs, " runs of up to ", rows, " rows: the answer would take more ",
                                "than ", kScalarsBytesMax, " bytes, which the first ",
                                runs_that_fit, " fill: ask for fewer rows, or for the runs in ",
                                "parts; /api/v1/export gives every point"));
}

}  // namespace

Result<Response> HandleScalars(const Call& call) {
  store::ScalarQuery query;
  ASSIGN_OR_RETURN(const auto runs, call.query.Ids("run", kRunsPerChartMax));
  if (runs.empty()) return InvalidArgument("query parameter run: missing, want ids");
  ASSIGN_OR_RETURN(query.tag, RequiredTag(call, runs));
  ASSIGN_OR_RETURN(const int64_t rows_max, call.query.Integer("rows", kRowsRange, 1000));
  query.rows_max = static_cast<int>(rows_max);
  ASSIGN_OR_RETURN(const StepRange range, OptionalSteps(call.query));
  query.from = range.from;
  query.to = range.to;
  ColumnsBuilder builder;
  size_t items = 0;
  for (const store::RunId run : runs) {
    query.run = run;
    auto rows = call.context.store.ReadScalars(query);
    // A chart over many runs shows those that have the tag; the others are no error.
    if (!rows.ok() && rows.error().code == ErrorCode::kNotFound) continue;
    if (!rows.ok()) return rows.error();
    AddScalars(query, *rows, &builder);
    if (builder.data_bytes() > kScalarsBytesMax)
      return TooManyRows(items, runs.size(), query.rows_max);
    ++items;
  }
  if (items == 0) {
    return NotFound(StrCat("no run of those asked for has the scalar ", Quoted(query.tag)));
  }
  return ColumnsResponse(builder.Finish());
}

Result<Response> HandleHistograms(const Call& call) {
  ASSIGN_OR_RETURN(const Series series, RequiredSeries(call));
  ASSIGN_OR_RETURN(const int64_t steps, call.query.Integer("steps", kHistogramsRange, 100));
  ASSIGN_OR_RETURN(const Step from, OptionalFrom(call.query));
  ASSIGN_OR_RETURN(
      const auto histograms,
      call.context.store.ReadHistograms(series.run, series.tag, static_cast<int>(steps), from));
  ColumnsBuilder builder;
  for (const store::Histogram& histogram : histograms) {
    builder.BeginItem(HistogramItemJson(histogram));
    builder.Add("edges", std::span<const double>(histogram.edges));
    builder.Add("counts", std::span<const double>(histogram.counts));
  }
  return ColumnsResponse(builder.Finish());
}

Result<Response> HandleEntityStats(const Call& call) {
  ASSIGN_OR_RETURN(const Series series, RequiredSeries(call));
  ASSIGN_OR_RETURN(const Step after, call.query.Integer("after", {}, INT64_MIN));
  ASSIGN_OR_RETURN(const auto windows,
                   call.context.store.ReadEntityStats(series.run, series.tag, after));
  ColumnsBuilder builder;
  for (const store::EntityStats& window : windows) {
    // The rest is for the next request, which asks after the last step of this answer.
    if (builder.data_bytes() >= kEntityStatsBytesMax) break;
    builder.BeginItem(EntityStatsItemJson(window));
    for (size_t i = 0; i < window.columns.size(); ++i) {
      builder.Add(window.columns[i], std::span<const float>(window.values[i]));
    }
  }
  return ColumnsResponse(builder.Finish());
}

}  // namespace spirogram::web
