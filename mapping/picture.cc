#include "mapping/picture.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/str.h"
#include "mapping/canvas.h"
#include "mapping/font.h"
#include "mapping/report.h"

namespace spirogram::mapping {
namespace {

struct Box {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
};

struct Position {
  float x = 0;
  float y = 0;
};

// Rows that were left out are not.
bool IsOnMap(const Position& place) {
  return std::isfinite(place.x) && std::isfinite(place.y);
}

// The map's first two axes in the box, at one scale, y upwards.
std::vector<Position> Place(const Map& map, const Box& box, float margin) {
  float low[2];
  float high[2];
  const auto dims = static_cast<size_t>(map.dims);
  for (size_t axis = 0; axis < 2; ++axis) {
    low[axis] = std::numeric_limits<float>::infinity();
    high[axis] = -low[axis];
    for (size_t at = axis; at < map.coordinates.size(); at += dims) {
      low[axis] = std::min(low[axis], map.coordinates[at]);
      high[axis] = std::max(high[axis], map.coordinates[at]);
    }
  }
  const float width = static_cast<float>(box.width) - 2 * margin;
  const float height = static_cast<float>(box.height) - 2 * margin;
  const float extent_x = std::max(high[0] - low[0], 1e-30F);
  const float extent_y = std::max(high[1] - low[1], 1e-30F);
  const float scale = std::min(width / extent_x, height / extent_y);
  const float left = static_cast<float>(box.x) + static_cast<float>(box.width) / 2;
  const float middle = static_cast<float>(box.y) + static_cast<float>(box.height) / 2;
  std::vector<Position> places(static_cast<size_t>(map.points));
  for (size_t i = 0; i < places.size(); ++i) {
    places[i].x = left + (map.coordinates[i * dims] - (low[0] + high[0]) / 2) * scale;
    places[i].y = middle - (map.coordinates[i * dims + 1] - (low[1] + high[1]) / 2) * scale;
  }
  return places;
}

// An order that no column of the data has a say in: else the last class would lie on top.
std::vector<size_t> MixedOrder(size_t points) {
  std::vector<size_t> order(points);
  std::iota(order.begin(), order.end(), size_t{0});
  uint64_t state = 1;
  for (size_t i = points; i > 1; --i) {
    state = state * 6364136223846793005U + 1442695040888963407U;  // Knuth's MMIX
    std::swap(order[i - 1], order[(state >> 33) % i]);
  }
  return order;
}

// How many points lie in the cell of each point; cells are as wide as a point.
std::vector<int> CountNear(const std::vector<Position>& places, float cell, const Canvas& canvas) {
  const auto columns = static_cast<size_t>(static_cast<float>(canvas.width()) / cell) + 1;
  const auto rows = static_cast<size_t>(static_cast<float>(canvas.height()) / cell) + 1;
  std::vector<int> counts(columns * rows);
  const auto cell_of = [&](const Position& place) {
    return static_cast<size_t>(place.y / cell) * columns + static_cast<size_t>(place.x / cell);
  };
  for (const Position& place : places) {
    if (IsOnMap(place)) ++counts[cell_of(place)];
  }
  std::vector<int> near(places.size());
  for (size_t i = 0; i < places.size(); ++i) {
    if (IsOnMap(places[i])) near[i] = counts[cell_of(places[i])];
  }
  return near;
}

void DrawPoints(const Map& map, const Colouring& colouring, const Box& box, Canvas* canvas) {
  constexpr float kOpacityMin = 0.1F;
  constexpr float kOpacityMax = 0.9F;
  const auto side = static_cast<float>(std::min(box.width, box.height));
  const float radius =
      std::clamp(0.3F * side / std::sqrt(static_cast<float>(map.points)), side / 1400, side / 180);
  const std::vector<Position> places = Place(map, box, 2 * radius);
  const std::vector<int> near = CountNear(places, 2 * radius, *canvas);
  for (const size_t i : MixedOrder(places.size())) {
    if (!IsOnMap(places[i])) continue;
    const float opacity =
        std::clamp(1.4F / std::sqrt(static_cast<float>(near[i])), kOpacityMin, kOpacityMax);
    canvas->FillDisc(places[i].x, places[i].y, radius, colouring.colours[i], opacity);
  }
}

// What the parts of the legend share.
struct LegendStyle {
  const Font& font;
  const Theme& theme;
  float text = 0;  // its size
  int line = 0;    // from one to the next
};

std::string CountOf(const LegendEntry& entry) {
  return entry.points > 0 ? StrCat("  ", WithCommas(entry.points)) : std::string();
}

int LegendWidth(const Colouring& colouring, const LegendStyle& style, int width_max) {
  if (colouring.legend.empty()) return 0;
  float widest = style.font.Width(colouring.title, style.text);
  const auto make_room = [&](const LegendEntry& entry) {
    const float count = style.font.Width(CountOf(entry), style.text);
    widest = std::max(
        widest, style.font.Width(entry.label, style.text) + count + static_cast<float>(style.line));
  };
  std::ranges::for_each(colouring.legend, make_room);
  if (colouring.without_number) make_room(*colouring.without_number);
  return std::min(static_cast<int>(widest) + style.line, width_max);
}

void DrawEntry(const LegendEntry& entry, const LegendStyle& style, const Box& line,
               Canvas* canvas) {
  const int half_line = style.line / 2;
  const auto middle = static_cast<float>(line.y + half_line);
  canvas->FillDisc(static_cast<float>(line.x) + style.text * 0.4F, middle, style.text * 0.33F,
                   entry.colour, 1);
  const float x = static_cast<float>(line.x) + static_cast<float>(style.line);
  const std::string count = CountOf(entry);
  const float room =
      static_cast<float>(line.width - style.line) - style.font.Width(count, style.text);
  const std::string label = style.font.Cut(entry.label, style.text, room);
  style.font.Draw(label, style.text, x, middle, style.theme.text, canvas);
  style.font.Draw(count, style.text, x + style.font.Width(label, style.text), middle,
                  style.theme.muted, canvas);
}

void DrawCategories(const Colouring& colouring, const LegendStyle& style, Box box, Canvas* canvas) {
  for (const LegendEntry& entry : colouring.legend) {
    DrawEntry(entry, style, box, canvas);
    box.y += style.line;
  }
}

void DrawScale(const Colouring& colouring, const LegendStyle& style, const Box& box,
               Canvas* canvas) {
  const int height = style.line * 9;
  const int width = style.line * 3 / 4;
  for (int row = 0; row < height; ++row) {
    const double share = 1 - static_cast<double>(row) / (height - 1);
    canvas->FillRectangle(box.x, box.y + row, width, 1, ScaleColour(share, style.theme));
  }
  const auto steps = static_cast<float>(colouring.legend.size() - 1);
  const int gap = style.line / 3;
  for (size_t i = 0; i < colouring.legend.size(); ++i) {
    const float share = static_cast<float>(i) / steps;
    style.font.Draw(colouring.legend[i].label, style.text, static_cast<float>(box.x + width + gap),
                    static_cast<float>(box.y) + (1 - share) * static_cast<float>(height - 1),
                    style.theme.text, canvas);
  }
  if (!colouring.without_number) return;
  DrawEntry(*colouring.without_number, style,
            {box.x, box.y + height + style.line, box.width, style.line}, canvas);
}

void DrawLegend(const Colouring& colouring, const LegendStyle& style, Box box, Canvas* canvas) {
  const int half_line = style.line / 2;
  style.font.Draw(style.font.Cut(colouring.title, style.text, static_cast<float>(box.width)),
                  style.text, static_cast<float>(box.x), static_cast<float>(box.y + half_line),
                  style.theme.muted, canvas);
  box.y += style.line + half_line;
  if (colouring.is_scale) {
    DrawScale(colouring, style, box, canvas);
  } else {
    DrawCategories(colouring, style, box, canvas);
  }
}

}  // namespace

Result<std::string> DrawMap(const Map& map, const Colouring& colouring,
                            const PictureOptions& options) {
  if (options.size < kPictureSizeMin || options.size > kPictureSizeMax) {
    return InvalidArgument(StrCat("--size: got ", options.size, ", want ", kPictureSizeMin, " to ",
                                  kPictureSizeMax, " pixels"));
  }
  if (map.dims < 2) return InvalidArgument("a picture wants a map of at least 2 dims, got 1");
  CHECK(std::ssize(colouring.colours) == map.points);
  const Font font;
  const Theme& theme = ThemeOf(options.is_dark);
  const float text = static_cast<float>(options.size) / 62;
  const LegendStyle style{font, theme, text, static_cast<int>(text * 1.5F)};
  const int margin = options.size / 40;
  const int inside = options.size - 2 * margin;
  const int caption_height = options.caption.empty() ? 0 : 2 * style.line;
  const int legend_width = LegendWidth(colouring, style, inside / 4);
  const int gap = legend_width > 0 ? margin : 0;
  const Box plot{margin, margin, inside - legend_width - gap, inside - caption_height};

  Canvas canvas(options.size, options.size, theme.surface);
  DrawPoints(map, colouring, plot, &canvas);
  if (legend_width > 0) {
    DrawLegend(colouring, style, {plot.x + plot.width + gap, margin, legend_width, plot.height},
               &canvas);
  }
  if (caption_height > 0) {
    canvas.FillRectangle(margin, options.size - margin - style.line - style.line / 3, inside, 1,
                         theme.line);
    const int middle = options.size - margin - style.line / 2;
    font.Draw(font.Cut(options.caption, text, static_cast<float>(inside)), text,
              static_cast<float>(margin), static_cast<float>(middle), theme.muted, &canvas);
  }
  return canvas.ToPng();
}

}  // namespace spirogram::mapping
