#include "store/audio_value.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/str.h"
#include "base/wire.h"
#include "store/tensor.h"

namespace spirogram::store {
namespace {

using Payload = ParsedValue::Payload;
using Type = WireReader::Type;

constexpr uint64_t kEncodingWav = 11;  // AudioPluginData.Encoding

template <typename T>
T Load(std::string_view bytes, size_t offset) {
  T value{};
  if (offset + sizeof value <= bytes.size()) {
    std::memcpy(&value, bytes.data() + offset, sizeof value);
  }
  return value;
}

std::string_view ContentTypeOf(std::string_view bytes) {
  const auto begins = [&](std::string_view magic) {
    return bytes.substr(0, magic.size()) == magic;
  };
  if (begins("RIFF") && bytes.size() >= 12 && bytes.substr(8, 4) == "WAVE") return "audio/wav";
  if (begins("OggS")) return "audio/ogg";
  if (begins("fLaC")) return "audio/flac";
  if (begins("ID3") || begins("\xFF\xFB") || begins("\xFF\xF3")) return "audio/mpeg";
  return "";
}

bool IsWavContent(std::string_view content) {
  bool is_wav = false;
  WireReader reader(content);
  while (reader.Next()) {
    if (reader.Is(2, Type::kVarint)) is_wav = reader.number() == kEncodingWav;
  }
  return is_wav;
}

// What the event does not say, the clip's own bytes may.
void CompleteFromBytes(EncodedAudio* audio) {
  AudioClip& clip = audio->info;
  clip.bytes = audio->bytes.size();
  if (clip.content_type.empty()) clip.content_type = ContentTypeOf(audio->bytes);
  AudioClip header;
  if (!ReadWavHeader(audio->bytes, &header)) return;
  if (clip.sample_rate <= 0) clip.sample_rate = header.sample_rate;
  if (clip.channels <= 0) clip.channels = header.channels;
  if (clip.frames <= 0) clip.frames = header.frames;
}

Result<std::vector<EncodedAudio>> MigrateAudio(std::string_view bytes) {
  EncodedAudio audio;
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.Is(1, Type::kFixed32)) {
      const auto rate = static_cast<double>(reader.fixed32_float());
      audio.info.sample_rate = std::isfinite(rate) ? rate : 0;
    } else if (reader.Is(2, Type::kVarint)) {
      audio.info.channels = static_cast<int64_t>(reader.number());
    } else if (reader.Is(3, Type::kVarint)) {
      audio.info.frames = static_cast<int64_t>(reader.number());
    } else if (reader.Is(4, Type::kBytes)) {
      audio.bytes = reader.bytes();
    } else if (reader.Is(5, Type::kBytes)) {
      audio.info.content_type = ToValidUtf8(reader.bytes());
    }
  }
  if (!reader.ok()) return Corruption("audio: malformed message");
  CompleteFromBytes(&audio);
  return std::vector{std::move(audio)};
}

}  // namespace

Result<std::vector<EncodedAudio>> ToAudio(const ParsedValue& value, std::string_view content) {
  if (value.payload == Payload::kAudio) return MigrateAudio(value.bytes);
  if (value.payload != Payload::kTensor) return Corruption("value holds no audio");
  ASSIGN_OR_RETURN(const Tensor<std::string_view> tensor, ParseStringTensor(value.bytes));
  const bool is_labelled = tensor.shape.size() == 2 && tensor.shape[1] == 2;
  if (tensor.shape.size() != 1 && !is_labelled) {
    return Corruption("audio: the tensor's shape is neither [k] nor [k, 2]");
  }
  const size_t stride = is_labelled ? 2 : 1;
  std::vector<EncodedAudio> clips;
  for (size_t i = 0; i + stride <= tensor.values.size(); i += stride) {
    EncodedAudio audio;
    audio.bytes = tensor.values[i];
    if (is_labelled) audio.info.label = ToValidUtf8(tensor.values[i + 1]);
    if (IsWavContent(content)) audio.info.content_type = "audio/wav";
    CompleteFromBytes(&audio);
    clips.push_back(std::move(audio));
  }
  return clips;
}

bool ReadWavHeader(std::string_view wav, AudioClip* clip) {
  if (wav.size() < 12 || wav.substr(0, 4) != "RIFF" || wav.substr(8, 4) != "WAVE") return false;
  bool has_format = false;
  uint64_t frame_bytes = 0;
  for (uint64_t at = 12; at + 8 <= wav.size();) {
    const std::string_view id = wav.substr(at, 4);
    const uint64_t declared = Load<uint32_t>(wav, at + 4);
    const uint64_t size = std::min<uint64_t>(declared, wav.size() - at - 8);
    if (id == "fmt " && size >= 16) {
      has_format = true;
      clip->channels = Load<uint16_t>(wav, at + 10);
      clip->sample_rate = Load<uint32_t>(wav, at + 12);
      frame_bytes = Load<uint16_t>(wav, at + 20);
    } else if (id == "data") {
      if (frame_bytes > 0) clip->frames = static_cast<int64_t>(size / frame_bytes);
      return has_format;
    }
    at += 8 + declared + (declared & 1);  // chunks begin at even offsets
  }
  return has_format;
}

}  // namespace spirogram::store
