// From the options of a logger to what sends for it.
#pragma once

#include <memory>

#include "logger/logger.h"
#include "logger/remote/uploader.h"

namespace spirogram::logger {

// Null without a url, and where url or run make no sense, which the log then says. Fills in the
// run_dir: the run's folder in the spool where none is given.
std::unique_ptr<Uploader> MakeUploader(LoggerOptions* options);

}  // namespace spirogram::logger
