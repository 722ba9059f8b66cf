// Finds the event files below a log directory, and below the folder of what programs sent
// (store/ingest_log.h) as if it lay beside. Only ever reads. Thread-compatible.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "store/file_converter.h"

namespace spirogram::store {

struct FoundFile {
  std::string run;   // folder below the logdir as the file system spells it, '/' between parts; "."
                     // is the logdir itself
  std::string name;  // base name
  uint64_t size = 0;
  int64_t modified_ns = 0;
  int64_t seen_ns = 0;  // when it was listed, by the system's clock
  uint64_t device = 0;
  uint64_t inode = 0;
};

struct ScanResult {
  std::vector<FoundFile> files;      // by run, then by name
  std::vector<std::string> folders;  // every folder visited, below the logdir like FoundFile::run
  std::vector<FoundFile> others;     // files that the converter takes, by run, then by name
  std::vector<std::string> projector_folders;  // those that hold a projector_config.pbtxt
  std::vector<std::string> left_out;  // a sentence for each folder that is there and was not read
  bool has_linked_files = false;      // event files that are links: written to in another folder
};

// Whether a file of this base name counts as an event file.
bool IsEventFileName(std::string_view name);

class Logdir {
 public:
  // kNotFound, kPermission or kInvalidArgument (not a folder, or the data directory) when `path`
  // cannot be listed. `data_dir` is left out where it lies below. With `may_be_missing` a folder
  // may yet be made there; until then it lists as an empty one.
  static Result<Logdir> Open(const std::string& path, const std::string& data_dir,
                             bool follow_symlinks, bool may_be_missing = false);

  // Follows what was sent, too: folders there are called "/FOLDER", their files belong to the run
  // that the folder encodes and are called "ingest/NAME" (store/ingest_names.h). Nothing below the
  // log directory has such a name.
  void set_ingest_dir(std::string path) { ingest_dir_ = std::move(path); }

  // Finds files of other formats, too, and what was made of them: files of the run that are called
  // "converted/NAME" (store/conversions.h). `converter` outlives this.
  void set_converter(const FileConverter* converter, std::string dir) {
    converter_ = converter;
    converted_dir_ = std::move(dir);
  }

  // Lists `folder` and, when `is_recursive`, what lies below it. Folders that vanish are skipped;
  // those that cannot be read, or lie beyond the bounds of depth and number, are told. Links to a
  // folder that contains them are loops and skipped too. `before` is told of each folder before its
  // entries are read: who begins to watch it there misses nothing.
  using FolderObserver = std::function<void(const std::string& folder)>;
  ScanResult Scan(const std::string& folder, bool is_recursive,
                  const FolderObserver& before = nullptr) const;
  ScanResult ScanAll(const FolderObserver& before = nullptr) const;

  // Whether that entry of the folder is a link to a folder, and links are followed.
  bool IsLinkedFolder(const std::string& folder, const std::string& name) const;

  // Which folder stands at the log directory's path now; nullopt where there is none.
  struct FolderId {
    uint64_t device = 0;
    uint64_t inode = 0;
    bool operator==(const FolderId&) const = default;
  };
  std::optional<FolderId> Identify() const;

  // The path to open for a folder or for a file in it.
  std::string PathOf(const std::string& folder) const;
  std::string PathOf(const std::string& folder, const std::string& name) const;

 private:
  Logdir(std::string path, FolderId data_dir, bool follow_symlinks)
      : path_(std::move(path)), data_dir_(data_dir), follow_symlinks_(follow_symlinks) {}
  void ScanFolder(const std::string& folder, bool is_recursive, const FolderObserver& before,
                  std::vector<FolderId>* above, ScanResult* result) const;

  std::string path_;
  std::string ingest_dir_;  // empty: none
  const FileConverter* converter_ = nullptr;
  std::string converted_dir_;
  FolderId data_dir_;
  bool follow_symlinks_;
};

}  // namespace spirogram::store
