#include "app/maintain.h"

#include <cstdio>
#include <utility>

#include "app/exit_code.h"
#include "app/signals.h"
#include "app/work_line.h"
#include "base/printable.h"
#include "base/str.h"
#include "store/maintenance.h"
#include "web/json.h"

namespace spirogram::app {
namespace {

void PrintProblem(const char* kind, const store::CheckProblem& problem) {
  const std::string text =
      StrCat(kind, ": ", problem.run, problem.tag.empty() ? "" : " ", Excerpt(problem.tag),
             problem.run.empty() ? "" : ": ", problem.what);
  std::printf("%s\n", ToPrintable(text).c_str());
}

// Of many values that one file took along, one line: --json lists them.
store::CheckProblem Summarize(const store::LostValues& lost) {
  const bool is_one = lost.values == 1;
  return {
      lost.run, "",
      StrCat(lost.values, is_one ? " value" : " values", " of ", lost.file, ", bytes ", lost.begin,
             " to ", lost.end, is_one ? ", is lost: " : ", are lost; the first: ", lost.first)};
}

std::string CountProblems(const store::CheckReport& report) {
  const size_t count = report.problems.size() + report.lost.size();
  return StrCat(count, count == 1 ? " problem" : " problems");
}

Result<store::BackupReport> BackupWithProgress(const BackupCommand& command) {
  WorkLine line;
  return store::Backup(
      {.data_dir = command.data_dir,
       .out = command.out,
       .overwrite = command.force,
       .progress = [&](uint64_t done, uint64_t of) { line.ShowBytes("copying", done, of); }});
}

Result<store::CheckReport> CheckWithProgress(const CheckCommand& command) {
  WorkLine line;
  return store::CheckData(
      {.data_dir = command.data_dir,
       .logdir = command.logdir,
       .progress = [&](uint64_t done, uint64_t of) { line.ShowBytes("checking", done, of); }});
}

Result<store::CompactReport> CompactWithProgress(const std::string& data_dir) {
  WorkLine joining;
  WorkLine rewriting;
  return store::Compact(data_dir, [&](store::CompactStage stage, uint64_t done, uint64_t of) {
    if (stage == store::CompactStage::kJoining) {
      joining.Show(StrCat("joining short blocks: ", done, " of ", of, " series"));
    } else {
      rewriting.Show(StrCat("rewriting ", Mebibytes(of)));
    }
  });
}

}  // namespace

int Backup(const BackupCommand& command) {
  const SignalCleanup signals;
  auto report = BackupWithProgress(command);
  if (report.ok()) {
    std::printf(
        "%s; to restore it: put it into an empty folder as spirogram.sqlite and serve with "
        "--data-dir\n",
        command.out.c_str());
    if (report->values_left_out > 0) {
      std::fprintf(stderr,
                   "spirogram: %lld values are not in it, because their event files went or were "
                   "written over before a server had copied them\n",
                   static_cast<long long>(report->values_left_out));
    }
    return kExitOk;
  }
  Error error = std::move(report).error();
  if (error.message.ends_with("is there already")) error.message += ": --force overwrites it";
  return ReportError(error);
}

int Check(const CheckCommand& command) {
  const auto report = CheckWithProgress(command);
  if (!report.ok()) return ReportError(report.error());
  if (command.json) {
    std::printf("%s\n", web::CheckReportJson(*report).c_str());
  } else {
    for (const auto& note : report->notes) PrintProblem("note", note);
    for (const auto& problem : report->problems) PrintProblem("problem", problem);
    for (const auto& lost : report->lost) PrintProblem("problem", Summarize(lost));
    std::printf("%lld runs, %lld points, %lld stored values of %s: %s\n",
                static_cast<long long>(report->runs), static_cast<long long>(report->points),
                static_cast<long long>(report->values), Mebibytes(report->bytes).c_str(),
                report->ok() ? "all in order" : CountProblems(*report).c_str());
  }
  return report->ok() ? kExitOk : kExitFailure;
}

int Compact(const std::string& data_dir) {
  const auto report = CompactWithProgress(data_dir);
  if (!report.ok()) return ReportError(report.error());
  std::printf("%lld short blocks joined; %s before, %s after\n",
              static_cast<long long>(report->merged_blocks),
              Mebibytes(report->bytes_before).c_str(), Mebibytes(report->bytes_after).c_str());
  return kExitOk;
}

}  // namespace spirogram::app
