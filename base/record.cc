#include "base/record.h"

#include <cstring>

#include "base/check.h"
#include "base/crc32c.h"

namespace spirogram {
namespace {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "framing is copied as it lies in memory");

template <typename T>
T Load(const char* p) {
  T value;
  std::memcpy(&value, p, sizeof value);
  return value;
}

template <typename T>
void Append(T value, std::string* out) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  out->append(bytes, sizeof value);
}

}  // namespace

void AppendRecord(std::string_view data, std::string* out) {
  CHECK(data.size() <= kRecordBytesMax);
  const size_t start = out->size();
  Append(static_cast<uint64_t>(data.size()), out);
  Append(MaskedCrc32c(std::string_view(*out).substr(start, 8)), out);
  out->append(data);
  Append(MaskedCrc32c(data), out);
}

ParsedRecord ParseRecord(std::string_view bytes) {
  ParsedRecord record;
  if (bytes.size() < kRecordHeaderBytes) return record;
  const auto length = Load<uint64_t>(bytes.data());
  record.crc_want = Load<uint32_t>(bytes.data() + 8);
  record.crc_got = MaskedCrc32c(bytes.substr(0, 8));
  if (record.crc_got != record.crc_want || length > kRecordBytesMax) {
    record.state = RecordState::kBadHeader;
    return record;
  }
  const size_t whole = kRecordHeaderBytes + static_cast<size_t>(length) + kRecordFooterBytes;
  if (bytes.size() < whole) return record;
  const auto data = bytes.substr(kRecordHeaderBytes, static_cast<size_t>(length));
  record.bytes_used = whole;
  record.crc_want = Load<uint32_t>(data.data() + data.size());
  record.crc_got = MaskedCrc32c(data);
  if (record.crc_got != record.crc_want) {
    record.state = RecordState::kBadData;
    return record;
  }
  record.state = RecordState::kRecord;
  record.data = data;
  return record;
}

size_t FrameRecords(std::string_view bytes, uint64_t offset, std::vector<FramedRecord>* records) {
  size_t at = 0;
  while (bytes.size() - at >= kRecordHeaderBytes + kRecordFooterBytes) {
    const char* header = bytes.data() + at;
    const auto length = Load<uint64_t>(header);
    if (length > bytes.size() - at - kRecordHeaderBytes - kRecordFooterBytes) break;
    if (length > kRecordBytesMax) break;
    const std::string_view data(header + kRecordHeaderBytes, static_cast<size_t>(length));
    if (Load<uint32_t>(header + 8) != MaskedCrc32c({header, 8})) break;
    const uint32_t masked_crc = MaskedCrc32c(data);
    if (Load<uint32_t>(data.data() + data.size()) != masked_crc) break;
    records->push_back({offset + at, data, masked_crc});
    at += kRecordHeaderBytes + data.size() + kRecordFooterBytes;
  }
  return at;
}

size_t FindRecordHeader(std::string_view bytes, size_t from) {
  for (size_t at = from; at + kRecordHeaderBytes <= bytes.size(); ++at) {
    if (Load<uint64_t>(bytes.data() + at) > kRecordBytesMax) continue;
    if (Load<uint32_t>(bytes.data() + at + 8) == MaskedCrc32c(bytes.substr(at, 8))) return at;
  }
  return std::string_view::npos;
}

}  // namespace spirogram
