// Rule "still_tensors": what histograms prove without a threshold. Weights that never change
// although they get gradients, gradients that are 0 from the first histogram on, layers that answer
// 0 to everything.
//
// Weights that never change and of which no gradient is logged may be frozen on purpose: a fact and
// no alarm. One histogram that differs settles a tensor for good, so most are looked at once.
// docs/diagnosis.md has the conditions. One object per run. Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "diagnosis/faded_gradient.h"
#include "diagnosis/tag_words.h"
#include "store/answers.h"
#include "store/finding.h"

namespace spirogram::diagnosis {

class StillTensors {
 public:
  // Whether more histograms of the tag could change what is said of it.
  bool Wants(std::string_view tag) const;

  // Some of the histograms that the tag has by now, the first and the last among them, by step.
  void Add(const std::string& tag, std::span<const store::Histogram> histograms);

  // The largest magnitude in the histograms of each gradient.
  GradientSizes Gradients() const;

  // Appends up to three findings, and the check.
  void Conclude(store::Diagnosis* diagnosis) const;

 private:
  struct Track {
    Tensor tensor;
    bool is_settled = false;  // its histograms differ
    bool is_zero = false;     // in each of them
    int64_t histograms = 0;
    double largest = 0;  // magnitude in them
    Step first_step = 0;
    Step enough_at = 0;
    Step last_step = 0;

    bool is_still() const;
  };
  using Tracks = std::map<std::string, Track, std::less<>>;
  using Group = std::vector<const Tracks::value_type*>;

  Group StillOf(Tensor::Kind kind) const;
  Group ZeroOf(Tensor::Kind kind) const;
  // The gradient of some weights, or null.
  const Track* GradientOf(const Tensor& weights) const;
  bool AnyWeightsChange() const;
  store::Finding Describe(const Group& group, store::Severity severity) const;
  store::Finding ReportGradients(const Group& zero) const;
  bool IsVanishing(const Group& weights) const;
  store::Finding ReportFaulty(const Group& weights, bool do_all) const;
  store::Finding ReportActivations(const Group& zero) const;
  void ReportWeights(const Group& still, store::Diagnosis* diagnosis) const;

  Tracks tracks_;
};

}  // namespace spirogram::diagnosis
