// Finds training faults in what a run logged. Pure: evidence in, findings out; no I/O, no clock,
// the same evidence gives the same findings. The rules and their thresholds come from
// docs/diagnosis.md, which cites its sources.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "projector/statistics.h"
#include "store/answers.h"
#include "store/finding.h"

namespace spirogram::diagnosis {

// Follows one run. Feed it windows as they are committed, in order of their steps; it keeps a small
// state per entity, so a long run costs no more per commit than a short one. Not thread-safe.
class RunDiagnosis {
 public:
  // The name of the run tells whether all of it was measured on held-out data (tag_words.h).
  explicit RunDiagnosis(std::string_view run_name = "");
  ~RunDiagnosis();
  RunDiagnosis(RunDiagnosis&&) noexcept;
  RunDiagnosis& operator=(RunDiagnosis&&) noexcept;

  // Whether Add() makes use of the tag: what the store holds of other tags need not be read.
  static bool Reads(std::string_view tag);

  // A window of unit or row statistics of the tag "layers/LAYER/units" or "embeddings/TABLE/rows".
  // Windows whose step is not after the last one of the tag are ignored.
  void Add(const std::string& tag, const store::EntityStats& window);
  // Losses and gradient norms, see non_finite.h and loss_growth.h, and scalars that serve as
  // context for causes: "layers/LAYER/update_ratio", "embeddings/TABLE/update_ratio",
  // "learning_rate", "learning_rate/GROUP" and what other programs call theirs (tag_words.h). Rows
  // whose step is not after the last one of the tag are ignored. In which order tags arrive makes
  // no difference.
  void Add(const std::string& tag, const store::ScalarRows& scalars);

  // Whether Add() makes use of histograms of the tag; and whether the next one may change the
  // conclusion at once. What has changed once matters no more until it falls silent for good, so
  // it is enough to look at it now and then.
  static bool ReadsHistograms(std::string_view tag);
  bool WantsHistograms(std::string_view tag) const;
  // Some of those that it has by now, the first and the last among them, by step.
  void Add(const std::string& tag, std::span<const store::Histogram> histograms);

  // A checkpoint of an embedding, later than those before, or why it cannot be looked at
  // (embedding_collapse.h).
  void Add(const std::string& tag, Step step, const projector::EmbeddingStatistics& statistics);
  void Skip(const std::string& tag, std::string reason);

  // The last step seen of a tag, or INT64_MIN: ask the store for what comes after.
  Step LastStep(const std::string& tag) const;

  // Findings and checks as of what was added so far.
  store::Diagnosis Conclude() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace spirogram::diagnosis
