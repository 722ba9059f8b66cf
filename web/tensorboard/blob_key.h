// The opaque name of one image or clip: base64url of the JSON [experiment, run, tag, step, index],
// as TensorBoard's data server forms it, with the number of the value behind that where the step
// was logged before. A key names a thing in the store and nothing else; one
// that was made up finds at most what its parts name.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/types.h"

namespace spirogram::web::tensorboard {

struct BlobKey {
  std::string experiment;
  std::string run;
  std::string tag;
  Step step = 0;
  int index = 0;   // within the value's blobs
  int repeat = 0;  // of the step's values (store/answers.h)
};

std::string EncodeBlobKey(const BlobKey& key);

// kInvalidArgument when it is not what EncodeBlobKey makes of some key, byte for byte.
Result<BlobKey> DecodeBlobKey(std::string_view text);

}  // namespace spirogram::web::tensorboard
