#include <algorithm>
#include <map>
#include <optional>

#include "web/tensorboard/markdown.h"

namespace spirogram::web::tensorboard {
namespace {

// A span longer than this is text: keeps hostile input from making the search quadratic.
constexpr size_t kSpanBytesMax = 2000;
constexpr int kDepthMax = 8;
constexpr std::string_view kPunctuation = "\\`*_{}[]()#+-.!>|";

bool IsWordCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool IsSpace(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

size_t RunLength(std::string_view text, size_t at) {
  const size_t end = text.find_first_not_of(text[at], at);
  return std::min(end, text.size()) - at;
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
  return text;
}

std::string_view WithoutTitle(std::string_view target) {
  const size_t space = target.find(' ');
  if (space == std::string_view::npos) return target;
  const std::string_view title = Trim(target.substr(space));
  const bool is_title = title.size() >= 2 && title.front() == '"' && title.back() == '"';
  return is_title ? target.substr(0, space) : target;
}

// Renders one paragraph's text from front to back.
class Inline {
 public:
  Inline(std::string_view text, int depth) : text_(text), depth_(depth) {}

  std::string Render() {
    while (at_ < text_.size()) {
      if (!Escape() && !Code() && !Link() && !Emphasis() && !LineBreak()) {
        out_.append(EscapeHtml(text_.substr(at_++, 1)));
      }
    }
    return std::move(out_);
  }

 private:
  bool Escape() {
    if (text_[at_] != '\\' || at_ + 1 == text_.size()) return false;
    if (kPunctuation.find(text_[at_ + 1]) == std::string_view::npos) return false;
    out_.append(EscapeHtml(text_.substr(at_ + 1, 1)));
    at_ += 2;
    return true;
  }

  bool Code() {
    if (text_[at_] != '`') return false;
    const size_t ticks = RunLength(text_, at_);
    const std::string_view window = text_.substr(at_ + ticks, kSpanBytesMax);
    for (size_t i = window.find('`'); i < window.size(); i = window.find('`', i)) {
      const size_t closing = RunLength(window, i);
      if (closing == ticks) {
        out_.append("<code>").append(EscapeHtml(Trim(window.substr(0, i)))).append("</code>");
        at_ += ticks + i + ticks;
        return true;
      }
      i += closing;
    }
    out_.append(ticks, '`');
    at_ += ticks;
    return true;
  }

  // "[text](url)", "[text](url \"title\")"; an image is a link to it, because it is not loaded.
  bool Link() {
    const size_t mark = text_.substr(at_, 2) == "![" ? 1 : 0;
    if (text_[at_ + mark] != '[' || depth_ >= kDepthMax) return false;
    const std::string_view window = text_.substr(at_ + mark, kSpanBytesMax);
    const size_t middle = window.find("](");
    if (middle == std::string_view::npos || window.substr(1, middle).find('[') < middle - 1) {
      return false;
    }
    const size_t end = window.find(')', middle);
    if (end == std::string_view::npos) return false;
    const std::string_view url = WithoutTitle(window.substr(middle + 2, end - middle - 2));
    const bool is_safe = url.substr(0, 7) == "http://" || url.substr(0, 8) == "https://" ||
                         url.substr(0, 7) == "mailto:";
    if (!is_safe || url.find_first_of(" \t\r\n\"'<>\\") != std::string_view::npos) return false;
    out_.append("<a href=\"").append(EscapeHtml(url)).append("\">");
    out_.append(Inline(window.substr(1, middle - 1), depth_ + 1).Render()).append("</a>");
    at_ += mark + end + 1;
    return true;
  }

  // Where the delimiter run that closes what `delimiter` opens begins, from `from` on. What was
  // searched in vain for one opener is not searched again for the next: all of a text of openers
  // would be.
  std::optional<size_t> FindClosing(std::string_view delimiter, size_t from) {
    const std::string_view window = text_.substr(0, std::min(text_.size(), from + kSpanBytesMax));
    size_t& searched_to = searched_to_[delimiter];
    for (size_t i = window.find(delimiter, std::max(from, searched_to)); i < window.size();
         i = window.find(delimiter, i + 1)) {
      const size_t after = i + delimiter.size();
      const bool is_longer = after < text_.size() && text_[after] == delimiter[0];
      if (i == from || IsSpace(text_[i - 1]) || text_[i - 1] == '\\' || is_longer) continue;
      if (delimiter[0] == '_' && after < text_.size() && IsWordCharacter(text_[after])) continue;
      if (delimiter.size() == 1 && text_[i - 1] == delimiter[0]) continue;
      return i;
    }
    searched_to = window.size() - std::min(window.size(), delimiter.size() - 1);
    return std::nullopt;
  }

  bool Emphasis() {
    const char c = text_[at_];
    if (c != '*' && c != '_') return false;
    const size_t run = RunLength(text_, at_);
    const bool is_in_word = c == '_' && at_ > 0 && IsWordCharacter(text_[at_ - 1]);
    const size_t from = at_ + run;
    const bool can_open = run <= 3 && !is_in_word && depth_ < kDepthMax && from < text_.size() &&
                          !IsSpace(text_[from]);
    const auto closing = can_open ? FindClosing(text_.substr(at_, run), from) : std::nullopt;
    if (!closing) {
      out_.append(run, c);
      at_ = from;
      return true;
    }
    const bool is_strong = run >= 2;
    const bool is_slanted = run != 2;
    out_.append(is_strong ? "<strong>" : "").append(is_slanted ? "<em>" : "");
    out_.append(Inline(text_.substr(from, *closing - from), depth_ + 1).Render());
    out_.append(is_slanted ? "</em>" : "").append(is_strong ? "</strong>" : "");
    at_ = *closing + run;
    return true;
  }

  // Two spaces at the end of a line.
  bool LineBreak() {
    if (text_.substr(at_, 3) != "  \n") return false;
    out_.append("<br>\n");
    at_ += 3;
    return true;
  }

  std::string_view text_;
  int depth_;
  size_t at_ = 0;
  std::map<std::string_view, size_t> searched_to_;  // by delimiter: no closing one before
  std::string out_;
};

}  // namespace

std::string EscapeHtml(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (c == '&') {
      out.append("&amp;");
    } else if (c == '<') {
      out.append("&lt;");
    } else if (c == '>') {
      out.append("&gt;");
    } else if (c == '"') {
      out.append("&quot;");
    } else if (c != '\0') {
      out.push_back(c);
    }
  }
  return out;
}

std::string InlineMarkdown(std::string_view text) {
  return Inline(text, 0).Render();
}

}  // namespace spirogram::web::tensorboard
