#include "projector/mesh_plan.h"

#include <initializer_list>

namespace spirogram::projector {
namespace {

constexpr int64_t kCellsMin = 56;
constexpr double kSpacingMin = 1.0 / 16;  // finer, single precision costs more than the grid gives
constexpr int64_t kCellsOfEdges = 8;      // margins and the reach of the spline

}  // namespace

int64_t FriendlySize(int64_t size) {
  for (int64_t units = (size + 15) / 16;; ++units) {
    int64_t rest = units;
    for (const int64_t factor : {2, 3, 5}) {
      while (rest > 1 && rest % factor == 0) rest /= factor;
    }
    if (rest == 1) return 16 * units;
  }
}

MeshPlan PlanMesh(double span, int dims, double spacing) {
  while (span / spacing < kCellsMin && spacing > kSpacingMin) spacing /= 2;
  const auto nodes = [&] { return span / spacing + kCellsOfEdges; };
  while (nodes() > static_cast<double>(MeshSizeMax(dims))) spacing *= 1.25;
  return {FriendlySize(static_cast<int64_t>(nodes()) + 1), spacing};
}

}  // namespace spirogram::projector
