// Text of files on its way to a terminal.
#pragma once

#include <string>
#include <string_view>

namespace spirogram {

// What a terminal shows as text and nothing else: control characters but the end of a line, with
// which a file's name or content could rewrite what stands there, become escapes as "\x1b".
std::string ToPrintable(std::string_view bytes);

}  // namespace spirogram
