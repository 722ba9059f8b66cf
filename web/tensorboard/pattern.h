// Regular expressions from requests. Matching takes time linear in the text whatever the pattern is
// (RE2), so that no request can hold a worker; Python's lookaround and back references are
// therefore no patterns here.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"

namespace re2 {
class RE2;
}

namespace spirogram::web::tensorboard {

// Thread-safe once made.
class Pattern {
 public:
  // kInvalidArgument says what is wrong with `text`, or that its program is too large.
  static Result<Pattern> Compile(std::string_view text);
  Pattern(Pattern&&) noexcept;
  Pattern& operator=(Pattern&&) noexcept;
  ~Pattern();

  // Anywhere in the text, and from its first character on (not necessarily to its end).
  bool Finds(std::string_view text) const;
  bool MatchesStart(std::string_view text) const;

 private:
  explicit Pattern(std::unique_ptr<re2::RE2> expression);

  std::unique_ptr<re2::RE2> expression_;
};

}  // namespace spirogram::web::tensorboard
