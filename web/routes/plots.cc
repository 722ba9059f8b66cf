#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "web/columns.h"
#include "web/json.h"
#include "web/json_kinds.h"
#include "web/routes/handlers.h"

namespace spirogram::web {
namespace {

// Triangles whose corners are all there: a page must not draw what is not.
std::vector<uint32_t> ValidFaces(const store::Mesh& mesh) {
  const auto vertices = static_cast<int64_t>(mesh.vertices.size() / 3);
  std::vector<uint32_t> faces;
  for (size_t i = 0; i + 3 <= mesh.faces.size(); i += 3) {
    const auto is_there = [&](int32_t corner) { return corner >= 0 && corner < vertices; };
    const auto corner = mesh.faces.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::all_of(corner, corner + 3, is_there)) faces.insert(faces.end(), corner, corner + 3);
  }
  return faces;
}

void AddPrCurve(const store::PrCurve& curve, ColumnsBuilder* builder) {
  const auto add = [&](std::string_view name, const std::vector<double>& column) {
    builder->Add(name, std::span<const double>(column));
  };
  builder->BeginItem(PrCurveItemJson(curve));
  add("threshold", curve.thresholds);
  add("true_positives", curve.true_positives);
  add("false_positives", curve.false_positives);
  add("true_negatives", curve.true_negatives);
  add("false_negatives", curve.false_negatives);
  add("precision", curve.precision);
  add("recall", curve.recall);
}

// The last one up to `step`, or the first where all are behind it, among others without numbers.
Result<std::vector<store::PrCurve>> ReadCurveAt(store::Store& store, const Series& series,
                                                std::span<const store::ValueInfo> infos,
                                                Step step) {
  std::vector<store::PrCurve> curves(infos.size());
  size_t shown = 0;
  for (size_t i = 0; i < infos.size(); ++i) {
    curves[i].step = infos[i].step;
    curves[i].wall_time = infos[i].wall_time;
    if (infos[i].step <= step) shown = i;
  }
  if (curves.empty()) return curves;
  const Step at = infos[shown].step;
  ASSIGN_OR_RETURN(auto whole, store.ReadPrCurves(series.run, series.tag, at, at));
  if (!whole.empty()) curves[shown] = std::move(whole.back());
  return curves;
}

}  // namespace

Result<Response> HandlePrCurves(const Call& call) {
  ASSIGN_OR_RETURN(const Series series, RequiredSeries(call));
  ASSIGN_OR_RETURN(const StepRange range, OptionalSteps(call.query));
  store::Store& store = call.context.store;
  ASSIGN_OR_RETURN(auto infos, store.ListPrCurves(series.run, series.tag, range.from));
  std::erase_if(infos, [&](const store::ValueInfo& info) { return info.step > range.to; });
  std::vector<store::PrCurve> curves;
  if (call.query.Find("step") != nullptr) {
    ASSIGN_OR_RETURN(const Step step, call.query.Integer("step", {}));
    ASSIGN_OR_RETURN(curves, ReadCurveAt(store, series, infos, step));
  } else {
    RETURN_IF_ERROR(CheckBytes("PR curves", infos, range.to));
    ASSIGN_OR_RETURN(curves, store.ReadPrCurves(series.run, series.tag, range.from, range.to));
  }
  ColumnsBuilder builder;
  for (const store::PrCurve& curve : curves) AddPrCurve(curve, &builder);
  return ColumnsResponse(builder.Finish());
}

Result<Response> HandlePrCurveSteps(const Call& call) {
  ASSIGN_OR_RETURN(const Series series, RequiredSeries(call));
  ASSIGN_OR_RETURN(const Step from, OptionalFrom(call.query));
  ASSIGN_OR_RETURN(const auto infos, call.context.store.ListPrCurves(series.run, series.tag, from));
  return JsonResponse(ValueInfosJson("curves", infos));
}

Result<Response> HandleMeshes(const Call& call) {
  ASSIGN_OR_RETURN(const Series series, RequiredSeries(call));
  ASSIGN_OR_RETURN(const Step from, OptionalFrom(call.query));
  ASSIGN_OR_RETURN(const auto meshes, call.context.store.ReadMeshes(series.run, series.tag, from));
  return JsonResponse(MeshesJson(meshes));
}

Result<Response> HandleMeshData(const Call& call) {
  ASSIGN_OR_RETURN(const Series series, RequiredSeries(call));
  ASSIGN_OR_RETURN(const Step step, call.query.Integer("step", {}));
  ASSIGN_OR_RETURN(const int64_t index, call.query.Integer("index", {0, INT32_MAX}, 0));
  ASSIGN_OR_RETURN(const store::Mesh mesh, call.context.store.ReadMesh(series.run, series.tag, step,
                                                                       static_cast<int>(index)));
  const std::vector<uint32_t> faces = ValidFaces(mesh);
  const auto dropped = static_cast<int64_t>((mesh.faces.size() - faces.size()) / 3);
  ColumnsBuilder builder;
  builder.BeginItem(MeshItemJson(mesh, dropped));
  builder.Add("vertices", std::span<const float>(mesh.vertices));
  builder.Add("faces", std::span<const uint32_t>(faces));
  builder.Add("colours", std::span<const uint8_t>(mesh.colours));
  return ColumnsResponse(builder.Finish());
}

Result<Response> HandleCustomScalars(const Call& call) {
  ASSIGN_OR_RETURN(const store::RunId run, RequiredRun(call.query));
  ASSIGN_OR_RETURN(const auto layout, call.context.store.ReadCustomScalarLayout(run));
  return JsonResponse(LayoutJson(layout));
}

}  // namespace spirogram::web
