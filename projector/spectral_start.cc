#include "projector/spectral_start.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/check.h"
#include "base/str.h"
#include "projector/graph_spectrum.h"
#include "projector/procrustes.h"

namespace spirogram::projector {
namespace {

constexpr int kDimsMax = 3;

// The rows of a component as a graph of their own. `rows` rises; `place` holds each row's place in
// it.
SymmetricEdges Subgraph(const SymmetricEdges& graph, std::span<const int64_t> rows,
                        std::span<const int32_t> place) {
  SymmetricEdges part;
  part.points = std::ssize(rows);
  part.row_starts.push_back(0);
  for (const int64_t row : rows) {
    for (const int32_t column : graph.RowColumns(row)) {
      part.columns.push_back(place[static_cast<size_t>(column)]);
    }
    const auto values = graph.RowValues(row);
    part.values.insert(part.values.end(), values.begin(), values.end());
    part.row_starts.push_back(std::ssize(part.columns));
  }
  return part;
}

// n x d: each entry over the root of its row's degree. Around their mean.
std::vector<float> Waves(const SymmetricEdges& graph, const GraphSpectrum& spectrum, int dims) {
  std::vector<double> waves(spectrum.vectors);
  const auto width = static_cast<size_t>(dims);
  std::array<double, kDimsMax> means{};
  for (size_t row = 0; row < static_cast<size_t>(graph.points); ++row) {
    double degree = 0;
    for (const float value : graph.RowValues(static_cast<int64_t>(row))) degree += value;
    for (size_t k = 0; k < width; ++k) {
      waves[row * width + k] /= std::sqrt(degree);
      means[k] += waves[row * width + k] / static_cast<double>(graph.points);
    }
  }
  double largest = 0;
  for (size_t at = 0; at < waves.size(); ++at) {
    waves[at] -= means[at % width];
    largest = std::max(largest, std::abs(waves[at]));
  }
  std::vector<float> map;
  map.reserve(waves.size());
  for (const double wave : waves) map.push_back(static_cast<float>(wave / largest));
  return map;
}

double SquaresAroundMean(std::span<const float> map, size_t width) {
  std::array<double, kDimsMax> sums{};
  double squares = 0;
  for (size_t at = 0; at < map.size(); ++at) {
    sums[at % width] += map[at];
    squares += double{map[at]} * map[at];
  }
  const size_t rows = map.size() / width;
  for (size_t k = 0; k < width; ++k) squares -= sums[k] * sums[k] / static_cast<double>(rows);
  return std::max(squares, 0.0);
}

// Turned onto `onto`, with its centre and its size.
Result<std::vector<float>> LaidOnto(std::span<const float> map, std::span<const float> onto,
                                    int dims) {
  std::vector<std::pair<int64_t, int64_t>> pairs;
  for (int64_t row = 0; row < std::ssize(map) / dims; ++row) pairs.emplace_back(row, row);
  ASSIGN_OR_RETURN(Alignment alignment, AlignMaps(map, onto, dims, pairs, {}));
  const auto width = static_cast<size_t>(dims);
  alignment.scale = std::sqrt(SquaresAroundMean(onto, width) / SquaresAroundMean(map, width));
  return ApplyAlignment(alignment, map);
}

struct Wanted {
  int dims;
  uint64_t seed;
  ThreadPool* pool;
  const std::stop_token& stop;
};

// Puts the rows of a component, whose graph this is, where they belong; all rows there are go where
// they will. Or says why they stay.
Result<std::string> LayComponent(const SymmetricEdges& graph, std::span<const int64_t> rows,
                                 const Wanted& wanted, std::vector<float>* coordinates) {
  const int dims = wanted.dims;
  if (graph.points <= dims + 1) return std::string("too few points");
  ASSIGN_OR_RETURN(const GraphSpectrum spectrum,
                   LowestGraphVectors(graph, dims, wanted.seed, wanted.pool, wanted.stop));
  if (!spectrum.has_converged) return std::string("its spectrum did not converge");
  std::vector<float> map = Waves(graph, spectrum, dims);
  const bool is_whole = std::ssize(rows) * dims == std::ssize(*coordinates);
  if (!is_whole) {
    std::vector<float> onto;
    for (const int64_t row : rows) {
      const auto* from = coordinates->data() + row * dims;
      onto.insert(onto.end(), from, from + dims);
    }
    ASSIGN_OR_RETURN(map, LaidOnto(map, onto, dims));
  }
  for (size_t i = 0; i < rows.size(); ++i) {
    std::copy_n(map.data() + static_cast<int64_t>(i) * dims, dims,
                coordinates->data() + rows[i] * dims);
  }
  return std::string();
}

}  // namespace

std::vector<int32_t> GraphComponents(const SymmetricEdges& graph) {
  std::vector<int32_t> component(static_cast<size_t>(graph.points), -1);
  std::vector<int64_t> open;
  int32_t count = 0;
  for (int64_t first = 0; first < graph.points; ++first) {
    if (component[static_cast<size_t>(first)] >= 0) continue;
    component[static_cast<size_t>(first)] = count;
    open.push_back(first);
    while (!open.empty()) {
      const int64_t row = open.back();
      open.pop_back();
      for (const int32_t column : graph.RowColumns(row)) {
        int32_t& of = component[static_cast<size_t>(column)];
        if (of >= 0) continue;
        of = count;
        open.push_back(column);
      }
    }
    ++count;
  }
  return component;
}

Result<SpectralStart> SpectralLayout(const SymmetricEdges& graph, std::span<const float> pca,
                                     int dims, uint64_t seed, ThreadPool* pool,
                                     const std::stop_token& stop) {
  CHECK(std::ssize(pca) == graph.points * dims);
  const std::vector<int32_t> component = GraphComponents(graph);
  SpectralStart start;
  start.coordinates.assign(pca.begin(), pca.end());
  start.components = 1 + *std::max_element(component.begin(), component.end());
  std::vector<std::vector<int64_t>> rows(static_cast<size_t>(start.components));
  std::vector<int32_t> place(component.size());
  for (size_t row = 0; row < component.size(); ++row) {
    auto& own = rows[static_cast<size_t>(component[row])];
    place[row] = static_cast<int32_t>(own.size());
    own.push_back(static_cast<int64_t>(row));
  }
  int64_t stayed = 0;
  std::string why;
  const Wanted wanted{dims, seed, pool, stop};
  for (const auto& own : rows) {
    const bool is_whole = start.components == 1;
    const SymmetricEdges part = is_whole ? SymmetricEdges() : Subgraph(graph, own, place);
    ASSIGN_OR_RETURN(const std::string reason,
                     LayComponent(is_whole ? graph : part, own, wanted, &start.coordinates));
    if (reason.empty()) continue;
    ++stayed;
    why = reason;
  }
  if (stayed > 0) {
    start.fallback =
        StrCat(stayed, " of ", start.components, " components by principal components: ", why);
  }
  return start;
}

}  // namespace spirogram::projector
