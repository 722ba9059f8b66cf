#include "web/prescan.h"

#include <gtest/gtest.h>

#include <string>

namespace spirogram::web {
namespace {

using Verdict = HeadScan::Verdict;

std::string Head(std::string_view fields, std::string_view line = "GET / HTTP/1.1") {
  return std::string(line) + "\r\n" + std::string(fields) + "\r\n";
}

struct BadHead {
  const char* name;
  std::string head;
  int status;
};

void PrintTo(const BadHead& bad, std::ostream* out) {
  *out << bad.name;
}

class BadHeadTest : public ::testing::TestWithParam<BadHead> {};

TEST_P(BadHeadTest, IsRefused) {
  const HeadScan scan = ScanHead(GetParam().head);
  EXPECT_EQ(scan.verdict, Verdict::kRefused);
  EXPECT_EQ(scan.status, GetParam().status);
  EXPECT_FALSE(scan.reason.empty());
}

std::string ManyFields(int count) {
  std::string fields = "Host: a\r\n";
  for (int i = 1; i < count; ++i) fields += "X: y\r\n";
  return fields;
}

const BadHead kBad[] = {
    {"TransferEncodingAndLength",
     Head("Host: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 411},
    {"TransferEncodingGzip", Head("Host: a\r\nTransfer-Encoding: gzip\r\n"), 411},
    {"TransferEncodingIdentity",
     Head("Host: a\r\nTransfer-Encoding: identity\r\nContent-Length: 5\r\n"), 411},
    {"TransferEncodingXchunked", Head("Host: a\r\nTransfer-Encoding: xchunked\r\n"), 411},
    {"ChunkedThenGzip", Head("Host: a\r\nTransfer-Encoding: chunked, gzip\r\n"), 411},
    {"ChunkedOnHttp10", Head("Host: a\r\nTransfer-Encoding: chunked\r\n", "POST / HTTP/1.0"), 411},
    {"TwoHosts", Head("Host: a\r\nHost: b\r\n"), 400},
    {"NoHost", Head("Accept: x\r\n"), 400},
    {"EmptyHost", Head("Host:\r\n"), 400},
    {"HostWithSpace", Head("Host: a b\r\n"), 400},
    {"HostWithPath", Head("Host: a/b\r\n"), 400},
    {"HostWithUser", Head("Host: me@a\r\n"), 400},
    {"FoldedLine", Head("Host: a\r\nX: y\r\n z\r\n"), 400},
    {"FoldedFirstLine", Head(" Host: a\r\n"), 400},
    {"TooManyFields", Head(ManyFields(101)), 431},
    {"TwoLengths", Head("Host: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n"), 400},
    {"LengthList", Head("Host: a\r\nContent-Length: 5, 5\r\n"), 400},
    {"LengthWithPlus", Head("Host: a\r\nContent-Length: +5\r\n"), 400},
    {"LengthInHex", Head("Host: a\r\nContent-Length: 0x5\r\n"), 400},
    {"LengthNegative", Head("Host: a\r\nContent-Length: -1\r\n"), 400},
    {"LengthTooLong", Head("Host: a\r\nContent-Length: 18446744073709551621\r\n"), 400},
    {"SpaceBeforeColon", Head("Host : a\r\n"), 400},
    {"NoColon", Head("Host\r\n"), 400},
    {"EmptyName", Head(": a\r\nHost: a\r\n"), 400},
    {"BareLineFeed", Head("Host: a\nX: y\r\n"), 400},
    {"BareCarriageReturn", Head("Host: a\rX: y\r\n"), 400},
    {"NulInValue", Head(std::string("Host: a\r\nX: y\0z\r\n", 17)), 400},
    {"ControlInName", Head("Host: a\r\nX\x01: y\r\n"), 400},
    {"LowerCaseMethod", Head("Host: a\r\n", "get / HTTP/1.1"), 400},
    {"MethodWithDash", Head("Host: a\r\n", "M-SEARCH / HTTP/1.1"), 400},
    {"AbsoluteTarget", Head("Host: a\r\n", "GET http://b/ HTTP/1.1"), 400},
    {"AsteriskTarget", Head("Host: a\r\n", "OPTIONS * HTTP/1.1"), 400},
    {"AuthorityTarget", Head("Host: a\r\n", "CONNECT b:443 HTTP/1.1"), 400},
    {"BackslashInTarget", Head("Host: a\r\n", "GET /\\..\\x HTTP/1.1"), 400},
    {"FragmentInTarget", Head("Host: a\r\n", "GET /a#b HTTP/1.1"), 400},
    {"SpaceInTarget", Head("Host: a\r\n", "GET /a b HTTP/1.1"), 400},
    {"HighByteInTarget", Head("Host: a\r\n", "GET /\xC3\xA9 HTTP/1.1"), 400},
    {"Version09", Head("Host: a\r\n", "GET / HTTP/0.9"), 505},
    {"Version19", Head("Host: a\r\n", "GET / HTTP/1.9"), 505},
    {"Version2", Head("Host: a\r\n", "PRI * HTTP/2.0"), 400},
    {"NoVersion", Head("Host: a\r\n", "GET /"), 400},
    {"EmptyFirstLine", "\r\n" + Head("Host: a\r\n"), 400},
    {"TlsHello", std::string("\x16\x03\x01\x02\x00", 5), 400},
    {"LongTarget", Head("Host: a\r\n", "GET /" + std::string(kTargetBytesMax, 'a') + " HTTP/1.1"),
     414},
    {"LongHead", Head("Host: a\r\nX: " + std::string(kHeadBytesMax, 'y') + "\r\n"), 431},
    {"EndlessHead", "GET / HTTP/1.1\r\n" + std::string(kHeadBytesMax, 'y'), 431},
};

INSTANTIATE_TEST_SUITE_P(Bad, BadHeadTest, ::testing::ValuesIn(kBad),
                         [](const auto& test) { return std::string(test.param.name); });

const std::string kFirefox =
    "GET /api/v1/scalars?run=1%2C2&tag=loss%2Ftrain HTTP/1.1\r\n"
    "Host: localhost:6006\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0\r\n"
    "Accept: */*\r\nAccept-Language: de,en-US;q=0.7,en;q=0.3\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\nReferer: http://localhost:6006/\r\n"
    "Connection: keep-alive\r\nCookie: _xsrf=2|a; theme=\"dark\"\r\nSec-Fetch-Dest: empty\r\n"
    "Sec-Fetch-Mode: cors\r\nSec-Fetch-Site: same-origin\r\nPriority: u=4\r\n\r\n";

const std::string kChromium =
    "POST /api/v1/projections HTTP/1.1\r\nHost: [::1]:6006\r\nConnection: keep-alive\r\n"
    "Content-Length: 2\r\nsec-ch-ua: \"Chromium\";v=\"130\", \"Not?A_Brand\";v=\"99\"\r\n"
    "Content-Type: application/json\r\nsec-ch-ua-mobile: ?0\r\nOrigin: http://[::1]:6006\r\n"
    "Sec-Fetch-Site: same-origin\r\n\r\n";

const std::string kWebSocket =
    "GET /api/v1/live HTTP/1.1\r\nHost: 127.0.0.1:6006\r\nConnection: Upgrade\r\n"
    "Pragma: no-cache\r\nUpgrade: websocket\r\nOrigin: http://127.0.0.1:6006\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n";

TEST(ScanHeadTest, AcceptsWhatBrowsersSend) {
  for (const std::string& head : {kFirefox, kChromium, kWebSocket}) {
    const HeadScan scan = ScanHead(head + "{}");
    EXPECT_EQ(scan.verdict, Verdict::kComplete) << scan.reason;
    EXPECT_EQ(scan.bytes, head.size());
  }
}

// Somebody typed a regular expression into the address bar.
TEST(ScanHeadTest, AcceptsABackslashInAQuery) {
  const std::string typed = "GET /metrics?tag_filter=layer\\d HTTP/1.1";
  EXPECT_EQ(ScanHead(Head("Host: a\r\n", typed)).verdict, Verdict::kComplete);
}

TEST(ScanHeadTest, IsIncompleteAtEveryShorterLength) {
  for (size_t length = 0; length < kFirefox.size(); ++length) {
    EXPECT_EQ(ScanHead(kFirefox.substr(0, length)).verdict, Verdict::kIncomplete) << length;
  }
}

TEST(ScanHeadTest, NeverReadsPastItsInput) {
  // Every single-byte change gives some verdict; the sanitizers watch the reads.
  for (size_t at = 0; at < kChromium.size(); ++at) {
    for (const char byte : {'\0', '\r', '\n', ' ', ':', '\xFF'}) {
      std::string head = kChromium;
      head[at] = byte;
      const HeadScan scan = ScanHead(head);
      EXPECT_LE(scan.bytes, head.size());
    }
  }
}

TEST(ScanHeadTest, AcceptsTheMostFieldsThatAreAllowed) {
  EXPECT_EQ(ScanHead(Head(ManyFields(100))).verdict, Verdict::kComplete);
}

}  // namespace
}  // namespace spirogram::web
