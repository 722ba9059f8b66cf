// Clusters of rows that lie together, however many there are: what k-means, which has to be told
// their number, would need a trial for each.
#pragma once

#include <optional>
#include <span>

#include "projector/clusters.h"
#include "projector/projector.h"

namespace spirogram::projector {

// The shortest tree that links all rows is cut at the largest step, as a ratio, between the lengths
// of its links, among the steps that leave `fewest` to `most` clusters (single linkage). Nothing
// where no step is at least twofold: then the rows do not lie apart.
// REQUIRES: 2 <= fewest; squares is the SquaredDistances of the matrix.
std::optional<Clustering> CutAtLargestStep(const MatrixView& matrix, std::span<const float> squares,
                                           int64_t fewest, int64_t most);

}  // namespace spirogram::projector
