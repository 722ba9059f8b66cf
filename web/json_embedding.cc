// Neighbours, statistics and findings of embeddings as JSON.
#include "web/json_embedding.h"

#include <algorithm>
#include <cmath>

#include "base/str.h"
#include "web/json.h"
#include "web/json_internal.h"

namespace spirogram::web {
namespace {

// null where there is no such number.
Json Finite(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json NumbersJson(const projector::EmbeddingStatistics& s) {
  return {{"rankme", Finite(s.spectrum.rankme_raw)},
          {"rankme_centred", Finite(s.spectrum.rankme_centred)},
          {"participation_ratio", Finite(s.spectrum.participation_ratio)},
          {"nesum", Finite(s.spectrum.nesum)},
          {"information_abundance", Finite(s.spectrum.information_abundance)},
          {"isoscore", Finite(s.spectrum.isoscore)},
          {"largest_share", Finite(s.spectrum.largest_share)},
          {"channel_std", Finite(s.directions.channel_std)},
          {"mean_cosine", Finite(s.directions.mean_cosine)},
          {"uniformity", Finite(s.directions.uniformity)},
          {"spread_ratio", Finite(s.directions.spread_ratio)},
          {"zero_rows", s.directions.zero_rows},
          {"hub_skew", Finite(s.hubs.skew)},
          {"hub_skew_gaussian", Finite(s.hubs.gaussian_skew)},
          {"antihub_share", Finite(s.hubs.antihub_share)},
          {"silhouette", Finite(s.clusters.silhouette)},
          {"clusters", s.clusters.clusters},
          {"within_share", Finite(s.clusters.within_share)},
          {"tightness", Finite(s.tightness)},
          {"intrinsic_dimension", Finite(s.two_nn)},
          {"norm_mean", Finite(s.norms.mean)},
          {"norm_spread", Finite(s.norms.spread)},
          {"norm_skew", Finite(s.norms.skew)},
          {"duplicate_share", Finite(s.duplicate_share)},
          {"dead_dims", s.dead_dims.size()},
          {"unmoved_share", s.unmoved_share ? Finite(*s.unmoved_share) : Json(nullptr)}};
}

Json CheckpointJson(const projector::Checkpoint& checkpoint) {
  return {{"step", checkpoint.step},
          {"rankme_centred", Finite(checkpoint.rankme_centred)},
          {"tightness", Finite(checkpoint.tightness)},
          {"mean_cosine", Finite(checkpoint.mean_cosine)},
          {"loss", Finite(checkpoint.loss)}};
}

const char* SeverityName(projector::FaultSeverity severity) {
  switch (severity) {
    case projector::FaultSeverity::kHint:
      return "hint";
    case projector::FaultSeverity::kWarning:
      return "warning";
    case projector::FaultSeverity::kCritical:
      return "critical";
  }
  return "hint";
}

// The finding names a few rows of a cluster; the assignment has all.
std::vector<int64_t> RowsOfCluster(const projector::ClusterFinding& cluster,
                                   const std::vector<int32_t>& assignment) {
  if (cluster.rows.empty()) return {};
  const auto known = static_cast<size_t>(cluster.rows.front());
  if (known >= assignment.size()) return cluster.rows;
  std::vector<int64_t> rows;
  for (size_t row = 0; row < assignment.size() && rows.size() < projector::kRowsNamedMax; ++row) {
    if (assignment[row] == assignment[known]) rows.push_back(static_cast<int64_t>(row));
  }
  return rows;
}

Json ClustersJson(const projector::EmbeddingFinding& finding,
                  const std::vector<int32_t>& assignment) {
  const auto to_json = [&](const projector::ClusterFinding& cluster) {
    const bool is_named = !finding.columns.empty() && !cluster.commonest.empty();
    return Json{
        {"rows_total", cluster.size},
        {"rows", RowsOfCluster(cluster, assignment)},
        {"label", is_named ? Json(StrCat(finding.columns.front().column, " = ", cluster.commonest))
                           : Json(nullptr)},
        {"share", is_named ? Finite(cluster.commonest_share) : Json(nullptr)}};
  };
  return JsonArray(finding.clusters, to_json);
}

Json EvidenceJson(const projector::Evidence& evidence) {
  return {{"name", evidence.name},
          {"value", Finite(evidence.value)},
          {"threshold", Finite(evidence.threshold)},
          {"is_above", evidence.is_above}};
}

Json FindingJson(const projector::EmbeddingFinding& finding,
                 const projector::EmbeddingStatistics& statistics) {
  const bool is_proven = !finding.evidence.empty();
  return {
      {"kind", projector::EmbeddingFaultName(finding.fault)},
      {"severity", SeverityName(finding.severity)},
      {"title", finding.title},
      {"summary", finding.summary},
      {"value", is_proven ? Finite(finding.evidence.front().value) : Json(nullptr)},
      {"threshold", is_proven ? Finite(finding.evidence.front().threshold) : Json(nullptr)},
      {"evidence", JsonArray(finding.evidence, EvidenceJson)},
      {"onset_step", finding.fault == projector::EmbeddingFault::kDecline ? Json(finding.onset_step)
                                                                          : Json(nullptr)},
      {"rows", finding.rows},
      {"rows_total", finding.affected},
      {"dims", finding.dims},
      {"clusters", ClustersJson(finding, statistics.clusters.assignment)}};
}

}  // namespace

std::string NeighborsItemJson(int64_t row, Step step, projector::Metric metric) {
  return Dump({{"row", row},
               {"step", step},
               {"metric", metric == projector::Metric::kCosine ? "cosine" : "euclidean"}});
}

std::string ChangesItemJson(Step step, Step from_step, int64_t neighbors,
                            const EmbeddingChanges& changes) {
  return Dump({{"step", step},
               {"from_step", from_step},
               {"k", neighbors},
               {"residual", Finite(changes.residual)},
               {"cka", Finite(changes.cka)}});
}

std::string EmbeddingReportJson(const EmbeddingReport& report) {
  const projector::EmbeddingStatistics& statistics = report.statistics;
  const auto to_json = [&](const auto& finding) { return FindingJson(finding, statistics); };
  return Dump({{"step", report.step},
               {"rows", statistics.points},
               {"dims", statistics.dims},
               {"statistics", NumbersJson(statistics)},
               {"history", JsonArray(report.history, CheckpointJson)},
               {"findings", JsonArray(report.findings, to_json)}});
}

}  // namespace spirogram::web
