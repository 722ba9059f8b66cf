// Rule "loss_flat": no training loss of the run has come down from where it began, and none is on
// its way. The model answers by chance: nothing of what it is shown reaches the weights, or the
// labels say nothing about the inputs.
//
// A run is judged once it has logged enough points to tell a slow descent from none; a loss that
// fell once is never told, whatever it does later (loss_growth.h has that). A loss that is flat
// because the model was trained before is told from an accuracy, where one is logged.
// docs/diagnosis.md has the conditions. One object per run. Not thread-safe.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "diagnosis/block_means.h"
#include "diagnosis/breach.h"
#include "diagnosis/context.h"
#include "diagnosis/history.h"
#include "diagnosis/loss_level.h"
#include "store/finding.h"

namespace spirogram::diagnosis {

class LossFlat {
 public:
  // The next finite point of a training loss, of an accuracy, or of a gradient norm.
  void AddLoss(const std::string& tag, Step step, double value);
  void AddAccuracy(const std::string& tag, double value);
  void AddGradientNorm(double value);

  // Appends the run's finding, if any, and the check. `diagnosis` holds what was told before:
  // silent where a loss has grown, and tensors that histograms show still are the cause.
  void Conclude(const Context& context, store::Diagnosis* diagnosis) const;

 private:
  struct Track {
    bool is_of_epochs = false;
    Step first_step = 0;
    Step step = 0;                                                // of the last point
    std::vector<double> first;                                    // the first points
    double beginning = std::numeric_limits<double>::quiet_NaN();  // the median of them
    LossLevel loss;
    double lowest = std::numeric_limits<double>::infinity();  // of its levels
    BlockMeans blocks;
    History history;
    Breach breach;

    Track();
    int64_t points_min() const;
    bool has_fallen() const;
    bool is_flat() const;
  };
  using Tracks = std::map<std::string, Track, std::less<>>;
  using Accuracies = std::map<std::string, LossLevel, std::less<>>;

  // The best accuracy that the run shows now, as a share; 0 where none is logged.
  double BestAccuracy() const;
  bool IsTrained(const Track& track) const;
  bool IsAccuracyOfChance(const Track& track) const;
  bool IsChance(const Track& track, const Context& context) const;
  store::Check CheckOf(const std::string& tag, const Track& track) const;
  // `tensors`: what histograms prove, or null.
  store::Finding Report(const std::string& tag, const Track& track, const Context& context,
                        const store::Finding* tensors) const;
  std::string DescribeChance(const Track& track) const;

  Tracks tracks_;
  Accuracies accuracies_;
  int64_t gradients_ = 0;
  double largest_gradient_ = 0;
};

}  // namespace spirogram::diagnosis
