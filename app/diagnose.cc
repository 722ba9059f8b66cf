#include "app/diagnose.h"

#include <cstdio>
#include <map>
#include <span>

namespace spirogram::app {
namespace {

// Enough to see a spike around an onset without reading a long run whole at every commit.
constexpr int kContextRows = 2000;

void PrintFinding(const store::Finding& finding) {
  std::printf("  %s%s: %s (since step %lld)\n", store::SeverityName(finding.severity),
              finding.is_open ? "" : ", closed", finding.title.c_str(),
              static_cast<long long>(finding.onset_step));
  for (const std::string* part : {&finding.summary, &finding.cause, &finding.advice}) {
    if (!part->empty()) std::printf("    %s\n", part->c_str());
  }
}

}  // namespace

Status AddNewEvidence(store::Store& store, store::RunId run, diagnosis::RunDiagnosis* diagnosis) {
  ASSIGN_OR_RETURN(const std::vector<store::Tag> tags, store.ReadTags(std::span(&run, 1)));
  for (const store::Tag& tag : tags) {
    const Step last = diagnosis->LastStep(tag.name);
    if (tag.kind != store::DataKind::kScalar || !diagnosis::RunDiagnosis::Reads(tag.name)) continue;
    if (tag.last_step <= last) continue;
    store::ScalarQuery query{.run = run, .tag = tag.name, .rows_max = kContextRows};
    if (last != INT64_MIN) query.from = last + 1;
    ASSIGN_OR_RETURN(const store::ScalarRows rows, store.ReadScalars(query));
    diagnosis->Add(tag.name, rows);
  }
  for (const store::Tag& tag : tags) {
    const Step last = diagnosis->LastStep(tag.name);
    if (tag.kind != store::DataKind::kEntityStats || tag.last_step <= last) continue;
    ASSIGN_OR_RETURN(const std::vector<store::EntityStats> windows,
                     store.ReadEntityStats(run, tag.name, last));
    for (const store::EntityStats& window : windows) diagnosis->Add(tag.name, window);
  }
  return {};
}

Result<std::vector<DiagnosedRun>> DiagnoseAllRuns(store::Store& store) {
  std::vector<DiagnosedRun> diagnosed;
  ASSIGN_OR_RETURN(const std::vector<store::Run> runs, store.ReadRuns());
  for (const store::Run& run : runs) {
    diagnosis::RunDiagnosis diagnosis;
    RETURN_IF_ERROR(AddNewEvidence(store, run.id, &diagnosis));
    diagnosed.push_back({run, diagnosis.Conclude()});
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
