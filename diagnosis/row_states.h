// What every row of an embedding table has been through, and what a window says of each: unseen,
// idle, live, or stalled in one of four ways. 32 bytes a row. Not thread-safe.
//
// A row is judged in windows that touch it at least 5 times. "Since first touch" is the measure for
// movement, not the window: a row that has learned and now rests is converged, not stalled.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "base/types.h"
#include "diagnosis/peer_rates.h"
#include "store/answers.h"

namespace spirogram::diagnosis {

// What moves by less than this share of its norm per update is slow by any measure.
inline constexpr double kSlowRatio = 3e-6;

// The ways in which a touched row can fail to learn.
enum class RowFault : uint8_t {
  kNoGradient,       // touched, and its gradient is exactly zero
  kNoUpdate,         // has a gradient, and does not change at all
  kSlow,             // has a gradient, and hardly moves by any measure
  kSlowForTheModel,  // hardly moves if other tables or layers move at a usual pace: needs
                     // comparison
};
inline constexpr size_t kRowFaults = 4;

struct RowFaultTally {
  int64_t rows = 0;
  Step onset = 0;            // when the row that filled the measure of a finding began to stall
  std::vector<int64_t> ids;  // at most 50, most touched first
  double movement = 0;       // medians over these rows, see RowTally
  double update_ratio = 0;
  double update = 0;
};

// What one window says of the table.
struct RowTally {
  Step first_step = 0;
  Step step = 0;
  int64_t rows = 0;
  int64_t unseen = 0;  // never touched; never counted as stalled
  int64_t idle = 0;    // touched before, not in this window
  int64_t judged = 0;  // touched at least 5 times in this window, padding row left out
  int64_t needed = 0;  // stalled rows that make a finding
  int64_t peers = 0;   // judged rows that are known to learn
  std::array<RowFaultTally, kRowFaults> faults;
  // Medians over the judged rows; NaN when unknown.
  double movement = std::numeric_limits<double>::quiet_NaN();             // sum of updates / norm
  double update_ratio = std::numeric_limits<double>::quiet_NaN();         // movement per update
  double window_update_ratio = std::numeric_limits<double>::quiet_NaN();  // in this window alone
  double update = std::numeric_limits<double>::quiet_NaN();               // L2 norm, per update
  double gradient = std::numeric_limits<double>::quiet_NaN();             // L2 norm, per update

  int64_t moved_untouched = 0;  // rows that changed though the window did not touch them
  int64_t moved_unseen = 0;     // of these, never touched at all
  int64_t unknown = 0;  // judged rows of which neither gradient nor movement is a finite number
  int64_t silent = 0;   // judged rows without a gradient in this window
  // The most touched row that holds at least 1 % of all touches and never had a gradient; -1 if
  // none.
  int64_t silent_hot_row = -1;
  double silent_hot_share = 0;

  bool is_judgeable() const;
};

class RowStates {
 public:
  static constexpr size_t kIdsMax = 50;
  static constexpr double kJudgedTouches = 5;
  static constexpr int64_t kSmallTable = 20;

  explicit RowStates(int64_t rows) : rows_(static_cast<size_t>(rows)) {}

  int64_t size() const { return static_cast<int64_t>(rows_.size()); }

  // REQUIRES: the window has as many rows as this, a whole column "touches", and comes after the
  // last one. `padding_row` is never judged.
  RowTally Add(const store::EntityStats& window, std::optional<int64_t> padding_row);

 private:
  enum class Still : uint8_t { kNo, kNoGradient, kNoUpdate };

  struct Row {
    Step first_touch = 0;  // first step of the window that touched it first
    Step still_since = 0;
    float touches = 0;
    float updates = 0;   // steps that touched it, estimated
    float movement = 0;  // sum of the norms of its changes since the first touch
    Still still = Still::kNo;
    uint8_t still_windows = 0;  // in a row, among those that touched it
    bool had_gradient : 1 = false;
    bool is_slow : 1 = false;
    bool is_slow_for_the_model : 1 = false;
  };
  static_assert(sizeof(Row) <= 32, "a table has millions of rows");

  // A row that is judged in this window.
  struct Judged {
    size_t row;
    float touches;  // in this window
    double movement;
    double update_ratio;
    double window_update_ratio;
    double update;
    double gradient;
  };

  struct Columns;

  void Follow(const Columns& columns, size_t i, RowTally* tally);
  std::vector<Judged> Select(const Columns& columns, std::optional<int64_t> padding_row) const;
  void Judge(const std::vector<Judged>& judged, RowTally* tally);
  // Whether the row is known to learn, so that others can be measured by it.
  bool IsPeer(const Judged& judged) const;
  // The row's fault in this window; sets its is_slow flags.
  std::optional<RowFault> Classify(const Judged& judged, const PeerRates& peers, Step step);
  std::optional<RowFault> ClassifyPace(const Judged& judged, const PeerRates& peers);
  void Summarise(const std::vector<Judged>& stalled, RowFault fault, RowTally* tally) const;
  Step OnsetOf(const Row& row, RowFault fault) const;

  std::vector<Row> rows_;
};

}  // namespace spirogram::diagnosis
