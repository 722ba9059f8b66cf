#include "transfer/text_format.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <vector>

namespace spirogram::transfer {
namespace {

// The cells of a run and a tag are spelled once, not once a point.
class SpelledNames {
 public:
  using Append = void (*)(std::string_view, std::string*);

  void Set(const Names& names, Append append) {
    runs_ = Spell(names.runs, append);
    tags_ = Spell(names.tags, append);
  }
  const std::string& run(const SeriesName& series) const { return runs_[series.run]; }
  const std::string& tag(const SeriesName& series) const { return tags_[series.tag]; }

 private:
  static std::vector<std::string> Spell(const std::vector<std::string>& names, Append append) {
    std::vector<std::string> spelled(names.size());
    for (size_t i = 0; i < names.size(); ++i) append(names[i], &spelled[i]);
    return spelled;
  }

  std::vector<std::string> runs_;
  std::vector<std::string> tags_;
};

class CsvFormat : public PointsFormat {
 public:
  Result<std::string> Begin(const Names& names) override {
    names_.Set(names, AppendCsvText);
    return std::string("run,tag,step,wall_time,value\r\n");
  }

  void AppendPoints(const SeriesName& series, const store::PointsChunk& points,
                    std::string* out) override {
    const std::string start = names_.run(series) + "," + names_.tag(series) + ",";
    for (size_t i = 0; i < points.size(); ++i) {
      out->append(start);
      AppendInteger(points.step[i], out);
      out->push_back(',');
      AppendNumber(points.wall_time[i], out);
      out->push_back(',');
      AppendNumber(points.value[i], out);
      out->append("\r\n");
    }
  }

  void AppendEnd(std::string*) override {}

 private:
  SpelledNames names_;
};

class JsonFormat : public PointsFormat {
 public:
  explicit JsonFormat(bool is_array) : is_array_(is_array) {}

  Result<std::string> Begin(const Names& names) override {
    names_.Set(names, AppendJsonText);
    return std::string(is_array_ ? "[" : "");
  }

  void AppendPoints(const SeriesName& series, const store::PointsChunk& points,
                    std::string* out) override {
    const std::string start = "{\"run\":" + names_.run(series) + ",\"tag\":" + names_.tag(series);
    for (size_t i = 0; i < points.size(); ++i) {
      if (is_array_) out->append(is_first_ ? "\n" : ",\n");
      is_first_ = false;
      out->append(start).append(",\"step\":");
      AppendInteger(points.step[i], out);
      out->append(",\"wall_time\":");
      AppendJsonNumber(points.wall_time[i], out);
      out->append(",\"value\":");
      AppendJsonNumber(points.value[i], out);
      out->append(is_array_ ? "}" : "}\n");
    }
  }

  void AppendEnd(std::string* out) override {
    if (is_array_) out->append("\n]\n");
  }

 private:
  // JSON has no word for what is not finite: the API's strings.
  static void AppendJsonNumber(double number, std::string* out) {
    if (std::isfinite(number)) return AppendNumber(number, out);
    out->push_back('"');
    AppendNumber(number, out);
    out->push_back('"');
  }

  const bool is_array_;
  bool is_first_ = true;
  SpelledNames names_;
};

}  // namespace

void AppendNumber(double number, std::string* out) {
  if (std::isnan(number)) {
    out->append("NaN");
  } else if (std::isinf(number)) {
    out->append(number > 0 ? "Infinity" : "-Infinity");
  } else if (number == 0) {
    out->append(std::signbit(number) ? "-0.0" : "0");  // of "-0" readers of JSON make an integer
  } else {
    char buffer[32];
    out->append(buffer, std::to_chars(buffer, buffer + sizeof buffer, number).ptr);
  }
}

void AppendInteger(int64_t number, std::string* out) {
  char buffer[24];
  out->append(buffer, std::to_chars(buffer, buffer + sizeof buffer, number).ptr);
}

void AppendCsvText(std::string_view text, std::string* out) {
  // An empty name would be taken for a missing one.
  const bool is_guarded =
      text.empty() || std::string_view("=+-@\t\r'").find(text[0]) != std::string_view::npos;
  // A lone space at an end would not survive every reader.
  const bool is_quoted = text.find_first_of("\",\r\n") != std::string_view::npos ||
                         text.starts_with(' ') || text.ends_with(' ');
  if (is_quoted) out->push_back('"');
  if (is_guarded) out->push_back('\'');
  for (const char c : text) {
    if (c == '"') out->push_back('"');
    out->push_back(c);
  }
  if (is_quoted) out->push_back('"');
}

bool IsMeaningfulColumn(std::string_view name) {
  constexpr std::string_view kMeaningful[] = {"run", "step",   "wall_time", "value",
                                              "tag", "metric", "key"};
  return std::find(std::begin(kMeaningful), std::end(kMeaningful), FoldColumn(name)) !=
         std::end(kMeaningful);
}

std::string FoldColumn(std::string_view name) {
  std::string folded;
  for (const char c : name) {
    folded.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c == ' ' ? '_' : c);
  }
  return folded;
}

void AppendCsvHeading(std::string_view tag, std::string* out) {
  if (IsMeaningfulColumn(tag)) out->push_back('\'');
  AppendCsvText(tag, out);
}

void AppendJsonText(std::string_view text, std::string* out) {
  static constexpr char kHex[] = "0123456789abcdef";
  out->push_back('"');
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out->push_back('\\');
      out->push_back(c);
    } else if (c == '\n') {
      out->append("\\n");
    } else if (byte < 0x20 || byte == 0x7f) {
      out->append("\\u00");
      out->push_back(kHex[byte >> 4]);
      out->push_back(kHex[byte & 15]);
    } else {
      out->push_back(c);
    }
  }
  out->push_back('"');
}

std::unique_ptr<PointsFormat> MakeCsvFormat() {
  return std::make_unique<CsvFormat>();
}
std::unique_ptr<PointsFormat> MakeJsonFormat() {
  return std::make_unique<JsonFormat>(true);
}
std::unique_ptr<PointsFormat> MakeJsonLinesFormat() {
  return std::make_unique<JsonFormat>(false);
}

}  // namespace spirogram::transfer
