// How fast rows move that are used about as often and are known to learn: the measure for a row
// that does not. Comparing within a tenth of the frequencies keeps popular rows, which move more,
// from making rare rows look stalled. Not thread-safe.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace spirogram::diagnosis {

class PeerRates {
 public:
  // A row that learns: its touches in the window and its update ratio in the window.
  // REQUIRES: both are finite; all Add before Sort.
  void Add(double touches, double update_ratio) { peers_.emplace_back(touches, update_ratio); }

  // Splits the rows into at most 10 groups of equal size by touches, each of at least 10 rows.
  void Sort();

  size_t size() const { return peers_.size(); }

  // The median update ratio of the group of rows touched about as often. REQUIRES: Sort() was
  // called and there is a row.
  double MedianFor(double touches) const;

 private:
  struct Group {
    double touches_max;
    double median;
  };

  std::vector<std::pair<double, double>> peers_;
  std::vector<Group> groups_;
};

}  // namespace spirogram::diagnosis
