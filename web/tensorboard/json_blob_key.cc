#include "base/str.h"
#include "web/base64url.h"
#include "web/json_internal.h"
#include "web/tensorboard/blob_key.h"

namespace spirogram::web::tensorboard {
namespace {

constexpr size_t kKeyBytesMax = 8192;

bool IsKey(const Json& json) {
  if (!json.is_array() || json.size() < 5 || json.size() > 6) return false;
  for (size_t i = 0; i < json.size(); ++i) {
    if (i < 3 ? !json[i].is_string() : !json[i].is_number_integer()) return false;
  }
  return true;
}

}  // namespace

std::string EncodeBlobKey(const BlobKey& key) {
  Json json = Json::array({key.experiment, key.run, key.tag, key.step, key.index});
  if (key.repeat > 0) json.push_back(key.repeat);
  return EncodeBase64Url(Dump(json));
}

Result<BlobKey> DecodeBlobKey(std::string_view text) {
  const Error error = InvalidArgument("blob key: not one of this server's");
  if (text.size() > kKeyBytesMax) return error;
  const auto bytes = DecodeBase64Url(text);
  if (!bytes) return error;
  const Json json = ParseJson(*bytes);
  if (!IsKey(json)) return error;
  BlobKey key{.experiment = json[0].get<std::string>(),
              .run = json[1].get<std::string>(),
              .tag = json[2].get<std::string>(),
              .step = json[3].get<int64_t>(),
              .index = json[4].get<int>(),
              .repeat = json.size() > 5 ? json[5].get<int>() : 0};
  // One name per thing: what decodes to the same key in another way is refused.
  if (EncodeBlobKey(key) != text) return error;
  return key;
}

}  // namespace spirogram::web::tensorboard
