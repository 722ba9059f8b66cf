// Who wants to know what the event writer does with its files.
#pragma once

#include <cstdint>
#include <string>

namespace spirogram::logger {

// All calls come from the writer's thread; none may block or throw.
class FileFollower {
 public:
  virtual ~FileFollower() = default;

  // A file begins; the one before, if any, has got its last byte. `bytes` are in it already.
  virtual void OnFileOpened(const std::string& path, uint64_t bytes) noexcept = 0;
  virtual void OnFileClosed() noexcept = 0;
  virtual void OnWritten(uint64_t bytes) noexcept = 0;
  // False when files go once they are dealt with: nothing else may be put beside them.
  virtual bool KeepsFiles() const noexcept = 0;
  // False when no more should be written for now.
  virtual bool HasRoom(uint64_t bytes) noexcept = 0;
};

}  // namespace spirogram::logger
