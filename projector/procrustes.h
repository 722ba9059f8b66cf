// Lays one map onto another: maps of the same points differ by a rotation or reflection that means
// nothing, and a timeline or a comparison would show it as motion.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "base/result.h"

namespace spirogram::projector {

struct ProcrustesOptions {
  bool may_scale = false;
  bool may_reflect = true;
};

// to = scale * rotation * (from - from_mean) + to_mean
struct Alignment {
  int dims = 2;
  std::array<double, 9> rotation{};  // d x d, row-major, orthogonal
  double scale = 1;
  std::array<double, 3> from_mean{};
  std::array<double, 3> to_mean{};
  // The part of the target's variance that is left: 0 where the maps are one, 1 where nothing of
  // the one is found in the other. Above 1 without scaling, where `from` is the larger.
  double residual = 0;
};

// The least squares alignment (Schoenemann 1966; Umeyama 1991) of `from` (N x d) onto `to` (M x d)
// over the pairs (row of from, row of to) that both have. Errors: kInvalidArgument (d is not 2 or
// 3, values that are not whole rows, no pairs, a row out of range, NaN or infinity among the
// pairs).
Result<Alignment> AlignMaps(std::span<const float> from, std::span<const float> to, int dims,
                            std::span<const std::pair<int64_t, int64_t>> pairs,
                            const ProcrustesOptions& options);

// All rows of a map, shared or not, moved by the alignment. REQUIRES: whole rows of its dims.
std::vector<float> ApplyAlignment(const Alignment& alignment, std::span<const float> map);

}  // namespace spirogram::projector
