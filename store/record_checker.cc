#include "store/record_checker.h"

#include <algorithm>
#include <cstring>

#include "base/crc32c.h"
#include "base/record.h"
#include "base/str.h"

namespace spirogram::store {
namespace {

uint32_t Load32(std::string_view bytes) {
  uint32_t value = 0;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

// Moves from `bytes` what `edge` lacks of `size`; true once it has all.
bool Fill(size_t size, std::string* edge, std::string_view* bytes) {
  const size_t part = std::min(size - edge->size(), bytes->size());
  edge->append(bytes->substr(0, part));
  bytes->remove_prefix(part);
  return edge->size() == size;
}

Error BadRecord(uint64_t offset, const char* what, uint32_t got, uint32_t want) {
  return InvalidArgument(StrCat("the record at offset ", offset, " is damaged: checksum of its ",
                                what, ": got ", Hex32(got), ", want ", Hex32(want)));
}

}  // namespace

Status RecordChecker::Feed(std::string_view bytes) {
  while (!bytes.empty()) {
    const size_t before = bytes.size();
    if (record_bytes_ == 0) {
      const bool is_full = Fill(kRecordHeaderBytes, &edge_, &bytes);
      length_ += before - bytes.size();
      if (is_full) RETURN_IF_ERROR(TakeHeader());
      continue;
    }
    const size_t data = static_cast<size_t>(std::min<uint64_t>(data_left_, bytes.size()));
    data_crc_ = Crc32c(bytes.substr(0, data), data_crc_);
    data_left_ -= data;
    bytes.remove_prefix(data);
    const bool is_full = data_left_ == 0 && Fill(kRecordFooterBytes, &edge_, &bytes);
    length_ += before - bytes.size();
    if (is_full) RETURN_IF_ERROR(TakeFooter());
  }
  return {};
}

Status RecordChecker::TakeHeader() {
  const std::string_view header = edge_;
  const uint32_t got = MaskedCrc32c(header.substr(0, 8));
  const uint32_t want = Load32(header.substr(8));
  if (got != want) return BadRecord(whole_, "length", got, want);
  std::memcpy(&data_left_, header.data(), sizeof data_left_);
  if (data_left_ > kRecordBytesMax) {
    return InvalidArgument(StrCat("the record at offset ", whole_, " has ", data_left_,
                                  " bytes, want at most ", kRecordBytesMax));
  }
  record_bytes_ = kRecordHeaderBytes + data_left_ + kRecordFooterBytes;
  data_crc_ = 0;
  edge_.clear();
  return {};
}

Status RecordChecker::TakeFooter() {
  const uint32_t got = MaskCrc(data_crc_);
  const uint32_t want = Load32(edge_);
  if (got != want) return BadRecord(whole_, "data", got, want);
  whole_ += record_bytes_;
  record_bytes_ = 0;
  edge_.clear();
  return {};
}

}  // namespace spirogram::store
