#include "projector/linkage.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <vector>

namespace spirogram::projector {
namespace {

constexpr float kStepMin = 4;  // of squares: twice as far

// How a row joins the shortest tree.
struct Link {
  int64_t row = 0;
  int64_t to = 0;  // a row that joined before
  float square = 0;
};

// In the order in which the rows join, by Prim's algorithm; the first, row 0, has no link.
std::vector<Link> ShortestTree(std::span<const float> squares, int64_t points) {
  std::vector<Link> waiting;
  for (int64_t row = 1; row < points; ++row) {
    waiting.push_back({row, 0, squares[static_cast<size_t>(row)]});
  }
  std::vector<Link> tree;
  while (!waiting.empty()) {
    const auto nearest = std::ranges::min_element(waiting, {}, &Link::square);
    tree.push_back(*nearest);
    *nearest = waiting.back();
    waiting.pop_back();
    const int64_t joined = tree.back().row;
    for (Link& link : waiting) {
      const float square = squares[static_cast<size_t>(joined * points + link.row)];
      if (square < link.square) link = {link.row, joined, square};
    }
  }
  return tree;
}

// The length from which on links are cut; infinite where no step is large enough.
float CutOf(const std::vector<Link>& tree, int64_t fewest, int64_t most) {
  std::vector<float> lengths;
  lengths.reserve(tree.size());
  for (const Link& link : tree) lengths.push_back(link.square);
  std::ranges::sort(lengths, std::greater());
  float cut = std::numeric_limits<float>::infinity();
  float largest = kStepMin;
  for (int64_t clusters = fewest; clusters <= std::min(most, std::ssize(lengths)); ++clusters) {
    const float shortest_cut = lengths[static_cast<size_t>(clusters - 2)];
    const float longest_kept = lengths[static_cast<size_t>(clusters - 1)];
    if (shortest_cut == 0 || shortest_cut < largest * longest_kept) continue;
    if (longest_kept == 0) return shortest_cut;  // groups of equal rows: no step is larger
    largest = shortest_cut / longest_kept;
    cut = shortest_cut;
  }
  return cut;
}

}  // namespace

std::optional<Clustering> CutAtLargestStep(const MatrixView& matrix, std::span<const float> squares,
                                           int64_t fewest, int64_t most) {
  const std::vector<Link> tree = ShortestTree(squares, matrix.points);
  const float cut = CutOf(tree, fewest, most);
  if (cut == std::numeric_limits<float>::infinity()) return std::nullopt;
  std::vector<int32_t> assignment(static_cast<size_t>(matrix.points), 0);
  int32_t clusters = 1;
  for (const Link& link : tree) {
    assignment[static_cast<size_t>(link.row)] =
        link.square < cut ? assignment[static_cast<size_t>(link.to)] : clusters++;
  }
  return ClusteringOf(matrix, std::move(assignment), clusters);
}

}  // namespace spirogram::projector
