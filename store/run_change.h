// What can be asked of runs as objects (Store::ChangeRuns), and what they take.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "store/answers.h"
#include "store/run_labels.h"

namespace spirogram::store {

struct RunChange {
  enum class Action {
    kEdit,
    kDelete,   // hides the run; its data stays, and it is read on
    kRestore,  // undoes kDelete; a run that was purged is read again from its files
    kPurge,    // removes a deleted run's data, part by part; it stays hidden until it is restored
  };

  Action action = Action::kEdit;
  std::vector<RunId> runs = {};
  RunEdit edit = {};                               // for kEdit
  std::optional<int64_t> revision = std::nullopt;  // that the runs must have
  // For kPurge: also unlinks the event files of the run's own folder. There is no way back.
  bool delete_files = false;
};

struct RunSize {
  RunId run = 0;
  uint64_t disk_bytes = 0;      // of its event files, as last seen
  uint64_t database_bytes = 0;  // content of its rows, without the database's own overhead
};

}  // namespace spirogram::store
