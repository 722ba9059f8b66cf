#include "web/tensorboard/pattern.h"

#include <re2/re2.h>

#include "base/str.h"

namespace spirogram::web::tensorboard {
namespace {

constexpr int64_t kProgramBytesMax = int64_t{8} << 20;

re2::StringPiece Piece(std::string_view text) {
  return {text.data(), text.size()};
}

// What Python's class of that letter is to RE2, whose own is ASCII; empty for other letters. Within
// brackets only what may stand there: the other ones keep to ASCII.
std::string_view UnicodeClass(char letter, bool is_in_brackets) {
  switch (letter) {
    case 'w':
      return is_in_brackets ? "_\\pL\\pN" : "[_\\pL\\pN]";
    case 'd':
      return "\\p{Nd}";
    case 'W':
      return is_in_brackets ? "" : "[^_\\pL\\pN]";
    case 'D':
      return "\\P{Nd}";
    case 'Z':
      return is_in_brackets ? "" : "\\z";
    default:
      return {};
  }
}

std::string ToRe2(std::string_view text) {
  std::string out;
  size_t bracket = std::string_view::npos;  // that is open
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' && i + 1 < text.size()) {
      const std::string_view known = UnicodeClass(text[++i], bracket != std::string_view::npos);
      out.append(known.empty() ? text.substr(i - 1, 2) : known);
      continue;
    }
    if (bracket == std::string_view::npos) {
      if (c == '[') bracket = i;
    } else if (c == ']') {
      // "[]a]" and "[^]a]" hold a bracket.
      const size_t first = bracket + (text[bracket + 1] == '^' ? 2 : 1);
      if (i != first) bracket = std::string_view::npos;
    }
    out.push_back(c);
  }
  return out;
}

}  // namespace

Pattern::Pattern(std::unique_ptr<re2::RE2> expression) : expression_(std::move(expression)) {}
Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;
Pattern::~Pattern() = default;

Result<Pattern> Pattern::Compile(std::string_view text) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kProgramBytesMax);
  auto expression = std::make_unique<re2::RE2>(Piece(ToRe2(text)), options);
  if (!expression->ok()) return InvalidArgument(StrCat("pattern: ", expression->error()));
  return Pattern(std::move(expression));
}

bool Pattern::Finds(std::string_view text) const {
  return re2::RE2::PartialMatch(Piece(text), *expression_);
}

bool Pattern::MatchesStart(std::string_view text) const {
  return expression_->Match(Piece(text), 0, text.size(), re2::RE2::ANCHOR_START, nullptr, 0);
}

}  // namespace spirogram::web::tensorboard
