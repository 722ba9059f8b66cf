#include "logger/plain_scalar.h"

#include <google/protobuf/io/coded_stream.h>

#include <bit>
#include <cstdint>

namespace spirogram::logger {
namespace {

using google::protobuf::io::CodedOutputStream;

// A field's number and wire type: what stands before its value.
constexpr uint8_t kVarint = 0;
constexpr uint8_t kFixed64 = 1;
constexpr uint8_t kBytes = 2;
constexpr uint8_t kFixed32 = 5;
constexpr uint8_t Key(int number, uint8_t wire_type) {
  return static_cast<uint8_t>(number << 3 | wire_type);
}

// proto/event.proto and proto/summary.proto.
constexpr uint8_t kEventWallTime = Key(1, kFixed64);
constexpr uint8_t kEventStep = Key(2, kVarint);
constexpr uint8_t kEventSummary = Key(5, kBytes);
constexpr uint8_t kSummaryValue = Key(1, kBytes);
constexpr uint8_t kValueTag = Key(1, kBytes);
constexpr uint8_t kValueSimpleValue = Key(2, kFixed32);

constexpr size_t kFieldsBytesMax = 64;  // all but the tag's characters

}  // namespace

void SerializePlainScalar(std::string_view tag, Step step, WallTime wall_time, float value,
                          std::string* event) {
  const auto tag_bytes = static_cast<uint32_t>(tag.size());
  const auto value_bytes = static_cast<uint32_t>(1 + CodedOutputStream::VarintSize32(tag_bytes) +
                                                 tag_bytes + 1 + sizeof value);
  const auto summary_bytes =
      static_cast<uint32_t>(1 + CodedOutputStream::VarintSize32(value_bytes) + value_bytes);
  event->resize(kFieldsBytesMax + tag.size());
  auto* const begin = reinterpret_cast<uint8_t*>(event->data());
  uint8_t* at = begin;
  if (const auto bits = std::bit_cast<uint64_t>(wall_time); bits != 0) {  // 0 is left out in proto3
    *at++ = kEventWallTime;
    at = CodedOutputStream::WriteLittleEndian64ToArray(bits, at);
  }
  if (step != 0) {
    *at++ = kEventStep;
    at = CodedOutputStream::WriteVarint64ToArray(static_cast<uint64_t>(step), at);
  }
  *at++ = kEventSummary;
  at = CodedOutputStream::WriteVarint32ToArray(summary_bytes, at);
  *at++ = kSummaryValue;
  at = CodedOutputStream::WriteVarint32ToArray(value_bytes, at);
  *at++ = kValueTag;
  at = CodedOutputStream::WriteVarint32ToArray(tag_bytes, at);
  at = CodedOutputStream::WriteRawToArray(tag.data(), static_cast<int>(tag.size()), at);
  *at++ = kValueSimpleValue;
  at = CodedOutputStream::WriteLittleEndian32ToArray(std::bit_cast<uint32_t>(value), at);
  event->resize(static_cast<size_t>(at - begin));
}

}  // namespace spirogram::logger
