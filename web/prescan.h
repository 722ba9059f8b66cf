// A strict look at a request's head before any parser sees it. Beast of Boost 1.81 accepts framing
// that two parties can read in two ways (Transfer-Encoding beside Content-Length, repeated Host,
// folded lines, unbounded field counts); what passes here has exactly one reading.
//
// Pure: bytes in, verdict out.
#pragma once

#include <cstddef>
#include <string_view>

namespace spirogram::web {

inline constexpr size_t kHeadBytesMax = 48 * 1024;
inline constexpr size_t kHeadFieldsMax = 100;
// TensorBoard's routes take a tag in the URL alone, where each byte of it may become three.
inline constexpr size_t kTargetBytesMax = 32 * 1024;

struct HeadScan {
  enum class Verdict { kIncomplete, kComplete, kRefused };

  Verdict verdict = Verdict::kIncomplete;
  size_t bytes = 0;         // kComplete: length of the head with its empty line
  int status = 0;           // kRefused: the HTTP status to answer before closing
  std::string_view reason;  // kRefused: a literal
};

// `bytes` starts at the first byte of a request. RFC 9112 says what is allowed; on top of it:
// method of A-Z only, target in origin form of 0x21-0x7E without '#' and '\', HTTP/1.0 or 1.1,
// exactly one valid Host, at most one Content-Length of at most 15 digits, no Transfer-Encoding
// (411: our clients send lengths, RFC 9112 6.3 allows to insist), no folded lines, no control
// characters.
HeadScan ScanHead(std::string_view bytes);

}  // namespace spirogram::web
