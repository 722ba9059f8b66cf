#include "store/sqlite/schema.h"

#include <cstdint>
#include <iterator>

#include "base/str.h"
#include "store/sqlite/statement.h"
#include "store/sqlite/transaction.h"

namespace spirogram::store {
namespace {

// "spir": tells our files from other programs' (PRAGMA application_id).
constexpr int64_t kApplicationId = 0x73706972;

// kMigrations[i] takes a file from version i to i + 1. Never edit one that was released: append.
//
// Every table that holds a run's data has run_id in front of its key, so that a run is one range of
// each table, and one shard where the tables are spread over machines. Small rows are WITHOUT
// ROWID; a table of big BLOBs is not, because SQLite reads a rowid table's BLOBs faster. The
// summaries of scalar blocks stand apart from their data: a chart reads thousands of the first and
// few of the second. Discarded: a row per point, which takes 31 bytes and 0.3 M points/s instead of
// 5 and 16 M.
constexpr const char* kMigrations[] = {
    R"sql(
CREATE TABLE runs (
  run_id INTEGER PRIMARY KEY,
  path BLOB NOT NULL UNIQUE,        -- below the logdir, as the file system spells it
  name TEXT NOT NULL,               -- the same as valid UTF-8
  start_time REAL NOT NULL,
  last_wall_time REAL NOT NULL,
  last_step INTEGER NOT NULL,
  points INTEGER NOT NULL,
  has_events INTEGER NOT NULL,      -- 0: start_time and the like are not set yet
  end_status INTEGER NOT NULL       -- 0 not said, 1 success, 2 failure
) STRICT;

CREATE TABLE event_files (
  run_id INTEGER NOT NULL,
  file_id INTEGER NOT NULL,
  name BLOB NOT NULL,               -- base name
  device INTEGER NOT NULL,
  inode INTEGER NOT NULL,
  read_offset INTEGER NOT NULL,     -- everything before it is in this database
  fingerprint INTEGER NOT NULL,     -- CRC-32C of the up to 256 bytes before read_offset
  session_id INTEGER NOT NULL,      -- the session that the next event belongs to, 0 before the first
  PRIMARY KEY (run_id, file_id),
  UNIQUE (run_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
  run_id INTEGER NOT NULL,
  session_id INTEGER NOT NULL,
  file_id INTEGER NOT NULL,
  first_wall_time REAL NOT NULL,
  last_wall_time REAL NOT NULL,
  purge_step INTEGER,               -- of the SessionLog START that opened it, else NULL
  PRIMARY KEY (run_id, session_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE tags (
  run_id INTEGER NOT NULL,
  tag_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  kind INTEGER NOT NULL,
  plugin TEXT NOT NULL,
  display_name TEXT NOT NULL,
  description TEXT NOT NULL,
  content BLOB NOT NULL,            -- the plugin's own bytes of the first metadata
  count INTEGER NOT NULL,
  first_step INTEGER NOT NULL,
  last_step INTEGER NOT NULL,
  PRIMARY KEY (run_id, tag_id),
  UNIQUE (run_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE scalar_blocks (
  run_id INTEGER NOT NULL,
  tag_id INTEGER NOT NULL,
  session_id INTEGER NOT NULL,
  first_point INTEGER NOT NULL,     -- number of the block's first point in its session
  count INTEGER NOT NULL,
  nonfinite INTEGER NOT NULL,
  min_step INTEGER NOT NULL,
  max_step INTEGER NOT NULL,
  last_wall_time REAL NOT NULL,
  min_value REAL,                   -- of the finite values; NULL where there are none
  max_value REAL,
  sum REAL NOT NULL,
  is_sorted INTEGER NOT NULL,       -- steps never fall within the block
  PRIMARY KEY (run_id, tag_id, session_id, first_point)
) STRICT, WITHOUT ROWID;

CREATE TABLE scalar_data (
  run_id INTEGER NOT NULL,
  tag_id INTEGER NOT NULL,
  session_id INTEGER NOT NULL,
  first_point INTEGER NOT NULL,
  pyramid BLOB NOT NULL,            -- store/pyramid.h; empty for short blocks
  data BLOB NOT NULL,               -- store/block_codec.h
  UNIQUE (run_id, tag_id, session_id, first_point)
) STRICT;

CREATE TABLE records (
  run_id INTEGER NOT NULL,
  tag_id INTEGER NOT NULL,
  session_id INTEGER NOT NULL,
  position INTEGER NOT NULL,        -- of the value in its event file: unique there
  item INTEGER NOT NULL,            -- image index, else 0
  step INTEGER NOT NULL,
  wall_time REAL NOT NULL,
  width INTEGER NOT NULL,           -- image: width; embedding: dims; else 0
  height INTEGER NOT NULL,          -- image: height; embedding: rows; else 0
  bytes INTEGER NOT NULL,           -- of the value before store/blob_codec.h
  data BLOB NOT NULL,
  UNIQUE (run_id, tag_id, session_id, position, item)
) STRICT;

CREATE TABLE hparams (
  run_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  session_id INTEGER NOT NULL,
  type INTEGER NOT NULL,            -- 0 number, 1 string, 2 bool
  number REAL,
  text TEXT NOT NULL,
  PRIMARY KEY (run_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE profile_names (
  run_id INTEGER NOT NULL,
  name_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (run_id, name_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE profile_chunks (
  run_id INTEGER NOT NULL,
  session_id INTEGER NOT NULL,
  position INTEGER NOT NULL,        -- of the chunk's first event in its file
  count INTEGER NOT NULL,
  min_step INTEGER NOT NULL,
  max_step INTEGER NOT NULL,
  data BLOB NOT NULL,               -- store/profile_codec.h
  UNIQUE (run_id, session_id, position)
) STRICT;

CREATE TABLE profile_notes (
  run_id INTEGER NOT NULL,
  session_id INTEGER NOT NULL,
  position INTEGER NOT NULL,
  wall_time REAL NOT NULL,
  message TEXT NOT NULL,
  PRIMARY KEY (run_id, session_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE warnings (
  run_id INTEGER NOT NULL,
  file_id INTEGER NOT NULL,
  file_offset INTEGER NOT NULL,
  bytes_lost INTEGER NOT NULL,
  message TEXT NOT NULL,
  PRIMARY KEY (run_id, file_id, file_offset)
) STRICT, WITHOUT ROWID;

CREATE TABLE findings (
  run_id INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  data BLOB NOT NULL,               -- store/finding_codec.h
  PRIMARY KEY (run_id, sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE checks (
  run_id INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  rule TEXT NOT NULL,
  entity TEXT NOT NULL,
  state INTEGER NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (run_id, sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE projections (
  run_id INTEGER NOT NULL,
  key TEXT NOT NULL,
  data BLOB NOT NULL,
  UNIQUE (run_id, key)
) STRICT;
)sql",
    R"sql(
CREATE TABLE run_labels (           -- what users said of a run; no row: nothing
  run_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,               -- to be shown; empty: the path
  note TEXT NOT NULL,
  tags TEXT NOT NULL,               -- one a line
  colour TEXT NOT NULL,             -- "#rrggbb" or empty
  is_archived INTEGER NOT NULL,
  is_pinned INTEGER NOT NULL,
  deleted_time REAL,                -- NULL: not deleted
  purge_state INTEGER NOT NULL,     -- 0 data is kept, 1 data is being removed, 2 was removed
  revision INTEGER NOT NULL
) STRICT;

CREATE TABLE run_activity (         -- evidence of a run's status (store/run_status.h)
  run_id INTEGER PRIMARY KEY,
  end_time REAL,                    -- of the event that runs.end_status is from
  usual_gap REAL NOT NULL,          -- seconds between steps, 0: not known
  newest_session_start REAL NOT NULL,
  sessions INTEGER NOT NULL,
  torn_file TEXT NOT NULL,          -- ends within a record; empty: none does
  torn_offset INTEGER NOT NULL,
  torn_bytes INTEGER NOT NULL,
  bytes_on_disk INTEGER NOT NULL
) STRICT;

CREATE TABLE record_details (
  run_id INTEGER NOT NULL,
  tag_id INTEGER NOT NULL,
  session_id INTEGER NOT NULL,
  position INTEGER NOT NULL,
  item INTEGER NOT NULL,
  details BLOB NOT NULL,            -- store/record_details.h
  PRIMARY KEY (run_id, tag_id, session_id, position, item)
) STRICT, WITHOUT ROWID;

CREATE TABLE hparams_messages (
  run_id INTEGER NOT NULL,
  session_id INTEGER NOT NULL,
  position INTEGER NOT NULL,        -- of the value in its event file
  wall_time REAL NOT NULL,
  content BLOB NOT NULL,            -- HParamsPluginData as it was logged
  PRIMARY KEY (run_id, session_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE projector_configs (
  run_id INTEGER NOT NULL,
  folder BLOB NOT NULL,             -- of the config below the logdir
  stamp BLOB NOT NULL,              -- size, time and inode of the config and of all files it names
  message TEXT NOT NULL,            -- why it could not be read; else empty
  PRIMARY KEY (run_id, folder)
) STRICT, WITHOUT ROWID;

CREATE TABLE projector_tensors (
  run_id INTEGER NOT NULL,
  folder BLOB NOT NULL,
  tensor_id INTEGER NOT NULL,       -- never used again within the folder
  sequence INTEGER NOT NULL,        -- in the config
  stamp BLOB NOT NULL,              -- the entry and its files: the row stays while this holds
  tensor_name TEXT NOT NULL,
  tag TEXT NOT NULL,
  step INTEGER NOT NULL,
  wall_time REAL NOT NULL,
  rows INTEGER NOT NULL,            -- 0 when it could not be read
  dims INTEGER NOT NULL,
  message TEXT NOT NULL,            -- warnings, one a line
  details BLOB NOT NULL,            -- store/projector_table.h
  data BLOB NOT NULL,               -- as an embedding of `records`
  UNIQUE (run_id, folder, tensor_id)
) STRICT;
CREATE INDEX projector_tensors_by_tag ON projector_tensors (run_id, tag, step);

CREATE TABLE projector_assets (
  run_id INTEGER NOT NULL,
  folder BLOB NOT NULL,
  tensor_id INTEGER NOT NULL,
  asset INTEGER NOT NULL,           -- 0 metadata, 1 bookmarks, 2 sprite
  data BLOB NOT NULL,               -- the file, in the envelope of store/blob_codec.h
  UNIQUE (run_id, folder, tensor_id, asset)
) STRICT;

-- Version 1 left out graphs, run metadata and all of hparams but the values, and kept audio, PR
-- curves and meshes as unknown. With a fingerprint that does not hold, every event file that is
-- still there is read anew; of those that are gone, what was read stays.
UPDATE event_files SET inode = 0, device = 0, fingerprint = -1 WHERE read_offset > 0;
)sql",
    R"sql(
CREATE TABLE borrowed_files (       -- event files that values are still to be copied from
  run_id INTEGER NOT NULL,
  file_id INTEGER NOT NULL,
  path BLOB NOT NULL,               -- absolute
  message TEXT NOT NULL DEFAULT '', -- why they could not be, last time; else empty
  PRIMARY KEY (run_id, file_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE borrowed_values (      -- rows of records whose data is empty (store/borrowed.h)
  run_id INTEGER NOT NULL,
  file_id INTEGER NOT NULL,
  position INTEGER NOT NULL,        -- as in records
  item INTEGER NOT NULL,
  tag_id INTEGER NOT NULL,
  session_id INTEGER NOT NULL,
  file_offset INTEGER NOT NULL,     -- of the value's first byte
  bytes INTEGER NOT NULL,
  crc INTEGER NOT NULL,             -- CRC-32C of them
  PRIMARY KEY (run_id, file_id, position, item)
) STRICT, WITHOUT ROWID;
)sql",
    R"sql(
ALTER TABLE borrowed_values
  ADD COLUMN form INTEGER NOT NULL DEFAULT 0;  -- 0 what `records` keeps, 1 a HistogramProto
)sql",
    R"sql(
CREATE TABLE profile_sums (         -- what a chunk comes to; no row: as if both were NULL
  run_id INTEGER NOT NULL,
  session_id INTEGER NOT NULL,
  position INTEGER NOT NULL,        -- as in profile_chunks
  phases BLOB,                      -- store/profile_sums.h; NULL: the chunk itself is read
  kernels BLOB,
  UNIQUE (run_id, session_id, position)
) STRICT;

CREATE TABLE phase_sums (           -- no row: the phases themselves are read
  run_id INTEGER NOT NULL,
  session_id INTEGER NOT NULL,
  position INTEGER NOT NULL,        -- as in profile_chunks
  level INTEGER NOT NULL,           -- rows of 2^level steps
  data BLOB NOT NULL,               -- store/phase_sums.h
  UNIQUE (run_id, session_id, position, level)
) STRICT;
)sql",
};

}  // namespace

int SchemaVersion() {
  return static_cast<int>(std::size(kMigrations));
}

Status CheckSchema(Database& database) {
  ASSIGN_OR_RETURN(const int64_t version, database.QueryInt("PRAGMA user_version"));
  ASSIGN_OR_RETURN(const int64_t application, database.QueryInt("PRAGMA application_id"));
  if (version != 0 && application != kApplicationId) {
    return InvalidArgument(StrCat(database.path(), " is a database of another program"));
  }
  if (version == SchemaVersion()) return {};
  return InvalidArgument(StrCat(
      database.path(), " has schema version ", version, ", this program reads version ",
      SchemaVersion(),
      version < SchemaVersion() ? ": serve it once to migrate it" : ": use the newer program"));
}

Status MigrateSchema(Database& database) {
  ASSIGN_OR_RETURN(Transaction transaction,
                   Transaction::Begin(database, Transaction::Kind::kWrite));
  ASSIGN_OR_RETURN(const int64_t version, database.QueryInt("PRAGMA user_version"));
  ASSIGN_OR_RETURN(const int64_t application, database.QueryInt("PRAGMA application_id"));
  ASSIGN_OR_RETURN(const int64_t tables, database.QueryInt("SELECT count(*) FROM sqlite_schema"));
  const bool is_new = version == 0 && tables == 0;
  if (!is_new && application != kApplicationId) {
    return InvalidArgument(StrCat(database.path(), " is a database of another program"));
  }
  if (version > SchemaVersion()) {
    return InvalidArgument(StrCat(database.path(), " has schema version ", version,
                                  ", this program knows versions up to ", SchemaVersion(),
                                  ": use the newer program, or another data directory"));
  }
  if (version == SchemaVersion()) return {};
  for (int64_t step = version; step < SchemaVersion(); ++step) {
    RETURN_IF_ERROR(database.Execute(kMigrations[step]));
  }
  RETURN_IF_ERROR(database.Execute(StrCat("PRAGMA application_id = ", kApplicationId)));
  RETURN_IF_ERROR(database.Execute(StrCat("PRAGMA user_version = ", SchemaVersion())));
  return transaction.Commit();
}

}  // namespace spirogram::store
