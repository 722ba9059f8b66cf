// The path below which a server answers where a reverse proxy leads several servers' pages through
// one address: TensorBoard's --path_prefix. The pages themselves name everything relative to where
// they were loaded from, so that a proxy may as well take its prefix off before it asks.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace spirogram::web {

// Immutable, so thread-safe.
class PathPrefix {
 public:
  enum class Place {
    kBelow,    // the target is as it would be without a prefix now
    kAt,       // the prefix without a slash behind it: relative names do not hold there
    kOutside,  // neither; the target is as it was
  };

  PathPrefix() = default;

  // "/team/spirogram", with or without a slash at its end; "" and "/" are none. Letters, digits and
  // "-._~" between single slashes, at most 256 bytes: kInvalidArgument says what is not so.
  static Result<PathPrefix> Parse(std::string_view text);

  // Takes the prefix off a request's target.
  Place Enter(std::string* target) const;

  // "" or "/team/spirogram".
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace spirogram::web
