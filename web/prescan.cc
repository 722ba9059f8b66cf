#include "web/prescan.h"

#include <algorithm>

#include "web/message.h"

namespace spirogram::web {
namespace {

using Verdict = HeadScan::Verdict;

HeadScan Refused(int status, std::string_view reason) {
  return {Verdict::kRefused, 0, status, reason};
}

bool IsAlphaNumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// tchar of RFC 9110 5.6.2.
bool IsTokenCharacter(char c) {
  return IsAlphaNumeric(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool IsTargetCharacter(char c) {
  return c > 0x20 && c < 0x7F && c != '#';
}

// Field values: visible ASCII, space, tab, and bytes from 0x80 (obs-text) that browsers may send.
bool IsValueCharacter(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == '\t' || (byte >= 0x20 && byte != 0x7F);
}

bool IsHostCharacter(char c) {
  return IsAlphaNumeric(c) || std::string_view("-._:[]").find(c) != std::string_view::npos;
}

template <typename Predicate>
bool AllOf(std::string_view text, Predicate predicate) {
  return std::all_of(text.begin(), text.end(), predicate);
}

// In a query browsers send a backslash as it was typed, such as that of a regular expression; in a
// path one may be taken for a slash.
bool IsTarget(std::string_view target) {
  const std::string_view path = target.substr(0, target.find('?'));
  return path.substr(0, 1) == "/" && path.find('\\') == std::string_view::npos &&
         AllOf(target, IsTargetCharacter);
}

std::string_view Trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// An empty reason means that the line is good.
HeadScan ScanRequestLine(std::string_view line) {
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) {
    return Refused(400, "the request line is not METHOD TARGET VERSION");
  }
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (method.empty() || method.size() > 32 ||
      !AllOf(method, [](char c) { return c >= 'A' && c <= 'Z'; })) {
    return Refused(400, "the method is not made of the letters A to Z");
  }
  if (target.size() > kTargetBytesMax) return Refused(414, "the target is longer than 32768 bytes");
  if (!IsTarget(target)) {
    return Refused(400,
                   "the target is not a path without backslash, all of visible characters but #");
  }
  if (version == "HTTP/1.1" || version == "HTTP/1.0") return {};
  if (version.substr(0, 5) == "HTTP/") return Refused(505, "want HTTP/1.1");
  return Refused(400, "the request line does not end with HTTP/1.1");
}

// What has been seen of the fields that decide where a message ends and whom it is for.
struct SeenFields {
  int hosts = 0;
  int content_lengths = 0;
  size_t fields = 0;
};

HeadScan ScanKnownField(std::string_view name, std::string_view value, SeenFields* seen) {
  if (EqualsIgnoreCase(name, "host")) {
    if (++seen->hosts > 1) return Refused(400, "more than one Host");
    if (value.empty() || !AllOf(value, IsHostCharacter))
      return Refused(400, "Host is not HOST[:PORT]");
  } else if (EqualsIgnoreCase(name, "content-length")) {
    if (++seen->content_lengths > 1) return Refused(400, "more than one Content-Length");
    const bool is_number = AllOf(value, [](char c) { return c >= '0' && c <= '9'; });
    if (value.empty() || value.size() > 15 || !is_number) {
      return Refused(400, "Content-Length is not a number of at most 15 digits");
    }
  } else if (EqualsIgnoreCase(name, "transfer-encoding")) {
    return Refused(411, "want Content-Length, not Transfer-Encoding");
  }
  return {};
}

HeadScan ScanField(std::string_view line, SeenFields* seen) {
  if (++seen->fields > kHeadFieldsMax) return Refused(431, "more than 100 header fields");
  if (line[0] == ' ' || line[0] == '\t') return Refused(400, "a folded header line");
  const size_t colon = line.find(':');
  if (colon == 0 || colon == std::string_view::npos ||
      !AllOf(line.substr(0, colon), IsTokenCharacter)) {
    return Refused(400, "a header line is not NAME: VALUE");
  }
  const std::string_view value = Trim(line.substr(colon + 1));
  if (!AllOf(value, IsValueCharacter)) return Refused(400, "a control character in a header value");
  return ScanKnownField(line.substr(0, colon), value, seen);
}

}  // namespace

HeadScan ScanHead(std::string_view bytes) {
  if (bytes.empty()) return {};
  // A TLS hello, say, is refused at once: its sender would wait for an answer that never comes.
  if (bytes[0] < 'A' || bytes[0] > 'Z') return Refused(400, "this is not an HTTP/1.1 request");
  const size_t end = bytes.substr(0, kHeadBytesMax).find("\r\n\r\n");
  if (end == std::string_view::npos) {
    return bytes.size() >= kHeadBytesMax ? Refused(431, "the header is longer than 49152 bytes")
                                         : HeadScan{};
  }
  std::string_view rest = bytes.substr(0, end + 2);
  SeenFields seen;
  for (bool is_first = true; !rest.empty(); is_first = false) {
    const size_t length = rest.find("\r\n");
    const std::string_view line = rest.substr(0, length);
    rest.remove_prefix(length + 2);
    const HeadScan scan = is_first ? ScanRequestLine(line) : ScanField(line, &seen);
    if (scan.verdict == Verdict::kRefused) return scan;
  }
  if (seen.hosts == 0) return Refused(400, "no Host");
  return {Verdict::kComplete, end + 4, 0, {}};
}

}  // namespace spirogram::web
