// Sessions of an hparams experiment as one picture: what hyperparameters and metrics there are over
// all of them, and which sessions ran with the same ones. Pure.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "store/answers.h"
#include "store/hparams.h"

namespace spirogram::web {

// Sessions that belong together: the same group_name, or, where none is given, the same values.
struct HparamGroup {
  std::string name;  // group_name; empty where the values alone make the group
  store::Hparams hparams;
  std::vector<store::RunId> runs;
};

struct HparamsOverview {
  std::vector<store::HparamInfo> hparams;
  std::vector<store::MetricInfo> metrics;
  store::HparamsData data;
  std::vector<HparamGroup> groups;
};

std::vector<HparamGroup> GroupSessions(std::span<const store::HparamsSession> sessions);

// A run whose hyperparameters were logged into sub-runs of it.
struct JoinedHparams {
  store::RunId run = 0;
  std::vector<store::RunId> sub_runs;  // that say the same of it, by their time
};

// add_hparams of PyTorch and tensorboardX logs into a folder of its own below the writer's, which
// it names by the time: such a sub-run's hyperparameters are those of the run above, unless that
// logged some itself, or another such sub-run says others (then each is a trial of its own).
// docs/formats.md has the rule.
std::vector<JoinedHparams> JoinSubRuns(std::span<const store::Run> runs,
                                       std::span<const store::RunHparams> hparams);

// Every scalar of a session's run and of the runs below it, where no experiment names metrics: the
// group is the path from the session's run down. `tags` are of any kind.
std::vector<store::MetricInfo> InferMetrics(std::span<const store::HparamsSession> sessions,
                                            std::span<const store::Run> runs,
                                            std::span<const store::Tag> tags);

}  // namespace spirogram::web
