// Keeps the store's copy of what projector configs name in step with the files. Owned and used by
// the writer thread; Tailer drives it, and only while no event file waits to be read: a tensor that
// is also in the event files is not read twice.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/answers.h"
#include "store/logdir.h"
#include "store/projector_config.h"
#include "store/projector_table.h"
#include "store/sqlite/database.h"

namespace spirogram::store {

class ProjectorImport {
 public:
  // `logdir` outlives this.
  static Result<ProjectorImport> Load(Database& database, const Logdir& logdir);

  // Takes note of folders that hold a config now; those that have changed are to be read.
  void NoteFolders(const std::vector<std::string>& folders);
  bool has_work() const { return !changed_.empty(); }

  // The next config that has changed. `path` is the run's, below the logdir.
  struct Next {
    std::string folder;
    std::string run_path;
    WallTime wall_time = 0;  // when the config was last changed
  };
  // REQUIRES: has_work().
  Next TakeNext();
  // Reads what the config names and has changed, about 64 MiB at a time: has_work() is true again
  // until it is complete. What the config names no more goes. Blocks for the files. REQUIRES: a
  // write transaction is open.
  Status Import(Database& database, const Next& next, RunId run, Commit* commit);

 private:
  explicit ProjectorImport(const Logdir& logdir) : logdir_(&logdir) {}

  struct Known {
    std::string config_stamp;  // of the config alone, for which `config` holds
    std::vector<ProjectorEntry> config;
    std::string error;          // why the config could not be read; else empty
    std::string entries_stamp;  // of the config and its files, for which `entries` hold
    std::vector<ProjectorEntry> entries;
    std::string note;   // what the entries lack; else empty
    std::string stamp;  // of what was imported
  };
  static void Parse(const std::string& path, Known* known);
  void Refresh(const std::string& folder, Known* known) const;
  Result<LoadedTensor> ImportTensor(Database& database, const ProjectorFolder& at, int64_t sequence,
                                    const ProjectorEntry& entry, const std::string& stamp);

  const Logdir* logdir_;
  std::map<std::string, Known> known_;  // by folder
  std::set<std::string> changed_;
};

}  // namespace spirogram::store
