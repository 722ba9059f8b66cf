// Rule "embedding_collapse": the rows of an embedding have become nearly one, or a few points, or
// use few of their directions. The projector's statistics tell it of one checkpoint
// (projector/findings.h); followed over all of them, they tell since when.
//
// Rows of a table are things to be told apart, so tight clusters are a fault there. What a layer
// makes of samples may lump by class, and few directions may be all that there is to tell: facts
// and no alarms. docs/diagnosis.md has the conditions. One object per run. Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "diagnosis/history.h"
#include "projector/findings.h"
#include "projector/statistics.h"
#include "store/finding.h"

namespace spirogram::diagnosis {

class EmbeddingCollapse {
 public:
  // The next checkpoint of an embedding, by what a sample of its rows looks like. The statistics of
  // clusters may be missing where ComputeTightness says that there are none.
  void Add(const std::string& tag, Step step, const projector::EmbeddingStatistics& statistics);

  // A checkpoint that nothing can be said of, and why: "500,000 x 512 is too large".
  void Skip(const std::string& tag, std::string reason);

  // Appends a finding for each embedding whose last checkpoint is at fault, and a check for each.
  void Conclude(store::Diagnosis* diagnosis) const;

 private:
  struct Track {
    std::optional<projector::EmbeddingFault> fault;  // of the last checkpoint
    Step onset = 0;                                  // since when it has that one
    Step step = 0;                                   // of the last checkpoint
    int64_t checkpoints = 0;
    projector::EmbeddingStatistics last;
    History spread;  // of the rows, as a share of the length of their mean
    History tightness;
    History rank;
    std::string skipped;
  };

  static store::Finding Report(const std::string& tag, const Track& track);
  static store::Check CheckOf(const std::string& tag, const Track& track);

  std::map<std::string, Track, std::less<>> tracks_;
};

}  // namespace spirogram::diagnosis
