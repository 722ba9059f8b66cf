// DejaVu Sans, which lies in the program, drawn by stb_truetype. Its letters cover Latin, Greek,
// Cyrillic and more; what it lacks shows as its box.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "mapping/canvas.h"

namespace spirogram::mapping {

// Thread-safe: constant once made.
class Font {
 public:
  Font();
  ~Font();
  Font(const Font&) = delete;
  Font& operator=(const Font&) = delete;

  // Of valid UTF-8 in one line, in pixels; `size` is the line's height.
  float Width(std::string_view text, float size) const;
  // `x` is where it begins, `middle` the height of the middle of its capitals.
  void Draw(std::string_view text, float size, float x, float middle, Rgb colour,
            Canvas* canvas) const;
  // The text, or its beginning and an ellipsis, so that it is at most `width` wide.
  std::string Cut(std::string_view text, float size, float width) const;

 private:
  struct Face;
  std::unique_ptr<Face> face_;
};

}  // namespace spirogram::mapping
