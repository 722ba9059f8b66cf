// The files that TensorBoard's projector reads, kept beside the event file of a run:
//
//   projector_config.pbtxt        names every embedding of the run with its two files
//   projector/NAME.bytes          the newest checkpoint: float32, little-endian, row-major N x D
//   projector/NAME.tsv            the same as text, see below
//   projector/NAME.metadata.tsv   row i describes point i; a header line with two columns or more
//
// TensorBoard takes a tensor file for text when its bytes happen to be valid UTF-8 (a table of
// zeros is), so those rare tensors are written as text. Discarded: text always; it is 2 to 3 orders
// of magnitude slower to load (tensorboard#3685).
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "logger/item.h"

namespace spirogram::logger {

// Not thread-safe. Each file is replaced atomically, and the config last, so that it never names a
// file that is not there.
class ProjectorFiles {
 public:
  explicit ProjectorFiles(std::string run_dir) : run_dir_(std::move(run_dir)) {}

  // Replaces the files of `tag` with this checkpoint.
  Status Write(std::string_view tag, const EmbeddingItem& embedding);

 private:
  struct Entry {
    int64_t rows = 0;
    int64_t dims = 0;
    std::string tensor_path;    // below run_dir_
    std::string metadata_path;  // empty without metadata
  };

  // Of a file below run_dir_.
  std::string PathOf(std::string_view file) const;
  bool IsThere(const std::string& file) const;
  Status WriteConfig();

  const std::string run_dir_;
  std::map<std::string, Entry> entries_;  // by tag
  std::string config_;                    // as it was written last
};

// A file name for a tag: readable, unlike that of any other tag, and never an event file's.
std::string ProjectorFileName(std::string_view tag);

// Tabs and line ends inside a cell become spaces, an empty line "-", so that row i stays row i.
std::string MetadataTsv(const EmbeddingMetadata& metadata);

}  // namespace spirogram::logger
