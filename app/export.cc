#include "app/export.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "app/exit_code.h"
#include "app/scratch_store.h"
#include "app/signals.h"
#include "app/work_line.h"
#include "base/str.h"
#include "transfer/export.h"
#include "transfer/output_file.h"
#include "transfer/run_folder.h"

namespace spirogram::app {
namespace {

using transfer::ExportQuery;

Status WriteParts(transfer::Export& source, const std::function<Status(const std::string&)>& write,
                  bool says_progress) {
  WorkLine line;
  for (uint64_t written = 0;;) {
    ASSIGN_OR_RETURN(const std::string part, source.NextPart());
    if (part.empty()) return {};
    RETURN_IF_ERROR(write(part));
    written += part.size();
    if (says_progress) line.ShowBytes("writing", written);
  }
}

Status WriteStdout(const std::string& part) {
  if (std::fwrite(part.data(), 1, part.size(), stdout) == part.size()) return {};
  return ErrnoError("write to stdout", errno);
}

Status WriteFile(transfer::Export& source, const std::string& path) {
  ASSIGN_OR_RETURN(transfer::OutputFile file, transfer::OutputFile::Create(path));
  RETURN_IF_ERROR(WriteParts(
      source, [&](const std::string& part) { return file.Append(part); }, true));
  return file.Commit();
}

Status ExportToFile(store::Store& store, const ExportQuery& query, const std::string& path) {
  ASSIGN_OR_RETURN(const auto source, transfer::Export::Open(store, query));
  return WriteFile(*source, path);
}

Status ExportToStdout(store::Store& store, const ExportQuery& query) {
  ASSIGN_OR_RETURN(const auto source, transfer::Export::Open(store, query));
  // On a terminal, the rows are seen themselves.
  RETURN_IF_ERROR(WriteParts(*source, WriteStdout, isatty(STDOUT_FILENO) == 0));
  if (std::fflush(stdout) != 0) return ErrnoError("write to stdout", errno);
  return {};
}

// A folder per run, as the runs' names are paths. Written again, a run takes its own place.
Status ExportRuns(store::Store& store, ExportQuery query, const std::string& folder) {
  ASSIGN_OR_RETURN(const std::vector<store::Run> runs, transfer::SelectRuns(store, query));
  query.run_regex.clear();
  std::set<std::string> taken;
  bool is_any_written = false;
  for (const store::Run& run : runs) {
    query.runs = {run.id};
    const Result<std::string> folder_of_name = transfer::RunFolder(run.name);
    std::string name = folder_of_name.ok() ? *folder_of_name : StrCat("run-", run.id);
    while (!taken.insert(name).second) name = StrCat(name, "-", run.id);
    const std::string file = StrCat("events.out.tfevents.", transfer::SecondsInName(run.start_time),
                                    ".export.", run.id, ".0.v2");
    const auto source = transfer::Export::Open(store, query);
    // A run without a tag of the selection is left out.
    if (!source.ok() && source.error().code == ErrorCode::kNotFound) continue;
    if (!source.ok()) return source.error();
    RETURN_IF_ERROR(WriteFile(**source, (std::filesystem::path(folder) / name / file).string()));
    is_any_written = true;
  }
  if (!is_any_written) return NotFound("no run has a tag that fits the query");
  return {};
}

Status ExportFrom(store::Store& store, const ExportOptions& options, const ExportQuery& query) {
  if (query.format == transfer::Format::kEvents) {
    if (options.out == "-") return InvalidArgument("--out: event files want a folder");
    return ExportRuns(store, query, options.out);
  }
  if (options.out == "-") return ExportToStdout(store, query);
  return ExportToFile(store, query, options.out);
}

Status Run(const ExportOptions& options) {
  if (options.logdir.empty() == options.data_dir.empty()) {
    return InvalidArgument("want either a log directory or --data-dir");
  }
  ExportQuery query;
  ASSIGN_OR_RETURN(query.format, transfer::ParseFormat(options.format));
  query.run_regex = options.run;
  query.tag_regex = options.tag;
  query.from = options.from;
  query.to = options.to;
  if (query.from > query.to) {
    return InvalidArgument(StrCat("--from ", query.from, " comes after --to ", query.to));
  }
  query.with_hidden = options.all;
  query.wide = options.wide;
  if (!options.data_dir.empty()) {
    ASSIGN_OR_RETURN(const auto store, store::Store::OpenReadOnly(options.data_dir));
    return ExportFrom(*store, options, query);
  }
  ASSIGN_OR_RETURN(ScratchStore scratch, ScratchStore::Load(options.logdir));
  return ExportFrom(*scratch, options, query);
}

}  // namespace

int Export(const ExportOptions& options) {
  const SignalCleanup signals;
  const Status status = Run(options);
  return status.ok() ? kExitOk : ReportError(status.error());
}

}  // namespace spirogram::app
