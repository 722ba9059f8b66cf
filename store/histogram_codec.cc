#include "store/histogram_codec.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/str.h"
#include "base/wire.h"
#include "store/byte_io.h"

namespace spirogram::store {
namespace {

constexpr uint8_t kPlain = 1;
constexpr uint8_t kCompact = 2;

enum class Prediction : uint8_t { kLinear = 0, kGeometric = 1 };

// The number of a float64 among all of them, in their order: neighbours differ by 1.
int64_t RankOf(double value) {
  const auto bits = std::bit_cast<int64_t>(value);
  return bits ^ static_cast<int64_t>(static_cast<uint64_t>(bits >> 63) >> 1);
}
double ValueAt(int64_t rank) {
  return std::bit_cast<double>(rank ^ static_cast<int64_t>(static_cast<uint64_t>(rank >> 63) >> 1));
}

double Predict(Prediction prediction, double a, double b) {
  const double value = prediction == Prediction::kLinear ? b + (b - a) : b * (b / a);
  return std::isnan(value) ? 0 : value;
}

// Modulo 2^64 either way.
uint64_t Difference(double value, double predicted) {
  const uint64_t off =
      static_cast<uint64_t>(RankOf(value)) - static_cast<uint64_t>(RankOf(predicted));
  return off << 1 ^ static_cast<uint64_t>(static_cast<int64_t>(off) >> 63);
}
double AddDifference(double predicted, uint64_t difference) {
  const uint64_t off = difference >> 1 ^ (0 - (difference & 1));
  return ValueAt(static_cast<int64_t>(static_cast<uint64_t>(RankOf(predicted)) + off));
}

// The one that comes nearer at three places.
Prediction ChoosePrediction(std::span<const double> edges) {
  int bits[2] = {};
  for (size_t quarter = 1; quarter <= 3; ++quarter) {
    const size_t i = quarter * edges.size() / 4;
    if (i < 2) continue;
    for (const Prediction prediction : {Prediction::kLinear, Prediction::kGeometric}) {
      bits[static_cast<size_t>(prediction)] += static_cast<int>(
          std::bit_width(Difference(edges[i], Predict(prediction, edges[i - 2], edges[i - 1]))));
    }
  }
  return bits[1] < bits[0] ? Prediction::kGeometric : Prediction::kLinear;
}

// Gathers numbers before they are appended: a call of append for each would cost more than they do.
class VarintWriter {
 public:
  explicit VarintWriter(std::string* out) : out_(out) {}

  void Put(uint64_t value) {
    constexpr size_t kVarintBytesMax = 10;
    if (buffer_.size() - used_ < kVarintBytesMax) Flush();
    for (; value >= 0x80; value >>= 7) buffer_[used_++] = static_cast<char>(value | 0x80);
    buffer_[used_++] = static_cast<char>(value);
  }

  // To be called at the end too.
  void Flush() {
    out_->append(buffer_.data(), used_);
    used_ = 0;
  }

 private:
  std::string* out_;
  std::array<char, 1024> buffer_;
  size_t used_ = 0;
};

// Up to here every whole number is a float64 of its own.
constexpr double kCountMax = 9007199254740992;  // 2^53

std::optional<uint64_t> WholeNumber(double value) {
  if (!(value >= 0 && value <= kCountMax) || std::signbit(value)) return std::nullopt;
  const auto number = static_cast<uint64_t>(value);
  if (static_cast<double>(number) != value) return std::nullopt;
  return number;
}

// Nothing where a count is not a whole number or the lengths do not fit each other.
std::optional<std::string> EncodeCompact(const Histogram& histogram) {
  const std::vector<double>& edges = histogram.edges;
  const std::vector<double>& counts = histogram.counts;
  if (counts.size() != (edges.empty() ? 0 : edges.size() - 1)) return std::nullopt;
  const Prediction prediction = ChoosePrediction(edges);
  std::string content(1, static_cast<char>(kCompact));
  AppendVarint(edges.size(), &content);
  content.push_back(static_cast<char>(prediction));
  VarintWriter writer(&content);
  double a = 0;
  double b = 0;
  for (const double edge : edges) {
    writer.Put(Difference(edge, Predict(prediction, a, b)));
    a = b;
    b = edge;
  }
  for (const double count : counts) {
    const std::optional<uint64_t> number = WholeNumber(count);
    if (!number) return std::nullopt;
    writer.Put(*number);
  }
  writer.Flush();
  return content;
}

std::string EncodePlain(const Histogram& histogram) {
  ByteWriter writer;
  writer.Put(kPlain);
  writer.PutVector(histogram.edges);
  writer.PutVector(histogram.counts);
  return writer.Take();
}

Error Damaged() {
  return Corruption("stored histogram is not what its format promises");
}

Result<Histogram> DecodePlain(std::string_view bytes) {
  ByteReader reader(bytes);
  Histogram histogram;
  histogram.edges = reader.GetVector<double>();
  histogram.counts = reader.GetVector<double>();
  if (!reader.ok() || !reader.is_at_end()) return Damaged();
  const size_t edges = histogram.edges.size();
  if (edges != 0 ? edges != histogram.counts.size() + 1 : !histogram.counts.empty()) {
    return Corruption(
        StrCat("stored histogram: ", edges, " edges of ", histogram.counts.size(), " buckets"));
  }
  return histogram;
}

Result<Histogram> DecodeCompact(std::string_view bytes) {
  WireReader reader(bytes);
  const uint64_t edges = reader.ReadVarint();
  const auto prediction = reader.ReadFixed<uint8_t>();
  // A number takes at least a byte: no length is believed that cannot be there.
  if (!reader.ok() || edges > bytes.size() || prediction > 1) return Damaged();
  Histogram histogram;
  histogram.edges.reserve(edges);
  double a = 0;
  double b = 0;
  for (uint64_t i = 0; i < edges; ++i) {
    const double predicted = Predict(static_cast<Prediction>(prediction), a, b);
    histogram.edges.push_back(AddDifference(predicted, reader.ReadVarint()));
    a = b;
    b = histogram.edges.back();
  }
  histogram.counts.reserve(edges);
  for (uint64_t i = 1; i < edges; ++i) {
    histogram.counts.push_back(static_cast<double>(reader.ReadVarint()));
  }
  if (!reader.ok() || reader.has_rest()) return Damaged();
  return histogram;
}

}  // namespace

Content EncodeHistogram(const Histogram& histogram) {
  const size_t plain_bytes = (histogram.edges.size() + histogram.counts.size()) * sizeof(double);
  std::optional<std::string> compact = EncodeCompact(histogram);
  if (compact && compact->size() <= plain_bytes / 2) {
    return {*std::move(compact), Compression::kNone};
  }
  return {EncodePlain(histogram), Compression::kZstd};
}

Result<Histogram> DecodeHistogram(std::string_view content) {
  if (content.empty()) return Damaged();
  const auto format = static_cast<uint8_t>(content.front());
  content.remove_prefix(1);
  if (format == kPlain) return DecodePlain(content);
  if (format == kCompact) return DecodeCompact(content);
  return Damaged();
}

}  // namespace spirogram::store
