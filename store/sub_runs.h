// Sub-runs that are part of the run in the folder above: add_hparams of PyTorch and tensorboardX
// logs into a folder of its own below the writer's, which it names by the time, and add_scalars
// each line of a chart. docs/formats.md has the rules. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/answers.h"

namespace spirogram::store {

// The same text for equal hyperparameters, NaN equal to itself.
std::string HparamsKey(const Hparams& hparams);

// A run whose hyperparameters were logged into sub-runs of it.
struct JoinedHparams {
  RunId run = 0;
  std::vector<RunId> sub_runs;  // that say the same of it, by their time; at least one
};

// A sub-run's hyperparameters are those of the run above, unless that logged some itself, or
// another such sub-run says others (then each is a trial of its own).
std::vector<JoinedHparams> JoinSubRuns(std::span<const Run> runs,
                                       std::span<const RunHparams> hparams);

// Silent, and without a word of its end (kStalled, kStopped).
bool IsSilent(const Run& run);

// Whether a sub-run that is named by its time has said its end, and a run is silent: where not,
// JudgeJoinedRuns has nothing to do.
bool MayJudgeJoinedRuns(std::span<const Run> runs);

// Gives a silent run the verdict that its newest joined sub-run has of itself, if that said its end
// and the run did not log for more than a minute after it.
void JudgeJoinedRuns(std::span<const RunHparams> hparams, std::span<Run> runs);

// The folder above that of a run, if a run may lie there: not the log directory itself, below which
// all runs are.
std::optional<std::string_view> FolderAbove(std::string_view name);

// Gives a silent run the verdict of the nearest run above it, if that ended and this one had not
// been silent until then.
void JudgePartsOfRuns(std::span<Run> runs);

}  // namespace spirogram::store
