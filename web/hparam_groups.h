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

// Every scalar of a session's run and of the runs below it, where no experiment names metrics: the
// group is the path from the session's run down. `tags` are of any kind.
std::vector<store::MetricInfo> InferMetrics(std::span<const store::HparamsSession> sessions,
                                            std::span<const store::Run> runs,
                                            std::span<const store::Tag> tags);

}  // namespace spirogram::web
