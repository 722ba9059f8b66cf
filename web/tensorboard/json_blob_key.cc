#include "base/str.h"
#include "web/base64url.h"
#include "web/json_internal.h"
#include "web/tensorboard/blob_key.h"

namespace spirogram::web::tensorboard {
namespace {

constexpr size_t kKeyBytesMax = 8192;

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
  const Json json = ParseJson(*bytes);
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
