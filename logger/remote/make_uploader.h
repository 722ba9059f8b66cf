// From the options of a logger to what sends for it.
#pragma once

#include <memory>

#include "base/result.h"
#include "logger/logger.h"
#include "logger/remote/uploader.h"

namespace spirogram::logger {

// Null without a url; kInvalidArgument where url or run make no sense. Fills in the run_dir: the
// run's folder in the spool where none is given.
Result<std::unique_ptr<Uploader>> MakeUploader(LoggerOptions* options);

}  // namespace spirogram::logger
