// Metrics from CSV and JSON lines, and traces of PyTorch's profiler, as event files, which any
// server of the log directory then shows: the event files stay the one way into the store.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"

namespace spirogram::transfer {

struct ImportOptions {
  std::vector<std::string> files;
  std::string logdir;  // made where it is missing
  // Of rows that name no run; a row's own run lies below it. Empty: the file's name without its
  // ending, and a row's own run as it stands there.
  std::string run = {};
  std::string step_column = {};  // empty: found by its name
  std::string time_column = {};
  bool append = false;  // to runs that are there already; else they are kInvalidArgument
  // Called now and then with the rows, or the events of a trace, read so far.
  std::function<void(int64_t rows)> progress = nullptr;
};

struct ImportSummary {
  int64_t rows = 0;
  int64_t points = 0;
  // Of traces: complete events, what became slices of them, and the others by their category.
  int64_t events = 0;
  int64_t slices = 0;
  std::map<std::string, int64_t> left_out;
  std::set<std::string> runs;
  std::set<std::string> ignored_columns;
  std::vector<std::string> warnings;  // of traces that are damaged: what stands before that is kept
};

// All files or none: nothing appears in the log directory before the last row is read.
Result<ImportSummary> ImportFiles(const ImportOptions& options);

}  // namespace spirogram::transfer
