#include "app/nearest_word.h"

#include <algorithm>
#include <numeric>

namespace spirogram::app {
namespace {

// Levenshtein's distance with neighbours that changed places as one change, three rows of its table
// at a time.
size_t ChangesBetween(std::string_view a, std::string_view b) {
  std::vector<size_t> before_last(b.size() + 1);
  std::vector<size_t> last(b.size() + 1);
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    before_last.swap(last);
    last.swap(row);
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t changed = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({changed, last[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
  }
  return row.back();
}

}  // namespace

const std::string* NearestWord(std::string_view word, const std::vector<std::string>& known) {
  const std::string* nearest = nullptr;
  size_t least = std::max<size_t>(1, word.size() / 3) + 1;
  if (word.size() > 100) return nullptr;  // nobody's slip, and the table would be large
  for (const std::string& candidate : known) {
    const size_t changes = ChangesBetween(word, candidate);
    if (changes >= least) continue;
    least = changes;
    nearest = &candidate;
  }
  return nearest;
}

}  // namespace spirogram::app
