// The axes of a projection, and what lies at a place of its map, as JSON.
#include "base/str.h"
#include "web/json.h"
#include "web/json_internal.h"
#include "web/json_projection.h"

namespace spirogram::web {
namespace {

using Group = std::optional<RowSet>;

Status ReadGroup(const std::string& name, const Json& value, Group* group) {
  if (value.is_null()) return {};
  if (!value.is_string()) return FieldError(name, value, "rows like \"0-4,9\", or null for all");
  auto rows = ParseRowSet(value.get_ref<const std::string&>());
  if (!rows.ok()) return InvalidArgument(StrCat("field ", name, ": ", rows.error().message));
  *group = std::move(*rows);
  return {};
}

Result<ProjectionAxis> ReadAxis(const std::string& name, const Json& value) {
  if (!value.is_object()) return FieldError(name, value, "an object with from and to");
  ProjectionAxis axis;
  for (const auto& [side, rows] : value.items()) {
    const std::string full = StrCat(name, ".", side);
    if (side != "from" && side != "to")
      return InvalidArgument(StrCat("field ", Excerpt(full), ": unknown"));
    RETURN_IF_ERROR(ReadGroup(full, rows, side == "from" ? &axis.from : &axis.to));
  }
  if (!axis.from && !axis.to) {
    return InvalidArgument(StrCat("field ", name, ": all rows against all rows, want a group"));
  }
  return axis;
}

Json CountJson(const Group& group) {
  return group ? Json(CountRows(*group)) : Json(nullptr);
}

}  // namespace

Result<std::vector<ProjectionAxis>> ReadAxes(const std::string& name, const Json& value) {
  constexpr size_t kAxesMax = 3;
  if (!value.is_array() || value.size() > kAxesMax) {
    return FieldError(name, value.is_array() ? Json(value.size()) : value,
                      StrCat("an array of at most ", kAxesMax, " axes"));
  }
  std::vector<ProjectionAxis> axes;
  for (const Json& axis : value) {
    ASSIGN_OR_RETURN(ProjectionAxis read, ReadAxis(StrCat(name, "[", axes.size(), "]"), axis));
    axes.push_back(std::move(read));
  }
  return axes;
}

Json AxesJson(const ProjectionRequest& request) {
  if (request.axes.empty()) return nullptr;
  return JsonArray(request.axes, [](const ProjectionAxis& axis) -> Json {
    return {{"from", CountJson(axis.from)}, {"to", CountJson(axis.to)}};
  });
}

std::string DensityItemJson(const MapView& view, const MapDensity& density) {
  return Dump({{"width", view.width},
               {"height", view.height},
               {"x_min", view.x_min},
               {"x_max", view.x_max},
               {"y_min", view.y_min},
               {"y_max", view.y_max},
               {"points", density.points},
               {"most", density.most}});
}

std::string NearestPointJson(const NearestPoint& nearest) {
  return Dump(
      {{"row", nearest.row}, {"x", nearest.x}, {"y", nearest.y}, {"distance", nearest.distance}});
}

}  // namespace spirogram::web
