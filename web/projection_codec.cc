#include "web/projection_codec.h"

#include <cstring>
#include <span>

#include "base/check.h"
#include "base/crc32c.h"
#include "base/str.h"
#include "web/projection_axes.h"

namespace spirogram::web {
namespace {

constexpr std::string_view kMagic = "SPPJ";
constexpr uint32_t kVersion = 3;
constexpr uint32_t kVersionWithoutFallback = 2;
constexpr uint32_t kVersionWithoutQuality = 1;

template <typename T>
void Append(std::string* out, T value) {
  out->append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <typename T>
void AppendAll(std::string* out, const std::vector<T>& values) {
  out->append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

void AppendText(std::string* out, std::string_view text) {
  Append(out, static_cast<uint32_t>(text.size()));
  out->append(text);
}

void AppendDetails(std::string* out, const StoredProjection& projection) {
  AppendText(out, projection.parameters);
  AppendText(out, projection.engine);
  AppendText(out, projection.neighbors);
  Append(out, projection.alignment_residual);
  Append(out, uint32_t{projection.stages.has_value()});
  if (projection.stages) {
    Append(out, projection.stages->start);
    Append(out, projection.stages->neighbors);
    Append(out, projection.stages->affinity);
    Append(out, projection.stages->descent);
  }
  Append(out, uint32_t{projection.quality.has_value()});
  if (projection.quality) {
    Append(out, projection.quality->kl);
    Append(out, uint32_t{projection.quality->kl_is_exact});
    Append(out, projection.quality->trustworthiness);
    Append(out, projection.quality->recall_10);
    Append(out, static_cast<uint64_t>(projection.quality->queries));
    Append(out, projection.quality->span);
  }
  AppendText(out, projection.start_fallback);
}

// Takes values from the front; once bytes are missing every further value is 0 and ok() is false.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  template <typename T>
  T Take() {
    T value{};
    const std::string_view part = TakeBytes(sizeof value);
    if (part.size() == sizeof value) std::memcpy(&value, part.data(), sizeof value);
    return value;
  }

  std::string_view TakeBytes(uint64_t count) {
    if (count > bytes_.size()) {
      ok_ = false;
      return {};
    }
    const std::string_view part = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return part;
  }

  std::string TakeText() { return std::string(TakeBytes(Take<uint32_t>())); }

  // 0 or 1, nothing else.
  bool TakeFlag() {
    const auto flag = Take<uint32_t>();
    if (flag > 1) ok_ = false;
    return flag == 1;
  }

  // Memory is only taken for bytes that are there, whatever `count` claims.
  template <typename T>
  std::vector<T> TakeAll(uint64_t count) {
    if (count > bytes_.size() / sizeof(T)) ok_ = false;
    if (!ok_) return {};
    const std::string_view part = TakeBytes(count * sizeof(T));
    std::vector<T> values(count);
    if (count > 0) std::memcpy(values.data(), part.data(), part.size());
    return values;
  }

  bool ok() const { return ok_; }
  bool is_at_end() const { return bytes_.empty(); }

 private:
  std::string_view bytes_;
  bool ok_ = true;
};

void TakeDetails(Reader* reader, uint32_t version, StoredProjection* projection) {
  projection->parameters = reader->TakeText();
  projection->engine = reader->TakeText();
  projection->neighbors = reader->TakeText();
  projection->alignment_residual = reader->Take<double>();
  if (reader->TakeFlag()) {
    ProjectionStages& stages = projection->stages.emplace();
    stages.start = reader->Take<double>();
    stages.neighbors = reader->Take<double>();
    stages.affinity = reader->Take<double>();
    stages.descent = reader->Take<double>();
  }
  if (reader->TakeFlag()) {
    ProjectionQuality& quality = projection->quality.emplace();
    quality.kl = reader->Take<double>();
    quality.kl_is_exact = reader->TakeFlag();
    quality.trustworthiness = reader->Take<double>();
    quality.recall_10 = reader->Take<double>();
    quality.queries = static_cast<int64_t>(reader->Take<uint64_t>());
    quality.span = reader->Take<double>();
  }
  if (version > kVersionWithoutFallback) projection->start_fallback = reader->TakeText();
}

Error Damaged(std::string_view what) {
  return Corruption(StrCat("stored projection: ", what));
}

}  // namespace

std::string EncodeProjection(const StoredProjection& projection) {
  CHECK(projection.coordinates.size() ==
        static_cast<size_t>(projection.points) * static_cast<size_t>(projection.dims));
  std::string out(kMagic);
  Append(&out, kVersion);
  Append(&out, static_cast<uint32_t>(projection.dims));
  Append(&out, static_cast<uint32_t>(projection.iterations));
  Append(&out, static_cast<uint64_t>(projection.points));
  Append(&out, projection.kl_divergence);
  Append(&out, projection.seconds);
  AppendText(&out, projection.device);
  Append(&out, static_cast<uint32_t>(projection.variance_share.size()));
  AppendAll(&out, projection.variance_share);
  AppendDetails(&out, projection);
  AppendAll(&out, projection.coordinates);
  Append(&out, MaskedCrc32c(out));
  return out;
}

Result<StoredProjection> DecodeProjection(std::string_view bytes) {
  if (bytes.size() < kMagic.size() + 2 * sizeof(uint32_t)) return Damaged("too short");
  uint32_t checksum = 0;
  const std::string_view covered = bytes.substr(0, bytes.size() - sizeof checksum);
  std::memcpy(&checksum, bytes.data() + covered.size(), sizeof checksum);
  if (MaskedCrc32c(covered) != checksum) return Damaged("checksum mismatch");
  Reader reader(covered);
  if (reader.TakeBytes(kMagic.size()) != kMagic) return Damaged("not a projection");
  const auto version = reader.Take<uint32_t>();
  if (version < kVersionWithoutQuality || version > kVersion) {
    return Damaged(StrCat("version: got ", version, ", want at most ", kVersion));
  }
  StoredProjection projection;
  const auto dims = reader.Take<uint32_t>();
  projection.iterations = static_cast<int>(reader.Take<uint32_t>());
  const auto points = reader.Take<uint64_t>();
  projection.kl_divergence = reader.Take<double>();
  projection.seconds = reader.Take<double>();
  projection.device = reader.TakeText();
  projection.variance_share = reader.TakeAll<double>(reader.Take<uint32_t>());
  if (version > kVersionWithoutQuality) TakeDetails(&reader, version, &projection);
  if (dims < 1 || dims > 3 || points > bytes.size()) return Damaged("impossible shape");
  projection.coordinates = reader.TakeAll<float>(points * dims);
  if (!reader.ok() || !reader.is_at_end()) return Damaged("length does not fit its shape");
  projection.dims = static_cast<int>(dims);
  projection.points = static_cast<int64_t>(points);
  return projection;
}

std::string ProjectionKey(const ProjectionRequest& request, WallTime checkpoint, uint32_t start,
                          int epochs_before) {
  std::string key =
      StrCat(ProjectionMethodName(request.method), " dims=", request.dims,
             " step=", request.step.value(), " logged=", checkpoint, " seed=", request.seed);
  if (request.method == ProjectionMethod::kTsne) {
    const bool is_uniform = request.affinity == projector::TsneOptions::Affinity::kUniform;
    key += is_uniform ? " affinity=uniform" : StrCat(" perplexity=", request.perplexity);
    key += StrCat(" iterations=", request.iterations);
    // What is not said is as it was before it could be chosen: old results keep their keys.
    if (request.metric == projector::Metric::kCosine) key += " metric=cosine";
    if (!request.start && request.init != ProjectionInit::kPca) {
      key += StrCat(" init=", ProjectionInitName(request.init));
    }
    if (request.late_exaggeration != 1 && request.late_exaggeration_iterations > 0) {
      key += StrCat(" late=", request.late_exaggeration, "x", request.late_exaggeration_iterations);
    }
    if (request.kl_tolerance > 0) key += StrCat(" kl_tolerance=", request.kl_tolerance);
  } else if (request.method == ProjectionMethod::kUmap) {
    key += StrCat(" neighbors=", request.neighbors, " min_dist=", request.min_dist,
                  " epochs=", request.iterations);
    if (request.metric == projector::Metric::kCosine) key += " metric=cosine";
    if (!request.start && request.init != ProjectionInit::kPca) {
      key += StrCat(" init=", ProjectionInitName(request.init));
    }
  }
  for (const int component : request.components) key += StrCat(" component=", component + 1);
  if (epochs_before > 0) key += StrCat(" before=", epochs_before);
  if (request.method == ProjectionMethod::kAxes) key += " axes=" + AxesKey(request);
  if (request.sphereize) key += " sphereize";
  if (request.onto) key += StrCat(" onto=", Hex32(start));
  if (request.start) key += StrCat(" start=", Hex32(start), request.align ? "" : " align=no");
  // The tag comes last: it may hold anything, spaces too.
  return key + " tag=" + request.tag;
}

}  // namespace spirogram::web
