#include "app/doctor.h"

#include <cstdio>
#include <utility>
#include <vector>

#include "app/diagnose.h"
#include "app/exit_code.h"
#include "app/scratch_store.h"
#include "app/signals.h"
#include "store/store.h"
#include "web/json.h"

namespace spirogram::app {
namespace {

bool HasFindingAsBadAs(const std::vector<DiagnosedRun>& runs, const std::string& name) {
  auto severity = store::Severity::kInfo;
  for (const auto known : {store::Severity::kWarning, store::Severity::kCritical}) {
    if (name == store::SeverityName(known)) severity = known;
  }
  for (const DiagnosedRun& run : runs) {
    for (const store::Finding& finding : run.diagnosis.findings) {
      if (finding.is_open && finding.severity >= severity) return true;
    }
  }
  return false;
}

std::string ToJson(const std::vector<DiagnosedRun>& runs) {
  std::vector<web::NamedDiagnosis> named;
  named.reserve(runs.size());
  for (const DiagnosedRun& run : runs) named.push_back({run.run, run.diagnosis, run.warnings});
  return web::NamedDiagnosesJson(named);
}

Result<std::vector<DiagnosedRun>> LoadAndDiagnose(const std::string& logdir) {
  ASSIGN_OR_RETURN(ScratchStore scratch, ScratchStore::Load(logdir));
  return DiagnoseAllRuns(*scratch);
}

}  // namespace

int Doctor(const DoctorOptions& options) {
  const SignalCleanup signals;
  const auto runs = LoadAndDiagnose(options.logdir);
  if (!runs.ok()) return ReportError(runs.error());
  if (options.json) {
    std::printf("%s\n", ToJson(*runs).c_str());
  } else if (runs->empty()) {
    std::printf("no runs in %s: a run is a folder that holds an event file (*tfevents*)\n",
                options.logdir.c_str());
  } else {
    for (const DiagnosedRun& run : *runs) PrintDiagnosedRun(run);
  }
  if (!options.fail_on.empty() && HasFindingAsBadAs(*runs, options.fail_on)) return kExitFindings;
  return kExitOk;
}

}  // namespace spirogram::app
