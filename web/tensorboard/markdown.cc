// The blocks of a document; markdown_inline.cc renders what stands within them.
#include "web/tensorboard/markdown.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/str.h"

namespace spirogram::web::tensorboard {
namespace {

constexpr size_t kCodeIndent = 4;
// Of quotes and lists within each other.
constexpr int kDepthMax = 8;

using Lines = std::vector<std::string_view>;

size_t Indent(std::string_view line) {
  return std::min(line.find_first_not_of(' '), line.size());
}

bool IsBlank(std::string_view line) {
  return line.find_first_not_of(" \t") == std::string_view::npos;
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// "---", "***" or "___", with or without spaces between.
bool IsRule(std::string_view line) {
  const std::string_view text = Trim(line);
  if (text.empty() || std::string_view("-*_").find(text[0]) > 2) return false;
  const auto is_other = [&](char c) { return c != text[0] && c != ' '; };
  return std::count(text.begin(), text.end(), text[0]) >= 3 &&
         std::none_of(text.begin(), text.end(), is_other);
}

// "- ", "* ", "+ " or "12. " before the text of a list's item.
struct Marker {
  bool is_ordered = false;
  size_t bytes = 0;
};

std::optional<Marker> ListMarker(std::string_view line) {
  const size_t indent = Indent(line);
  if (indent >= kCodeIndent) return std::nullopt;
  const size_t digits_end = std::min(line.find_first_not_of("0123456789", indent), line.size());
  const bool is_ordered = digits_end > indent;
  const size_t sign = is_ordered ? digits_end : indent;
  if (sign + 1 >= line.size() || line[sign + 1] != ' ') return std::nullopt;
  const bool is_marker =
      is_ordered ? line[sign] == '.' : std::string_view("-*+").find(line[sign]) < 3;
  if (!is_marker || IsRule(line)) return std::nullopt;
  return Marker{is_ordered, sign + 2};
}

size_t HeadingLevel(std::string_view line) {
  const size_t level = std::min(line.find_first_not_of('#'), line.size());
  return level <= 6 ? level : 0;
}

bool IsFence(std::string_view line) {
  return line.substr(0, 3) == "```" || line.substr(0, 3) == "~~~";
}

// Where the cell at the front of `row` ends: at a bar that is neither escaped nor within code.
size_t CellEnd(std::string_view row) {
  for (size_t i = 0; i < row.size(); ++i) {
    if (row[i] == '|') return i;
    if (row[i] == '\\') ++i;
    if (i < row.size() && row[i] == '`') {
      const size_t closing = row.find('`', i + 1);
      if (closing != std::string_view::npos) i = closing;
    }
  }
  return row.size();
}

Lines Cells(std::string_view row) {
  row = Trim(row);
  if (!row.empty() && row.front() == '|') row.remove_prefix(1);
  Lines cells;
  while (true) {
    const size_t end = CellEnd(row);
    cells.push_back(Trim(row.substr(0, end)));
    // A bar at the end of the line closes the last cell and begins none.
    if (end + 1 >= row.size()) return cells;
    row.remove_prefix(end + 1);
  }
}

// 1 for a line of "=", 2 for one of "-": what stands above it is a heading.
size_t UnderlineLevel(std::string_view line) {
  line = Trim(line);
  if (line.empty() || (line[0] != '=' && line[0] != '-')) return 0;
  if (line.find_first_not_of(line[0]) != std::string_view::npos) return 0;
  return line[0] == '=' ? 1 : 2;
}

// "|---|:--:|" below a table's header.
bool IsTableRule(std::string_view line) {
  if (line.find('-') == std::string_view::npos || line.find('|') == std::string_view::npos) {
    return false;
  }
  const Lines cells = Cells(line);
  return std::all_of(cells.begin(), cells.end(), [](std::string_view cell) {
    return !cell.empty() && cell.find_first_not_of("-:") == std::string_view::npos;
  });
}

// An item of a list.
struct Item {
  std::string text;
  Lines within;
  // A blank line is between the two.
  bool is_apart = false;
};

// One document, or the inside of a block quote or of a list's item.
class Blocks {
 public:
  // `padding` is how many cells may still be filled up in rows that are shorter than their header.
  Blocks(Lines lines, int depth, size_t* padding)
      : lines_(std::move(lines)), depth_(depth), padding_(padding) {}

  std::string Render() {
    while (at_ < lines_.size()) {
      if (IsBlank(lines_[at_])) {
        ++at_;
      } else if (!Fence() && !IndentedCode() && !Heading() && !Rule() && !Quote() && !List() &&
                 !Table() && !UnderlinedHeading()) {
        Paragraph();
      }
    }
    return std::move(out_);
  }

 private:
  std::string* Begin() {
    if (!out_.empty()) out_.push_back('\n');
    return &out_;
  }

  void Code(const Lines& code) {
    Begin()->append("<pre><code>");
    for (std::string_view line : code) out_.append(EscapeHtml(line)).push_back('\n');
    out_.append("</code></pre>");
  }

  bool Fence() {
    if (!IsFence(lines_[at_])) return false;
    const std::string_view fence = lines_[at_].substr(0, 3);
    Lines code;
    size_t end = at_ + 1;
    while (end < lines_.size() && lines_[end].substr(0, 3) != fence) code.push_back(lines_[end++]);
    if (end == lines_.size()) {
      // Without its end it is text; the search need not be made again.
      code.insert(code.begin(), lines_[at_]);
      Begin()->append("<p>");
      for (std::string_view line : code) {
        out_.append(line.data() == code[0].data() ? "" : "\n").append(EscapeHtml(line));
      }
      out_.append("</p>");
    } else {
      Code(code);
    }
    at_ = std::min(end + 1, lines_.size());
    return true;
  }

  bool IndentedCode() {
    if (Indent(lines_[at_]) < kCodeIndent) return false;
    Lines code;
    for (; at_ < lines_.size() && (IsBlank(lines_[at_]) || Indent(lines_[at_]) >= kCodeIndent);
         ++at_) {
      const std::string_view line = lines_[at_];
      code.push_back(IsBlank(line) ? std::string_view() : line.substr(kCodeIndent));
    }
    while (code.back().empty()) code.pop_back();
    Code(code);
    return true;
  }

  void WriteHeading(size_t level, std::string_view text) {
    const std::string tag = StrCat("h", level, ">");
    Begin()->append("<").append(tag).append(InlineMarkdown(Trim(text))).append("</").append(tag);
  }

  bool Heading() {
    const size_t level = HeadingLevel(lines_[at_]);
    if (level == 0) return false;
    std::string_view text = Trim(lines_[at_].substr(level));
    while (!text.empty() && text.back() == '#') text.remove_suffix(1);
    WriteHeading(level, text);
    ++at_;
    return true;
  }

  bool UnderlinedHeading() {
    const size_t level = at_ + 1 < lines_.size() ? UnderlineLevel(lines_[at_ + 1]) : 0;
    if (level == 0) return false;
    WriteHeading(level, lines_[at_]);
    at_ += 2;
    return true;
  }

  bool Rule() {
    if (!IsRule(lines_[at_])) return false;
    Begin()->append("<hr>");
    ++at_;
    return true;
  }

  bool Quote() {
    if (lines_[at_][0] != '>' || depth_ >= kDepthMax) return false;
    Lines inside;
    for (; at_ < lines_.size() && !IsBlank(lines_[at_]); ++at_) {
      std::string_view line = lines_[at_];
      if (line[0] == '>') line.remove_prefix(line.substr(0, 2) == "> " ? 2 : 1);
      inside.push_back(line);
    }
    const std::string html = Blocks(std::move(inside), depth_ + 1, padding_).Render();
    Begin()->append("<blockquote>\n").append(html).append("\n</blockquote>");
    return true;
  }

  // The first line from `at` on that is not blank.
  size_t NextLine(size_t at) const {
    while (at < lines_.size() && IsBlank(lines_[at])) ++at;
    return at;
  }

  // What stands four columns in is within the item: lists, and behind a blank line any block. Other
  // lines up to the next item go on with its text.
  Item TakeItem(const Marker& marker) {
    Item item{std::string(Trim(lines_[at_].substr(marker.bytes))), {}, false};
    for (++at_; at_ < lines_.size(); ++at_) {
      if (IsBlank(lines_[at_])) {
        const size_t next = NextLine(at_);
        if (next == lines_.size() || Indent(lines_[next]) < kCodeIndent) break;
        item.is_apart |= item.within.empty();
        item.within.emplace_back();
        at_ = next;
      }
      const std::string_view line = lines_[at_];
      const bool is_within = Indent(line) >= kCodeIndent;
      if (ListMarker(line) || (!is_within && IsRule(line))) break;
      const std::string_view inner = is_within ? line.substr(kCodeIndent) : line;
      if (item.within.empty() && !ListMarker(inner) && !IsFence(inner)) {
        item.text.append("\n").append(Trim(line));
      } else {
        item.within.push_back(inner);
      }
    }
    return item;
  }

  // Items with blank lines between them are paragraphs, all of them.
  bool List() {
    const auto first = ListMarker(lines_[at_]);
    if (!first || depth_ >= kDepthMax) return false;
    std::vector<Item> items;
    bool is_apart = false;
    while (const auto marker = ListMarker(lines_[at_])) {
      items.push_back(TakeItem(*marker));
      const size_t next = NextLine(at_);
      if (next == lines_.size() || !ListMarker(lines_[next])) break;
      is_apart |= next != at_;
      at_ = next;
    }
    const std::string_view tag = first->is_ordered ? "ol" : "ul";
    Begin()->append("<").append(tag).append(">\n");
    for (Item& item : items) WriteItem(std::move(item), is_apart);
    out_.append("</").append(tag).append(">");
    return true;
  }

  void WriteItem(Item item, bool is_apart) {
    const std::string text = InlineMarkdown(item.text);
    const bool has_paragraph = is_apart || item.is_apart;
    out_.append("<li>");
    if (has_paragraph) {
      out_.append("\n<p>").append(text).append("</p>\n");
    } else {
      out_.append(text);
    }
    if (!item.within.empty()) {
      out_.append(Blocks(std::move(item.within), depth_ + 1, padding_).Render()).append("\n");
    }
    out_.append("</li>\n");
  }

  void Row(const Lines& cells, size_t columns, std::string_view tag) {
    out_.append("<tr>\n");
    for (size_t i = 0; i < columns; ++i) {
      if (i >= cells.size()) {
        if (*padding_ == 0) break;
        --*padding_;
      }
      out_.append("<").append(tag).append(">");
      if (i < cells.size()) out_.append(InlineMarkdown(cells[i]));
      out_.append("</").append(tag).append(">\n");
    }
    out_.append("</tr>\n");
  }

  bool Table() {
    if (at_ + 1 >= lines_.size() || lines_[at_].find('|') == std::string_view::npos) return false;
    const Lines header = Cells(lines_[at_]);
    if (!IsTableRule(lines_[at_ + 1]) || Cells(lines_[at_ + 1]).size() != header.size()) {
      return false;
    }
    Begin()->append("<table>\n<thead>\n");
    Row(header, header.size(), "th");
    out_.append("</thead>\n<tbody>\n");
    for (at_ += 2; at_ < lines_.size() && !IsBlank(lines_[at_]); ++at_) {
      Row(Cells(lines_[at_]), header.size(), "td");
    }
    out_.append("</tbody>\n</table>");
    return true;
  }

  void Paragraph() {
    std::string text;
    for (; at_ < lines_.size() && !IsBlank(lines_[at_]); ++at_) {
      const std::string_view line = lines_[at_];
      if (!text.empty() && (HeadingLevel(line) > 0 || IsFence(line))) break;
      text.append(text.empty() ? "" : "\n").append(line);
    }
    Begin()->append("<p>").append(InlineMarkdown(Trim(text))).append("</p>");
  }

  Lines lines_;
  int depth_;
  size_t* padding_;
  size_t at_ = 0;
  std::string out_;
};

}  // namespace

std::string MarkdownToSafeHtml(std::string_view text) {
  Lines lines = Split(text, '\n');
  for (std::string_view& line : lines) {
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  }
  // A wide header above many short rows would make a page of gigabytes out of a text of kilobytes.
  size_t padding = text.size();
  return Blocks(std::move(lines), 0, &padding).Render();
}

}  // namespace spirogram::web::tensorboard
