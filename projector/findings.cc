#include "projector/findings.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <optional>

#include "base/str.h"
#include "projector/findings_internal.h"
#include "projector/finite_rows.h"

namespace spirogram::projector {
namespace {

constexpr int64_t kRowsMin = 20;
// Complete collapse, beside that of findings.h, which brings these about.
constexpr double kChannelStdMin = 0.05;
constexpr double kOneDirectionCosine = 0.99;
// Cone.
constexpr double kConeCosine = 0.8;
constexpr double kConeRankShare = 0.5;
// Tight clusters, beside those of findings.h.
constexpr double kLargestShareMax = 0.95;  // beyond it the others are outliers, not clusters
// Dimensional collapse, beside findings.h; below so many directions few may be all there is.
constexpr double kSideMin = 32;
constexpr double kParticipationMin = 5;
constexpr double kIntrinsicOfPairs = 0.75;  // no surface has so few: rows lie in pairs
constexpr double kSilhouetteMax = 0.5;
// Hubs and norms.
constexpr double kHubFactor = 2;
constexpr double kAntihubShare = 0.3;
constexpr double kNormSkew = 2;
constexpr double kNormSpread = 0.5;
// Equal and unmoved rows.
constexpr double kDuplicateShare = 0.05;
constexpr double kUnmovedShare = 0.05;

using Statistics = EmbeddingStatistics;

EmbeddingFinding Make(EmbeddingFault fault, FaultSeverity severity, std::string title,
                      std::string summary) {
  EmbeddingFinding finding;
  finding.fault = fault;
  finding.severity = severity;
  finding.title = std::move(title);
  finding.summary = std::move(summary);
  return finding;
}

int64_t RowsOf(double share, const Statistics& s) {
  return std::llround(share * static_cast<double>(s.points));
}

std::optional<EmbeddingFinding> CompleteCollapse(const Statistics& s) {
  const DirectionStatistics& d = s.directions;
  // A single dim has two directions: rows of one sign are no collapse.
  const bool is_equal = s.spectrum.participation_ratio == 0;
  if (!is_equal && (s.dims < 2 || d.spread_ratio >= kCollapseSpreadMax)) return std::nullopt;
  EmbeddingFinding finding =
      Make(EmbeddingFault::kCompleteCollapse, FaultSeverity::kCritical,
           "All rows have collapsed to nearly one",
           StrCat("The rows differ by ", Percent(is_equal ? 0 : d.spread_ratio),
                  " of the length of their mean, and their mean cosine is ", Short(d.mean_cosine),
                  ": whatever the input, the model sees the same vector. Usual causes: a loss "
                  "without negatives or a variance term, a learning rate far too high, or weight "
                  "decay on rows that get no gradient."));
  finding.evidence = {{"channel std x sqrt(dims)", d.channel_std, kChannelStdMin, false},
                      {"mean cosine", d.mean_cosine, kOneDirectionCosine, true},
                      {"spread / length of the mean", d.spread_ratio, kCollapseSpreadMax, false}};
  finding.affected = s.points;
  return finding;
}

std::optional<EmbeddingFinding> Cone(const Statistics& s) {
  const double cosine = s.directions.mean_cosine;
  const double raw = s.spectrum.rankme_raw;
  const double centred = s.spectrum.rankme_centred;
  const bool is_narrow = cosine > kConeCosine;
  if (s.dims < 2 || !(is_narrow || raw < kConeRankShare * centred)) return std::nullopt;
  EmbeddingFinding finding =
      Make(EmbeddingFault::kCone, FaultSeverity::kWarning, "The rows point one way: a cone",
           StrCat("Two random rows have a cosine of ", Short(cosine),
                  " on average, because all share one large mean. Without it the rows use ",
                  Short(centred), " directions, with it ", Short(raw),
                  ". Subtract the mean row before comparing by cosine; the rows themselves may be "
                  "sound."));
  finding.evidence = {
      {"mean cosine", cosine, kConeCosine, true},
      {"RankMe raw / centred", centred > 0 ? raw / centred : 0, kConeRankShare, false}};
  finding.affected = s.points;
  return finding;
}

void NameRows(std::span<const int64_t> rows, EmbeddingFinding* finding) {
  finding->affected = std::ssize(rows);
  const auto named = rows.first(std::min(rows.size(), kRowsNamedMax));
  finding->rows.assign(named.begin(), named.end());
}

}  // namespace

EmbeddingFinding NonFiniteRows(const MatrixView& matrix, std::span<const int64_t> rows) {
  EmbeddingFinding finding = Make(
      EmbeddingFault::kNonFinite, FaultSeverity::kCritical,
      StrCat(rows.size(), rows.size() == 1 ? " row holds" : " rows hold", " NaN or Inf"),
      StrCat("Row ", DescribeRows(matrix, rows),
             ". Such rows have no place on a map and are in none of the other figures here. Usual "
             "causes: a gradient that overflowed (clip it, lower the learning rate, or raise the "
             "loss scale's floor), a division by a norm or count of 0, or rows that were never "
             "filled. The first checkpoint that has them says when."));
  const double share = static_cast<double>(rows.size()) / static_cast<double>(matrix.points);
  finding.evidence = {{"share of the rows", share, 0, true}};
  NameRows(rows, &finding);
  return finding;
}

EmbeddingFinding DescribeFarRows(const FarRows& far) {
  const bool is_one = far.rows.size() == 1;
  EmbeddingFinding finding =
      Make(EmbeddingFault::kFarRows, FaultSeverity::kWarning,
           StrCat(far.rows.size(), is_one ? " row lies" : " rows lie", " far from all others"),
           StrCat(is_one ? "Row " : "The farthest is row ", far.farthest, ", ",
                  std::llround(far.times), " times as far from the mean row as the median row; ",
                  is_one ? "it has " : "together they have ", Percent(far.variance_share),
                  " of the variance, and ", is_one ? "is" : "are",
                  " in none of the other figures here. On a map by principal components all "
                  "others lie in one place. Usual causes: updates of rare ids that diverged (clip "
                  "the gradient, lower the learning rate), or rows in another unit."));
  finding.evidence = {{"distance / median distance from the mean", far.times, kFarTimesMin, true},
                      {"share of the variance", far.variance_share, kFarVarianceShareMin, true}};
  NameRows(far.rows, &finding);
  return finding;
}

namespace {

bool IsClustered(const Statistics& s) {
  if (s.tightness >= kTightnessMax || s.clusters.silhouette <= kSilhouetteMin) return false;
  std::vector<int64_t> sizes(static_cast<size_t>(s.clusters.clusters), 0);
  for (const int32_t cluster : s.clusters.assignment) ++sizes[static_cast<size_t>(cluster)];
  return static_cast<double>(std::ranges::max(sizes)) <
         kLargestShareMax * static_cast<double>(s.points);
}

std::optional<EmbeddingFinding> TightClusters(const Statistics& s,
                                              std::span<const MetadataColumn> columns) {
  if (!IsClustered(s)) return std::nullopt;
  EmbeddingFinding finding = Make(EmbeddingFault::kTightClusters, FaultSeverity::kCritical, {}, {});
  finding.evidence = {{"nearest / random distance", s.tightness, kTightnessMax, false},
                      {"silhouette", s.clusters.silhouette, kSilhouetteMin, true}};
  DescribeClusters(s.clusters, columns, &finding);
  const auto clusters = finding.clusters.size();
  finding.title = StrCat("The rows form ", clusters, " tight clusters");
  finding.summary = StrCat(
      "Within a cluster the rows are nearly equal: ", Percent(s.clusters.within_share),
      " of the variance is left inside, and the nearest row lies at ", Percent(s.tightness),
      " of the distance of a random one. Inside a cluster the model can tell nothing apart.");
  if (!finding.columns.empty() && finding.columns[0].purity > finding.columns[0].baseline) {
    const ColumnPurity& best = finding.columns[0];
    finding.summary += StrCat(" ", Percent(best.purity), " of the rows share the column \"",
                              best.column, "\" with most of their cluster (",
                              Percent(best.baseline), " would without clusters).");
  }
  finding.affected = s.points;
  return finding;
}

bool IsFlat(const Statistics& s) {
  return s.two_nn >= kIntrinsicOfPairs && s.two_nn < kIntrinsicMin;
}

std::optional<EmbeddingFinding> DimensionalCollapse(const Statistics& s) {
  const double side = static_cast<double>(std::min(s.dims, s.spectrum.rows - 1));
  if (side < kSideMin || s.clusters.silhouette >= kSilhouetteMax) return std::nullopt;
  const double rank_share = s.spectrum.rankme_centred / side;
  const double participation = s.spectrum.participation_ratio;
  if (rank_share >= kRankShareMin && participation >= kParticipationMin && !IsFlat(s)) {
    return std::nullopt;
  }
  EmbeddingFinding finding =
      Make(EmbeddingFault::kDimensionalCollapse, FaultSeverity::kCritical,
           StrCat("Of ", s.dims, " dims about ", DimsUsed(s), " are used"),
           StrCat("The rows spread over ", Short(s.spectrum.rankme_centred),
                  " directions (RankMe) and lie on a surface of ", Short(s.two_nn),
                  " dims; the largest direction alone has ", Percent(s.spectrum.largest_share),
                  " of the variance. ", s.dead_dims.size(),
                  " dims do not vary at all. The model stores less than its table could hold: look "
                  "for a bottleneck, weak negatives, or strong regularisation."));
  finding.evidence = {{"RankMe centred / dims", rank_share, kRankShareMin, false},
                      {"participation ratio", participation, kParticipationMin, false},
                      {"intrinsic dims (TwoNN)", s.two_nn, kIntrinsicMin, false},
                      {"silhouette", s.clusters.silhouette, kSilhouetteMax, false}};
  finding.dims = s.dead_dims;
  finding.affected = s.dims - DimsUsed(s);
  return finding;
}

std::optional<EmbeddingFinding> Hubs(const Statistics& s) {
  const double limit = kHubFactor * s.hubs.gaussian_skew;
  if (s.hubs.gaussian_skew <= 0 || s.hubs.skew <= limit || s.hubs.antihub_share <= kAntihubShare) {
    return std::nullopt;
  }
  EmbeddingFinding finding = Make(
      EmbeddingFault::kHubs, FaultSeverity::kWarning, "A few rows are the neighbours of everybody",
      StrCat("Row ", s.hubs.hubs[0], " is among the ", s.hubs.neighbors, " nearest of ",
             s.hubs.hub_counts[0], " rows, while ", Percent(s.hubs.antihub_share),
             " of the rows are never anybody's neighbour. Random data of this size would have "
             "a skew of ",
             Short(s.hubs.gaussian_skew), ", not ", Short(s.hubs.skew),
             ". Retrieval will answer with the same rows; try centring, or cosine with "
             "normalised lengths."));
  finding.evidence = {
      {"skew of neighbour counts", s.hubs.skew, limit, true},
      {"rows that are nobody's neighbour", s.hubs.antihub_share, kAntihubShare, true}};
  NameRows(s.hubs.hubs, &finding);
  return finding;
}

std::optional<EmbeddingFinding> NormSkew(const Statistics& s) {
  if (s.norms.skew <= kNormSkew || s.norms.spread <= kNormSpread) return std::nullopt;
  EmbeddingFinding finding =
      Make(EmbeddingFault::kNormSkew, FaultSeverity::kHint,
           "Lengths of rows differ much, a few are very long",
           StrCat("The lengths have a standard deviation of ", Percent(s.norms.spread),
                  " of their mean, with a long tail (skew ", Short(s.norms.skew),
                  "). Often popularity is encoded in the length: compare by cosine if it should "
                  "not count."));
  finding.evidence = {{"skew of lengths", s.norms.skew, kNormSkew, true},
                      {"spread of lengths", s.norms.spread, kNormSpread, true}};
  return finding;
}

std::optional<EmbeddingFinding> Duplicates(const Statistics& s) {
  if (s.duplicate_share <= kDuplicateShare) return std::nullopt;
  EmbeddingFinding finding =
      Make(EmbeddingFault::kDuplicates, FaultSeverity::kWarning,
           StrCat(Percent(s.duplicate_share), " of the rows are copies of another"),
           "Rows that are equal to the last bit were never trained apart: default rows, rows that "
           "get no gradient, or several ids that share one row.");
  finding.evidence = {{"share of equal rows", s.duplicate_share, kDuplicateShare, true}};
  finding.affected = RowsOf(s.duplicate_share, s);
  finding.rows = s.duplicates;
  return finding;
}

std::optional<EmbeddingFinding> UntrainedRows(const Statistics& s) {
  const double share = s.unmoved_share.value_or(0);
  if (share <= kUnmovedShare) return std::nullopt;
  EmbeddingFinding finding =
      Make(EmbeddingFault::kUntrainedRows, FaultSeverity::kWarning,
           StrCat(Percent(share), " of the rows have not moved since the first checkpoint"),
           "They are what they were at the start, to the last bit: no batch has asked for them, or "
           "their gradient is zero.");
  finding.evidence = {{"share of rows that never moved", share, kUnmovedShare, true}};
  finding.affected = RowsOf(share, s);
  finding.rows = s.unmoved;
  return finding;
}

}  // namespace

const char* EmbeddingFaultName(EmbeddingFault fault) {
  switch (fault) {
    case EmbeddingFault::kNonFinite:
      return "non_finite_rows";
    case EmbeddingFault::kFarRows:
      return "far_rows";
    case EmbeddingFault::kCompleteCollapse:
      return "complete_collapse";
    case EmbeddingFault::kCone:
      return "cone";
    case EmbeddingFault::kTightClusters:
      return "tight_clusters";
    case EmbeddingFault::kDimensionalCollapse:
      return "dimensional_collapse";
    case EmbeddingFault::kHubs:
      return "hubs";
    case EmbeddingFault::kNormSkew:
      return "norm_skew";
    case EmbeddingFault::kDuplicates:
      return "duplicates";
    case EmbeddingFault::kUntrainedRows:
      return "untrained_rows";
    case EmbeddingFault::kDecline:
      return "decline";
  }
  return "unknown";
}

int64_t DimsUsed(const EmbeddingStatistics& statistics) {
  double used = statistics.spectrum.participation_ratio;
  if (IsFlat(statistics)) used = std::min(used, statistics.two_nn);
  return std::llround(std::max(1.0, used));
}

std::string Short(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.3g", value);
  return text;
}

std::string Percent(double share) {
  return Short(100 * share) + " %";
}

std::vector<EmbeddingFinding> FindEmbeddingFaults(const EmbeddingStatistics& statistics,
                                                  std::span<const MetadataColumn> columns,
                                                  std::span<const Checkpoint> history) {
  std::vector<EmbeddingFinding> findings;
  if (statistics.points < kRowsMin) return findings;
  const auto add = [&findings](std::optional<EmbeddingFinding> finding) {
    if (finding) findings.push_back(std::move(*finding));
    return finding.has_value();
  };
  // Where all is one point, its noise has neither clusters nor hubs worth a word.
  if (!add(CompleteCollapse(statistics))) {
    add(Cone(statistics));
    if (!add(TightClusters(statistics, columns))) add(DimensionalCollapse(statistics));
    add(Hubs(statistics));
    add(NormSkew(statistics));
  }
  add(Duplicates(statistics));
  add(UntrainedRows(statistics));
  add(Decline(history));
  std::stable_sort(
      findings.begin(), findings.end(),
      [](const EmbeddingFinding& a, const EmbeddingFinding& b) { return a.severity > b.severity; });
  return findings;
}

}  // namespace spirogram::projector
