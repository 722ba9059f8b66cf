// spirogram export: what a log directory or a data directory holds, in formats of other programs.
#pragma once

#include <cstdint>
#include <string>

#include "base/types.h"

namespace spirogram::app {

struct ExportOptions {
  std::string logdir;    // read anew into a database of its own; or
  std::string data_dir;  // of a server, which may be running: what it has committed
  std::string format = "csv";
  std::string out = "-";  // file; "-" is stdout; for events a folder
  std::string run;        // regular expressions, searched for in the names
  std::string tag;
  Step from = INT64_MIN;
  Step to = INT64_MAX;
  bool all = false;
  bool wide = false;
};

// Returns the program's exit code.
int Export(const ExportOptions& options);

}  // namespace spirogram::app
