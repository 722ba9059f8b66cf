// The seam for files of other formats that lie in a log directory: what knows a format makes event
// files of its files, which the store then reads as any other.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/types.h"

namespace spirogram::store {

// Thread-safe.
class FileConverter {
 public:
  virtual ~FileConverter() = default;

  // What the event file of a file of this base name is called among those of its run; empty for
  // files of other formats. A file that is packed by its user is called as before.
  virtual std::string NameOf(std::string_view name) const = 0;

  struct Job {
    std::string path;
    WallTime modified_time = 0;
    // Where the file ends early it may still be written, and is to be refused: kUnavailable.
    bool may_grow = false;
    // Told now and then how far into the file reading is. An Error is to be returned at once.
    std::function<Status(uint64_t bytes_read)> progress;
    // The end of the event file.
    std::function<Status(std::string_view records)> append;
  };
  // Reads one file. What is wrong within it is no Error: the event file says so as a warning.
  virtual Status Convert(const Job& job) const = 0;
};

}  // namespace spirogram::store
