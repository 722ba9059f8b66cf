// Layouts of custom scalar charts as the store answers them.
#pragma once

#include <string>
#include <vector>

namespace spirogram::store {

// A series with a band around it: three tags.
struct MarginSeries {
  std::string value;
  std::string lower;
  std::string upper;
};

struct CustomChart {
  enum class Kind { kNone, kMultiline, kMargin };

  std::string title;
  Kind kind = Kind::kNone;           // nothing was said of what it shows
  std::vector<std::string> tags;     // kMultiline: regular expressions that tags match
  std::vector<MarginSeries> series;  // kMargin
};

struct CustomCategory {
  std::string title;
  bool is_closed = false;
  std::vector<CustomChart> charts;
};

// All texts are valid UTF-8.
struct CustomScalarLayout {
  std::vector<CustomCategory> categories;
};

}  // namespace spirogram::store
