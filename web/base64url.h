// Bytes as text that may stand in a URL: RFC 4648, section 5, without padding.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace spirogram::web {

std::string EncodeBase64Url(std::string_view bytes);
// Nothing where a letter is not of the alphabet. Bits behind the last whole byte are ignored.
std::optional<std::string> DecodeBase64Url(std::string_view text);

}  // namespace spirogram::web
