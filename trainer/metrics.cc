#include "trainer/metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

namespace spirogram::trainer {

double AreaUnderRoc(std::span<const float> scores, std::span<const float> labels) {
  // A score that is NaN has no rank.
  if (std::any_of(scores.begin(), scores.end(), [](float score) { return std::isnan(score); })) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  std::vector<size_t> order(scores.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return scores[a] < scores[b]; });
  double negatives = 0;
  double positives = 0;
  double pairs_right = 0;
  for (size_t i = 0; i < order.size();) {
    double tied_negatives = 0;
    double tied_positives = 0;
    const float score = scores[order[i]];
    do {
      (labels[order[i]] > 0.5f ? tied_positives : tied_negatives) += 1;
      ++i;
    } while (i < order.size() && scores[order[i]] == score);
    pairs_right += tied_positives * (negatives + 0.5 * tied_negatives);
    negatives += tied_negatives;
    positives += tied_positives;
  }
  if (negatives == 0 || positives == 0) return std::numeric_limits<double>::quiet_NaN();
  return pairs_right / (negatives * positives);
}

}  // namespace spirogram::trainer
