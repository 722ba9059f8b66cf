#include "app/doctor.h"

#include <stdlib.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "app/diagnose.h"
#include "app/exit_code.h"
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

bool HasFindingAsBadAs(const std::vector<DiagnosedRun>& runs, store::Severity severity) {
  for (const DiagnosedRun& run : runs) {
    for (const store::Finding& finding : run.diagnosis.findings) {
      if (finding.is_open && finding.severity >= severity) return true;
    }
  }
  return false;
}

std::string ToJson(const std::vector<DiagnosedRun>& runs) {
  std::vector<std::pair<store::Run, store::Diagnosis>> named;
  for (const DiagnosedRun& run : runs) named.emplace_back(run.run, run.diagnosis);
  return web::NamedDiagnosesJson(named);
}

Result<std::vector<DiagnosedRun>> LoadAndDiagnose(const std::string& logdir) {
  ASSIGN_OR_RETURN(const ScratchDir scratch, ScratchDir::Make());
  ASSIGN_OR_RETURN(const std::unique_ptr<store::Store> store,
                   store::Store::Open({.logdir = logdir, .data_dir = scratch.path()}));
  RETURN_IF_ERROR(store->LoadOnce());
  auto runs = DiagnoseAllRuns(*store);
  store->Close();
  return runs;
}

}  // namespace

int Doctor(const DoctorOptions& options) {
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
  if (options.fail_on && HasFindingAsBadAs(*runs, *options.fail_on)) return kExitFindings;
  return kExitOk;
}

}  // namespace spirogram::app
