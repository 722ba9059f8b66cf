// Content of a database that another hand wrote: blobs, blocks, pyramids and values, with envelopes
// whose checksums hold, because a checksum keeps out decay and no one who means harm.
#include <zstd.h>

#include <string>

#include "base/check.h"
#include "base/crc32c.h"
#include "store/blob_codec.h"
#include "store/block_codec.h"
#include "store/finding_codec.h"
#include "store/histogram_codec.h"
#include "store/phase_sums.h"
#include "store/profile_codec.h"
#include "store/pyramid.h"
#include "store/record_details.h"
#include "store/value_codec.h"
#include "tests/fuzz/input.h"

namespace spirogram::store {
namespace {

// An envelope of any method and declared length around any payload.
std::string Seal(uint8_t method, uint64_t length, std::string_view payload) {
  std::string body(1, static_cast<char>(method));
  body.append(reinterpret_cast<const char*>(&length), sizeof length);
  body.append(payload);
  const uint32_t crc = Crc32c(body);
  return std::string(reinterpret_cast<const char*>(&crc), sizeof crc) + body;
}

void DecodeBlobs(std::string_view blob) {
  ScalarPoints points;
  if (DecodeBlock(blob, &points).ok()) {
    CHECK(points.size() > 0 && points.size() <= kBlockPoints);
    // What a block says is what its own encoding says again.
    ScalarPoints again;
    CHECK(DecodeBlock(EncodeBlock(points, 0, points.size()), &again).ok());
    CHECK(again.step == points.step);
  }
  const auto pyramid = DecodePyramid(blob);
  CHECK(!pyramid.ok() || pyramid->size() <= kBlockPoints);
  ProfileSlices slices;
  if (DecodeProfileChunk(blob, &slices).ok()) {
    for (const auto* column : {&slices.name, &slices.correlation_id, &slices.stream}) {
      CHECK(column->size() == slices.size());
    }
  }
  KernelTimes times;
  if (DecodeKernelTimes(blob, &times).ok()) CHECK(!times.empty());
  const auto sums = DecodePhaseSums(blob);
  if (sums.ok()) CHECK(DecodePhaseSums(EncodePhaseSums(*sums)).value() == *sums);
  const auto finding = DecodeFinding(blob);
  if (finding.ok()) CHECK(DecodeFinding(EncodeFinding(*finding)).ok());
}

void DecodeValues(std::string_view bytes) {
  const auto histogram = DecodeHistogram(bytes);
  if (histogram.ok()) {
    const size_t edges = histogram->edges.size();
    CHECK(edges == 0 ? histogram->counts.empty() : edges == histogram->counts.size() + 1);
    CHECK(DecodeHistogram(EncodeHistogram(*histogram).bytes).ok());
  }
  const auto text = DecodeText(bytes);
  if (text.ok()) CHECK(DecodeText(EncodeText(*text)).ok());
  const auto curve = DecodePrCurve(bytes);
  if (curve.ok()) CHECK(curve->recall.size() == curve->thresholds.size());
  const auto embedding = DecodeEmbeddingValues(bytes);
  if (embedding.ok()) CHECK(embedding->size() * sizeof(float) <= bytes.size());
  const auto metadata = DecodeEmbeddingMetadata(bytes);
  if (metadata.ok()) {
    CHECK(metadata->columns.size() == metadata->values.size());
    for (const auto& column : metadata->values) CHECK(column.size() == metadata->values[0].size());
  }
  const auto stats = DecodeEntityStats(bytes);
  if (stats.ok()) {
    for (const auto& column : stats->values) {
      CHECK(column.size() == static_cast<size_t>(stats->entities));
    }
  }
  AudioClip clip;
  TensorInfo info;
  const Status audio = DecodeAudioDetails(bytes, &clip);
  const Status tensor = DecodeTensorDetails(bytes, &info);
  CHECK(audio.ok() || tensor.ok() || !tensor.error().message.empty());
}

std::string Compress(std::string_view content) {
  std::string out(ZSTD_compressBound(content.size()), '\0');
  const size_t size = ZSTD_compress(out.data(), out.size(), content.data(), content.size(), 1);
  CHECK(!ZSTD_isError(size));
  out.resize(size);
  return out;
}

}  // namespace
}  // namespace spirogram::store

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace spirogram::store;  // NOLINT: the one function of this file that stands outside
  spirogram::fuzz::Input input(data, size);
  switch (input.Take<uint8_t>() % 4) {
    case 0:
      DecodeBlobs(input.rest());  // an envelope, too, is only bytes
      break;
    case 1:
      DecodeBlobs(Seal(0, input.rest().size(), input.rest()));
      break;
    case 2: {
      const std::string_view content = input.rest();
      DecodeBlobs(Seal(1, content.size(), Compress(content)));
      break;
    }
    default: {
      const auto method = input.Take<uint8_t>();
      const auto length = input.Take<uint64_t>();
      DecodeBlobs(Seal(method, length, input.rest()));
    }
  }
  DecodeValues(input.rest());
  return 0;
}
