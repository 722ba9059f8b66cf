#include <algorithm>
#include <map>
#include <vector>

#include "projector/findings_internal.h"

namespace spirogram::projector {
namespace {

constexpr size_t kRowsMax = 20;

// How often each known code occurs.
using Counts = std::map<int32_t, int64_t>;

Counts::const_iterator Commonest(const Counts& counts) {
  return std::max_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) {
    return a.second < b.second;  // of equals the smallest code
  });
}

struct ColumnCounts {
  Counts all;
  std::vector<Counts> by_cluster;
  int64_t known = 0;  // rows with a code of the column
};

ColumnCounts Count(const MetadataColumn& column, const ClusterStatistics& statistics) {
  ColumnCounts counts;
  counts.by_cluster.resize(static_cast<size_t>(statistics.clusters));
  for (size_t i = 0; i < column.codes.size(); ++i) {
    const int32_t code = column.codes[i];
    if (code < 0 || static_cast<size_t>(code) >= column.values.size()) continue;
    ++counts.known;
    ++counts.all[code];
    ++counts.by_cluster[static_cast<size_t>(statistics.assignment[i])][code];
  }
  return counts;
}

ColumnPurity PurityOf(const MetadataColumn& column, const ColumnCounts& counts) {
  int64_t pure = 0;
  for (const Counts& cluster : counts.by_cluster) {
    if (!cluster.empty()) pure += Commonest(cluster)->second;
  }
  const auto known = static_cast<double>(counts.known);
  return {column.name, static_cast<double>(pure) / known,
          static_cast<double>(Commonest(counts.all)->second) / known};
}

// What a column explains: how much purer its clusters are than all rows together. A column that
// has a value of its own for nearly every row, or one for all, explains nothing.
double Gain(const ColumnPurity& purity) {
  return purity.purity - purity.baseline;
}

}  // namespace

void DescribeClusters(const ClusterStatistics& statistics, std::span<const MetadataColumn> columns,
                      EmbeddingFinding* finding) {
  std::vector<ClusterFinding> clusters(static_cast<size_t>(statistics.clusters));
  for (size_t i = 0; i < statistics.assignment.size(); ++i) {
    ClusterFinding& cluster = clusters[static_cast<size_t>(statistics.assignment[i])];
    ++cluster.size;
    if (cluster.rows.size() < kRowsMax) cluster.rows.push_back(static_cast<int64_t>(i));
  }
  double best_gain = 0;
  for (const MetadataColumn& column : columns) {
    if (column.codes.size() != statistics.assignment.size()) continue;
    const ColumnCounts counts = Count(column, statistics);
    if (counts.known == 0) continue;
    finding->columns.push_back(PurityOf(column, counts));
    if (Gain(finding->columns.back()) <= best_gain) continue;
    best_gain = Gain(finding->columns.back());
    for (size_t c = 0; c < clusters.size(); ++c) {
      if (counts.by_cluster[c].empty()) continue;
      const auto commonest = Commonest(counts.by_cluster[c]);
      clusters[c].commonest = column.values[static_cast<size_t>(commonest->first)];
      clusters[c].commonest_share =
          static_cast<double>(commonest->second) / static_cast<double>(clusters[c].size);
    }
  }
  std::stable_sort(finding->columns.begin(), finding->columns.end(),
                   [](const ColumnPurity& a, const ColumnPurity& b) { return Gain(a) > Gain(b); });
  std::erase_if(clusters, [](const ClusterFinding& cluster) { return cluster.size == 0; });
  std::stable_sort(
      clusters.begin(), clusters.end(),
      [](const ClusterFinding& a, const ClusterFinding& b) { return a.size > b.size; });
  finding->clusters = std::move(clusters);
}

}  // namespace spirogram::projector
