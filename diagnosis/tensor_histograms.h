// What a histogram of a tensor proves without a threshold, and how tensors are named in a sentence.
// Pure functions.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>

#include "base/str.h"
#include "store/answers.h"

namespace spirogram::diagnosis {

// Whether each value of the tensor is exactly 0.
bool IsZero(const store::Histogram& histogram);

// To the last bit: the outermost edges are the smallest and the largest value.
bool IsSame(const store::Histogram& a, const store::Histogram& b);

// "fc1.weight, fc2.weight and 3 more", of pointers to entries of a map by tag.
std::string NamesOf(const auto& group) {
  constexpr size_t kNamed = 4;
  std::string names;
  for (size_t i = 0; i < std::min(group.size(), kNamed); ++i) {
    names += (i > 0 ? ", " : "") + Excerpt(group[i]->first);
  }
  if (group.size() > kNamed) names += StrCat(" and ", group.size() - kNamed, " more");
  return names;
}

}  // namespace spirogram::diagnosis
