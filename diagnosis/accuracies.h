// The accuracies that a run logs, as shares: what tells a model that answers by chance from one
// that was trained before, where the loss alone does not. Not thread-safe.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "diagnosis/loss_level.h"

namespace spirogram::diagnosis {

class Accuracies {
 public:
  // The next finite point of an accuracy, or of an area under the ROC curve.
  void Add(const std::string& tag, double value);
  void AddArea(const std::string& tag, double value);

  // The best level that the run shows now; 0 where none is logged.
  double Best() const;
  // Of those alone that are well above what they began with.
  bool HasRisen() const;
  // Whether an area is above that of guesses, 0.5: by as much as no noise is.
  bool RanksBetterThanChance() const;

 private:
  struct Track {
    LossLevel level;
    std::vector<double> first;  // points
  };

  std::map<std::string, Track, std::less<>> tracks_;
  std::map<std::string, double, std::less<>> areas_;  // the latest of each
};

}  // namespace spirogram::diagnosis
