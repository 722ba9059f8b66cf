#include "logger/remote/url.h"

#include <algorithm>

#include "base/str.h"

namespace spirogram::logger {
namespace {

constexpr std::string_view kScheme = "http://";

bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.' || c == '~';
}

bool IsHostCharacter(char c) {
  return IsUnreserved(c) && c != '~';
}

bool IsPathCharacter(char c) {
  return IsUnreserved(c) || c == '/' || c == '%';
}

Error Wrong(std::string_view text, std::string_view what) {
  return InvalidArgument(
      StrCat("URL ", Quoted(text), ": ", what, "; want http://HOST[:PORT][/PREFIX]"));
}

template <typename Predicate>
bool AllOf(std::string_view text, Predicate predicate) {
  return std::all_of(text.begin(), text.end(), predicate);
}

// Splits "host", "host:port" and "[v6]:port".
bool SplitAuthority(std::string_view authority, Url* url) {
  std::string_view port;
  if (authority.starts_with('[')) {
    const size_t close = authority.find(']');
    if (close == std::string_view::npos) return false;
    url->host = authority.substr(1, close - 1);
    port = authority.substr(close + 1);
    if (!AllOf(url->host, [](char c) { return IsHostCharacter(c) || c == ':'; })) return false;
  } else {
    const size_t colon = authority.find(':');
    url->host = authority.substr(0, colon);
    if (colon != std::string_view::npos) port = authority.substr(colon);
    if (!AllOf(url->host, IsHostCharacter)) return false;
  }
  if (url->host.empty()) return false;
  if (port.empty()) return true;
  const auto number = ParseNumber<uint16_t>(port.substr(1));
  if (port[0] != ':' || !number || *number == 0) return false;
  url->port = *number;
  return true;
}

}  // namespace

std::string Url::Authority() const {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  const std::string name = is_ipv6 ? StrCat("[", host, "]") : host;
  return port == 80 ? name : StrCat(name, ":", port);
}

std::string Url::ToString() const {
  return StrCat(kScheme, Authority(), prefix);
}

Result<Url> ParseUrl(std::string_view text) {
  if (text.starts_with("https://")) {
    return Wrong(text, "TLS is not spoken here: send to a proxy on this machine that does");
  }
  if (!text.starts_with(kScheme)) return Wrong(text, "the scheme is not http");
  const std::string_view rest = text.substr(kScheme.size());
  const size_t slash = rest.find('/');
  Url url;
  if (!SplitAuthority(rest.substr(0, slash), &url)) {
    return Wrong(text, "not a host and a port; a port is a number from 1 to 65535");
  }
  if (slash != std::string_view::npos) url.prefix = rest.substr(slash);
  while (url.prefix.ends_with('/')) url.prefix.pop_back();
  if (!AllOf(url.prefix, IsPathCharacter))
    return Wrong(text, "a path has letters, digits and -_.~/% alone");
  return url;
}

std::string PercentEncode(std::string_view text) {
  constexpr std::string_view kHexDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (IsUnreserved(c)) {
      out.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out.append({'%', kHexDigits[byte / 16], kHexDigits[byte % 16]});
  }
  return out;
}

}  // namespace spirogram::logger
