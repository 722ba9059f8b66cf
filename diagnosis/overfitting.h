// Rule "overfitting": the loss of held-out data rises while that of the training data does not.
// What the model learns from here on is worth nothing elsewhere, and a checkpoint of before is
// better. Or it never came down at all while that of the training data did.
//
// A rise against its own best, beyond its own scatter, that lasts: a gap between the two losses is
// no alarm, most healthy runs have one. Where an accuracy of the same data does not suffer, it is a
// fact and no alarm. docs/diagnosis.md has the conditions. One object per run. Not thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <optional>
#include <string>

#include "diagnosis/block_means.h"
#include "diagnosis/breach.h"
#include "diagnosis/context.h"
#include "diagnosis/history.h"
#include "store/finding.h"

namespace spirogram::diagnosis {

class Overfitting {
 public:
  // The next finite point of a loss of held-out data, of a training loss, or of a measure of
  // quality of which more is better.
  void AddHeldOut(const std::string& tag, Step step, double value);
  void AddTraining(const std::string& tag, Step step, double value);
  void AddQuality(const std::string& tag, Step step, double value);

  // Appends the run's finding, if any, and the check.
  void Conclude(const Context& context, store::Diagnosis* diagnosis) const;

 private:
  struct Track {
    Step first_step = 0;
    Step step = 0;  // of the last point
    int64_t points = 0;
    Step enough_at = 0;                                       // with as many points as are needed
    bool is_positive = true;                                  // each of them
    std::deque<double> three;                                 // the last ones
    double level = std::numeric_limits<double>::quiet_NaN();  // the median of the three
    double best = std::numeric_limits<double>::infinity();    // of the levels
    Step best_step = 0;
    int64_t points_at_best = 0;
    int64_t risen_points = 0;  // since the best
    Step risen_at = 0;         // with enough of them
    double highest_since = 0;
    std::deque<double> scatter;  // how far points lie from their level, in logarithms
    History history;
    Breach breach;

    Track();
    double rise() const { return level / best; }
    bool has_risen() const;
    // As of now: an incident stays open for some points more than the level is high.
    bool is_high() const;
  };
  using Tracks = std::map<std::string, Track, std::less<>>;
  using Series = std::map<std::string, BlockMeans, std::less<>>;

  // What another series was at a step before, and what it is now.
  struct Change {
    std::string tag;
    double then = 0;
    double now = 0;
  };
  // The longest training loss, or null.
  const Series::value_type* Training() const;
  std::optional<Change> TrainingSinceBest(const Track& track) const;
  bool IsOfChance(const Change& quality) const;
  // Of a quality that was measured along with the loss and is no worse; nothing where none is.
  std::optional<Change> QualityKept(const Track& track) const;
  bool HasNeverFollowed(const Track& track) const;
  store::Finding ReportRise(const std::string& tag, const Track& track) const;
  static store::Finding ReportOnAllData(const std::string& tag, const Track& track,
                                        const Change& training, store::Finding finding);
  store::Finding ReportNeverFollowed(const std::string& tag, const Track& track) const;
  void AddEvidence(const std::string& tag, const Track& track, store::Finding* finding) const;

  Tracks held_out_;
  Series training_;
  Series quality_;
};

}  // namespace spirogram::diagnosis
