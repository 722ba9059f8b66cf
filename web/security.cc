#include "web/security.h"

#include <arpa/inet.h>

#include <algorithm>

#include "base/str.h"
#include "web/tensorboard/path.h"

namespace spirogram::web {
namespace {

// "[::1]:6006" -> "::1", "Box.local.:6006" -> "box.local"; empty when it makes no sense.
std::string BareHost(std::string_view host) {
  if (!host.empty() && host[0] == '[') {
    const size_t close = host.find(']');
    if (close == std::string_view::npos) return {};
    const std::string_view rest = host.substr(close + 1);
    if (!rest.empty() && rest[0] != ':') return {};
    return ToLower(host.substr(1, close - 1));
  }
  const size_t colon = host.find(':');
  if (colon != std::string_view::npos) {
    const std::string_view port = host.substr(colon + 1);
    if (!port.empty() && !ParseNumber<uint16_t>(port)) return {};
    host = host.substr(0, colon);
  }
  if (!host.empty() && host.back() == '.') host.remove_suffix(1);
  return ToLower(host);
}

bool IsIpv4Literal(const std::string& host) {
  in_addr address;
  return inet_pton(AF_INET, host.c_str(), &address) == 1;
}

bool IsIpv6Literal(const std::string& host) {
  in6_addr address;
  return inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

bool IsLoopback(const std::string& host) {
  return host == "localhost" || host == "::1" ||
         (IsIpv4Literal(host) && host.substr(0, 4) == "127.");
}

// "http://host:port" or "https://host:port" (a proxy may speak TLS for us) with our own Host.
bool IsOwnOrigin(std::string_view origin, std::string_view host) {
  for (std::string_view scheme : {"http://", "https://"}) {
    if (EqualsIgnoreCase(origin.substr(0, scheme.size()), scheme)) {
      return EqualsIgnoreCase(origin.substr(scheme.size()), host);
    }
  }
  return false;
}

struct BodyRules {
  size_t bytes_max;
  std::vector<std::string_view> types;
};

BodyRules BodyRulesOf(const Request& head) {
  if (head.method == "POST" && head.path() == kIngestPath) {
    return {kIngestBodyBytesMax, {kRecordsType, kScalarsType}};
  }
  if (tensorboard::IsTensorBoardPath(head.path())) {
    return {kFormBytesMax,
            {"application/json", "application/x-www-form-urlencoded", "multipart/form-data"}};
  }
  // Groups of rows may be long lists.
  if (head.method == "POST" && head.path() == kProjectionsPath) {
    return {kProjectionBodyBytesMax, {"application/json"}};
  }
  const bool may_have_note = head.method == "PATCH" && head.path().starts_with("/api/v1/runs/");
  return {may_have_note ? kNoteBodyBytesMax : kBodyBytesMax, {"application/json"}};
}

bool IsPageNavigation(const Request& head) {
  return (head.method == "GET" || head.method == "HEAD") && !IsApiPath(head.path()) &&
         head.Get("Sec-Fetch-Mode") == "navigate" && head.Get("Sec-Fetch-Dest") == "document";
}

}  // namespace

Status CheckAllowedHost(std::string_view host) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
  const std::string bare = IsIpv6Literal(std::string(host)) ? ToLower(host) : BareHost(host);
  const bool is_name = !bare.empty() && bare.find_first_not_of(kLetters) == std::string::npos;
  if (is_name || IsIpv6Literal(bare)) return {};
  return InvalidArgument(StrCat("--allowed-hosts: got ", Quoted(host),
                                ", want the name alone by which browsers call the server, as box "
                                "or box.example.org"));
}

HostRules::HostRules(std::string_view bound_host, const std::vector<std::string>& allowed_hosts) {
  std::string bound(bound_host);
  if (bound.size() > 2 && bound.front() == '[') bound = bound.substr(1, bound.size() - 2);
  allows_literals_ = bound == "0.0.0.0" || bound == "::";
  allowed_.push_back(ToLower(bound));
  for (const std::string& host : allowed_hosts) {
    allowed_.push_back(IsIpv6Literal(host) ? ToLower(host) : BareHost(host));
  }
}

bool HostRules::IsAllowed(std::string_view host) const {
  const std::string bare = BareHost(host);
  if (bare.empty()) return false;
  if (IsLoopback(bare)) return true;
  if (allows_literals_ && (IsIpv4Literal(bare) || IsIpv6Literal(bare))) return true;
  return std::find(allowed_.begin(), allowed_.end(), bare) != allowed_.end();
}

std::optional<Refusal> CheckOrigin(const Request& head, const HostRules& hosts) {
  const std::string_view host = head.Get("Host");
  if (!hosts.IsAllowed(host)) {
    return Refusal{421, StrCat("Host ", Quoted(host), " is not this server; see --allowed-hosts")};
  }
  if (HasHeader(head.headers, "Origin") && !IsOwnOrigin(head.Get("Origin"), host)) {
    return Refusal{403, "the request comes from another site (Origin)"};
  }
  if (HasHeader(head.headers, "Sec-Fetch-Site")) {
    const std::string_view site = head.Get("Sec-Fetch-Site");
    if (site != "same-origin" && site != "none" && !IsPageNavigation(head)) {
      return Refusal{403, "the request comes from another site (Sec-Fetch-Site)"};
    }
  }
  return std::nullopt;
}

std::string_view MediaType(const Request& head) {
  std::string_view type = head.Get("Content-Type");
  type = type.substr(0, type.find(';'));
  while (!type.empty() && type.back() == ' ') type.remove_suffix(1);
  return type;
}

std::optional<Refusal> CheckBody(const Request& head) {
  const std::string_view length_text = head.Get("Content-Length");
  if (length_text.empty()) return std::nullopt;
  const BodyRules rules = BodyRulesOf(head);
  const auto length = ParseNumber<uint64_t>(length_text);
  if (!length || *length > rules.bytes_max) {
    return Refusal{413, StrCat("body of ", length_text, " bytes, want at most ", rules.bytes_max)};
  }
  if (*length == 0) return std::nullopt;
  const std::string_view encoding = head.Get("Content-Encoding");
  if (!encoding.empty() && !EqualsIgnoreCase(encoding, "identity")) {
    return Refusal{415, StrCat("Content-Encoding ", Quoted(encoding), ", want a body as it is")};
  }
  const std::string_view type = MediaType(head);
  std::string wanted;
  for (std::string_view accepted : rules.types) {
    if (EqualsIgnoreCase(type, accepted)) return std::nullopt;
    wanted.append(wanted.empty() ? "" : " or ").append(accepted);
  }
  return Refusal{415, StrCat("Content-Type ", Quoted(type), ", want ", wanted)};
}

void AddSecurityHeaders(std::string_view request_id, Response* response) {
  response->Set("X-Request-Id", request_id);
  response->Set("X-Content-Type-Options", "nosniff");
  response->Set("Referrer-Policy", "no-referrer");
  response->Set("Cross-Origin-Resource-Policy", "same-origin");
  response->Set("Cross-Origin-Opener-Policy", "same-origin");
  if (!HasHeader(response->headers, "Content-Security-Policy")) {
    response->Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox");
  }
}

bool IsApiPath(std::string_view path) {
  return path == "/api" || path.substr(0, 5) == "/api/" || path.substr(0, 3) == "/-/" ||
         tensorboard::IsTensorBoardPath(path);
}

}  // namespace spirogram::web
