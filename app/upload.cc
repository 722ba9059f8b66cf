#include "app/upload.h"

#include <cstdio>
#include <utility>

#include "app/exit_code.h"
#include "app/work_line.h"
#include "base/printable.h"
#include "base/str.h"

namespace spirogram::app {
namespace {

Result<logger::UploadSummary> UploadWithProgress(logger::UploadOptions options) {
  WorkLine line;
  options.progress = [&](uint64_t done, uint64_t of, const std::string& waits) {
    line.ShowBytes(waits.empty() ? "sending" : ToPrintable(StrCat("waiting: ", waits)), done, of);
  };
  return logger::UploadFolder(options);
}

}  // namespace

int Upload(const UploadCommand& command) {
  logger::UploadOptions options = command.options;
  options.patience = std::chrono::seconds(command.timeout_s);
  const Result<logger::UploadSummary> summary = UploadWithProgress(std::move(options));
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
