// A file that others see whole or not at all: written beside its place, then renamed.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/result.h"

namespace spirogram::transfer {

// Not thread-safe. Destroyed before Commit, or by RunCleanups, it leaves nothing behind, the
// folders that it made included unless something else lies in them by then.
class OutputFile {
 public:
  // Makes the folders and takes the place of a rest that an earlier try left behind. The temporary
  // name is never that of an event file. Where `path` is a link, what it names is written.
  // kInvalidArgument where that is there and no regular file.
  static Result<OutputFile> Create(const std::string& path);

  OutputFile(OutputFile&& other) noexcept
      : path_(std::move(other.path_)),
        temporary_(std::exchange(other.temporary_, {})),
        made_(std::exchange(other.made_, {})),
        cleanup_(std::move(other.cleanup_)) {}
  OutputFile& operator=(OutputFile&&) = delete;
  ~OutputFile();

  Status Append(std::string_view bytes);
  // Returns once the file stands at its path, on the disk.
  Status Commit();
  // Returns once all files stand at their paths, on the disk. After an Error, and after RunCleanups
  // in the meantime, none does. REQUIRES: nothing stands at their paths.
  static Status CommitAll(std::span<OutputFile* const> files);

 private:
  OutputFile(std::string path, std::string temporary, std::vector<std::string> made);
  Status Sync() const;
  Status Publish() const;
  // Nothing is to be removed any more.
  void Keep();

  std::string path_;
  std::string temporary_;          // empty once it is gone
  std::vector<std::string> made_;  // folders, the innermost first; empty once they are needed
  Cleanup cleanup_;
};

}  // namespace spirogram::transfer
