#include "web/encoding.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <random>
#include <string>

namespace spirogram::web {
namespace {

std::string Gunzip(const std::string& bytes, size_t size) {
  std::string out(size, '\0');
  z_stream stream{};
  if (inflateInit2(&stream, 15 + 16) != Z_OK) return {};
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = inflate(&stream, Z_FINISH);
  inflateEnd(&stream);
  return result == Z_STREAM_END ? out : std::string();
}

TEST(AcceptsGzipTest, ReadsWeights) {
  for (const char* header : {"gzip", "gzip, deflate, br", "br;q=1.0, gzip;q=0.5", "*", "GZIP",
                             " gzip ; q=0.001", "identity;q=0, *;q=1", "x-gzip"}) {
    EXPECT_TRUE(AcceptsGzip(header)) << header;
  }
  for (const char* header : {"", "br", "gzip;q=0", "gzip;q=0.0", "gzip; q=0, *", "*;q=0",
                             "identity", "gzip;q=x", "gzip;level=9", "gzipped"}) {
    EXPECT_FALSE(AcceptsGzip(header)) << header;
  }
}

TEST(CompressResponseTest, CompressesLongJson) {
  Response response = JsonResponse(std::string(5000, 'a'));
  CompressResponse("gzip", &response);
  EXPECT_EQ(response.Get("Content-Encoding"), "gzip");
  EXPECT_LT(response.body.size(), 200u);
  EXPECT_EQ(Gunzip(response.body, 5000), std::string(5000, 'a'));
}

TEST(CompressResponseTest, LeavesNoiseThatWouldHardlyShrink) {
  std::mt19937 generator(1);
  std::string noise(1 << 20, '\0');
  for (char& byte : noise) byte = static_cast<char>(generator() & 0xff);
  Response response = JsonResponse(noise);
  CompressResponse("gzip", &response);
  EXPECT_EQ(response.Get("Content-Encoding"), "");
  EXPECT_EQ(response.body, noise);
  Response text = JsonResponse(std::string(1 << 20, 'a'));
  CompressResponse("gzip", &text);
  EXPECT_EQ(text.Get("Content-Encoding"), "gzip");
}

TEST(CompressResponseTest, LeavesShortAndForeignBodies) {
  Response brief = JsonResponse(std::string(1024, 'a'));
  CompressResponse("gzip", &brief);
  EXPECT_EQ(brief.body.size(), 1024u);
  EXPECT_EQ(brief.Get("Vary"), "Accept-Encoding");
  Response image;
  image.Set("Content-Type", "image/png");
  image.body.assign(5000, 'a');
  CompressResponse("gzip", &image);
  EXPECT_EQ(image.body.size(), 5000u);
}

}  // namespace
}  // namespace spirogram::web
