#include "web/encoding.h"

#include <zlib.h>

#include <optional>

#include "base/check.h"
#include "base/str.h"

namespace spirogram::web {
namespace {

constexpr size_t kCompressBytesMin = 1024;
constexpr int kLevel = 1;
constexpr int kGzipWindowBits = 15 + 16;  // 16 asks zlib for gzip framing
constexpr int kMemoryLevel = 8;
// Of a longer body a sample from its middle is compressed first.
constexpr size_t kSampleBytes = 64 << 10;

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// The weight behind "coding;q=0.5"; 1 without one, 0 where it is malformed.
double Weight(std::string_view parameters) {
  const std::string_view text = Trim(parameters);
  if (text.empty()) return 1;
  if (text.size() < 3 || (text[0] != 'q' && text[0] != 'Q') || text[1] != '=') return 0;
  return ParseNumber<double>(text.substr(2)).value_or(0);
}

bool IsCompressible(std::string_view type) {
  return type == "application/json" || type == "application/problem+json" ||
         type == "application/vnd.spirogram.columns";
}

// The noise in the mantissas of a million coordinates takes a third of a second to lose a tenth.
bool IsWorthwhile(std::string_view body) {
  if (body.size() <= 2 * kSampleBytes) return true;
  const std::string_view sample = body.substr((body.size() - kSampleBytes) / 2, kSampleBytes);
  return Gzip(sample).size() < kSampleBytes - kSampleBytes / 4;
}

}  // namespace

bool AcceptsGzip(std::string_view accept_encoding) {
  std::optional<double> gzip;
  double any = 0;
  for (std::string_view entry : Split(accept_encoding, ',')) {
    const size_t semicolon = entry.find(';');
    const std::string_view coding = Trim(entry.substr(0, semicolon));
    const double weight =
        semicolon == std::string_view::npos ? 1 : Weight(entry.substr(semicolon + 1));
    if (EqualsIgnoreCase(coding, "gzip") || EqualsIgnoreCase(coding, "x-gzip")) gzip = weight;
    if (coding == "*") any = weight;
  }
  return gzip.value_or(any) > 0;
}

std::string Gzip(std::string_view bytes) {
  z_stream stream{};
  CHECK(deflateInit2(&stream, kLevel, Z_DEFLATED, kGzipWindowBits, kMemoryLevel,
                     Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  // zlib's input pointer is not const but is not written through.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

void CompressResponse(std::string_view accept_encoding, Response* response) {
  constexpr size_t kCompressBytesMax = size_t{1} << 30;  // zlib counts input in 32 bits
  if (!IsCompressible(response->Get("Content-Type"))) return;
  response->Set("Vary", "Accept-Encoding");
  if (response->body.size() <= kCompressBytesMin || response->body.size() > kCompressBytesMax)
    return;
  if (HasHeader(response->headers, "Content-Encoding") || !AcceptsGzip(accept_encoding)) return;
  if (!IsWorthwhile(response->body)) return;
  response->body = Gzip(response->body);
  response->Set("Content-Encoding", "gzip");
}

}  // namespace spirogram::web
