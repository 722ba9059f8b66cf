#include "diagnosis/loss_and_accuracy.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <utility>

#include "diagnosis/median.h"
#include "diagnosis/tag_words.h"

namespace spirogram::diagnosis {

namespace {

// How many blocks the two have in common, from the first on; 0 where they were not measured
// together. The last block is left out while one of them has a point more.
size_t BlocksInCommon(const BlockMeans& a, const BlockMeans& b) {
  const int64_t ahead = std::abs(a.points() - b.points());
  if (ahead > 1) return 0;
  size_t size = std::min(a.step().size(), b.step().size());
  if (ahead > 0 && size > 0) --size;
  const auto end = a.step().begin() + static_cast<std::ptrdiff_t>(size);
  return std::equal(a.step().begin(), end, b.step().begin()) ? size : 0;
}

}  // namespace

bool IsPercent(const BlockMeans& accuracy) {
  const std::vector<double>& mean = accuracy.mean();
  return std::any_of(mean.begin(), mean.end(), [](double one) { return one > 1; });
}

double LossAndAccuracy::Pair::AccuracyAt(size_t i) const {
  const double mean = accuracy->second.mean()[i];
  return is_percent ? mean / 100 : mean;
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
  std::multimap<std::string, const Series::value_type*> accuracies;
  for (const auto& accuracy : accuracies_) {
    accuracies.emplace(DataOf(accuracy.first), &accuracy);
  }
  std::vector<Pair> pairs;
  for (const auto& loss : losses_) {
    const auto [first, last] = accuracies.equal_range(DataOf(loss.first));
    for (auto it = first; it != last; ++it) {
      const auto* accuracy = it->second;
      const size_t size = BlocksInCommon(loss.second, accuracy->second);
      if (size > 0) pairs.push_back({&loss, accuracy, size, IsPercent(accuracy->second)});
    }
  }
  return pairs;
}

}  // namespace spirogram::diagnosis
