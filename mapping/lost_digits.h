// What a table loses because maps are made of float32.
#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace spirogram::mapping {

// Numbers that lie close together and far from zero, as times since 1970 do, become a few values or
// one. Not thread-safe.
class LostDigits {
 public:
  explicit LostDigits(size_t columns) : ranges_(columns) {}

  // REQUIRES: column < columns. What is not finite does not count.
  void Add(size_t column, double number);

  // Names the column that is left with the fewest steps, by `name_of` its place, where a column is
  // left with less than 256: distances along it are off by up to 1/256 then.
  std::optional<std::string> Note(const std::function<std::string(size_t)>& name_of) const;

 private:
  struct Range {
    double low = std::numeric_limits<double>::infinity();
    double high = -std::numeric_limits<double>::infinity();
  };
  std::vector<Range> ranges_;
};

}  // namespace spirogram::mapping
