// The losses and accuracies of a run, and which of them were measured on the same data at the same
// steps: what a classifier is right in tells how large its loss may be. Not thread-safe.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/types.h"
#include "diagnosis/block_means.h"

namespace spirogram::diagnosis {

class LossAndAccuracy {
 public:
  using Series = std::map<std::string, BlockMeans, std::less<>>;

  // Of the same data at the same steps, as far as both are known: while a run is followed, one of
  // them may be a point ahead.
  struct Pair {
    const Series::value_type* loss = nullptr;
    const Series::value_type* accuracy = nullptr;
    size_t size = 0;  // blocks
    bool is_percent = false;

    double LossAt(size_t i) const { return loss->second.mean()[i]; }
    double AccuracyAt(size_t i) const;  // as a share
    // The medians of the `count` last before the block `end`. REQUIRES: so many are there.
    double LossBefore(size_t end, size_t count) const;
    double AccuracyBefore(size_t end, size_t count) const;
  };

  // The next finite point of a loss, of training or of held-out data, and of an accuracy.
  void AddLoss(const std::string& tag, Step step, double value);
  void AddAccuracy(const std::string& tag, Step step, double value);

  // By the tags of their losses.
  std::vector<Pair> Pairs() const;
  const Series& accuracies() const { return accuracies_; }
  // The first point of each training loss that is not one of an epoch.
  const std::map<std::string, double, std::less<>>& beginnings() const { return beginnings_; }

 private:
  Series losses_;
  Series accuracies_;
  std::map<std::string, double, std::less<>> beginnings_;
};

// Whether accuracies are percents, as some log them, and no shares.
bool IsPercent(const BlockMeans& accuracy);

}  // namespace spirogram::diagnosis
