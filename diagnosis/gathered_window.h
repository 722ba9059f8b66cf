// Windows of rows that are too short to tell anything, summed until they tell something: where a
// program logs every step, or every tenth, a window uses hardly any row often. Not thread-safe.
#pragma once

#include <optional>

#include "store/answers.h"

namespace spirogram::diagnosis {

class GatheredWindow {
 public:
  // What there is to judge by now: the window, or its sum with those before it; null while that is
  // less than 100 steps and uses fewer than 20 rows often. It lives until the next call, as long as
  // `window` at most. REQUIRES: the window comes after the last one.
  const store::EntityStats* Add(const store::EntityStats& window);

  void Clear() { waiting_.reset(); }

 private:
  std::optional<store::EntityStats> waiting_;
  store::EntityStats gathered_;
};

}  // namespace spirogram::diagnosis
