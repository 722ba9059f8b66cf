#include "base/record.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/crc32c.h"

namespace spirogram {
namespace {

using namespace std::string_literals;

// The file_version event of a real TensorFlow event file, from the tests of TensorBoard's data
// server (tf_record.rs): 24 bytes with length CRC 0x224b7fa3 and data CRC 0xab364b12.
const std::string kFileVersion =
    "\x09\x00\x00\x80\x38\x99\xd6\xd7\x41\x1a\x0d"
    "brain.Event:2"s;
const std::string kFileVersionRecord =
    "\x18\x00\x00\x00\x00\x00\x00\x00\xa3\x7f\x4b\x22"s + kFileVersion + "\x12\x4b\x36\xab"s;

std::string Framed(std::string_view data) {
  std::string out;
  AppendRecord(data, &out);
  return out;
}

TEST(RecordTest, WritesTheBytesThatTensorFlowWrites) {
  EXPECT_EQ(Framed(kFileVersion), kFileVersionRecord);
}

TEST(RecordTest, ReadsTheBytesThatTensorFlowWrites) {
  const ParsedRecord record = ParseRecord(kFileVersionRecord);
  ASSERT_EQ(record.state, RecordState::kRecord);
  EXPECT_EQ(record.data, kFileVersion);
  EXPECT_EQ(record.bytes_used, kFileVersionRecord.size());
}

TEST(RecordTest, ReadsTheChecksumOfARealScalarEvent) {
  const std::string event =
      "\x09\xc4\x05\xb7\x3d\x99\xd6\xd7\x41\x10\x4d\x2a\x25\x0a\x23\x0a\x08"
      "accuracy\x42\x0a\x08\x01\x12\x00\x22\x04\xa4\x70\x7d\x3f\x4a\x0b\x0a\x09\x0a\x07scalars"s;
  const std::string record =
      "\x32\x00\x00\x00\x00\x00\x00\x00\x24\x19\x56\xec"s + event + "\xa5\x5b\x64\x33"s;
  EXPECT_EQ(Framed(event), record);
}

TEST(RecordTest, IsTruncatedAtEveryShorterLength) {
  for (size_t length = 0; length < kFileVersionRecord.size(); ++length) {
    EXPECT_EQ(ParseRecord(std::string_view(kFileVersionRecord).substr(0, length)).state,
              RecordState::kTruncated)
        << "length " << length;
  }
}

TEST(RecordTest, NoticesEveryFlippedBit) {
  for (size_t bit = 0; bit < kFileVersionRecord.size() * 8; ++bit) {
    std::string damaged = kFileVersionRecord;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    const RecordState want =
        bit < kRecordHeaderBytes * 8 ? RecordState::kBadHeader : RecordState::kBadData;
    EXPECT_EQ(ParseRecord(damaged).state, want) << "bit " << bit;
  }
}

TEST(RecordTest, RefusesALengthOverTheBoundEvenWithAValidChecksum) {
  const std::string huge = Framed(std::string("\xff\xff\xff\xff\xff\xff\xff\x7f", 8));
  // The CRC that stands behind these eight bytes as data is the one a header of them would carry.
  const std::string header = huge.substr(kRecordHeaderBytes);
  EXPECT_EQ(ParseRecord(header).state, RecordState::kBadHeader);
}

TEST(RecordTest, HoldsEmptyData) {
  const std::string empty = Framed("");
  EXPECT_EQ(empty.size(), kRecordHeaderBytes + kRecordFooterBytes);
  EXPECT_EQ(ParseRecord(empty).state, RecordState::kRecord);
}

TEST(RecordTest, FindsTheNextHeaderBehindGarbage) {
  const std::string garbage = "not a record, but text of some length";
  const std::string bytes = garbage + kFileVersionRecord;
  EXPECT_EQ(FindRecordHeader(bytes, 0), garbage.size());
  EXPECT_EQ(FindRecordHeader(bytes, garbage.size() + 1), std::string_view::npos);
}

TEST(RecordTest, FramesWhatParseRecordReadsAndStopsWhereItDoes) {
  std::string bytes;
  std::vector<std::string> written;
  for (size_t i = 0; i < 20; ++i) {
    written.push_back(std::string(i * 7, static_cast<char>('a' + i)));
    AppendRecord(written.back(), &bytes);
  }
  std::vector<FramedRecord> records;
  EXPECT_EQ(FrameRecords(bytes, 100, &records), bytes.size());
  ASSERT_EQ(records.size(), written.size());
  uint64_t offset = 100;
  for (size_t i = 0; i < records.size(); ++i) {
    EXPECT_EQ(records[i].offset, offset);
    EXPECT_EQ(records[i].data, written[i]);
    EXPECT_EQ(records[i].masked_crc, MaskedCrc32c(written[i]));
    offset += kRecordHeaderBytes + written[i].size() + kRecordFooterBytes;
  }
  // Cut or damaged at any byte, it takes the records before that byte's and no more.
  for (size_t at = 0; at < bytes.size(); ++at) {
    size_t whole = 0;
    while (whole + 1 < records.size() && records[whole + 1].offset - 100 <= at) ++whole;
    const size_t want = records[whole].offset - 100;
    std::vector<FramedRecord> cut;
    EXPECT_EQ(FrameRecords(std::string_view(bytes).substr(0, at), 0, &cut), want);
    EXPECT_EQ(cut.size(), whole);
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 4);
    std::vector<FramedRecord> undamaged;
    EXPECT_EQ(FrameRecords(damaged, 0, &undamaged), want);
    EXPECT_EQ(undamaged.size(), whole);
  }
}

}  // namespace
}  // namespace spirogram
