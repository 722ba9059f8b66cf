// The program's input as a file: what reads tables looks into them more than once.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <utility>

#include "base/result.h"
#include "base/temp_folder.h"

namespace spirogram::mapping {

// A file in a folder of its own below TMPDIR, removed with it. Not thread-safe.
class SpooledInput {
 public:
  // Reads a descriptor to its end. Errors: kExhausted (more than `bytes_max`), kCancelled, and
  // those of the file system.
  static Result<SpooledInput> Read(int descriptor, int64_t bytes_max, const std::stop_token& stop);

  std::string path() const { return folder_.path() + "/input"; }
  // "npy", or "tsv" where the first line that is no comment has a tab, else "csv".
  // kInvalidArgument for other bytes than text, and for no bytes.
  Result<std::string> GuessFormat() const;

 private:
  explicit SpooledInput(TempFolder folder) : folder_(std::move(folder)) {}

  TempFolder folder_;
};

}  // namespace spirogram::mapping
