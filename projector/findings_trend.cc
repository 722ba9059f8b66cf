// The rule over time: the most reliable one, since each embedding is its own measure.
#include <algorithm>
#include <cmath>
#include <vector>

#include "base/str.h"
#include "projector/findings_internal.h"
#include "projector/finite_rows.h"
#include "projector/sampling.h"

namespace spirogram::projector {
namespace {

constexpr int64_t kSampleRows = 2'000;
constexpr int kNeighbors = 2;
constexpr double kFallMax = 0.3;
constexpr double kCosineRiseMax = 0.2;

struct Trend {
  const char* name;
  double change = 0;  // at the last checkpoint: a share for falls, a difference for rises
  double threshold = 0;
  size_t best = 0;   // the checkpoint that it is measured against
  size_t onset = 0;  // the first from which it holds to the end
  bool holds = false;
};

// `change(best, now)` is the change from the best value so far; `is_better` picks that.
template <typename Read, typename Better, typename Change>
Trend Follow(const char* name, double threshold, std::span<const Checkpoint> history,
             const Read& read, const Better& is_better, const Change& change) {
  Trend trend{name};
  trend.threshold = threshold;
  size_t best = 0;
  for (size_t at = 0; at < history.size(); ++at) {
    if (is_better(read(history[at]), read(history[best]))) best = at;
    const double now = change(read(history[best]), read(history[at]));
    const bool holds = now > threshold;
    if (holds && !trend.holds) trend.onset = at;
    trend.holds = holds;
    trend.change = now;
    trend.best = best;
  }
  return trend;
}

std::vector<Trend> Trends(std::span<const Checkpoint> history) {
  const auto larger = [](double a, double b) { return a > b; };
  const auto smaller = [](double a, double b) { return a < b; };
  const auto fall = [](double best, double now) { return best > 0 ? (best - now) / best : 0.0; };
  const auto rise = [](double best, double now) { return now - best; };
  return {
      Follow(
          "fall of centred RankMe", kFallMax, history,
          [](const Checkpoint& c) { return c.rankme_centred; }, larger, fall),
      Follow(
          "fall of nearest / random distance", kFallMax, history,
          [](const Checkpoint& c) { return c.tightness; }, larger, fall),
      Follow(
          "rise of mean cosine", kCosineRiseMax, history,
          [](const Checkpoint& c) { return c.mean_cosine; }, smaller, rise),
  };
}

enum class LossTrend { kFalls, kDoesNotFall, kUnknown };

LossTrend LossSince(std::span<const Checkpoint> history, size_t best) {
  const double then = history[best].loss;
  const double now = history.back().loss;
  if (std::isnan(then) || std::isnan(now)) return LossTrend::kUnknown;
  return now < then ? LossTrend::kFalls : LossTrend::kDoesNotFall;
}

}  // namespace

Result<Checkpoint> MeasureCheckpoint(const MatrixView& matrix, ThreadPool* pool,
                                     const std::stop_token& stop) {
  const StatisticsOptions options;
  const std::vector<int64_t> rows = SampleRows(matrix.points, kSampleRows, options.seed);
  std::vector<float> values = CopyRows(matrix, rows);
  const FarRows far = FindFarRows({values, std::ssize(rows), matrix.dims});
  TakeRowsOut(far.rows, matrix.dims, &values);
  const MatrixView sample{values, std::ssize(values) / matrix.dims, matrix.dims};
  NeighborOptions nearest;
  nearest.neighbors = kNeighbors;
  ASSIGN_OR_RETURN(const NeighborGraph graph, NearestNeighbors(sample, nearest, pool, stop, {}));
  Checkpoint checkpoint;
  checkpoint.rankme_centred = ComputeSpectrum(sample, options, pool, stop).rankme_centred;
  checkpoint.tightness = ComputeTightness(sample, graph, options);
  checkpoint.mean_cosine = ComputeDirections(sample, options).mean_cosine;
  return checkpoint;
}

std::optional<EmbeddingFinding> Decline(std::span<const Checkpoint> history) {
  if (history.size() < 2) return std::nullopt;
  EmbeddingFinding finding;
  finding.fault = EmbeddingFault::kDecline;
  finding.severity = FaultSeverity::kHint;
  size_t onset = history.size();
  for (const Trend& trend : Trends(history)) {
    if (!trend.holds) continue;
    // A rank that falls while the loss rises is a training that fails for other reasons. A cosine
    // that rises counts by itself.
    const LossTrend loss = LossSince(history, trend.best);
    const bool needs_loss = trend.threshold == kFallMax;
    if (needs_loss && loss == LossTrend::kDoesNotFall) continue;
    if (!needs_loss || loss == LossTrend::kFalls) finding.severity = FaultSeverity::kWarning;
    finding.evidence.push_back({trend.name, trend.change, trend.threshold, true});
    onset = std::min(onset, trend.onset);
    if (loss == LossTrend::kUnknown && needs_loss) {
      finding.summary = " The loss is not known: if it no longer falls, this may be another fault.";
    }
  }
  if (finding.evidence.empty()) return std::nullopt;
  finding.onset_step = history[onset].step;
  finding.title = StrCat("The embedding has been collapsing since step ", finding.onset_step);
  const Checkpoint& last = history.back();
  finding.summary = StrCat(
      "Against the best of the checkpoints before, the rows use fewer directions, lie nearer "
      "to each other or point more one way: at step ",
      last.step, " centred RankMe is ", Short(last.rankme_centred), ", nearest / random distance ",
      Short(last.tightness), ", mean cosine ", Short(last.mean_cosine),
      ". The loss does not show it; keep the checkpoint from before.", finding.summary);
  return finding;
}

}  // namespace spirogram::projector
