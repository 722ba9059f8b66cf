#include "web/columns.h"

#include <bit>

#include "base/check.h"
#include "web/json.h"

namespace spirogram::web {
namespace {

static_assert(std::endian::native == std::endian::little,
              "columns are written as they lie in memory");

constexpr size_t kAlignment = 8;
constexpr size_t kPrefixBytes = 8;

template <typename T>
std::string_view BytesOf(std::span<const T> values) {
  return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}

size_t Padding(size_t bytes) {
  return (kAlignment - bytes % kAlignment) % kAlignment;
}

}  // namespace

void ColumnsBuilder::BeginItem(std::string fields) {
  items_.push_back({std::move(fields), {}});
}

void ColumnsBuilder::Add(std::string_view name, std::span<const double> values) {
  AddBytes(name, "f64", values.size(), BytesOf(values));
}

void ColumnsBuilder::Add(std::string_view name, std::span<const float> values) {
  AddBytes(name, "f32", values.size(), BytesOf(values));
}

void ColumnsBuilder::Add(std::string_view name, std::span<const uint32_t> values) {
  AddBytes(name, "u32", values.size(), BytesOf(values));
}

void ColumnsBuilder::Add(std::string_view name, std::span<const uint16_t> values) {
  AddBytes(name, "u16", values.size(), BytesOf(values));
}

void ColumnsBuilder::Add(std::string_view name, std::span<const uint8_t> values) {
  AddBytes(name, "u8", values.size(), BytesOf(values));
}

void ColumnsBuilder::AddSteps(std::string_view name, std::span<const Step> steps) {
  const std::vector<double> values(steps.begin(), steps.end());
  Add(name, std::span<const double>(values));
}

void ColumnsBuilder::AddBytes(std::string_view name, const char* type, uint64_t length,
                              std::string_view bytes) {
  CHECK(!items_.empty());
  items_.back().columns.push_back({std::string(name), type, data_.size(), length});
  data_.append(bytes);
  data_.append(Padding(data_.size()), '\0');
}

std::string ColumnsBuilder::Finish() {
  std::string header = ColumnsHeaderJson(items_);
  header.append(Padding(kPrefixBytes + header.size()), ' ');
  const auto length = static_cast<uint32_t>(header.size());
  std::string message;
  message.reserve(kPrefixBytes + header.size() + data_.size());
  message.append("SPC1");
  message.append(reinterpret_cast<const char*>(&length), sizeof length);
  message.append(header).append(data_);
  return message;
}

Response ColumnsResponse(std::string message) {
  Response response;
  response.Set("Content-Type", kColumnsType);
  response.body = std::move(message);
  return response;
}

}  // namespace spirogram::web
