// Record framing of TensorFlow's TFRecord files, which event files are made of:
//
//   uint64  length             little-endian
//   uint32  masked CRC-32C of the 8 length bytes
//   byte    data[length]
//   uint32  masked CRC-32C of data
//
// The format has no marker to find the next record after damage. FindRecordHeader therefore looks
// for the next place where a plausible length and its CRC agree: one place in 2^32 does by chance,
// and the data CRC then unmasks it. Discarded: trusting the length of a record whose data CRC is
// bad and nothing else, as TensorBoard does; a flipped length then costs the rest of the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace spirogram {

inline constexpr size_t kRecordHeaderBytes = 12;
inline constexpr size_t kRecordFooterBytes = 4;
// Longer records are damage, not data: protobuf itself stops at 2 GiB, and no writer comes near.
inline constexpr uint64_t kRecordBytesMax = uint64_t{256} << 20;

// Appends the framed `data` to `out`. REQUIRES: data.size() <= kRecordBytesMax.
void AppendRecord(std::string_view data, std::string* out);

enum class RecordState {
  kRecord,     // `data` is whole and its checksum holds
  kTruncated,  // the bytes end before the record does: more may be written later
  kBadHeader,  // the length's checksum does not hold, or the length is over kRecordBytesMax
  kBadData,    // the header holds, the data's checksum does not
};

struct ParsedRecord {
  RecordState state = RecordState::kTruncated;
  std::string_view data;  // points into the parsed bytes; set for kRecord only
  // Bytes from the start of this record to the next: set for kRecord and kBadData.
  size_t bytes_used = 0;
  uint32_t crc_got = 0;  // for messages, set for kBadHeader and kBadData
  uint32_t crc_want = 0;
};

// Parses the record at the start of `bytes`. Allocates nothing.
ParsedRecord ParseRecord(std::string_view bytes);

// A record that is whole and whose checksums hold.
struct FramedRecord {
  uint64_t offset = 0;  // of the record in its file
  std::string_view data;
  uint32_t masked_crc = 0;  // of `data`, as it stands behind it
};

// Appends the whole, undamaged records at the start of `bytes`, which stand at `offset` in their
// file, to `records`. Returns the bytes they take; ParseRecord says what follows them.
size_t FrameRecords(std::string_view bytes, uint64_t offset, std::vector<FramedRecord>* records);

// The first offset >= from at which a valid record header stands, or npos. The last
// kRecordHeaderBytes - 1 bytes are not decided: look at them again when more bytes are there.
size_t FindRecordHeader(std::string_view bytes, size_t from);

}  // namespace spirogram
