// Rule "loss_flat": no training loss of the run has come down from where it began, and none is on
// its way. The model answers by chance: nothing of what it is shown reaches the weights, or the
// labels say nothing about the inputs.
//
// A run is judged once it has logged enough points to tell a slow descent from none; a loss that
// fell once is never told, whatever it does later (loss_growth.h has that), unless accuracies say
// that it fell to chance alone. A loss that is flat because the model was trained before is told
// from an accuracy, where one is logged.
// docs/diagnosis.md has the conditions. One object per run. Not thread-safe.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "diagnosis/accuracies.h"
#include "diagnosis/block_means.h"
#include "diagnosis/breach.h"
#include "diagnosis/context.h"
#include "diagnosis/history.h"
#include "diagnosis/loss_level.h"
#include "store/finding.h"

namespace spirogram::diagnosis {

class LossFlat {
 public:
  // The next finite point of a training loss, of a loss of held-out data, of an accuracy, of an
  // area under the ROC curve, or of a gradient norm.
  void AddLoss(const std::string& tag, Step step, double value);
  void AddHeldOut(const std::string& tag) { ++held_out_[tag]; }
  void AddAccuracy(const std::string& tag, double value) { accuracies_.Add(tag, value); }
  void AddArea(const std::string& tag, double value) { accuracies_.AddArea(tag, value); }
  void AddGradientNorm(double value);

  // Appends the run's finding, if any, and the check. `diagnosis` holds what was told before:
  // silent where a loss has grown, and tensors that histograms show still are the cause.
  void Conclude(const Context& context, store::Diagnosis* diagnosis) const;

 private:
  struct Track {
    bool is_of_epochs = false;
    Step first_step = 0;
    Step step = 0;                                                // of the last point
    Step enough_at = 0;                                           // to tell that it fell to chance
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
    // Wherever it is: the later half of the points against the earlier.
    bool has_settled(double at_least, double error_max) const;
  };
  using Tracks = std::map<std::string, Track, std::less<>>;

  bool IsTrained(const Track& track) const;
  // The loss against that of one that is right so often by chance, -ln(accuracy).
  double TimesChance(const Track& track) const;
  // Whether it fell, but no further than to what a model has that answers by chance.
  bool HasFallenToChance(const Track& track) const;
  // Whether each point comes after so many steps that it hides a descent, as one of an epoch does.
  bool IsCoarse(const Track& track) const;
  bool IsAccuracyOfChance(const Track& track) const;
  bool IsHardlyMoved(const Track& track) const;
  bool IsChance(const Track& track, const Context& context) const;
  // Before the loss is judged.
  int64_t PointsNeeded(const Track& track) const;
  store::Check CheckOf(const std::string& tag, const Track& track) const;
  std::string TitleOf(const std::string& tag, const Track& track) const;
  // `tensors`: what histograms prove, or null.
  store::Finding Report(const std::string& tag, const Track& track, const Context& context,
                        const store::Finding* tensors) const;
  std::string DescribeAlarm(const Track& track) const;

  Tracks tracks_;
  std::map<std::string, int64_t, std::less<>> held_out_;  // points
  Accuracies accuracies_;
  int64_t gradients_ = 0;
  double largest_gradient_ = 0;
};

}  // namespace spirogram::diagnosis
