// Values that are answered from their event file until their bytes are copied.
//
// An image or a clip is all bytes and no work. Written through SQLite's log, each byte moves four
// times, which took ten times as long as everything else about loading it; so did the coding of a
// histogram of TensorFlow 1 or PyTorch. So a large one becomes a row of `records` with empty data
// and a row of `borrowed_values`, which says where its bytes stand and what their checksum is.
// Whoever asks for it reads them there. When no event file waits, BorrowedCopier moves the value
// into `records` and removes the second row, so that the store needs the file no longer.
//
// Until then the value is as safe as what has not been read yet: a file that is deleted or written
// over before takes it along, which is told as a warning of the run. Discarded: borrowing for good,
// which would lose the images of every log directory that is tidied up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/file.h"
#include "base/result.h"
#include "store/answers.h"
#include "store/blob_codec.h"
#include "store/logdir.h"
#include "store/records.h"
#include "store/sqlite/database.h"
#include "store/sqlite/statement.h"

namespace spirogram::store {

// Shorter values are copied at once: a reference costs about as much.
inline constexpr size_t kBorrowedBytesMin = size_t{16} << 10;
// Of a histogram, which is work besides.
inline constexpr size_t kBorrowedHistogramBytesMin = size_t{4} << 10;

// Where a value's bytes stand in their event file, and what they are.
struct BorrowedBytes {
  enum class Form { kContent = 0, kOldHistogram = 1 };  // as the database has them

  uint64_t offset = 0;
  uint64_t bytes = 0;
  uint32_t crc = 0;  // CRC-32C
  Form form = Form::kContent;
};

// Remembers that the record's bytes stand in the file; WriteBorrowedFile says which that is. The
// statement of PrepareBorrowed serves for any number of records.
// REQUIRES, for all three: within a write transaction.
Result<Statement> PrepareBorrowed(Database& database);
Status WriteBorrowed(Statement& prepared, const RecordRef& record, int64_t file_id,
                     const BorrowedBytes& at);
Status WriteBorrowedFile(Database& database, RunId run, int64_t file_id, const std::string& path);

// Remembers where borrowed files are that have moved along with the logdir, in a transaction of its
// own.
Status FollowMovedLogdir(Database& database, const Logdir& logdir);

// What `records` is to keep of them, if they are still those that were read; else kCorruption.
Result<Content> ReadBorrowed(const RandomAccessFile& file, const BorrowedBytes& at);

// The value whose row of `records` is empty, from its event file. kNotFound where that cannot give
// it (gone, not to be read, written over): whoever reads several leaves such a value out, as the
// run's warnings say.
// REQUIRES: a transaction is open.
Result<std::string> SelectBorrowed(Database& database, RunId run, int64_t session_id,
                                   int64_t position, int item);

// Where a borrowed value stood: its event file's base name as valid UTF-8, and the range of bytes.
struct BorrowedPlace {
  std::string file;
  uint64_t offset = 0;
  uint64_t bytes = 0;
};
// kNotFound for a value that is not borrowed.
Result<BorrowedPlace> SelectBorrowedPlace(Database& database, const RecordRef& record);

}  // namespace spirogram::store
