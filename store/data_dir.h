// The folder of the database: made private to its user, refused where SQLite's log cannot work, and
// locked so that one server at a time writes it.
#pragma once

#include <string>

#include "base/file.h"
#include "base/result.h"

namespace spirogram::store {

// Owns the lock; another process can have it once this is destroyed.
class DataDir {
 public:
  // Creates the folder (mode 0700), the lock file and an empty database (mode 0600) where they are
  // missing. kUnavailable when another process holds it, kInvalidArgument on a network file system,
  // kPermission when it cannot be written.
  static Result<DataDir> Open(const std::string& path);

  std::string database_path() const { return DatabasePath(path_); }
  static std::string DatabasePath(const std::string& folder) {
    return folder + "/spirogram.sqlite";
  }
  // Where what was made of files of other formats lies (store/conversions.h).
  static std::string ConvertedDir(const std::string& folder) { return folder + "/converted"; }
  // The path of the database that is there. kNotFound, kPermission.
  static Result<std::string> FindDatabase(const std::string& folder);

 private:
  DataDir(std::string path, FileDescriptor lock) : path_(std::move(path)), lock_(std::move(lock)) {}

  std::string path_;
  FileDescriptor lock_;
};

}  // namespace spirogram::store
