// Rule "fallen_silent": tensors that were alive and are so no more, by their histograms. A layer
// that answers exactly 0 to everything since some step, a gradient that is exactly 0 since then,
// weights that get gradients and have not changed to the last bit. What never was otherwise is told
// by still_tensors.h.
//
// Exact facts that last: no layer that is merely sparse, and no weights that merely rest, are equal
// to the last bit in each histogram. docs/diagnosis.md has the conditions. One object per run. Not
// thread-safe.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "diagnosis/tag_words.h"
#include "store/answers.h"
#include "store/finding.h"

namespace spirogram::diagnosis {

class FallenSilent {
 public:
  // Some of the histograms that the tag has by now, the first and the last among them, by step.
  // REQUIRES: the tag is one of a tensor.
  void Add(const std::string& tag, std::span<const store::Histogram> histograms);

  // Appends the run's finding, if any. The check is one of still_tensors.
  void Conclude(store::Diagnosis* diagnosis) const;

 private:
  struct Track {
    Tensor tensor;
    size_t histograms = 0;
    size_t alike = 0;   // at the end: as the last one
    size_t silent = 0;  // at the end: of 0, or, of weights, alike
    Step silent_since = 0;
    Step told_at = 0;  // with enough of them
    Step last_step = 0;

    bool HasFallenSilent() const;
    bool IsMoving() const { return histograms > 1 && alike <= 1; }
  };
  using Tracks = std::map<std::string, Track, std::less<>>;
  using Group = std::vector<const Tracks::value_type*>;

  Group SilentOf(Tensor::Kind kind) const;
  bool AnyMoves(Tensor::Kind kind) const;
  bool HasMovingGradient(const Track& weights) const;
  store::Finding Describe(const Group& group, store::Severity severity) const;
  store::Finding ReportActivations(const Group& silent) const;
  store::Finding ReportGradients(const Group& silent) const;
  store::Finding ReportWeights(const Group& silent) const;

  Tracks tracks_;
};

}  // namespace spirogram::diagnosis
