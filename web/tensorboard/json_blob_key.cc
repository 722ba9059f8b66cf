#include <array>

#include "base/str.h"
#include "web/json_internal.h"
#include "web/tensorboard/blob_key.h"

namespace spirogram::web::tensorboard {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr size_t kKeyBytesMax = 8192;

std::string EncodeBase64Url(std::string_view bytes) {
  std::string out;
  uint32_t bits = 0;
  int count = 0;
  for (const char c : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (count += 8; count >= 6; count -= 6) out.push_back(kAlphabet[bits >> (count - 6) & 63]);
  }
  if (count > 0) out.push_back(kAlphabet[bits << (6 - count) & 63]);
  return out;
}

// Nothing of the alphabet's outside, no padding.
std::optional<std::string> DecodeBase64Url(std::string_view text) {
  std::string out;
  uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    bits = bits << 6 | static_cast<uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out.push_back(static_cast<char>(bits >> count & 255));
    }
  }
  return out;
}

bool IsKey(const Json& json) {
  return json.is_array() && json.size() == 5 && json[0].is_string() && json[1].is_string() &&
         json[2].is_string() && json[3].is_number_integer() && json[4].is_number_integer();
}

}  // namespace

std::string EncodeBlobKey(const BlobKey& key) {
  return EncodeBase64Url(
      Dump(Json::array({key.experiment, key.run, key.tag, key.step, key.index})));
}

Result<BlobKey> DecodeBlobKey(std::string_view text) {
  const Error error = InvalidArgument("blob key: not one of this server's");
  if (text.size() > kKeyBytesMax) return error;
  const auto bytes = DecodeBase64Url(text);
  if (!bytes) return error;
  const Json json = Json::parse(*bytes, nullptr, /*allow_exceptions=*/false);
  if (!IsKey(json)) return error;
  BlobKey key{.experiment = json[0].get<std::string>(),
              .run = json[1].get<std::string>(),
              .tag = json[2].get<std::string>(),
              .step = json[3].get<int64_t>(),
              .index = json[4].get<int>()};
  // One name per thing: what decodes to the same key in another way is refused.
  if (EncodeBlobKey(key) != text) return error;
  return key;
}

}  // namespace spirogram::web::tensorboard
