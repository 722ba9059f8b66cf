// The media type of an image. Pure.
#pragma once

#include <string_view>

namespace spirogram::web::tensorboard {

// Told by the first bytes, never by what a file or a client claims, and never a type that runs
// script: "application/octet-stream" for what is none of web::ImageType's kinds, and for WebP, of
// which TensorBoard knows no more; browsers show it all the same.
std::string_view ImageType(std::string_view bytes);

}  // namespace spirogram::web::tensorboard
