// Audio values of both styles as clips: Summary.Audio, and DT_STRING tensors [k] or [k, 2] (clip,
// label) of the plugin `audio`. Stateless; the bytes of a clip point into the value's.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/audio.h"
#include "store/event_parser.h"

namespace spirogram::store {

struct EncodedAudio {
  AudioClip info;  // step, wall_time and index are the caller's
  std::string_view bytes;
};

// `content` is the AudioPluginData of the tag's metadata. kCorruption when the value is no audio.
Result<std::vector<EncodedAudio>> ToAudio(const ParsedValue& value, std::string_view content);

// Rate, channels and frames of a WAV file's header; false where it is none. Chunks that the file is
// too short for are taken as far as they go.
bool ReadWavHeader(std::string_view wav, AudioClip* clip);

}  // namespace spirogram::store
