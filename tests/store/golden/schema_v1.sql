-- Version 1 of the database as it was released: what migrations begin with. Never edited.
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
PRAGMA application_id = 1936746866;
PRAGMA user_version = 1;
