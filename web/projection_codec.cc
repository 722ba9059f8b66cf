#include "web/projection_codec.h"

#include <cstring>
#include <span>

#include "base/check.h"
#include "base/crc32c.h"
#include "base/str.h"

namespace spirogram::web {
namespace {

constexpr std::string_view kMagic = "SPPJ";
constexpr uint32_t kVersion = 1;

template <typename T>
void Append(std::string* out, T value) {
  out->append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <typename T>
void AppendAll(std::string* out, const std::vector<T>& values) {
  out->append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
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
  Append(&out, static_cast<uint32_t>(projection.device.size()));
  out.append(projection.device);
  Append(&out, static_cast<uint32_t>(projection.variance_share.size()));
  AppendAll(&out, projection.variance_share);
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
  if (version != kVersion) return Damaged(StrCat("version: got ", version, ", want ", kVersion));
  StoredProjection projection;
  const auto dims = reader.Take<uint32_t>();
  projection.iterations = static_cast<int>(reader.Take<uint32_t>());
  const auto points = reader.Take<uint64_t>();
  projection.kl_divergence = reader.Take<double>();
  projection.seconds = reader.Take<double>();
  projection.device = reader.TakeBytes(reader.Take<uint32_t>());
  projection.variance_share = reader.TakeAll<double>(reader.Take<uint32_t>());
  if (dims < 1 || dims > 3 || points > bytes.size()) return Damaged("impossible shape");
  projection.coordinates = reader.TakeAll<float>(points * dims);
  if (!reader.ok() || !reader.is_at_end()) return Damaged("length does not fit its shape");
  projection.dims = static_cast<int>(dims);
  projection.points = static_cast<int64_t>(points);
  return projection;
}

std::string ProjectionKey(const ProjectionRequest& request, WallTime checkpoint) {
  std::string key =
      StrCat(ProjectionMethodName(request.method), " dims=", request.dims,
             " step=", request.step.value(), " logged=", checkpoint, " seed=", request.seed);
  if (request.method == ProjectionMethod::kTsne) {
    key += StrCat(" perplexity=", request.perplexity, " iterations=", request.iterations);
  }
  // The tag comes last: it may hold anything, spaces too.
  return key + " tag=" + request.tag;
}

}  // namespace spirogram::web
