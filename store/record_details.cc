#include "store/record_details.h"

#include "base/str.h"
#include "store/byte_io.h"

namespace spirogram::store {
namespace {

constexpr uint8_t kFormat = 1;

Status CheckEnd(const ByteReader& reader, uint8_t format, std::string_view what) {
  if (format == kFormat && reader.ok() && reader.is_at_end()) return {};
  return Corruption(StrCat("stored details of ", what, " are not what their format promises"));
}

}  // namespace

std::string EncodeAudioDetails(const AudioClip& clip) {
  ByteWriter writer;
  writer.Put(kFormat);
  writer.Put(clip.sample_rate);
  writer.Put(clip.channels);
  writer.Put(clip.frames);
  writer.PutString(clip.content_type);
  writer.PutString(clip.label);
  return writer.Take();
}

Status DecodeAudioDetails(std::string_view bytes, AudioClip* clip) {
  ByteReader reader(bytes);
  const auto format = reader.Get<uint8_t>();
  clip->sample_rate = reader.Get<double>();
  clip->channels = reader.Get<int64_t>();
  clip->frames = reader.Get<int64_t>();
  clip->content_type = reader.GetString();
  clip->label = reader.GetString();
  return CheckEnd(reader, format, "an audio clip");
}

std::string EncodeTensorDetails(const TensorInfo& info) {
  ByteWriter writer;
  writer.Put(kFormat);
  writer.Put(int32_t{info.dtype});
  writer.PutVector(info.shape);
  return writer.Take();
}

Status DecodeTensorDetails(std::string_view bytes, TensorInfo* info) {
  ByteReader reader(bytes);
  const auto format = reader.Get<uint8_t>();
  info->dtype = reader.Get<int32_t>();
  info->shape = reader.GetVector<int64_t>();
  return CheckEnd(reader, format, "a tensor");
}

}  // namespace spirogram::store
