// What somebody may have meant who misspelt a word.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace spirogram::app {

// The known word that takes the fewest changes of a letter (put in, left out, another, two swapped)
// to reach, or null where none is near: at most a third of the letters, and at least one, may
// differ.
const std::string* NearestWord(std::string_view word, const std::vector<std::string>& known);

}  // namespace spirogram::app
