// PNG encoding (ISO/IEC 15948) of 8-bit images, on zlib. A whole PNG library would bring decoding,
// palettes and interlacing that a logger never writes.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/result.h"

namespace spirogram::logger {

// Samples row-major and interleaved: 1 (grey), 3 (RGB) or 4 (RGBA) channels.
// REQUIRES: pixels.size() == width * height * channels, all positive.
Result<std::string> EncodePng(std::span<const uint8_t> pixels, int width, int height, int channels);

}  // namespace spirogram::logger
