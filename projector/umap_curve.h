// How near two points of a UMAP map are, from 0 to 1, as a smooth curve of their distance.
#pragma once

namespace spirogram::projector {

// 1 / (1 + a distance^2b)
struct UmapCurve {
  double a = 0;
  double b = 0;
};

// The least squares fit to 1 up to min_dist and exp(-(distance - min_dist) / spread) beyond it, at
// 300 distances up to 3 spread, as umap-learn fits it: (1.577, 0.895) for 0.1 and 1.
// REQUIRES: 0 <= min_dist <= spread, spread > 0.
UmapCurve FitUmapCurve(double min_dist, double spread);

}  // namespace spirogram::projector
