// The attractive half of t-SNE's gradient over sparse affinities, and the half of the KL divergence
// that belongs to them.
//
// It is the costliest part of an iteration, and bound by memory: N x 125 edges at perplexity 30.
// The edges are therefore packed into 4.5 bytes each: 16-bit columns within a window of 65,536
// points, and affinities with the 8 significant bits of bfloat16, rounded to nearest. P stays
// symmetric and each p is within 0.4 % of itself, which moves the KL divergence by less than 1e-5.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <utility>
#include <vector>

#include "projector/packed_map.h"
#include "projector/sparse_affinity.h"
#include "projector/threads.h"

namespace spirogram::projector {

// Not thread-safe.
class Attraction {
 public:
  // Takes the affinities over.
  explicit Attraction(SparseAffinities affinities) : affinities_(std::move(affinities)) {}

  int64_t points() const { return affinities_.points; }
  // The sum of p ln p.
  double SumPLogP() const;

  // Packs the edges for points that lie in the given order: place r holds point order[r]. Must run
  // before the functions below. False: stopped, and they must not be called.
  bool Arrange(std::span<const int32_t> order, ThreadPool* pool, const std::stop_token& stop);

  // forces (N x stride): sum_j p_ij q_ij (y_i - y_j). False: stopped.
  bool Forces(const PackedMap& map, std::span<float> forces, ThreadPool* pool,
              const std::stop_token& stop) const;
  // The sum of p ln(1 + |y_i - y_j|^2); nothing when stopped.
  std::optional<double> WeightedLog(const PackedMap& map, ThreadPool* pool,
                                    const std::stop_token& stop) const;

  struct EdgePack {
    uint32_t window;      // of the columns: 65,536 x window + column
    uint16_t columns[8];  // unused ones are 0, with weight 0
    uint16_t weights[8];  // the upper halves of float32
  };

 private:
  void PackRow(int64_t row, std::span<const int32_t> order, std::span<const int32_t> places);

  SparseAffinities affinities_;
  std::vector<int64_t> pack_starts_;  // N + 1
  std::vector<EdgePack> packs_;
};

}  // namespace spirogram::projector
