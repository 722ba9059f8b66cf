#include "app/doctor.h"

#include <stdlib.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>
#include <vector>

#include "app/exit_code.h"
#include "app/run_evidence.h"
#include "base/str.h"
#include "store/store.h"
#include "web/json.h"

namespace spirogram::app {
namespace {

// A database that lives as long as the command: the doctor changes nothing that a server may hold.
class ScratchDir {
 public:
  static Result<ScratchDir> Make() {
    std::string pattern = (std::filesystem::temp_directory_path() / "spirogram_XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) return ErrnoError(StrCat("make ", pattern), errno);
    return ScratchDir(pattern);
  }
  ScratchDir(ScratchDir&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ~ScratchDir() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }

  const std::string& path() const { return path_; }

 private:
  explicit ScratchDir(std::string path) : path_(std::move(path)) {}

  std::string path_;
};

struct Patient {
  store::Run run;
  store::Diagnosis diagnosis;
};

Result<std::vector<Patient>> DiagnoseAll(store::Store& store) {
  std::vector<Patient> patients;
  ASSIGN_OR_RETURN(const std::vector<store::Run> runs, store.ReadRuns());
  for (const store::Run& run : runs) {
    diagnosis::RunDiagnosis diagnosis;
    RETURN_IF_ERROR(AddNewEvidence(store, run.id, &diagnosis));
    patients.push_back({run, diagnosis.Conclude()});
  }
  return patients;
}

void PrintFinding(const store::Finding& finding) {
  std::printf("  %s%s: %s (since step %lld)\n", store::SeverityName(finding.severity),
              finding.is_open ? "" : ", closed", finding.title.c_str(),
              static_cast<long long>(finding.onset_step));
  for (const std::string* part : {&finding.summary, &finding.cause, &finding.advice}) {
    if (!part->empty()) std::printf("    %s\n", part->c_str());
  }
}

void PrintPatient(const Patient& patient) {
  std::printf("%s (step %lld)\n", patient.run.name.c_str(),
              static_cast<long long>(patient.run.last_step));
  for (const store::Finding& finding : patient.diagnosis.findings) PrintFinding(finding);

  std::map<store::Check::State, int> counts;
  for (const store::Check& check : patient.diagnosis.checks) ++counts[check.state];
  std::printf("  %zu checks: %d fired, %d ok, %d warming up, %d not checked\n\n",
              patient.diagnosis.checks.size(), counts[store::Check::State::kFired],
              counts[store::Check::State::kOk], counts[store::Check::State::kWarming],
              counts[store::Check::State::kNotChecked]);
}

bool HasFindingAsBadAs(const std::vector<Patient>& patients, store::Severity severity) {
  for (const Patient& patient : patients) {
    for (const store::Finding& finding : patient.diagnosis.findings) {
      if (finding.is_open && finding.severity >= severity) return true;
    }
  }
  return false;
}

Result<std::vector<Patient>> LoadAndDiagnose(const std::string& logdir) {
  ASSIGN_OR_RETURN(const ScratchDir scratch, ScratchDir::Make());
  ASSIGN_OR_RETURN(const std::unique_ptr<store::Store> store,
                   store::Store::Open({.logdir = logdir, .data_dir = scratch.path()}));
  RETURN_IF_ERROR(store->LoadOnce());
  auto patients = DiagnoseAll(*store);
  store->Close();
  return patients;
}

}  // namespace

int Doctor(const DoctorOptions& options) {
  const auto patients = LoadAndDiagnose(options.logdir);
  if (!patients.ok()) return ReportError(patients.error());
  if (options.json) {
    std::vector<web::NamedDiagnosis> named;
    for (const Patient& patient : *patients) named.push_back({patient.run, patient.diagnosis});
    std::printf("%s\n", web::DiagnosesToJson(named).c_str());
  } else if (patients->empty()) {
    std::printf("no runs in %s: a run is a folder that holds an event file (*tfevents*)\n",
                options.logdir.c_str());
  } else {
    for (const Patient& patient : *patients) PrintPatient(patient);
  }
  if (options.fail_on && HasFindingAsBadAs(*patients, *options.fail_on)) return kExitFindings;
  return kExitOk;
}

}  // namespace spirogram::app
