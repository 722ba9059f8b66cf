#include "app/import.h"

#include <cstdio>

#include "app/exit_code.h"

namespace spirogram::app {

int Import(const transfer::ImportOptions& options) {
  const auto summary = transfer::ImportFiles(options);
  if (!summary.ok()) return ReportError(summary.error());
  for (const std::string& column : summary->ignored_columns) {
    std::fprintf(stderr, "column \"%s\" holds no numbers: left out\n", column.c_str());
  }
  std::printf("%lld points of %lld rows in %zu run%s: spirogram serve --logdir %s\n",
              static_cast<long long>(summary->points), static_cast<long long>(summary->rows),
              summary->runs.size(), summary->runs.size() == 1 ? "" : "s", options.logdir.c_str());
  return kExitOk;
}

}  // namespace spirogram::app
