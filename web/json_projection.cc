// Projections as JSON, and the bodies that start and change them.
#include "web/json_projection.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <iterator>

#include "base/str.h"
#include "web/json.h"
#include "web/json_internal.h"
#include "web/projection_run.h"

namespace spirogram::web {
namespace {

constexpr double kPerplexityMax = 10'000;
constexpr int64_t kNeighborsMax = 1'000;
constexpr double kLateExaggerationMax = 1'000;
constexpr size_t kRowsNamedMax = 100;  // that are left out

using Affinity = projector::TsneOptions::Affinity;
using projector::Metric;

// Numbers that were not measured are null.
Json Measured(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json StagesJson(const std::optional<ProjectionStages>& stages) {
  if (!stages) return nullptr;
  return {{"start", JsonNumber(stages->start)},
          {"neighbors", JsonNumber(stages->neighbors)},
          {"affinity", JsonNumber(stages->affinity)},
          {"descent", JsonNumber(stages->descent)}};
}

Json QualityJson(const std::optional<ProjectionQuality>& quality) {
  if (!quality) return nullptr;
  return {{"kl", Measured(quality->kl)},
          {"kl_is_exact", quality->kl_is_exact},
          {"trustworthiness", Measured(quality->trustworthiness)},
          {"recall_10", Measured(quality->recall_10)},
          {"queries", quality->queries},
          {"span", Measured(quality->span)}};
}

Json FirstRows(const std::vector<int64_t>& rows) {
  const auto first = std::span(rows).first(std::min(rows.size(), kRowsNamedMax));
  return JsonArray(first, [](int64_t row) { return Json(row); });
}

// Of few rows, where some of them are left out, less is used than was asked for.
double UsedPerplexityOf(const Projection& projection) {
  const ProjectionRequest& request = projection.request;
  if (request.method != ProjectionMethod::kTsne || projection.left_out.empty()) {
    return request.perplexity;
  }
  return UsedPerplexity(request, projection.points - std::ssize(projection.left_out));
}

int UsedNeighborsOf(const Projection& projection) {
  if (projection.left_out.empty()) return projection.request.neighbors;
  return UsedNeighbors(projection.request, projection.points - std::ssize(projection.left_out));
}

// Counted from 1, as people do; null where a method has none.
Json ComponentsJson(const ProjectionRequest& request) {
  if (request.method != ProjectionMethod::kPca) return nullptr;
  Json components = Json::array();
  for (int axis = 0; axis < request.dims; ++axis) {
    const auto at = static_cast<size_t>(axis);
    components.push_back(1 + (request.components.empty() ? axis : request.components[at]));
  }
  return components;
}

Json ToJson(const Projection& projection) {
  const ProjectionRequest& request = projection.request;
  return {
      {"id", projection.id},
      {"run", request.run},
      {"tag", request.tag},
      {"step", request.step.value_or(0)},
      {"method", ProjectionMethodName(request.method)},
      {"dims", request.dims},
      {"perplexity", UsedPerplexityOf(projection)},
      {"iterations", request.iterations},
      {"seed", request.seed},
      {"sphereize", request.sphereize},
      {"axes", AxesJson(request)},
      {"components", ComponentsJson(request)},
      {"late_exaggeration", JsonNumber(request.late_exaggeration)},
      {"late_exaggeration_iterations", request.late_exaggeration_iterations},
      {"kl_tolerance", JsonNumber(request.kl_tolerance)},
      {"n_neighbors", UsedNeighborsOf(projection)},
      {"min_dist", JsonNumber(request.min_dist)},
      {"metric", request.metric == Metric::kCosine ? "cosine" : "euclidean"},
      {"affinity", request.affinity == Affinity::kUniform ? "uniform" : "perplexity"},
      {"init", ProjectionInitName(request.init)},
      {"init_fallback",
       projection.start_fallback.empty() ? Json(nullptr) : Json(projection.start_fallback)},
      {"start", request.start ? Json(*request.start) : Json(nullptr)},
      {"epochs_before", projection.epochs_before},
      {"onto", request.onto ? Json(*request.onto) : Json(nullptr)},
      {"state", ProjectionStateName(projection.state)},
      {"paused", projection.paused},
      {"iteration", projection.iteration},
      {"kl_divergence", Measured(projection.kl_divergence)},
      {"seconds", JsonNumber(projection.seconds)},
      {"stages", StagesJson(projection.stages)},
      {"device", projection.device},
      {"engine", projection.engine},
      {"neighbors", projection.neighbors},
      {"points", projection.points},
      {"rows_left_out", projection.left_out.size()},
      {"left_out", FirstRows(projection.left_out)},
      {"quality", QualityJson(projection.quality)},
      {"alignment_residual", Measured(projection.alignment_residual)},
      {"error", projection.error.empty() ? Json(nullptr) : Json(projection.error)},
      {"variance_share",
       projection.variance_share.empty() ? Json(nullptr) : Json(projection.variance_share)},
      {"component_shares",
       projection.component_shares.empty() ? Json(nullptr) : Json(projection.component_shares)}};
}

Result<std::string> ReadText(const std::string& name, const Json& value) {
  if (!value.is_string() || value.get_ref<const std::string&>().empty()) {
    return FieldError(name, value, "a text that is not empty");
  }
  return value.get<std::string>();
}

Result<double> ReadPerplexity(const std::string& name, const Json& value) {
  const double perplexity = value.is_number() ? value.get<double>() : 0;
  if (perplexity >= 1 && perplexity <= kPerplexityMax) return perplexity;
  return FieldError(name, value, StrCat("a number from 1 to ", kPerplexityMax));
}

Result<double> ReadLateExaggeration(const std::string& name, const Json& value) {
  const double exaggeration = value.is_number() ? value.get<double>() : 0;
  if (exaggeration >= 1 && exaggeration <= kLateExaggerationMax) return exaggeration;
  return FieldError(name, value, StrCat("a number from 1 to ", kLateExaggerationMax));
}

Result<double> ReadKlTolerance(const std::string& name, const Json& value) {
  const double share = value.is_number() ? value.get<double>() : -1;
  if (share >= 0 && share < 1) return share;
  return FieldError(name, value, "a share from 0 to below 1");
}

// As umap-learn's option of that name: 1 is the scale of the map.
Result<double> ReadMinDist(const std::string& name, const Json& value) {
  const double min_dist = value.is_number() ? value.get<double>() : -1;
  if (min_dist >= 0 && min_dist <= 1) return min_dist;
  return FieldError(name, value, "a number from 0 to 1");
}

Result<std::vector<int>> ReadComponents(const std::string& name, const Json& value) {
  std::vector<int> components;
  if (!value.is_array()) return FieldError(name, value, "an array of whole numbers");
  for (const Json& one : value) {
    ASSIGN_OR_RETURN(const int64_t component, ReadInteger(name, one, 1, kComponentsMax));
    const int index = static_cast<int>(component) - 1;
    if (std::ranges::find(components, index) != components.end()) {
      return FieldError(name, value, "each component once");
    }
    components.push_back(index);
  }
  return components;
}

// Those that are drawn anyway are left unsaid, so that the same map is made once.
Status FitComponents(ProjectionRequest* request) {
  std::vector<int>& components = request->components;
  if (request->method != ProjectionMethod::kPca) components.clear();
  if (components.empty()) return {};
  if (std::ssize(components) != request->dims) {
    return InvalidArgument(StrCat("field components: got ", components.size(), ", want one for ",
                                  "each of ", request->dims, " dims"));
  }
  int axis = 0;
  if (std::ranges::all_of(components, [&axis](int one) { return one == axis++; })) {
    components.clear();
  }
  return {};
}

Result<int> ReadIterations(const std::string& name, const Json& value) {
  ASSIGN_OR_RETURN(const int64_t iterations, ReadInteger(name, value, 1, kProjectionIterationsMax));
  return static_cast<int>(iterations);
}

// One of some words.
template <typename T>
Status ReadChoice(const std::string& name, const Json& value,
                  std::initializer_list<std::pair<const char*, T>> words, T* choice) {
  std::string allowed;
  for (const auto& [word, meaning] : words) {
    if (value == word) {
      *choice = meaning;
      return {};
    }
    allowed += StrCat(allowed.empty() ? "" : " or ", "\"", word, "\"");
  }
  return FieldError(name, value, allowed);
}

Status ReadFlag(const std::string& name, const Json& value, bool* flag) {
  if (!value.is_boolean()) return FieldError(name, value, "true or false");
  *flag = value.get<bool>();
  return {};
}

Status ReadEmbeddingField(const std::string& name, const Json& value, ProjectionRequest* request) {
  if (name == "run") {
    ASSIGN_OR_RETURN(request->run, ReadInteger(name, value, 1, kExactIntegerMax));
  } else if (name == "tag") {
    ASSIGN_OR_RETURN(request->tag, ReadText(name, value));
  } else if (name == "step") {
    ASSIGN_OR_RETURN(request->step, ReadInteger(name, value, INT64_MIN, INT64_MAX));
  } else {
    return InvalidArgument(StrCat("field ", Excerpt(name), ": unknown"));
  }
  return {};
}

Status ReadStartField(const std::string& name, const Json& value, ProjectionRequest* request) {
  if (name == "init") {
    return ReadChoice<ProjectionInit>(name, value,
                                      {{"pca", ProjectionInit::kPca},
                                       {"random", ProjectionInit::kRandom},
                                       {"spectral", ProjectionInit::kSpectral}},
                                      &request->init);
  }
  if (name == "start") {
    if (value.is_null()) return {};
    ASSIGN_OR_RETURN(request->start, ReadInteger(name, value, 1, kExactIntegerMax));
    return {};
  }
  if (name == "onto") {
    if (value.is_null()) return {};
    ASSIGN_OR_RETURN(request->onto, ReadInteger(name, value, 1, kExactIntegerMax));
    return {};
  }
  if (name == "align") return ReadFlag(name, value, &request->align);
  if (name == "sphereize") return ReadFlag(name, value, &request->sphereize);
  if (name == "axes") {
    if (value.is_null()) return {};
    ASSIGN_OR_RETURN(request->axes, ReadAxes(name, value));
    return {};
  }
  if (name == "components") {
    if (value.is_null()) return {};
    ASSIGN_OR_RETURN(request->components, ReadComponents(name, value));
    return {};
  }
  return ReadEmbeddingField(name, value, request);
}

Status ReadEndField(const std::string& name, const Json& value, ProjectionRequest* request) {
  if (name == "late_exaggeration") {
    ASSIGN_OR_RETURN(request->late_exaggeration, ReadLateExaggeration(name, value));
  } else if (name == "late_exaggeration_iterations") {
    ASSIGN_OR_RETURN(const int64_t count, ReadInteger(name, value, 0, kProjectionIterationsMax));
    request->late_exaggeration_iterations = static_cast<int>(count);
  } else if (name == "kl_tolerance") {
    ASSIGN_OR_RETURN(request->kl_tolerance, ReadKlTolerance(name, value));
  } else {
    return ReadStartField(name, value, request);
  }
  return {};
}

Status ReadField(const std::string& name, const Json& value, ProjectionRequest* request) {
  if (name == "method") {
    return ReadChoice<ProjectionMethod>(name, value,
                                        {{"pca", ProjectionMethod::kPca},
                                         {"tsne", ProjectionMethod::kTsne},
                                         {"umap", ProjectionMethod::kUmap},
                                         {"axes", ProjectionMethod::kAxes},
                                         {"placement", ProjectionMethod::kPlacement}},
                                        &request->method);
  }
  if (name == "metric") {
    return ReadChoice<Metric>(name, value,
                              {{"euclidean", Metric::kEuclidean}, {"cosine", Metric::kCosine}},
                              &request->metric);
  }
  if (name == "affinity") {
    return ReadChoice<Affinity>(
        name, value, {{"perplexity", Affinity::kPerplexity}, {"uniform", Affinity::kUniform}},
        &request->affinity);
  }
  if (name == "dims") {
    ASSIGN_OR_RETURN(const int64_t dims, ReadInteger(name, value, 2, 3));
    request->dims = static_cast<int>(dims);
  } else if (name == "perplexity") {
    ASSIGN_OR_RETURN(request->perplexity, ReadPerplexity(name, value));
  } else if (name == "iterations") {
    ASSIGN_OR_RETURN(request->iterations, ReadIterations(name, value));
  } else if (name == "n_neighbors") {
    ASSIGN_OR_RETURN(const int64_t neighbors, ReadInteger(name, value, 2, kNeighborsMax));
    request->neighbors = static_cast<int>(neighbors);
  } else if (name == "min_dist") {
    ASSIGN_OR_RETURN(request->min_dist, ReadMinDist(name, value));
  } else if (name == "seed") {
    ASSIGN_OR_RETURN(const int64_t seed, ReadInteger(name, value, 0, kExactIntegerMax));
    request->seed = static_cast<uint64_t>(seed);
  } else {
    return ReadEndField(name, value, request);
  }
  return {};
}

}  // namespace

std::string ProjectionJson(const Projection& projection) {
  return Dump(ToJson(projection));
}

std::string ProjectionJson(const Projection& projection, std::span<const float> min,
                           std::span<const float> max) {
  Json json = ToJson(projection);
  json["min"] = JsonArray(min, [](float value) { return JsonNumber(value); });
  json["max"] = JsonArray(max, [](float value) { return JsonNumber(value); });
  return Dump(json);
}

std::string ProjectionsJson(std::span<const Projection> projections) {
  return Dump({{"projections", JsonArray(projections, [](const auto& p) { return ToJson(p); })}});
}

Result<ProjectionRequest> ParseProjectionRequest(std::string_view text) {
  const std::optional<Json> json = ParseJsonObject(text);
  if (!json) return InvalidArgument("the body is not one JSON object with each field once");
  ProjectionRequest request;
  for (const auto& [name, value] : json->items()) {
    RETURN_IF_ERROR(ReadField(name, value, &request));
  }
  for (const char* required : {"run", "tag", "method"}) {
    if (!json->contains(required)) return InvalidArgument(StrCat("field ", required, ": missing"));
  }
  request.fits_perplexity = !json->contains("perplexity");
  request.fits_neighbors = !json->contains("n_neighbors");
  const bool is_umap = request.method == ProjectionMethod::kUmap;
  if (is_umap && !json->contains("iterations")) request.iterations = 0;
  RETURN_IF_ERROR(FitComponents(&request));
  return request;
}

Result<int> ParseProjectionEdit(std::string_view text) {
  const std::optional<Json> json = ParseJsonObject(text);
  if (!json) return InvalidArgument("the body is not one JSON object with each field once");
  for (const auto& [name, value] : json->items()) {
    if (name != "iterations") return InvalidArgument(StrCat("field ", Excerpt(name), ": unknown"));
  }
  if (!json->contains("iterations")) return InvalidArgument("field iterations: missing");
  return ReadIterations("iterations", json->at("iterations"));
}

}  // namespace spirogram::web
