// The search for the width of each point's neighbourhood (van der Maaten and Hinton 2008, 2.1).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace spirogram::projector {

// Finds p_{j|i} = exp(-beta d_ij) / sum_k exp(-beta d_ik) whose perplexity, exp of its entropy in
// nats, is the wanted one. Holds scratch memory for one row; use one object per thread.
//
// Distances are counted from the row's smallest and in units of its perplexity-th smallest, so that
// neither an outlier nor a far-away cluster can squeeze the exponents. Where more points than the
// perplexity share the smallest distance (duplicates), no beta reaches it: they then share the
// probability equally.
class PerplexitySearch {
 public:
  // REQUIRES: 1 <= perplexity <= points - 1.
  PerplexitySearch(int64_t points, double perplexity);

  // squared_distances: N, of row i = self, whose own entry is ignored; probabilities: N, entry i 0.
  void Row(std::span<const double> squared_distances, int64_t self, std::span<float> probabilities);

 private:
  void ShareAmongTies(double smallest, int64_t ties);
  void ScaleDistances(double smallest);

  double perplexity_;
  std::vector<double> distances_;  // N - 1: the row without its own entry
  std::vector<double> sorted_;     // N - 1, partly sorted
  std::vector<float> scaled_;      // N - 1
  std::vector<float> weights_;     // N - 1
};

}  // namespace spirogram::projector
