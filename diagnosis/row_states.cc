#include "diagnosis/row_states.h"

#include <algorithm>
#include <cmath>

#include "diagnosis/median.h"
#include "diagnosis/window.h"

namespace spirogram::diagnosis {
namespace {

constexpr double kStalledShare = 0.02;
constexpr int64_t kStalledRowsMin = 3;
constexpr double kNegligibleGradientSquare = 1e-12;  // of the median of the touched rows
constexpr double kNoUpdateStepsMin = 20;
constexpr double kUpdatesMin = 20;         // before a row's pace is judged
constexpr double kLearnedMovement = 0.01;  // of its norm: from here on a row has learned
constexpr double kSlowEndsMovement = 0.1;  // a row once found slow stays so up to here
constexpr double kSlowForTheModelRatio = 1e-4;
constexpr double kSlowForTheModelMovement = 0.03;
constexpr double kSlowForTheModelEndsMovement = 0.3;
constexpr double kBehindPeersMovement = 1e-3;
constexpr double kBehindPeers = 10;  // times
constexpr size_t kPeersToAcquit = 10;
constexpr size_t kPeersToConvict = 20;
constexpr double kHotShare = 0.01;

double MedianOfFinite(std::vector<double> values) {
  std::erase_if(values, [](double value) { return !std::isfinite(value); });
  return Median(std::move(values));
}

}  // namespace

struct RowStates::Columns {
  explicit Columns(const store::EntityStats& window)
      : touches(Column(window, "touches")),
        gradient_square(Column(window, "gradient_square")),
        update_norm(Column(window, "update_norm")),
        row_norm(Column(window, "row_norm")),
        first_step(std::min(window.first_step, window.step)),
        steps(StepSpan(window.first_step, window.step)) {
    std::vector<double> squares;
    for (size_t i = 0; i < gradient_square.size(); ++i) {
      const float square = ValueAt(gradient_square, i);
      if (square > 0 && ValueAt(touches, i) >= kJudgedTouches) squares.push_back(square);
    }
    if (!squares.empty()) negligible_square = Median(squares) * kNegligibleGradientSquare;
  }

  std::span<const float> touches;
  std::span<const float> gradient_square;
  std::span<const float> update_norm;
  std::span<const float> row_norm;
  Step first_step;
  double steps;
  double negligible_square = 0;
};

bool RowTally::is_judgeable() const {
  return rows < RowStates::kSmallTable ? judged > 0 : judged >= RowStates::kSmallTable;
}

RowTally RowStates::Add(const store::EntityStats& window, std::optional<int64_t> padding_row) {
  const Columns columns(window);
  RowTally tally;
  tally.first_step = columns.first_step;
  tally.step = window.step;
  tally.rows = size();
  for (size_t i = 0; i < rows_.size(); ++i) Follow(columns, i, &tally);
  const std::vector<Judged> judged = Select(columns, padding_row);
  tally.judged = static_cast<int64_t>(judged.size());
  const double share = std::ceil(kStalledShare * static_cast<double>(judged.size()));
  tally.needed = tally.rows < kSmallTable ? tally.judged / 2 + 1
                                          : std::max(kStalledRowsMin, static_cast<int64_t>(share));
  Judge(judged, &tally);

  double touches = 0;
  for (size_t i = 0; i < rows_.size(); ++i) touches += std::max(0.0f, ValueAt(columns.touches, i));
  for (const Judged& row : judged) {
    const bool is_hot = row.touches >= kHotShare * touches;
    if (rows_[row.row].still != Still::kNoGradient) continue;
    ++tally.silent;
    // A row that had a gradient and lost it is not one for padding.
    if (!is_hot || rows_[row.row].had_gradient) continue;
    const double row_share = row.touches / touches;
    if (row_share <= tally.silent_hot_share) continue;
    tally.silent_hot_row = static_cast<int64_t>(row.row);
    tally.silent_hot_share = row_share;
  }
  return tally;
}

void RowStates::Follow(const Columns& columns, size_t i, RowTally* tally) {
  Row& row = rows_[i];
  const float touches = ValueAt(columns.touches, i);
  const float square = ValueAt(columns.gradient_square, i);
  const float update = ValueAt(columns.update_norm, i);
  if (touches <= 0) {
    const bool is_unseen = row.touches == 0;
    ++(is_unseen ? tally->unseen : tally->idle);
    if (touches == kUnknown || update <= 0) return;
    ++tally->moved_untouched;
    if (is_unseen)
      ++tally->moved_unseen;
    else
      row.movement += update;
    return;
  }
  if (row.touches == 0) row.first_touch = columns.first_step;
  row.touches += touches;
  row.updates += std::min(touches, static_cast<float>(columns.steps));
  row.movement += std::max(0.0f, update);

  Still still = Still::kNo;
  if (square != kUnknown && square <= columns.negligible_square)
    still = Still::kNoGradient;
  else if (square > 0 && update == 0)
    still = Still::kNoUpdate;
  if (still == Still::kNo || still != row.still) {
    row.still = still;
    row.still_since = columns.first_step;
    row.still_windows = 0;
  }
  if (still != Still::kNo && row.still_windows < 255) ++row.still_windows;
  if (square > columns.negligible_square) row.had_gradient = true;
}

std::vector<RowStates::Judged> RowStates::Select(const Columns& columns,
                                                 std::optional<int64_t> padding_row) const {
  std::vector<Judged> selected;
  for (size_t i = 0; i < rows_.size(); ++i) {
    const float touches = ValueAt(columns.touches, i);
    if (touches < kJudgedTouches || static_cast<int64_t>(i) == padding_row) continue;
    constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
    Judged judged{i, touches, kNaN, kNaN, kNaN, kNaN, kNaN};
    const double updates = std::min(static_cast<double>(touches), columns.steps);
    const double norm = ValueAt(columns.row_norm, i);
    const double update = ValueAt(columns.update_norm, i);
    const double square = ValueAt(columns.gradient_square, i);
    if (norm > 0 && update >= 0) {
      judged.movement = rows_[i].movement / norm;
      judged.update_ratio = judged.movement / rows_[i].updates;
      judged.update = rows_[i].movement / rows_[i].updates;
      judged.window_update_ratio = update / norm / updates;
    }
    // Σg² over the window: its root over √updates is the typical norm of one step's gradient.
    if (square >= 0) judged.gradient = std::sqrt(square / updates);
    selected.push_back(judged);
  }
  return selected;
}

void RowStates::Judge(const std::vector<Judged>& judged, RowTally* tally) {
  PeerRates peers;
  std::vector<double> movements, ratios, window_ratios, updates, gradients;
  for (const Judged& row : judged) {
    tally->unknown += std::isnan(row.movement) && std::isnan(row.gradient) ? 1 : 0;
    movements.push_back(row.movement);
    ratios.push_back(row.update_ratio);
    window_ratios.push_back(row.window_update_ratio);
    updates.push_back(row.update);
    gradients.push_back(row.gradient);
    if (IsPeer(row)) peers.Add(row.touches, row.window_update_ratio);
  }
  tally->movement = MedianOfFinite(std::move(movements));
  tally->update_ratio = MedianOfFinite(std::move(ratios));
  tally->window_update_ratio = MedianOfFinite(std::move(window_ratios));
  tally->update = MedianOfFinite(std::move(updates));
  tally->gradient = MedianOfFinite(std::move(gradients));
  peers.Sort();
  tally->peers = static_cast<int64_t>(peers.size());

  std::array<std::vector<Judged>, kRowFaults> stalled;
  for (const Judged& row : judged) {
    const auto fault = Classify(row, peers, tally->step);
    if (fault) stalled[static_cast<size_t>(*fault)].push_back(row);
    if (rows_[row.row].is_slow_for_the_model) {
      stalled[static_cast<size_t>(RowFault::kSlowForTheModel)].push_back(row);
    }
  }
  for (size_t fault = 0; fault < kRowFaults; ++fault) {
    Summarise(stalled[fault], static_cast<RowFault>(fault), tally);
  }
}

bool RowStates::IsPeer(const Judged& judged) const {
  const Row& row = rows_[judged.row];
  if (row.is_slow || row.is_slow_for_the_model) return false;
  if (!std::isfinite(judged.window_update_ratio)) return false;
  return judged.movement >= kSlowEndsMovement ||
         (judged.movement >= kLearnedMovement && judged.update_ratio >= kSlowForTheModelRatio);
}

std::optional<RowFault> RowStates::Classify(const Judged& judged, const PeerRates& peers,
                                            Step step) {
  Row& row = rows_[judged.row];
  if (row.still == Still::kNo) return ClassifyPace(judged, peers);
  row.is_slow = false;
  row.is_slow_for_the_model = false;
  if (row.still == Still::kNoGradient) {
    // A row that had gradients gets a second window: a margin loss may be content with it for one.
    const int windows = row.had_gradient ? 2 : 1;
    return row.still_windows >= windows ? std::optional(RowFault::kNoGradient) : std::nullopt;
  }
  // Updates that round to zero at the end of a decay are no fault of a row that has learned.
  const bool is_long = StepSpan(row.still_since, step) >= kNoUpdateStepsMin;
  const bool has_learned = judged.movement >= kLearnedMovement;
  return is_long && !has_learned ? std::optional(RowFault::kNoUpdate) : std::nullopt;
}

std::optional<RowFault> RowStates::ClassifyPace(const Judged& judged, const PeerRates& peers) {
  Row& row = rows_[judged.row];
  const bool is_known = std::isfinite(judged.movement) && row.updates >= kUpdatesMin;
  if (!is_known) return std::nullopt;
  const bool lags_peers = peers.size() > 0 && judged.window_update_ratio * kBehindPeers <
                                                  peers.MedianFor(judged.touches);
  // Rows that have learned and are as slow in this window: the schedule has slowed all of them.
  const bool is_acquitted = peers.size() >= kPeersToAcquit && !lags_peers;
  const double slow_end = row.is_slow ? kSlowEndsMovement : kLearnedMovement;
  const double model_end =
      row.is_slow_for_the_model ? kSlowForTheModelEndsMovement : kSlowForTheModelMovement;
  const bool crawls = judged.movement < slow_end && judged.update_ratio < kSlowRatio;
  const bool is_behind =
      judged.movement < kBehindPeersMovement && lags_peers && peers.size() >= kPeersToConvict;
  row.is_slow = (crawls || is_behind) && !is_acquitted;
  row.is_slow_for_the_model =
      judged.movement < model_end && judged.update_ratio < kSlowForTheModelRatio && !is_acquitted;
  return row.is_slow ? std::optional(RowFault::kSlow) : std::nullopt;
}

Step RowStates::OnsetOf(const Row& row, RowFault fault) const {
  const bool is_slow = fault == RowFault::kSlow || fault == RowFault::kSlowForTheModel;
  return is_slow ? row.first_touch : row.still_since;
}

void RowStates::Summarise(const std::vector<Judged>& stalled, RowFault fault,
                          RowTally* tally) const {
  RowFaultTally& out = tally->faults[static_cast<size_t>(fault)];
  out.rows = static_cast<int64_t>(stalled.size());
  if (stalled.empty()) return;
  std::vector<Step> onsets;
  std::vector<size_t> ids;
  std::vector<double> movements, ratios, updates;
  for (const Judged& judged : stalled) {
    onsets.push_back(OnsetOf(rows_[judged.row], fault));
    ids.push_back(judged.row);
    movements.push_back(judged.movement);
    ratios.push_back(judged.update_ratio);
    updates.push_back(judged.update);
  }
  const size_t kth = static_cast<size_t>(std::clamp(tally->needed, int64_t{1}, out.rows)) - 1;
  std::nth_element(onsets.begin(), onsets.begin() + static_cast<std::ptrdiff_t>(kth), onsets.end());
  out.onset = onsets[kth];
  const auto is_used_more = [this](size_t a, size_t b) {
    return std::pair(-rows_[a].touches, a) < std::pair(-rows_[b].touches, b);
  };
  const size_t shown = std::min(ids.size(), kIdsMax);
  std::partial_sort(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(shown), ids.end(),
                    is_used_more);
  out.ids.assign(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(shown));
  out.movement = MedianOfFinite(std::move(movements));
  out.update_ratio = MedianOfFinite(std::move(ratios));
  out.update = MedianOfFinite(std::move(updates));
}

}  // namespace spirogram::diagnosis
