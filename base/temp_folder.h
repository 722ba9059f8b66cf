// A folder that goes away with its owner.
#pragma once

#include <string>
#include <utility>

#include "base/cleanup.h"
#include "base/result.h"

namespace spirogram {

// Below TMPDIR, or /tmp; for this user alone. Goes with RunCleanups, too. Not thread-safe.
class TempFolder {
 public:
  // Errors: those of the file system, which name the folder.
  static Result<TempFolder> Make();

  TempFolder(TempFolder&& other) noexcept;
  TempFolder& operator=(TempFolder&&) = delete;
  ~TempFolder();

  const std::string& path() const { return path_; }

 private:
  explicit TempFolder(std::string path);

  std::string path_;  // empty once moved from
  Cleanup cleanup_;
};

}  // namespace spirogram
