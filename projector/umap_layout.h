// The descent of UMAP: stochastic steps along the edges of its fuzzy set.
//
// umap-learn moves both ends of an edge at once, in place; with several threads the map then
// depends on which came first. So edges in turn are for one thread here, and for rows that need it
// (umap_order.h). Of points at once, every one takes its own steps, one after the other, among the
// others as they lay before the epoch, into a second buffer: an edge has two directions, so both of
// its ends still move, as often as there. A point's attractions come first and its repulsions after
// them, eight at once: in turn, as there, they leave tighter maps that keep fewer of the neighbours
// (recall@10 0.26 in place of 0.32 on 10,000 digits of MNIST). At first each step goes past its
// target, so that a point ends near the neighbour that came last: the first is drawn anew in each
// epoch, or those of the highest numbers would have the last word always, and tear groups apart
// (docs/benchmarks.md). Discarded: parts of the points that move one after the other; they were no
// truer, and each is a barrier that waits for busy cores.
#pragma once

#include <cstdint>
#include <span>
#include <stop_token>
#include <vector>

#include "projector/symmetrise.h"
#include "projector/threads.h"
#include "projector/umap_curve.h"

namespace spirogram::projector {

enum class UmapOrder { kPointsAtOnce, kEdgesInTurn };

struct UmapLayoutOptions {
  int dims = 2;  // 2 or 3
  UmapCurve curve;
  int negative_samples = 5;
  uint64_t seed = 1;
  UmapOrder order = UmapOrder::kPointsAtOnce;
};

// Not thread-safe.
class UmapLayout {
 public:
  // `start` is N x d. An edge whose membership is a share p of the largest attracts in that share
  // of the epochs, evenly spread.
  UmapLayout(SymmetricEdges edges, std::vector<float> start, const UmapLayoutOptions& options);

  // One epoch, the `epoch`-th from 0. False: stopped, and the map is as it was.
  bool Step(int epoch, double learning_rate, ThreadPool* pool, const std::stop_token& stop);

  std::span<const float> coordinates() const { return map_; }  // N x d

 private:
  SymmetricEdges edges_;  // values: shares of the largest
  UmapLayoutOptions options_;
  std::vector<float> map_;
  std::vector<float> next_;
};

}  // namespace spirogram::projector
