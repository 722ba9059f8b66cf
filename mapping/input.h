// Where the rows come from, as the command line names it.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/types.h"
#include "mapping/table.h"
#include "mapping/text_table.h"
#include "projector/projector.h"

namespace spirogram::mapping {

struct InputOptions {
  // A file, by its ending: .npy, .csv, .tsv (.tab, .txt), .pbtxt; with `shape` raw float32. "-" is
  // the program's input, read to its end: an array of NumPy or a text by what it begins with.
  std::string file;
  std::string format;  // "npy", "csv", "tsv": whatever the name or the beginning says
  std::string shape;   // "NxD"
  std::string tensor;  // of a projector config that names several
  TextTableOptions::Header header = TextTableOptions::Header::kAuto;
  std::vector<std::string> metadata_columns;
  bool may_lack_columns = false;
  std::string colour_by;
  // Or an embedding of a run, in the data directory of a server, which may be running.
  std::string data_dir;
  std::string run;
  std::string tag;           // may be empty where the run has one embedding
  std::optional<Step> step;  // absent: the newest checkpoint

  // For cosine, rows of zeros are left out too.
  projector::Metric metric = projector::Metric::kEuclidean;

  std::string metadata_file;  // TSV as TensorBoard's: takes the place of the input's own
  int64_t bytes_max = INT64_MAX;
};

// Reads all of it. Rows that no map can hold (projector/finite_rows.h) are left out, named by a
// note; kInvalidArgument where that is most of them. Errors name the file, the line or offset, and
// both sides.
Result<Table> ReadInput(const InputOptions& options, const std::stop_token& stop);

}  // namespace spirogram::mapping
