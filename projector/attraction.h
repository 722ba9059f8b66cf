// The attractive half of t-SNE's gradient over sparse affinities, and the half of the KL divergence
// that belongs to them.
//
// It is the costliest part of an iteration, and bound by memory: N x 125 edges at perplexity 30.
// The edges are therefore packed into 4.5 bytes each: 16-bit columns within a window of 65,536
// points, and affinities with the 8 significant bits of bfloat16, rounded to nearest. P stays
// symmetric and each p is within 0.4 % of itself, which moves the KL divergence by less than 1e-5.
//
// A few edges of a row hold most of its affinity: of MNIST's, a quarter holds 83 %. The rest pulls
// so weakly and evenly that a descent may compute its forces every few steps and keep them in
// between, as molecular dynamics does with the forces of far atoms (Streett, Tildesley and Saville
// 1978; Tuckerman, Berne and Martyna 1992). So the edges are kept in two parts.
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
  // Takes the affinities over. The strongest edges of each row that hold `strong_share` of its sum,
  // and those as strong as the last of them, are its strong ones: all where it is 1.
  explicit Attraction(SparseAffinities affinities, double strong_share = 1)
      : affinities_(std::move(affinities)), strong_share_(strong_share) {}

  int64_t points() const { return affinities_.points; }
  // The sum of p ln p.
  double SumPLogP() const;

  // Packs the edges for points that lie in the given order: place r holds point order[r]. Must run
  // before the functions below. False: stopped, and they must not be called.
  bool Arrange(std::span<const int32_t> order, ThreadPool* pool, const std::stop_token& stop);

  // forces (N x stride): sum_j p_ij q_ij (y_i - y_j) over the weak edges. False: stopped.
  bool WeakForces(const PackedMap& map, std::span<float> forces, ThreadPool* pool,
                  const std::stop_token& stop) const;
  // The same over the strong edges, added to `weak`, which holds the forces of the weak ones or is
  // empty. False: stopped.
  bool Forces(const PackedMap& map, std::span<const float> weak, std::span<float> forces,
              ThreadPool* pool, const std::stop_token& stop) const;
  // The sum of p ln(1 + |y_i - y_j|^2); nothing when stopped.
  std::optional<double> WeightedLog(const PackedMap& map, ThreadPool* pool,
                                    const std::stop_token& stop) const;

  struct EdgePack {
    uint32_t window;  // of the columns: 65,536 x window + column
    // The upper half of the affinity as float32, then the column. So one mask gives eight weights.
    // Unused ones are 0.
    uint32_t edges[8];
  };

 private:
  enum Part { kStrong, kWeak };
  struct Packs {
    std::vector<int64_t> starts;  // N + 1
    std::vector<EdgePack> packs;
  };

  bool Divide(ThreadPool* pool, const std::stop_token& stop);
  bool ArrangePart(Part part, std::span<const int32_t> order, std::span<const int32_t> places,
                   ThreadPool* pool, const std::stop_token& stop);
  void PackRow(Part part, int64_t point, std::span<const int32_t> places, EdgePack* pack) const;
  bool PartForces(Part part, const PackedMap& map, std::span<const float> onto,
                  std::span<float> forces, ThreadPool* pool, const std::stop_token& stop) const;
  std::span<const int32_t> Columns(Part part, int64_t point) const;
  std::span<const float> Values(Part part, int64_t point) const;

  SparseAffinities affinities_;  // once divided, the strong edges of a row before the weak ones
  double strong_share_;
  std::vector<int32_t> strong_edges_;  // of each point; empty until divided
  Packs parts_[2];
};

}  // namespace spirogram::projector
