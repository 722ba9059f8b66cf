// One event file being written: its name, its first record, and what happens when the disk refuses.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "base/file.h"
#include "base/result.h"
#include "base/types.h"
#include "logger/fork_guard.h"

namespace spirogram::logger {

// `events.out.tfevents.SECONDS.HOST.PID.UID.v2`, as TensorFlow names them. UID counts the files of
// this process, so that two loggers of one second never share a file.
std::string NextEventFileName(WallTime wall_time);

// Not thread-safe.
class EventFile {
 public:
  // Makes the folder, the file and its first record. Leaves no file behind when that fails. The
  // file is locked before it has a byte (logger/remote/spool.h), where the file system can.
  static Result<EventFile> Create(const std::string& run_dir, WallTime wall_time);

  // Appends whole records. After an error the file may end in a part of one: append no more to it,
  // a reader would take what follows for damage.
  Status Append(std::string_view records) { return file_.Append(records); }
  Status Sync() { return file_.Sync(); }
  // False when someone deleted the file: what is appended then goes nowhere.
  bool IsStillThere() const;
  const std::string& path() const { return file_.path(); }
  size_t first_record_bytes() const { return first_record_bytes_; }

 private:
  EventFile(AppendFile file, size_t first_record_bytes)
      : file_(std::move(file)),
        kept_(file_.descriptor()),
        first_record_bytes_(first_record_bytes) {}

  AppendFile file_;
  KeptFromForks kept_;  // behind the file: it goes first
  size_t first_record_bytes_;
};

}  // namespace spirogram::logger
