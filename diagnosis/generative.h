// Rules "posterior_collapse" and "discriminator_wins": what ends the training of a generative model
// while its losses look calm.
//
// A VAE whose divergence from the prior falls far below what it was before any training: its code
// says nothing of the sample any more, and what it makes is one mean of all. A GAN whose
// discriminator tells all that is made from all that is real: its loss is next to 0, and the
// generator gets no direction from it. Both by what the run itself began with: untrained encoders
// are near the prior, untrained discriminators guess. docs/diagnosis.md has the conditions. One
// object per run. Not thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "base/types.h"
#include "diagnosis/context.h"
#include "diagnosis/history.h"
#include "store/finding.h"

namespace spirogram::diagnosis {

class Generative {
 public:
  // A divergence, a reconstruction, or a loss of either side of a GAN.
  static bool Watches(std::string_view tag);

  // The next finite point.
  void Add(const std::string& tag, Step step, double value);

  // Appends a finding for each of the two, if any, and the checks: none for other models.
  void Conclude(const Context& context, store::Diagnosis* diagnosis) const;

 private:
  struct Track {
    int64_t points = 0;
    double first = 0;
    double lowest = 0;
    double level = 0;  // the median of the latest
    std::deque<double> latest;
    Step low_since = 0;      // the level has been below a tenth of the first since
    Step told_at = 0;        // with enough of them
    int64_t low_points = 0;  // since then
    History history;

    bool is_judged() const;
    bool IsLow() const;
  };
  using Tracks = std::map<std::string, Track, std::less<>>;

  static bool HasCollapsed(const Track& divergence);
  static bool HasWon(const Track& discriminator);
  // A generator's loss that has grown far, or null.
  const Tracks::value_type* LosingGenerator() const;
  store::Finding ReportCollapse(const Tracks::value_type& divergence) const;
  static store::Finding ReportWin(const Tracks::value_type& discriminator,
                                  const Tracks::value_type& generator);
  static void DescribeTrack(const Tracks::value_type& entry, store::Check* check);
  void ConcludeCollapse(const Context& context, store::Diagnosis* diagnosis) const;
  void ConcludeWin(store::Diagnosis* diagnosis) const;

  Tracks divergences_;
  Tracks discriminators_;
  Tracks generators_;
  std::string reconstruction_;  // the first tag of one, by name
};

}  // namespace spirogram::diagnosis
