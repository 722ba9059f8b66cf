// Reads a columns message back, as the page does.
#pragma once

#include <cstring>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace spirogram::testing {

struct ColumnsMessage {
  nlohmann::json items;
  std::string data;

  template <typename T>
  std::vector<T> Column(size_t item, std::string_view name) const {
    for (const auto& column : items.at(item).at("columns")) {
      if (column.at("name") != name) continue;
      std::vector<T> values(column.at("length").get<size_t>());
      const std::string bytes =
          data.substr(column.at("offset").get<size_t>(), values.size() * sizeof(T));
      if (!bytes.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
      return values;
    }
    return {};
  }
};

// Throws (and so fails the test) when the message is not what docs/api.md says.
inline ColumnsMessage ReadColumns(const std::string& message) {
  uint32_t header_bytes = 0;
  if (message.substr(0, 4) != "SPC1") throw std::runtime_error("magic");
  std::memcpy(&header_bytes, message.data() + 4, 4);
  if ((8 + header_bytes) % 8 != 0) throw std::runtime_error("alignment");
  ColumnsMessage read;
  read.items = nlohmann::json::parse(message.substr(8, header_bytes)).at("items");
  read.data = message.substr(8 + header_bytes);
  for (const auto& item : read.items) {
    for (const auto& column : item.at("columns")) {
      if (column.at("offset").get<size_t>() % 8 != 0) throw std::runtime_error("column alignment");
    }
  }
  return read;
}

}  // namespace spirogram::testing
