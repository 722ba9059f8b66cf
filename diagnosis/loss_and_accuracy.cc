#include "diagnosis/loss_and_accuracy.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "diagnosis/median.h"
#include "diagnosis/tag_words.h"

namespace spirogram::diagnosis {

double ShareAt(const BlockMeans& accuracy, size_t i) {
  const std::vector<double>& mean = accuracy.mean();
  const bool is_percent = *std::max_element(mean.begin(), mean.end()) > 1;
  return is_percent ? mean[i] / 100 : mean[i];
}

double LossAndAccuracy::Pair::AccuracyAt(size_t i) const {
  return ShareAt(accuracy->second, i);
}

double LossAndAccuracy::Pair::LossBefore(size_t end, size_t count) const {
  const auto last = loss->second.mean().begin() + static_cast<std::ptrdiff_t>(end);
  return Median({last - static_cast<std::ptrdiff_t>(count), last});
}

double LossAndAccuracy::Pair::AccuracyBefore(size_t end, size_t count) const {
  std::vector<double> latest;
  for (size_t i = end - count; i < end; ++i) latest.push_back(AccuracyAt(i));
  return Median(std::move(latest));
}

void LossAndAccuracy::AddLoss(const std::string& tag, Step step, double value) {
  losses_[tag].Add(step, value);
  if (IsTrainingLoss(tag) && !IsOfEpochs(tag)) beginnings_.try_emplace(tag, value);
}

void LossAndAccuracy::AddAccuracy(const std::string& tag, Step step, double value) {
  accuracies_[tag].Add(step, value);
}

std::vector<LossAndAccuracy::Pair> LossAndAccuracy::Pairs() const {
  std::vector<Pair> pairs;
  for (const auto& loss : losses_) {
    for (const auto& accuracy : accuracies_) {
      const bool is_beside = loss.second.points() == accuracy.second.points() &&
                             loss.second.step() == accuracy.second.step();
      if (is_beside && DataOf(loss.first) == DataOf(accuracy.first)) {
        pairs.push_back({&loss, &accuracy});
      }
    }
  }
  return pairs;
}

}  // namespace spirogram::diagnosis
