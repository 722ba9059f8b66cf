#include "logger/remote/make_uploader.h"

#include <algorithm>
#include <utility>

#include "base/str.h"
#include "logger/remote/run_name.h"
#include "logger/remote/spool.h"
#include "logger/remote/url.h"

namespace spirogram::logger {
namespace {

// "last" of "runs/last/".
std::string LastPart(std::string path) {
  while (path.ends_with('/')) path.pop_back();
  return path.substr(path.rfind('/') + 1);
}

Result<Uploader::Options> Plan(LoggerOptions* options) {
  Uploader::Options plan;
  ASSIGN_OR_RETURN(plan.url, ParseUrl(options->url));
  plan.run = options->run.empty() ? LastPart(options->run_dir) : options->run;
  RETURN_IF_ERROR(CheckRunName(plan.run));
  if (options->run_dir.empty()) {
    plan.spool_root =
        SpoolOf(options->spool_dir.empty() ? DefaultSpoolDir() : options->spool_dir, plan.url);
    plan.waiting_bytes_max = options->spool_bytes_max;
    options->run_dir = StrCat(plan.spool_root, "/", plan.run);
  }
  plan.folder = options->run_dir;
  plan.close_timeout = std::chrono::milliseconds(std::max(0, options->close_timeout_ms));
  return plan;
}

}  // namespace

Result<std::unique_ptr<Uploader>> MakeUploader(LoggerOptions* options) {
  if (options->url.empty()) return std::unique_ptr<Uploader>();
  ASSIGN_OR_RETURN(Uploader::Options plan, Plan(options));
  return std::make_unique<Uploader>(std::move(plan));
}

}  // namespace spirogram::logger
