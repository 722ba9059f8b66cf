#include "app/upload.h"

#include <cstdio>

#include "app/exit_code.h"
#include "base/printable.h"

namespace spirogram::app {

int Upload(const UploadCommand& command) {
  logger::UploadOptions options = command.options;
  options.patience = std::chrono::seconds(command.timeout_s);
  const Result<logger::UploadSummary> summary = logger::UploadFolder(options);
  if (!summary.ok()) return ReportError(summary.error());
  for (const std::string& why : summary->left) {
    std::fprintf(stderr, "spirogram: left behind: %s\n", ToPrintable(why).c_str());
  }
  std::printf(
      "the server has %lld files (%llu bytes), %lld of them removed here, %zu left behind\n",
      static_cast<long long>(summary->files), static_cast<unsigned long long>(summary->bytes),
      static_cast<long long>(summary->removed), summary->left.size());
  return summary->left.empty() ? kExitOk : kExitFailure;
}

}  // namespace spirogram::app
