#include "mapping/font.h"

#include <cmath>
#include <cstdint>
#include <vector>

#include "base/check.h"

#define STB_TRUETYPE_IMPLEMENTATION
#define STBTT_STATIC
#include <stb/stb_truetype.h>

namespace spirogram::mapping {

// cmake/embed.cmake makes it.
std::string_view FontFile();

namespace {

constexpr int kReplacement = 0xFFFD;
constexpr std::string_view kEllipsis = "\xE2\x80\xA6";

// The next code point of valid UTF-8, which is taken off.
int TakeCodePoint(std::string_view* text) {
  const auto lead = static_cast<unsigned char>(text->front());
  const size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (length > text->size()) {
    *text = {};
    return kReplacement;
  }
  int code = length == 1 ? lead : lead & (0xFF >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    code = (code << 6) | (static_cast<unsigned char>((*text)[i]) & 0x3F);
  }
  text->remove_prefix(length);
  return code < ' ' ? ' ' : code;
}

}  // namespace

struct Font::Face {
  stbtt_fontinfo info{};
  float cap_height = 0;  // in the font's units

  float ScaleFor(float size) const { return stbtt_ScaleForPixelHeight(&info, size); }
  float Advance(int code) const {
    int advance = 0;
    int bearing = 0;
    stbtt_GetCodepointHMetrics(&info, code, &advance, &bearing);
    return static_cast<float>(advance);
  }
};

Font::Font() : face_(std::make_unique<Face>()) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(FontFile().data());
  CHECK(stbtt_InitFont(&face_->info, bytes, stbtt_GetFontOffsetForIndex(bytes, 0)) != 0);
  int left = 0;
  int bottom = 0;
  int right = 0;
  int top = 0;
  stbtt_GetCodepointBox(&face_->info, 'H', &left, &bottom, &right, &top);
  face_->cap_height = static_cast<float>(top);
}

Font::~Font() = default;

float Font::Width(std::string_view text, float size) const {
  float units = 0;
  while (!text.empty()) units += face_->Advance(TakeCodePoint(&text));
  return units * face_->ScaleFor(size);
}

void Font::Draw(std::string_view text, float size, float x, float middle, Rgb colour,
                Canvas* canvas) const {
  const float scale = face_->ScaleFor(size);
  const int baseline = static_cast<int>(std::lround(middle + face_->cap_height * scale / 2));
  while (!text.empty() && x < static_cast<float>(canvas->width())) {
    const int code = TakeCodePoint(&text);
    const float whole = std::floor(x);
    int left = 0;
    int top = 0;
    int right = 0;
    int bottom = 0;
    stbtt_GetCodepointBitmapBoxSubpixel(&face_->info, code, scale, scale, x - whole, 0, &left, &top,
                                        &right, &bottom);
    const int width = right - left;
    const int height = bottom - top;
    if (width > 0 && height > 0) {
      std::vector<unsigned char> mask(static_cast<size_t>(width) * static_cast<size_t>(height));
      stbtt_MakeCodepointBitmapSubpixel(&face_->info, mask.data(), width, height, width, scale,
                                        scale, x - whole, 0, code);
      for (int row = 0; row < height; ++row) {
        for (int column = 0; column < width; ++column) {
          const auto at =
              static_cast<size_t>(row) * static_cast<size_t>(width) + static_cast<size_t>(column);
          canvas->Blend(static_cast<int>(whole) + left + column, baseline + top + row, colour,
                        static_cast<float>(mask[at]) / 255.0F);
        }
      }
    }
    x += face_->Advance(code) * scale;
  }
}

std::string Font::Cut(std::string_view text, float size, float width) const {
  const float scale = face_->ScaleFor(size);
  const float room = width - Width(kEllipsis, size);
  float used = 0;
  std::string_view rest = text;
  size_t kept = 0;
  while (!rest.empty()) {
    used += face_->Advance(TakeCodePoint(&rest)) * scale;
    if (used <= room) kept = text.size() - rest.size();
    if (used > width) return std::string(text.substr(0, kept)) + std::string(kEllipsis);
  }
  return std::string(text);
}

}  // namespace spirogram::mapping
