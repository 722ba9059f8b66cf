#include "mapping/canvas.h"

#include <png.h>

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "base/str.h"

namespace spirogram::mapping {

Canvas::Canvas(int width, int height, Rgb background) : width_(width), height_(height) {
  CHECK(width >= 1 && height >= 1);
  samples_.resize(static_cast<size_t>(width) * static_cast<size_t>(height) * 3);
  FillRectangle(0, 0, width, height, background);
}

void Canvas::Blend(int x, int y, Rgb colour, float coverage) {
  if (x < 0 || y < 0 || x >= width_ || y >= height_) return;
  float* sample = &samples_[IndexOf(x, y)];
  sample[0] += coverage * (static_cast<float>(colour.red) - sample[0]);
  sample[1] += coverage * (static_cast<float>(colour.green) - sample[1]);
  sample[2] += coverage * (static_cast<float>(colour.blue) - sample[2]);
}

void Canvas::FillDisc(float x, float y, float radius, Rgb colour, float opacity) {
  const float reach = radius + 0.5F;
  const int right = std::min(static_cast<int>(std::floor(x + reach)), width_ - 1);
  const int bottom = std::min(static_cast<int>(std::floor(y + reach)), height_ - 1);
  for (int row = std::max(static_cast<int>(std::floor(y - reach)), 0); row <= bottom; ++row) {
    for (int column = std::max(static_cast<int>(std::floor(x - reach)), 0); column <= right;
         ++column) {
      const float dx = static_cast<float>(column) + 0.5F - x;
      const float dy = static_cast<float>(row) + 0.5F - y;
      const float coverage = reach - std::sqrt(dx * dx + dy * dy);
      if (coverage > 0) Blend(column, row, colour, opacity * std::min(coverage, 1.0F));
    }
  }
}

void Canvas::FillRectangle(int x, int y, int width, int height, Rgb colour) {
  for (int row = y; row < y + height; ++row) {
    for (int column = x; column < x + width; ++column) Blend(column, row, colour, 1);
  }
}

Rgb Canvas::At(int x, int y) const {
  const size_t at = IndexOf(x, y);
  const auto byte = [&](size_t channel) {
    return static_cast<uint8_t>(std::lround(std::clamp(samples_[at + channel], 0.0F, 255.0F)));
  };
  return {byte(0), byte(1), byte(2)};
}

Result<std::string> Canvas::ToPng() const {
  std::vector<uint8_t> pixels(samples_.size());
  for (size_t i = 0; i < samples_.size(); ++i) {
    pixels[i] = static_cast<uint8_t>(std::lround(std::clamp(samples_[i], 0.0F, 255.0F)));
  }
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(width_);
  image.height = static_cast<png_uint_32>(height_);
  image.format = PNG_FORMAT_RGB;
  png_alloc_size_t bytes = PNG_IMAGE_PNG_SIZE_MAX(image);
  std::string png(bytes, '\0');
  if (png_image_write_to_memory(&image, png.data(), &bytes, 0, pixels.data(), 0, nullptr) == 0) {
    return Internal(StrCat("PNG: ", image.message));
  }
  png.resize(bytes);
  return png;
}

}  // namespace spirogram::mapping
