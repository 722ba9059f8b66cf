// What a listing shows of a value, kept apart from its bytes (table `record_details`): a list of
// clips must not read every clip. Each begins with a format byte, 1; numbers and strings as in
// value_codec.h.
//
//   audio   f64 sample rate, i64 channels, i64 frames, content type, label
//   tensor  i32 dtype, i64 vector shape
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "store/audio.h"
#include "store/tensor_value.h"

namespace spirogram::store {

std::string EncodeAudioDetails(const AudioClip& clip);
// Sets the named fields alone.
Status DecodeAudioDetails(std::string_view bytes, AudioClip* clip);

std::string EncodeTensorDetails(const TensorInfo& info);
// Sets the named fields alone.
Status DecodeTensorDetails(std::string_view bytes, TensorInfo* info);

}  // namespace spirogram::store
