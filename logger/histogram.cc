#include "logger/histogram.h"

#include <algorithm>
#include <bit>
#include <cfloat>
#include <cmath>
#include <cstdint>
#include <limits>

namespace spirogram::logger {
namespace {

constexpr int kMantissaBits = 23;
constexpr int kPartBits = 3;  // 8 parts of each power of two
constexpr int kShift = kMantissaBits - kPartBits;
constexpr uint32_t kSmallestBits = (127u - 40u) << kMantissaBits;  // 2^-40 as float32
constexpr uint32_t kInfinityBits = 255u << kMantissaBits;
// Buckets of one sign; the bucket around 0 lies between the two.
constexpr int kBucketsPerSign = static_cast<int>((kInfinityBits - kSmallestBits) >> kShift);
constexpr int kBuckets = 2 * kBucketsPerSign + 1;
constexpr int kZeroBucket = kBucketsPerSign;

// The lower end of the magnitudes in bucket `part` of a sign; part kBucketsPerSign is infinity.
double Magnitude(int part) {
  if (part >= kBucketsPerSign) return std::numeric_limits<double>::infinity();
  return static_cast<double>(
      std::bit_cast<float>(kSmallestBits + (static_cast<uint32_t>(part) << kShift)));
}

// REQUIRES: value is finite.
int BucketOf(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  const uint32_t magnitude = bits & 0x7fff'ffffu;
  if (magnitude < kSmallestBits) return kZeroBucket;
  const int part = static_cast<int>((magnitude - kSmallestBits) >> kShift);
  return (bits >> 31) != 0 ? kZeroBucket - 1 - part : kZeroBucket + 1 + part;
}

// The end of a bucket on the side of +infinity. A negative bucket's is its smaller magnitude.
double UpperLimit(int bucket) {
  if (bucket < kZeroBucket) return -Magnitude(kZeroBucket - 1 - bucket);
  return Magnitude(bucket - kZeroBucket);
}

// Each occupied bucket, and one empty bucket for each gap between two of them.
void KeepOccupied(const std::vector<uint64_t>& counts, BucketedValues* out) {
  for (int bucket = 0; bucket < kBuckets; ++bucket) {
    const uint64_t count = counts[static_cast<size_t>(bucket)];
    if (count == 0) continue;
    const double lower = bucket > 0 ? UpperLimit(bucket - 1) : -DBL_MAX;
    if (!out->limits.empty() && out->limits.back() < lower) {
      out->limits.push_back(lower);
      out->counts.push_back(0);
    }
    out->limits.push_back(UpperLimit(bucket));
    out->counts.push_back(static_cast<double>(count));
  }
  if (out->limits.empty()) {
    out->limits.push_back(DBL_MAX);
    out->counts.push_back(0);
  }
  out->limits.back() = DBL_MAX;
}

}  // namespace

BucketedValues BucketValues(std::span<const float> values) {
  BucketedValues out;
  std::vector<uint64_t> counts(kBuckets);
  float min = std::numeric_limits<float>::infinity();
  float max = -min;
  uint64_t finite = 0;
  for (const float value : values) {
    if (!std::isfinite(value)) continue;
    ++finite;
    min = std::min(min, value);
    max = std::max(max, value);
    const double wide = static_cast<double>(value);
    out.sum += wide;
    out.sum_squares += wide * wide;
    ++counts[static_cast<size_t>(BucketOf(value))];
  }
  if (finite > 0) {
    out.min = static_cast<double>(min);
    out.max = static_cast<double>(max);
    out.count = static_cast<double>(finite);
  }
  KeepOccupied(counts, &out);
  return out;
}

}  // namespace spirogram::logger
