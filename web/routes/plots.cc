#include <algorithm>
#include <optional>
#include <vector>

#include "web/columns.h"
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

}  // namespace

Result<Response> HandlePrCurves(const Call& call) {
  ASSIGN_OR_RETURN(const Series series, RequiredSeries(call));
  std::optional<Step> whole;
  if (call.query.Find("step") != nullptr) {
    ASSIGN_OR_RETURN(whole, call.query.Integer("step", {}));
  }
  ASSIGN_OR_RETURN(const auto curves,
                   call.context.store.ReadPrCurves(series.run, series.tag, whole));
  ColumnsBuilder builder;
  for (const store::PrCurve& curve : curves) AddPrCurve(curve, &builder);
  return ColumnsResponse(builder.Finish());
}

Result<Response> HandleMeshes(const Call& call) {
  ASSIGN_OR_RETURN(const Series series, RequiredSeries(call));
  ASSIGN_OR_RETURN(const auto meshes, call.context.store.ReadMeshes(series.run, series.tag));
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
