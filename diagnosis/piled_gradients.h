// Rule "piled_gradients": gradients that are added to those of all steps before, because nothing
// clears them. The norm of such a sum grows with the steps, and hardly differs from one step to the
// next, where that of single batches scatters.
//
// The loss may fall all the while, with an optimizer that looks at directions more than at sizes,
// so that only the norm tells. docs/diagnosis.md has the conditions. One object per run. Not
// thread-safe.
#pragma once

#include <deque>
#include <map>
#include <string>

#include "base/types.h"
#include "diagnosis/block_means.h"
#include "store/finding.h"

namespace spirogram::diagnosis {

class PiledGradients {
 public:
  // The next finite point of a gradient norm.
  void Add(const std::string& tag, Step step, double value);

  // Appends the run's finding, if any, and the check.
  void Conclude(store::Diagnosis* diagnosis) const;

 private:
  struct Track {
    double first = 0;
    double early = 0;  // some points later
    double highest = 0;
    std::deque<double> latest;
    BlockMeans blocks;
    bool was_piled = false;
    Step piled_since = 0;  // detected

    double factor() const { return latest.back() / first; }
    double AtHalf() const;
    bool IsPiled() const;
  };
  using Tracks = std::map<std::string, Track, std::less<>>;

  static store::Finding Report(const Tracks::value_type& piled);

  Tracks tracks_;
};

}  // namespace spirogram::diagnosis
