#include "logger/histogram.h"

#include <algorithm>
#include <bit>
#include <cfloat>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>

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
// What lies between it and the smallest power of two is one part of a power of two, by its bits.
constexpr int kPartOfZero = static_cast<int>(kSmallestBits >> kShift) - 1;

// The lower end of the magnitudes in bucket `part` of a sign; part kBucketsPerSign is infinity.
double Magnitude(int part) {
  if (part >= kBucketsPerSign) return std::numeric_limits<double>::infinity();
  return static_cast<double>(
      std::bit_cast<float>(kSmallestBits + (static_cast<uint32_t>(part) << kShift)));
}

// REQUIRES: value is finite. Without a branch, which the signs of weights would mislead half of the
// time.
int BucketOf(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  const uint32_t magnitude = std::max(bits & 0x7fff'ffffu, kSmallestBits - (1u << kShift));
  const int from_zero = static_cast<int>(magnitude >> kShift) - kPartOfZero;
  const int sign = static_cast<int>(bits >> 31);
  return kZeroBucket + (from_zero ^ -sign) + sign;
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

// What one of several lanes has seen: of one lane alone, each value would wait for the sums and the
// count that the last one changed.
struct Lane {
  float min = std::numeric_limits<float>::infinity();
  float max = -std::numeric_limits<float>::infinity();
  double sum = 0;
  double sum_squares = 0;
  std::vector<uint32_t> counts = std::vector<uint32_t>(kBuckets);

  void Add(float value) {
    if (!std::isfinite(value)) return;
    min = std::min(min, value);
    max = std::max(max, value);
    const double wide = static_cast<double>(value);
    sum += wide;
    sum_squares += wide * wide;
    ++counts[static_cast<size_t>(BucketOf(value))];
  }

  void AddTo(BucketedValues* out, std::vector<uint64_t>* all) {
    out->min = std::min(out->min, static_cast<double>(min));
    out->max = std::max(out->max, static_cast<double>(max));
    out->sum += sum;
    out->sum_squares += sum_squares;
    for (size_t bucket = 0; bucket < counts.size(); ++bucket) (*all)[bucket] += counts[bucket];
  }
};

// At most as many as a lane can count.
void AddValues(std::span<const float> values, BucketedValues* out, std::vector<uint64_t>* counts) {
  Lane a, b, c, d;
  size_t at = 0;
  for (; at + 4 <= values.size(); at += 4) {
    a.Add(values[at]);
    b.Add(values[at + 1]);
    c.Add(values[at + 2]);
    d.Add(values[at + 3]);
  }
  for (; at < values.size(); ++at) a.Add(values[at]);
  for (Lane* lane : {&a, &b, &c, &d}) lane->AddTo(out, counts);
}

}  // namespace

BucketedValues BucketValues(std::span<const float> values) {
  constexpr size_t kLaneMax = std::numeric_limits<uint32_t>::max();
  BucketedValues out;
  out.min = std::numeric_limits<double>::infinity();
  out.max = -out.min;
  std::vector<uint64_t> counts(kBuckets);
  for (size_t at = 0; at < values.size(); at += kLaneMax) {
    AddValues(values.subspan(at, std::min(kLaneMax, values.size() - at)), &out, &counts);
  }
  out.count = static_cast<double>(std::accumulate(counts.begin(), counts.end(), uint64_t{0}));
  if (out.count == 0) out.min = out.max = 0;
  KeepOccupied(counts, &out);
  return out;
}

}  // namespace spirogram::logger
