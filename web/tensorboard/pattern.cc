#include "web/tensorboard/pattern.h"

#include <re2/re2.h>

#include "base/str.h"

namespace spirogram::web::tensorboard {
namespace {

constexpr int64_t kProgramBytesMax = int64_t{8} << 20;

re2::StringPiece Piece(std::string_view text) {
  return {text.data(), text.size()};
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
  auto expression = std::make_unique<re2::RE2>(Piece(text), options);
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
