// application/vnd.spirogram.columns: numbers that go from the socket to the canvas without parsing.
// Little-endian.
//
//   byte[4]  "SPC1"
//   uint32   H, length of the header, such that 8 + H is a multiple of 8
//   byte[H]  header: JSON, padded with spaces (web/json.h: ColumnsHeaderJson)
//   byte[]   column data; each column begins at a multiple of 8 from the end of the header
//
// A self-describing standard (Arrow IPC) was left: the page needs a flat view per column, and a
// reader of this fits into thirty lines of TypeScript.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/types.h"
#include "web/message.h"

namespace spirogram::web {

inline constexpr std::string_view kColumnsType = "application/vnd.spirogram.columns";

struct ColumnLayout {
  std::string name;
  const char* type = "f64";  // "f64", "f32", "u32", "u16" or "u8"
  uint64_t offset = 0;       // bytes from the end of the header
  uint64_t length = 0;       // elements
};

struct ItemLayout {
  std::string fields;  // the item's own fields: the text of a JSON object
  std::vector<ColumnLayout> columns;
};

// Builds one message. Not thread-safe.
class ColumnsBuilder {
 public:
  // Columns added from here on belong to this item.
  void BeginItem(std::string fields);
  // REQUIRES: BeginItem() was called.
  void Add(std::string_view name, std::span<const double> values);
  void Add(std::string_view name, std::span<const float> values);
  void Add(std::string_view name, std::span<const uint32_t> values);
  void Add(std::string_view name, std::span<const uint16_t> values);
  void Add(std::string_view name, std::span<const uint8_t> values);
  // Steps travel as f64: exact up to 2^53, and JavaScript has no better number.
  void AddSteps(std::string_view name, std::span<const Step> steps);

  size_t data_bytes() const { return data_.size(); }
  // The whole message; the builder is spent.
  std::string Finish();

 private:
  void AddBytes(std::string_view name, const char* type, uint64_t length, std::string_view bytes);

  std::vector<ItemLayout> items_;
  std::string data_;
};

Response ColumnsResponse(std::string message);

}  // namespace spirogram::web
