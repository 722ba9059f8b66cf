// What the files behind findings.h share.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "projector/findings.h"

namespace spirogram::projector {

std::string Short(double value);    // three digits: "0.0174"
std::string Percent(double share);  // "1.74 %"

// Fills `clusters` and `columns`: sizes, and which column of metadata goes with the clusters.
void DescribeClusters(const ClusterStatistics& statistics, std::span<const MetadataColumn> columns,
                      EmbeddingFinding* finding);

// The rule over time; nothing for fewer than two checkpoints.
std::optional<EmbeddingFinding> Decline(std::span<const Checkpoint> history);

}  // namespace spirogram::projector
