// What the routes of images and those of timeseries share.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "web/tensorboard/call.h"

namespace spirogram::web::tensorboard {

// A step's images begin with two blobs of text, width and height: the first image is blob 2.
inline constexpr int kBlobsBeforeImages = 2;

// The images of that index, one per step, in order.
Result<std::vector<store::ImageInfo>> ReadSamples(store::Store& store, const store::Tag& tag,
                                                  int64_t sample);

std::string ImageKey(const Call& call, const std::string& run, const store::Tag& tag,
                     const store::ImageInfo& image);

// The image that a key names, with the type that its first bytes tell. kNotFound, kInvalidArgument.
Result<Response> ServeImage(const Call& call, const std::string& key);

}  // namespace spirogram::web::tensorboard
