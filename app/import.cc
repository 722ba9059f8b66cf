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
  for (const auto& [category, count] : summary->left_out) {
    std::fprintf(stderr, "%lld events of %s: left out\n", static_cast<long long>(count),
                 ToPrintable(Quoted(category)).c_str());
  }
  for (const std::string& warning : summary->warnings) {
    std::fprintf(stderr, "warning: %s\n", ToPrintable(warning).c_str());
  }
  std::string read;
  if (summary->slices > 0) {
    read = StrCat(summary->slices, " slices of ", summary->events, " events");
  }
  if (summary->rows > 0) {
    read +=
        StrCat(read.empty() ? "" : ", ", summary->points, " points of ", summary->rows, " rows");
  }
  std::printf("%s in %zu run%s: spirogram serve --logdir %s\n", read.c_str(), summary->runs.size(),
              summary->runs.size() == 1 ? "" : "s", options.logdir.c_str());
  return kExitOk;
}

}  // namespace spirogram::app
