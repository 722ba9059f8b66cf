// What one run has for one commit: taken out of RunState by SealRun, so that the writer thread
// reads on while another thread encodes and writes this. Plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "store/answers.h"
#include "store/data_compat.h"
#include "store/run_state.h"
#include "store/sealed_block.h"

namespace spirogram::store {

struct SeriesBatch {
  struct Chunk {
    PendingPoints points;  // empty once it is sealed
    std::optional<SealedBlock> sealed;

    size_t size() const { return sealed ? sealed->summary.count : points.size(); }
  };

  int64_t session_id = 0;
  std::vector<Chunk> chunks;
  SeriesTail* tail = nullptr;  // outlives the batch; of whoever writes it
  // The first chunk stands at a block's start, so that each becomes a block as it is.
  bool starts_block = false;
};

struct TagBatch {
  int64_t id = 0;
  std::string name;
  DataKind kind = DataKind::kOther;
  std::optional<TagInfo> info;  // of a tag that is new
  int64_t count = 0;
  Step first_step = 0;
  Step last_step = 0;
  Step lowest_new = 0;
  Step highest_new = 0;
  std::vector<SeriesBatch> series;
};

struct FileBatch {
  int64_t id = 0;
  std::string name;
  uint64_t device = 0;
  uint64_t inode = 0;
  FilePosition position;
  uint64_t offset_before = 0;  // of the commit before
  int64_t session_id = 0;
  std::string path = {};
  bool is_readable_again = false;
};

struct RunBatch {
  RunId id = 0;
  bool is_new = false;
  std::string path;
  std::string name;
  bool has_events = false;
  WallTime start_time = 0;
  WallTime last_wall_time = 0;
  Step last_step = 0;
  int64_t points = 0;
  int64_t end_status = 0;
  RunEvidence evidence;
  uint64_t bytes_on_disk = 0;
  std::vector<FileBatch> files;
  std::vector<SessionState> sessions;
  std::vector<TagBatch> tags;
  std::vector<PendingRecord> records;
  // Of `tags` and `records`: what EncodeOne has been through.
  size_t encoded_tags = 0;
  size_t encoded_records = 0;
  std::vector<PendingProfile> profiles;
  int64_t first_profile_name_id = 0;
  std::vector<std::string> new_profile_names;
  std::vector<PendingNote> notes;
  std::vector<PendingWarning> warnings;
  std::vector<PendingHparamsMessage> hparams_messages;
  std::optional<std::pair<int64_t, Hparams>> hparams;  // session id
};

// Takes everything that waits out of `run`, which counts it as committed from then on.
RunBatch SealRun(RunState* run);

// Encodes one chunk or record of the batch that needs nothing of the database for it. False when
// there is none left. For a thread that has nothing else to do.
bool EncodeOne(RunBatch* run);

// Puts the record's content into its blob, unless that is done.
void EncodeRecord(PendingRecord* record);

}  // namespace spirogram::store
