#include "app/progress_line.h"

#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <utility>

#include "base/str.h"

namespace spirogram::app {
namespace {

constexpr double kIntervalWithoutTerminalSeconds = 5;

}  // namespace

std::string FormatSeconds(double seconds) {
  const auto whole = static_cast<int64_t>(std::llround(std::fmax(seconds, 0)));
  if (whole < 60) return StrCat(whole, " s");
  const int64_t rest = whole % 60;
  return StrCat(whole / 60, " min ", rest < 10 ? "0" : "", rest, " s");
}

ProgressLine::ProgressLine(std::string name)
    : name_(std::move(name)), is_terminal_(isatty(STDERR_FILENO) != 0) {}

void ProgressLine::Show(const trainer::Progress& progress) {
  const double interval = is_terminal_ ? 0.25 : kIntervalWithoutTerminalSeconds;
  if (progress.seconds - last_shown_seconds_ < interval) return;
  last_shown_seconds_ = progress.seconds;
  const std::string of = progress.steps > 0 ? StrCat(" of ", progress.steps) : "";
  std::fprintf(stderr, "%s%s: step %lld%s, loss %.4f, %.0f samples/s, %s left%s",
               is_terminal_ ? "\r\033[K" : "", name_.c_str(), static_cast<long long>(progress.step),
               of.c_str(), std::isnan(progress.loss) ? NAN : progress.loss,
               progress.samples_per_second, FormatSeconds(progress.seconds_left).c_str(),
               is_terminal_ ? "" : "\n");
  is_open_ = is_terminal_;
}

void ProgressLine::End() {
  if (is_open_) std::fputc('\n', stderr);
  is_open_ = false;
}

}  // namespace spirogram::app
