#include "mapping/picture.h"

#include <gmock/gmock.h>
#include <png.h>

#include <cmath>
#include <string>
#include <vector>

#include "mapping/canvas.h"
#include "mapping/font.h"

namespace spirogram::mapping {
namespace {

struct Image {
  int width = 0;
  int height = 0;
  std::vector<uint8_t> rgb;
};

Image Decode(const std::string& bytes) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  EXPECT_NE(png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()), 0);
  image.format = PNG_FORMAT_RGB;
  Image decoded{static_cast<int>(image.width), static_cast<int>(image.height), {}};
  decoded.rgb.resize(PNG_IMAGE_SIZE(image));
  EXPECT_NE(png_image_finish_read(&image, nullptr, decoded.rgb.data(), 0, nullptr), 0);
  return decoded;
}

int64_t CountOf(const Image& image, Rgb colour) {
  int64_t count = 0;
  for (size_t i = 0; i < image.rgb.size(); i += 3) {
    count += Rgb{image.rgb[i], image.rgb[i + 1], image.rgb[i + 2]} == colour ? 1 : 0;
  }
  return count;
}

Map MapOf(std::vector<float> coordinates, int dims = 2) {
  Map map;
  map.dims = dims;
  map.points = std::ssize(coordinates) / dims;
  map.coordinates = std::move(coordinates);
  return map;
}

Colouring OneColour(int64_t points) {
  Colouring colouring;
  colouring.colours.assign(static_cast<size_t>(points), FromHex(kLightTheme.categories[0]));
  return colouring;
}

TEST(CanvasTest, SmoothsTheEdgeOfADisc) {
  Canvas canvas(21, 21, {0, 0, 0});
  canvas.FillDisc(10.5F, 10.5F, 5, {255, 255, 255}, 1);
  EXPECT_EQ(canvas.At(10, 10).red, 255);
  EXPECT_EQ(canvas.At(0, 0).red, 0);
  double area = 0;
  int between = 0;
  for (int y = 0; y < 21; ++y) {
    for (int x = 0; x < 21; ++x) {
      const int red = canvas.At(x, y).red;
      area += red / 255.0;
      between += red > 0 && red < 255 ? 1 : 0;
    }
  }
  EXPECT_NEAR(area, M_PI * 25, 3);
  EXPECT_GT(between, 8);
}

TEST(CanvasTest, CutsWhatLiesOutside) {
  Canvas canvas(4, 4, {0, 0, 0});
  canvas.FillDisc(-100, 2, 5, {255, 255, 255}, 1);
  canvas.FillDisc(4, 4, 1.5F, {255, 255, 255}, 1);
  canvas.FillRectangle(-5, -5, 6, 6, {9, 9, 9});
  EXPECT_EQ(canvas.At(0, 0).red, 9);
  EXPECT_EQ(canvas.At(3, 0).red, 0);
  EXPECT_GT(canvas.At(3, 3).red, 0);
}

TEST(FontTest, DrawsLettersOfSeveralScripts) {
  const Font font;
  for (const char* text : {"a", "\xC3\xA9", "\xCE\xB1", "\xD0\x96"}) {
    Canvas canvas(40, 40, {255, 255, 255});
    font.Draw(text, 30, 5, 20, {0, 0, 0}, &canvas);
    int dark = 0;
    for (int y = 0; y < 40; ++y) {
      for (int x = 0; x < 40; ++x) dark += canvas.At(x, y).red < 128 ? 1 : 0;
    }
    EXPECT_GT(dark, 20) << text;
  }
}

TEST(FontTest, CutsATextToItsRoom) {
  const Font font;
  EXPECT_EQ(font.Cut("short", 20, 1000), "short");
  const std::string cut = font.Cut("a long name of a category", 20, 100);
  EXPECT_TRUE(cut.ends_with("\xE2\x80\xA6"));
  EXPECT_LE(font.Width(cut, 20), 100);
  EXPECT_EQ(font.Cut("text", 20, 0), "\xE2\x80\xA6");
}

TEST(PictureTest, DrawsEachPointInItsColourOnTheGroundOfTheTheme) {
  const Map map = MapOf({0, 0, 1, 1, 2, 0});
  for (const bool is_dark : {false, true}) {
    const auto png = DrawMap(map, OneColour(3), {400, is_dark, ""});
    ASSERT_TRUE(png.ok());
    const Image image = Decode(*png);
    EXPECT_EQ(image.width, 400);
    EXPECT_EQ(image.height, 400);
    const Theme& theme = is_dark ? kDarkTheme : kLightTheme;
    EXPECT_EQ((Rgb{image.rgb[0], image.rgb[1], image.rgb[2]}), theme.surface);
    const int64_t ground = CountOf(image, theme.surface);
    EXPECT_LT(ground, 400 * 400);
    EXPECT_GT(ground, 400 * 400 * 9 / 10);
  }
}

TEST(PictureTest, ShowsALegendWithTheColourOfEachCategory) {
  Colouring colouring = OneColour(3);
  colouring.title = "kind";
  for (size_t i = 0; i < 20; ++i) {
    colouring.legend.push_back({"a name that is far too long for a legend of this size",
                                FromHex(kLightTheme.categories[i]), 1'234'567});
  }
  const auto png = DrawMap(MapOf({0, 0, 1, 1, 2, 0}), colouring, {800, false, "caption"});
  ASSERT_TRUE(png.ok());
  const Image image = Decode(*png);
  for (const uint32_t colour : kLightTheme.categories) {
    EXPECT_GT(CountOf(image, FromHex(colour)), 10);
  }
}

TEST(PictureTest, ShowsTheScaleOfNumbers) {
  Colouring colouring = OneColour(2);
  colouring.is_scale = true;
  for (int i = 0; i < 5; ++i) colouring.legend.push_back({"1.5", Rgb{}, 0});
  for (const bool is_dark : {false, true}) {
    const auto png = DrawMap(MapOf({0, 0, 1, 1}), colouring, {400, is_dark, ""});
    ASSERT_TRUE(png.ok());
    EXPECT_GT(CountOf(Decode(*png), ScaleColour(0, ThemeOf(is_dark))), 0);
    EXPECT_GT(CountOf(Decode(*png), ScaleColour(1, ThemeOf(is_dark))), 0);
    EXPECT_EQ(CountOf(Decode(*png), FromHex(kOtherColour)), 0);
  }
  colouring.without_number = {"no number", FromHex(kOtherColour), 7};
  const auto with_holes = DrawMap(MapOf({0, 0, 1, 1}), colouring, {400, false, ""});
  ASSERT_TRUE(with_holes.ok());
  EXPECT_GT(CountOf(Decode(*with_holes), FromHex(kOtherColour)), 0);
}

TEST(PictureTest, DrawsMapsWithoutExtentAndOfThreeDims) {
  EXPECT_TRUE(DrawMap(MapOf({5, 5}), OneColour(1), {200, false, ""}).ok());
  EXPECT_TRUE(DrawMap(MapOf({5, 5, 5, 5}), OneColour(2), {200, false, ""}).ok());
  EXPECT_TRUE(DrawMap(MapOf({1, 2, 3, 4, 5, 6}, 3), OneColour(2), {200, false, ""}).ok());
  EXPECT_TRUE(DrawMap(MapOf({-1e30F, 0, 1e30F, 0}), OneColour(2), {200, false, ""}).ok());
}

TEST(PictureTest, RefusesSizesOutOfRangeAndMapsOfOneDim) {
  EXPECT_FALSE(DrawMap(MapOf({0, 0}), OneColour(1), {199, false, ""}).ok());
  EXPECT_FALSE(DrawMap(MapOf({0, 0}), OneColour(1), {100'000, false, ""}).ok());
  EXPECT_FALSE(DrawMap(MapOf({0, 1}, 1), OneColour(2), {400, false, ""}).ok());
}

}  // namespace
}  // namespace spirogram::mapping
