#include "projector/perplexity.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/check.h"
#include "base/vector_clones.h"
#include "projector/beta_search.h"
#include "projector/float_math.h"

namespace spirogram::projector {
namespace {

constexpr float kScaledMax = 1e30F;  // its weight is 0, and 0 * 1e30 is still 0
constexpr size_t kLanes = 8;

SPIROGRAM_VECTOR_CLONES
BetaMoments ComputeWeights(const float* scaled, size_t size, float beta, float* weights) {
  for (size_t j = 0; j < size; ++j) weights[j] = ExpOfNegative(-beta * scaled[j]);
  std::array<double, kLanes> sum{};
  std::array<double, kLanes> first{};
  std::array<double, kLanes> second{};
  const size_t whole = size - size % kLanes;
  for (size_t j = 0; j < whole; j += kLanes) {
    for (size_t lane = 0; lane < kLanes; ++lane) {
      const double t = scaled[j + lane];
      const double w = weights[j + lane];
      sum[lane] += w;
      first[lane] += w * t;
      second[lane] += w * t * t;
    }
  }
  BetaMoments moments;
  for (size_t j = whole; j < size; ++j) {
    const double t = scaled[j];
    const double w = weights[j];
    moments.sum += w;
    moments.first += w * t;
    moments.second += w * t * t;
  }
  for (size_t lane = 0; lane < kLanes; ++lane) {
    moments.sum += sum[lane];
    moments.first += first[lane];
    moments.second += second[lane];
  }
  return moments;
}

// Leaves the weights of the beta it found and returns their sum.
double Search(const std::vector<float>& scaled, double log_perplexity,
              std::vector<float>* weights) {
  BetaSearch search(log_perplexity);
  BetaMoments moments;
  for (int step = 0; step < BetaSearch::kStepsMax; ++step) {
    moments = ComputeWeights(scaled.data(), scaled.size(), search.beta(), weights->data());
    if (!search.Advance(moments)) break;
  }
  return moments.sum;
}

}  // namespace

PerplexitySearch::PerplexitySearch(int64_t points, double perplexity) : perplexity_(perplexity) {
  CHECK(perplexity >= 1 && perplexity <= static_cast<double>(points - 1));
  const auto others = static_cast<size_t>(points - 1);
  distances_.resize(others);
  sorted_.resize(others);
  scaled_.resize(others);
  weights_.resize(others);
}

void PerplexitySearch::Row(std::span<const double> squared_distances, int64_t self,
                           std::span<float> probabilities) {
  const size_t others = distances_.size();
  CHECK(squared_distances.size() == others + 1 && probabilities.size() == others + 1);
  const auto rest = std::copy_n(squared_distances.begin(), self, distances_.begin());
  std::copy(squared_distances.begin() + self + 1, squared_distances.end(), rest);

  const double smallest = *std::min_element(distances_.begin(), distances_.end());
  const auto ties = std::count(distances_.begin(), distances_.end(), smallest);
  if (static_cast<double>(ties) >= perplexity_) {
    ShareAmongTies(smallest, ties);
  } else {
    ScaleDistances(smallest);
    const double sum = Search(scaled_, std::log(perplexity_), &weights_);
    for (float& weight : weights_) weight = static_cast<float>(weight / sum);
  }
  std::copy_n(weights_.begin(), self, probabilities.begin());
  probabilities[static_cast<size_t>(self)] = 0;
  std::copy(weights_.begin() + self, weights_.end(), probabilities.begin() + self + 1);
}

void PerplexitySearch::ShareAmongTies(double smallest, int64_t ties) {
  const float share = 1.0F / static_cast<float>(ties);
  for (size_t j = 0; j < weights_.size(); ++j) {
    weights_[j] = distances_[j] == smallest ? share : 0.0F;
  }
}

void PerplexitySearch::ScaleDistances(double smallest) {
  // Fewer points than the perplexity share the smallest distance, so the unit is not 0.
  const auto rank = static_cast<int64_t>(std::ceil(perplexity_)) - 1;
  sorted_ = distances_;
  std::nth_element(sorted_.begin(), sorted_.begin() + rank, sorted_.end());
  const double unit = sorted_[static_cast<size_t>(rank)] - smallest;
  for (size_t j = 0; j < scaled_.size(); ++j) {
    const double t = (distances_[j] - smallest) / unit;
    scaled_[j] = t < kScaledMax ? static_cast<float>(t) : kScaledMax;
  }
}

}  // namespace spirogram::projector
