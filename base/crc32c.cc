#include "base/crc32c.h"

#include <array>
#include <cstring>

#include "base/crc32c_polynomial.h"
#include "base/crc32c_x86.h"

namespace spirogram {
namespace {

using Tables = std::array<std::array<uint32_t, 256>, 8>;

// Tables for slicing by eight: tables[k][b] is the CRC of byte b followed by k zero bytes.
constexpr Tables MakeTables() {
  Tables tables{};
  for (size_t k = 0; k < tables.size(); ++k) {
    const uint32_t over = crc32c::PowerOfX(8 * (static_cast<int64_t>(k) + 1));
    for (uint32_t b = 0; b < 256; ++b) tables[k][b] = crc32c::Product(b, over);
  }
  return tables;
}

constexpr Tables kTables = MakeTables();

uint64_t Load64(const char* p) {
  uint64_t value;
  std::memcpy(&value, p, sizeof value);
  return value;
}

// Null before static objects are made, and on other processors.
const crc32c::UpdateFunction fast_update = crc32c::UpdateOfX86();
const crc32c::MoveFunction fast_move = crc32c::MoveOfX86();

uint32_t Move(uint32_t crc, int64_t bytes) {
  return fast_move != nullptr ? fast_move(crc, bytes) : crc32c::Move(crc, bytes);
}

}  // namespace

uint32_t Crc32cOfMiddle(uint32_t whole, std::string_view before, size_t middle_bytes,
                        std::string_view after) {
  // The CRC of AB is that of A, moved over B, and that of B.
  const uint32_t up_to_after = Move(whole ^ Crc32c(after), -std::ssize(after));
  return up_to_after ^ Move(Crc32c(before), static_cast<int64_t>(middle_bytes));
}

uint32_t Crc32cPortable(std::string_view data, uint32_t previous) {
  uint32_t crc = ~previous;
  const char* p = data.data();
  size_t left = data.size();
  for (; left >= 8; left -= 8, p += 8) {
    const uint64_t word = Load64(p) ^ crc;
    crc = 0;
    for (size_t i = 0; i < 8; ++i) crc ^= kTables[7 - i][(word >> (8 * i)) & 255];
  }
  for (; left > 0; --left, ++p)
    crc = (crc >> 8) ^ kTables[0][(crc ^ static_cast<uint8_t>(*p)) & 255];
  return ~crc;
}

uint32_t Crc32c(std::string_view data, uint32_t previous) {
  return fast_update != nullptr ? fast_update(data, previous) : Crc32cPortable(data, previous);
}

}  // namespace spirogram
