// What the writer thread knows of a run: what is committed or on its way, and what was read since.
// Plain data, owned by Ingest, touched by the writer thread alone, SeriesTail aside. It can always
// be built again from the database (run_loader.h): after a failed commit that is what happens.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "store/answers.h"
#include "store/blob_codec.h"
#include "store/block_codec.h"
#include "store/borrowed.h"
#include "store/data_compat.h"
#include "store/event_file.h"
#include "store/pending_points.h"
#include "store/run_status.h"
#include "store/step_gaps.h"
#include "store/visibility.h"

namespace spirogram::store {

// The end of a committed series: its blocks that are shorter than kBlockPoints, in order. Touched
// by commits alone, which may run on another thread.
struct SeriesTail {
  struct Piece {
    int64_t first_point = 0;
    int64_t count = 0;
  };
  bool is_loaded = false;
  std::vector<Piece> pieces;
  int64_t next_point = 0;
};

// One tag's points of one session that wait for the next commit: in chunks that end where a block
// ends, so that a commit encodes them where they lie.
struct PendingSeries {
  int64_t session_id = 0;
  std::unique_ptr<SeriesTail> tail;
  std::vector<PendingPoints> chunks;
  // Points until the block ends. Wrong for a series that an earlier process began, which costs its
  // commits a copy and nothing else.
  size_t room = kBlockPoints;
  size_t last_commit_points = 0;  // a hint for how many are to come
};

struct TagState {
  int64_t id = 0;
  std::string_view name;  // the key of RunState::tags
  TagInfo info;
  int64_t count = 0;
  Step first_step = 0;
  Step last_step = 0;
  std::vector<PendingSeries> series;  // by session; kept when their points are committed
  TagState* next = nullptr;           // the tag that followed last time: mostly it follows again
  bool is_rounding_told = false;      // one warning of a tag is enough
  // Since the last commit:
  bool is_new = false;
  bool is_dirty = false;
  int64_t new_values = 0;  // of other kinds than scalars, whose points are counted in the end
  Step lowest_new = 0;     // of those
  Step highest_new = 0;
};

// A value that becomes a row of `records`.
struct PendingRecord {
  int64_t tag_id = 0;
  int64_t session_id = 0;
  int64_t file_id = 0;
  uint64_t position = 0;
  int item = 0;
  Step step = 0;
  WallTime wall_time = 0;
  int64_t width = 0;
  int64_t height = 0;
  uint64_t bytes = 0;
  Compression compression = Compression::kNone;
  std::string details;  // store/record_details.h; empty where a listing needs none
  std::string data;     // the content; its blob (blob_codec.h) once it is packed
  bool is_packed = false;
  // Where the content stands instead, in the file.
  std::optional<BorrowedBytes> borrowed;
};

struct PendingHparamsMessage {
  int64_t session_id = 0;
  uint64_t position = 0;
  WallTime wall_time = 0;
  std::string content;
};

struct PendingProfile {
  int64_t session_id = 0;
  uint64_t position = 0;
  ProfileSlices slices;  // `name` holds name ids of the run
};

struct PendingNote {
  int64_t session_id = 0;
  uint64_t position = 0;
  WallTime wall_time = 0;
  std::string message;
};

struct PendingWarning {
  int64_t file_id = 0;
  uint64_t offset = 0;
  uint64_t bytes_lost = 0;
  std::string message;
};

struct FileState {
  FileState(int64_t new_id, std::string new_name, EventFileReader new_reader)
      : id(new_id), name(std::move(new_name)), reader(std::move(new_reader)) {}

  int64_t id;
  std::string name;
  EventFileReader reader;
  uint64_t device = 0;
  uint64_t inode = 0;
  int64_t session_id = 0;          // 0 before the first event
  bool session_has_values = true;  // unknown after a start, and then true does no harm
  uint64_t committed_offset = 0;
  bool is_queued = false;  // in Ingest's backlog
  // What Ingest has counted of it.
  uint64_t counted_found = 0;
  uint64_t counted_read = 0;
  // As last listed.
  uint64_t size = 0;
  int64_t modified_ns = 0;
  // As last read.
  std::string unreadable_why;         // empty: it could be read
  bool is_quiet = false;              // nobody had written for long, then
  uint64_t tail_bytes = 0;            // behind the last whole record
  std::optional<WallTime> step_time;  // of the first event of the step that it is at
  Step step = 0;
  // Since the last commit:
  bool is_new = false;
  bool is_dirty = false;
  bool is_readable_again = false;
};

struct SessionState {
  int64_t file_id = 0;
  Session session;
  bool is_dirty = false;
};

// Lets a map with string keys be searched by string_view.
struct StringHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};
template <typename T>
using StringMap = std::unordered_map<std::string, T, StringHash, std::equal_to<>>;

struct RunState {
  RunId id = 0;
  std::string path;  // below the logdir, raw
  std::string name;
  bool has_events = false;
  WallTime start_time = 0;
  WallTime last_wall_time = 0;
  Step last_step = 0;
  int64_t points = 0;
  int64_t end_status = 0;            // RunEnd
  std::optional<WallTime> end_time;  // of the event that said so
  StepGaps step_gaps;
  WallTime deleted_time = 0;  // 0: it is not deleted
  bool is_purged = false;     // nothing of it is read or written: its user deleted it for good
  int64_t modified_ns = 0;    // of the newest file, as last listed

  std::map<std::string, std::unique_ptr<FileState>> files;  // by base name
  int64_t next_file_id = 1;
  std::vector<SessionState> sessions;  // by id
  int64_t next_session_id = 1;
  int64_t first_new_session_id = 1;  // from here on nothing is in the database that is not known

  // Loaded from the database when the run's first new event comes: a start reads no tags.
  bool are_details_loaded = false;
  StringMap<TagState> tags;
  int64_t next_tag_id = 1;
  TagState* last_tag = nullptr;  // of the last scalar
  StringMap<uint32_t> profile_names;
  int64_t warnings = 0;

  // Since the last commit:
  bool is_new = false;
  bool is_dirty = false;
  std::vector<TagState*> dirty_tags;
  std::vector<PendingRecord> records;
  std::vector<PendingProfile> profiles;
  std::vector<std::string> new_profile_names;  // ids follow those that are committed
  std::vector<PendingNote> notes;
  std::vector<PendingWarning> pending_warnings;
  std::vector<PendingHparamsMessage> hparams_messages;
  std::optional<std::pair<int64_t, Hparams>> hparams;  // session id

  // Hidden by its user, though it is read on unless it is purged too.
  bool is_deleted() const { return deleted_time != 0; }
};

}  // namespace spirogram::store
