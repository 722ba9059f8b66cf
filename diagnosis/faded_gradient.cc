#include "diagnosis/faded_gradient.h"

#include "diagnosis/tag_words.h"

namespace spirogram::diagnosis {
namespace {

constexpr size_t kTensorsMin = 3;
constexpr double kFaded = 1e3;  // times

}  // namespace

std::optional<FadedGradient> FindFadedGradient(const GradientSizes& sizes) {
  size_t tensors = 0;
  FadedGradient faded;
  for (const auto& [tag, size] : sizes) {
    if (!IsOfWeights(tag) || !(size > 0)) continue;
    if (++tensors == 1 || size < faded.smallest) {
      faded.smallest = size;
      faded.smallest_tag = tag;
    }
    if (size > faded.largest) {
      faded.largest = size;
      faded.largest_tag = tag;
    }
  }
  if (tensors < kTensorsMin || faded.largest < kFaded * faded.smallest) return std::nullopt;
  return faded;
}

}  // namespace spirogram::diagnosis
