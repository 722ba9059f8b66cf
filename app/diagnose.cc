#include "app/diagnose.h"

#include <cstdio>
#include <map>

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

}  // namespace

Result<std::vector<DiagnosedRun>> DiagnoseAllRuns(store::Store& store) {
  std::vector<DiagnosedRun> diagnosed;
  ASSIGN_OR_RETURN(const std::vector<store::Run> runs, store.ReadRuns());
  for (const store::Run& run : runs) {
    RunFollower follower(run.id);
    RETURN_IF_ERROR(follower.Update(store));
    diagnosed.push_back({run, follower.Conclude()});
  }
  return diagnosed;
}

void PrintDiagnosedRun(const DiagnosedRun& diagnosed) {
  std::printf("%s (step %lld)\n", diagnosed.run.name.c_str(),
              static_cast<long long>(diagnosed.run.last_step));
  for (const store::Finding& finding : diagnosed.diagnosis.findings) PrintFinding(finding);

  std::map<store::Check::State, int> counts;
  for (const store::Check& check : diagnosed.diagnosis.checks) ++counts[check.state];
  std::printf("  %zu checks: %d fired, %d ok, %d warming up, %d not checked\n\n",
              diagnosed.diagnosis.checks.size(), counts[store::Check::State::kFired],
              counts[store::Check::State::kOk], counts[store::Check::State::kWarming],
              counts[store::Check::State::kNotChecked]);
}

}  // namespace spirogram::app
