#include "mapping/report.h"

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/str.h"

namespace spirogram::mapping {
namespace {

using Json = nlohmann::ordered_json;
using projector::Estimate;
using projector::TsneOptions;

Json NumberOrNull(double number) {
  return std::isfinite(number) ? Json(number) : Json(nullptr);
}

Json EstimateJson(const Estimate& estimate) {
  return {{"value", NumberOrNull(estimate.value)},
          {"standard_error", NumberOrNull(estimate.standard_error)},
          {"samples", estimate.samples},
          {"is_exact", estimate.is_exact}};
}

Json QualityJson(const Map& map) {
  if (!map.quality) return {{"absent", map.quality_absent}};
  const projector::MapQuality& quality = *map.quality;
  return {{"trust_neighbors", quality.trust_neighbors},
          {"trustworthiness", EstimateJson(quality.trustworthiness)},
          {"continuity", EstimateJson(quality.continuity)},
          {"recall_10", EstimateJson(quality.recall_10)},
          {"recall_30", EstimateJson(quality.recall_30)},
          {"spearman", EstimateJson(quality.spearman)}};
}

const char* InitName(TsneOptions::Init init) {
  switch (init) {
    case TsneOptions::Init::kPca:
      return "pca";
    case TsneOptions::Init::kRandom:
      return "random";
    case TsneOptions::Init::kGiven:
      return "given";
    case TsneOptions::Init::kSpectral:
      return "spectral";
  }
  return "unknown";
}

Json ParametersJson(const MapOptions& options, const Map& map) {
  Json json = {{"dims", options.tsne.dims},
               {"metric", MetricName(options.tsne.metric)},
               {"seed", options.tsne.seed},
               {"threads", options.tsne.threads}};
  if (options.method == Method::kUmap) {
    json["neighbors"] = options.umap.neighbors;
    json["min_dist"] = options.umap.min_dist;
    json["spread"] = options.umap.spread;
    json["epochs"] = map.iterations;
    json["negative_samples"] = options.umap.negative_samples;
    json["init"] = InitName(options.tsne.init);
    const bool is_whole = !map.umap || map.umap->start_fallback.empty();
    json["init_fallback"] = is_whole ? Json(nullptr) : Json(map.umap->start_fallback);
    json["a"] = map.umap ? NumberOrNull(map.umap->a) : Json(nullptr);
    json["b"] = map.umap ? NumberOrNull(map.umap->b) : Json(nullptr);
  }
  if (options.method != Method::kTsne) return json;
  json["perplexity"] = options.tsne.perplexity;
  json["iterations"] = options.tsne.iterations;
  json["init"] = InitName(options.tsne.init);
  json["early_exaggeration"] = options.tsne.early_exaggeration;
  json["early_exaggeration_iterations"] = options.tsne.early_exaggeration_iterations;
  json["late_exaggeration"] = options.tsne.late_exaggeration;
  json["late_exaggeration_iterations"] = options.tsne.late_exaggeration_iterations;
  return json;
}

std::vector<std::pair<std::string, double>> Seconds(const Report& report) {
  std::vector<std::pair<std::string, double>> seconds = {{"read", report.read_seconds}};
  seconds.insert(seconds.end(), report.map->seconds.begin(), report.map->seconds.end());
  seconds.emplace_back("write", report.write_seconds);
  seconds.emplace_back("total", report.total_seconds);
  return seconds;
}

std::string Rounded(double number, int digits) {
  char text[48];
  std::snprintf(text, sizeof text, "%.*f", digits, number);
  return text;
}

// Principal components are as large as the rows are.
std::string SpanText(double span) {
  if (span >= 0.1 && span < 1e5) return Rounded(span, 2);
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", span);
  return text;
}

// "0.9876 +- 0.0012 (5,000 of 70,000 rows)"
std::string EstimateText(const Estimate& estimate, int64_t points) {
  if (estimate.is_exact) return StrCat(Rounded(estimate.value, 4), "  (all rows)");
  return StrCat(Rounded(estimate.value, 4), " +- ", Rounded(estimate.standard_error, 4), "  (",
                WithCommas(estimate.samples), " of ", WithCommas(points), " rows)");
}

void AppendLine(const std::string& name, const std::string& value, std::string* out) {
  constexpr size_t kNameWidth = 18;
  *out += name;
  out->append(name.size() < kNameWidth ? kNameWidth - name.size() : 1, ' ');
  *out += StrCat(value, "\n");
}

const char* KlBasis(const Map& map) {
  return map.is_kl_exact ? "all pairs" : "nearest neighbours' affinities, normaliser from the grid";
}

}  // namespace

std::string WithCommas(int64_t number) {
  std::string digits = StrCat(number);
  for (size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

std::string ReportToJson(const Report& report) {
  const Table& table = *report.table;
  const Map& map = *report.map;
  Json json = {{"input",
                {{"name", table.name},
                 {"format", table.format},
                 {"points", table.points},
                 {"dims", table.dims},
                 {"rows_left_out", table.left_out},
                 {"metadata_columns", table.metadata.columns}}},
               {"method", MethodName(map.method)},
               {"device", map.device},
               {"engine", map.engine},
               {"neighbors", map.neighbors.empty() ? Json(nullptr) : Json(map.neighbors)},
               {"parameters", ParametersJson(*report.options, map)},
               {"seed", report.options->tsne.seed},
               {"points", map.points},
               {"dims", map.dims},
               {"iterations", map.iterations},
               {"span", NumberOrNull(map.span)}};
  json["kl_divergence"] = map.kl_divergence ? NumberOrNull(*map.kl_divergence) : Json(nullptr);
  json["kl_is_exact"] = map.kl_divergence ? Json(map.is_kl_exact) : Json(nullptr);
  json["kl_basis"] = map.kl_divergence ? Json(KlBasis(map)) : Json(nullptr);
  json["trustworthiness"] =
      map.quality ? NumberOrNull(map.quality->trustworthiness.value) : Json(nullptr);
  json["recall_10"] = map.quality ? NumberOrNull(map.quality->recall_10.value) : Json(nullptr);
  json["quality"] = QualityJson(map);
  if (!map.variance_share.empty()) json["variance_share"] = map.variance_share;
  if (map.placement) {
    json["placement"] = {{"reference", map.placement->reference},
                         {"reference_points", map.placement->reference_points},
                         {"neighbors", map.placement->neighbors},
                         {"recall", NumberOrNull(map.placement->recall)}};
  }
  json["seconds"] = Json::object();
  for (const auto& [stage, seconds] : Seconds(report)) json["seconds"][stage] = seconds;
  json["outputs"] = report.outputs;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string ReportToText(const Report& report) {
  const Table& table = *report.table;
  const Map& map = *report.map;
  const int64_t points = table.matrix().points;
  std::string out;
  AppendLine("map",
             StrCat(MethodFullName(map.method), " of ", table.name, ", ", WithCommas(points), " x ",
                    table.dims, " to ", map.dims, " dims"),
             &out);
  if (!table.left_out.empty()) {
    AppendLine(
        "left out",
        StrCat(WithCommas(std::ssize(table.left_out)), " rows without a place, NaN in the map"),
        &out);
  }
  AppendLine("computed",
             StrCat(map.engine, " on ", map.device, map.neighbors.empty() ? "" : ", neighbours ",
                    map.neighbors),
             &out);
  if (map.kl_divergence) {
    AppendLine("KL divergence",
               StrCat(Rounded(*map.kl_divergence, 4), "  (", KlBasis(map), ") after ",
                      map.iterations, " iterations"),
               &out);
  }
  if (map.placement) {
    AppendLine("onto",
               StrCat("the map of ", map.placement->reference, ", ",
                      WithCommas(map.placement->reference_points), " rows, which stays"),
               &out);
    AppendLine(StrCat("recall@", map.placement->neighbors),
               StrCat(Rounded(map.placement->recall, 4),
                      "  (of a row's nearest reference rows, among its nearest on the map)"),
               &out);
  }
  if (map.umap) {
    AppendLine(
        "fuzzy set",
        StrCat(WithCommas(map.umap->edges), " edges; curve a ", Rounded(map.umap->a, 3), ", b ",
               Rounded(map.umap->b, 3), "; ", map.iterations, " epochs",
               map.umap->start_fallback.empty() ? "" : "; start: ", map.umap->start_fallback),
        &out);
  }
  if (!map.variance_share.empty()) {
    double sum = 0;
    for (const double share : map.variance_share) sum += share;
    AppendLine("variance kept", StrCat(Rounded(100 * sum, 1), " %"), &out);
  }
  if (map.quality) {
    AppendLine("trustworthiness", EstimateText(map.quality->trustworthiness, points), &out);
    AppendLine("recall@10", EstimateText(map.quality->recall_10, points), &out);
  } else if (!map.placement) {
    AppendLine("quality", StrCat("not measured: ", map.quality_absent), &out);
  }
  AppendLine("span", SpanText(map.span), &out);
  std::string seconds;
  for (const auto& [stage, value] : Seconds(report)) {
    seconds += StrCat(seconds.empty() ? "" : ", ", stage, " ", Rounded(value, 2));
  }
  AppendLine("seconds", seconds, &out);
  for (const std::string& path : report.outputs) AppendLine("wrote", path, &out);
  return out;
}

std::string Caption(const Table& table, const Map& map) {
  std::string caption = StrCat(MethodFullName(map.method), " of ", table.name, ": ",
                               WithCommas(table.matrix().points), " points");
  if (map.dims > 2) caption += StrCat(", 2 of ", map.dims, " dims");
  if (map.kl_divergence) caption += StrCat(", KL divergence ", Rounded(*map.kl_divergence, 3));
  if (map.quality) {
    caption += StrCat(", trustworthiness ", Rounded(map.quality->trustworthiness.value, 3),
                      ", recall@10 ", Rounded(map.quality->recall_10.value, 3));
  }
  return caption;
}

}  // namespace spirogram::mapping
