#include "app/diagnose.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <utility>

#include "app/run_follower.h"

namespace spirogram::app {
namespace {

void PrintFinding(const store::Finding& finding) {
  std::printf("  %s%s: %s (since step %lld)\n", store::SeverityName(finding.severity),
              finding.is_open ? "" : ", closed", finding.title.c_str(),
              static_cast<long long>(finding.onset_step));
  for (const std::string* part : {&finding.summary, &finding.cause, &finding.advice}) {
    if (!part->empty()) std::printf("    %s\n", part->c_str());
  }
}

// Rules that looked at nothing in the run: their silence is no health.
void PrintSilentRules(const std::vector<store::Check>& checks) {
  for (const store::Check& check : checks) {
    const bool looked = std::any_of(checks.begin(), checks.end(), [&](const store::Check& other) {
      return other.rule == check.rule && other.state != store::Check::State::kNotChecked;
    });
    if (looked) continue;
    const std::string of = check.entity.empty() ? "" : " of " + check.entity;
    std::printf("  not checked: %s%s: %s\n", check.rule.c_str(), of.c_str(), check.reason.c_str());
  }
}

// A few of them: a file that is no event file has hundreds.
void PrintWarnings(const std::vector<store::Warning>& warnings) {
  constexpr size_t kShown = 3;
  for (size_t i = 0; i < std::min(warnings.size(), kShown); ++i) {
    const store::Warning& warning = warnings[i];
    std::printf("  not read: %s at byte %llu, %llu bytes lost: %s\n", warning.file.c_str(),
                static_cast<unsigned long long>(warning.offset),
                static_cast<unsigned long long>(warning.bytes_lost), warning.message.c_str());
  }
  if (warnings.size() > kShown) {
    std::printf("  not read: %zu more places (--json lists them)\n", warnings.size() - kShown);
  }
}

}  // namespace

Result<std::vector<DiagnosedRun>> DiagnoseAllRuns(store::Store& store) {
  std::vector<DiagnosedRun> diagnosed;
  ASSIGN_OR_RETURN(const std::vector<store::Run> runs, store.ReadRuns());
  for (const store::Run& run : runs) {
    RunFollower follower(run.id);
    RETURN_IF_ERROR(follower.Update(store));
    ASSIGN_OR_RETURN(std::vector<store::Warning> warnings, store.ReadWarnings(run.id));
    diagnosed.push_back({run, follower.Conclude(), std::move(warnings)});
  }
  return diagnosed;
}

void PrintDiagnosedRun(const DiagnosedRun& diagnosed) {
  std::printf("%s (step %lld)\n", diagnosed.run.name.c_str(),
              static_cast<long long>(diagnosed.run.last_step));
  for (const store::Finding& finding : diagnosed.diagnosis.findings) PrintFinding(finding);

  std::map<store::Check::State, int> counts;
  for (const store::Check& check : diagnosed.diagnosis.checks) ++counts[check.state];
  PrintSilentRules(diagnosed.diagnosis.checks);
  PrintWarnings(diagnosed.warnings);
  std::printf("  %zu checks: %d fired, %d ok, %d warming up, %d not checked\n\n",
              diagnosed.diagnosis.checks.size(), counts[store::Check::State::kFired],
              counts[store::Check::State::kOk], counts[store::Check::State::kWarming],
              counts[store::Check::State::kNotChecked]);
}

}  // namespace spirogram::app
