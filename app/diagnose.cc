#include "app/diagnose.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <utility>

#include "app/run_follower.h"
#include "base/printable.h"
#include "base/str.h"

namespace spirogram::app {
namespace {

// Names and messages come from event files.
void PrintLine(const std::string& line) {
  std::printf("%s\n", ToPrintable(line).c_str());
}

void PrintFinding(const store::Finding& finding) {
  PrintLine(StrCat("  ", store::SeverityName(finding.severity), finding.is_open ? "" : ", closed",
                   ": ", finding.title, " (since step ", finding.onset_step, ")"));
  for (const std::string* part : {&finding.summary, &finding.cause, &finding.advice}) {
    if (!part->empty()) PrintLine(StrCat("    ", *part));
  }
}

// Rules that looked at nothing in the run: their silence is no health.
void PrintSilentRules(const std::vector<store::Check>& checks) {
  for (const store::Check& check : checks) {
    const bool looked = std::any_of(checks.begin(), checks.end(), [&](const store::Check& other) {
      return other.rule == check.rule && other.state != store::Check::State::kNotChecked;
    });
    if (looked) continue;
    const std::string of = check.entity.empty() ? "" : " of " + Excerpt(check.entity);
    PrintLine(StrCat("  not checked: ", check.rule, of, ": ", check.reason));
  }
}

// A few of them: a file that is no event file has hundreds.
void PrintWarnings(const std::vector<store::Warning>& warnings) {
  constexpr size_t kShown = 3;
  for (size_t i = 0; i < std::min(warnings.size(), kShown); ++i) {
    const store::Warning& warning = warnings[i];
    PrintLine(StrCat("  not read: ", warning.file, " at byte ", warning.offset, ", ",
                     warning.bytes_lost, " bytes lost: ", warning.message));
  }
  if (warnings.size() > kShown) {
    PrintLine(StrCat("  not read: ", warnings.size() - kShown, " more places (--json lists them)"));
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
  PrintLine(StrCat(diagnosed.run.name, " (step ", diagnosed.run.last_step, ")"));
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
