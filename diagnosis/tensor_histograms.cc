#include "diagnosis/tensor_histograms.h"

#include <cstddef>

namespace spirogram::diagnosis {

bool IsZero(const store::Histogram& histogram) {
  double values = 0;
  for (size_t i = 0; i < histogram.counts.size(); ++i) {
    if (histogram.counts[i] <= 0) continue;
    if (histogram.edges[i] != 0 || histogram.edges[i + 1] != 0) return false;
    values += histogram.counts[i];
  }
  return values > 0;
}

bool IsSame(const store::Histogram& a, const store::Histogram& b) {
  return !a.counts.empty() && a.edges == b.edges && a.counts == b.counts;
}

}  // namespace spirogram::diagnosis
