// The rules that keep other people's web pages away from a server on localhost: whom a request is
// addressed to (DNS rebinding), where it comes from (cross-site requests), and what a browser may
// do with the answer. Every request passes here before its body is read; there is no list of safe
// routes.
//
// Pure functions over a request's head.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "web/message.h"

namespace spirogram::web {

struct Refusal {
  int status = 0;
  std::string detail;
};

// Whether a browser could call the server by that name of --allowed-hosts: kInvalidArgument for a
// URL, a pattern, or what else no Host header holds. A port is passed over.
Status CheckAllowedHost(std::string_view host);

// Immutable, so thread-safe.
class HostRules {
 public:
  // `bound_host` is what --host says. Bound to every address ("0.0.0.0", "::") any IP literal is
  // ours: rebinding needs a name. `allowed_hosts` are further names without port.
  HostRules(std::string_view bound_host, const std::vector<std::string>& allowed_hosts);

  // `host` is a Host header: case, port and one trailing dot do not matter.
  bool IsAllowed(std::string_view host) const;

 private:
  std::vector<std::string> allowed_;  // lower case, without port, brackets or trailing dot
  bool allows_literals_ = false;
};

// 421 for a foreign Host, 403 for a request that another site sent. A link on another site may open
// a page (a navigation with GET), never the API.
std::optional<Refusal> CheckOrigin(const Request& head, const HostRules& hosts);

// 413 and 415: a body is JSON of at most 64 KiB, of 512 KiB where it may carry a note: 64 KiB of
// text can be six times as long in JSON, and of 8 MiB where it may list rows. On the ingest path it
// is of one of two types of its own and at most 8 MiB; on TensorBoard's routes JSON or a form of at
// most 1 MiB. Judged by the head alone.
inline constexpr size_t kBodyBytesMax = 64 * 1024;
inline constexpr size_t kNoteBodyBytesMax = 512 * 1024;
inline constexpr size_t kFormBytesMax = size_t{1} << 20;
// Of POST /api/v1/projections: groups of rows may be long lists, six of seven million rows
// fit as bitmaps.
inline constexpr size_t kProjectionBodyBytesMax = size_t{8} << 20;
inline constexpr size_t kIngestBodyBytesMax = size_t{8} << 20;
inline constexpr std::string_view kIngestPath = "/api/v1/ingest";
inline constexpr std::string_view kProjectionsPath = "/api/v1/projections";
inline constexpr std::string_view kRecordsType = "application/vnd.spirogram.records";
inline constexpr std::string_view kScalarsType = "application/vnd.spirogram.scalars";
// The Content-Type without its parameters.
std::string_view MediaType(const Request& head);
std::optional<Refusal> CheckBody(const Request& head);

// The headers that every answer carries. Answers other than pages get a policy that allows nothing.
void AddSecurityHeaders(std::string_view request_id, Response* response);

// What pages may load. Styles set from script (CSSOM) need no 'unsafe-inline'.
inline constexpr std::string_view kPagePolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "media-src 'self'; connect-src 'self'; font-src 'self'; worker-src 'self' blob:; "
    "frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'self'";

// Paths that programs ask for, TensorBoard's among them; all others are pages.
bool IsApiPath(std::string_view path);

}  // namespace spirogram::web
