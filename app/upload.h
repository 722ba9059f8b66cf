// spirogram upload: sends event files to a server.
#pragma once

#include "logger/remote/upload.h"

namespace spirogram::app {

struct UploadCommand {
  logger::UploadOptions options;
  int timeout_s = 60;
};

// Returns the program's exit code: 0 when the server has all of it.
int Upload(const UploadCommand& command);

}  // namespace spirogram::app
