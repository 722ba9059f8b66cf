// KL(P||Q) over all pairs in float64, in nats: the number that t-SNE minimises, on its own, so that
// any map can be judged by it, whoever drew it.
//
//   KL = sum p_ij ln(p_ij / (q_ij / Z)) = sum p ln p + sum p ln(1 + |y_i - y_j|^2) + ln Z
//
// The first sum belongs to P alone. P is as it is, never exaggerated.
#pragma once

#include <optional>
#include <span>
#include <stop_token>

#include "projector/map_points.h"
#include "projector/threads.h"

namespace spirogram::projector {

// The sum of p ln p over all pairs; nothing when `stop` is requested.
// REQUIRES: affinities is N x N and symmetric with a zero diagonal, here and below.
std::optional<double> SumPLogP(std::span<const float> affinities, int64_t points, ThreadPool* pool,
                               const std::stop_token& stop);

struct KlSums {
  double weighted_log = 0;  // sum of p ln(1 + |y_i - y_j|^2)
  double z = 0;             // sum of 1 / (1 + |y_i - y_j|^2)
};
std::optional<KlSums> ComputeKlSums(std::span<const float> affinities, const MapPoints& map,
                                    ThreadPool* pool, const std::stop_token& stop);

double KlDivergence(double sum_p_log_p, const KlSums& sums);

}  // namespace spirogram::projector
