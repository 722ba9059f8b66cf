#include "app/import.h"

#include <cstdio>

#include "app/exit_code.h"
#include "app/signals.h"
#include "app/work_line.h"
#include "base/printable.h"
#include "base/str.h"

namespace spirogram::app {

namespace {

Result<transfer::ImportSummary> ImportWithProgress(transfer::ImportOptions options) {
  WorkLine line;
  options.progress = [&](int64_t rows) {
    if (line.IsDue()) line.Show(StrCat("reading: ", rows, " rows"));
  };
  return transfer::ImportFiles(options);
}

}  // namespace

int Import(const transfer::ImportOptions& options) {
  const SignalCleanup signals;
  const auto summary = ImportWithProgress(options);
  if (!summary.ok()) return ReportError(summary.error());
  for (const std::string& column : summary->ignored_columns) {
    std::fprintf(stderr, "column %s holds no numbers: left out\n",
                 ToPrintable(Quoted(column)).c_str());
  }
  std::printf("%lld points of %lld rows in %zu run%s: spirogram serve --logdir %s\n",
              static_cast<long long>(summary->points), static_cast<long long>(summary->rows),
              summary->runs.size(), summary->runs.size() == 1 ? "" : "s", options.logdir.c_str());
  return kExitOk;
}

}  // namespace spirogram::app
