// What is wrong with an embedding, in words for the people who trained it: a decision tree over its
// statistics. No single number tells all failures apart; four cheap ones do.
//
// Pure functions. Thresholds come from embeddings that were made healthy or sick on purpose; those
// of hubs are relative to a Gaussian with as many rows and dims, never absolute.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "projector/far_rows.h"
#include "projector/statistics.h"
#include "projector/threads.h"

namespace spirogram::projector {

// Complete collapse: the distance from the mean row over its length, below this. Rows that point
// one way at lengths of their own are none, however alike their directions.
inline constexpr double kCollapseSpreadMax = 0.05;
// Tight clusters: nearest over random distance below the first, silhouette above the second.
inline constexpr double kTightnessMax = 0.1;
inline constexpr double kSilhouetteMin = 0.8;
// Dimensional collapse: the centred RankMe over the dims, below this.
inline constexpr double kRankShareMin = 0.1;
// Or intrinsic dims, below this.
inline constexpr double kIntrinsicMin = 4;

enum class EmbeddingFault {
  kNonFinite,            // rows that hold NaN or Inf
  kFarRows,              // a few rows far from all others
  kCompleteCollapse,     // all rows are nearly one
  kCone,                 // all rows point one way
  kTightClusters,        // the rows lump into a few points
  kDimensionalCollapse,  // most directions are unused
  kHubs,                 // a few rows are everybody's neighbours
  kNormSkew,             // lengths, not directions, tell rows apart
  kDuplicates,           // rows that are equal: defaults, or one id for several things
  kUntrainedRows,        // rows that never moved
  kDecline,              // gets worse from checkpoint to checkpoint
};
// "complete_collapse", "cone", ...
const char* EmbeddingFaultName(EmbeddingFault fault);

enum class FaultSeverity { kHint, kWarning, kCritical };

// A number that proves a finding: "silhouette", 0.98, above 0.8.
struct Evidence {
  std::string name;
  double value = 0;
  double threshold = 0;
  bool is_above = false;  // else below
};

// How much of the clusters one column of metadata explains.
struct ColumnPurity {
  std::string column;
  double purity = 0;    // share of rows with the commonest value of their cluster
  double baseline = 0;  // the same if all rows were one cluster
};

struct ClusterFinding {
  int64_t size = 0;
  std::vector<int64_t> rows;  // the first ones, at most 20
  std::string commonest;      // value of the column that explains the clusters best; may be empty
  double commonest_share = 0;
};

struct EmbeddingFinding {
  EmbeddingFault fault = EmbeddingFault::kCompleteCollapse;
  FaultSeverity severity = FaultSeverity::kHint;
  std::string title;    // one line: "The rows form 5 tight clusters"
  std::string summary;  // what the numbers say, and what to try
  std::vector<Evidence> evidence;
  int64_t affected = 0;                  // rows, or dims of a dimensional collapse
  std::vector<int64_t> rows;             // at most kRowsNamedMax of them
  std::vector<int32_t> dims;             // dead ones
  std::vector<ClusterFinding> clusters;  // largest first
  std::vector<ColumnPurity> columns;     // best first
  int64_t onset_step = 0;                // of kDecline: the first step from which it holds
};

// A column of metadata: one code per row, an index into `values`. Codes outside are unknown.
struct MetadataColumn {
  std::string name;
  std::span<const int32_t> codes;  // N
  std::vector<std::string> values;
};

struct Checkpoint {
  int64_t step = 0;
  double rankme_centred = 0;
  double tightness = 0;
  double mean_cosine = 0;
  double loss = std::numeric_limits<double>::quiet_NaN();  // NaN: not known
};

// What the trend looks at, from a sample of the rows without those that are far: the same ones of
// every table with as many, so that checkpoints compare. Step and loss are left to the caller.
// Errors: as NearestNeighbors.
Result<Checkpoint> MeasureCheckpoint(const MatrixView& matrix, ThreadPool* pool,
                                     const std::stop_token& stop);

// The finding of rows that finite_rows.h leaves out of everything else. REQUIRES: there are some.
EmbeddingFinding NonFiniteRows(const MatrixView& matrix, std::span<const int64_t> rows);
// That of rows that far_rows.h finds, and that are left out as well. REQUIRES: there are some.
EmbeddingFinding DescribeFarRows(const FarRows& far);

// What a dimensional collapse leaves: the directions that hold the variance or, where the rows lie
// on a curved surface, its dims.
int64_t DimsUsed(const EmbeddingStatistics& statistics);

// Worst first. `history`, ascending by step and including the present, may be empty. Columns with
// other than N codes are left out. Fewer than 20 rows prove nothing: no finding.
std::vector<EmbeddingFinding> FindEmbeddingFaults(const EmbeddingStatistics& statistics,
                                                  std::span<const MetadataColumn> columns,
                                                  std::span<const Checkpoint> history);

}  // namespace spirogram::projector
