#include "app/map_progress.h"

#include <unistd.h>

#include <cmath>
#include <cstdio>

#include "base/printable.h"
#include "base/str.h"

namespace spirogram::app {
namespace {

constexpr int kBarWidth = 30;
constexpr std::chrono::milliseconds kTerminalInterval{100};
constexpr std::chrono::seconds kQuietInterval{5};

std::string Bar(double share) {
  const int full = static_cast<int>(share * kBarWidth);
  std::string bar = "[";
  for (int i = 0; i < kBarWidth; ++i) bar.push_back(i < full ? '#' : '.');
  return bar + "]";
}

}  // namespace

MapProgressLine::MapProgressLine()
    : is_terminal_(isatty(STDERR_FILENO) != 0), last_shown_(start_ - kQuietInterval) {
  if (!is_terminal_) last_shown_ = start_;
}

void MapProgressLine::Show(const mapping::MapProgress& progress) {
  const auto now = Clock::now();
  const bool is_new_stage = is_terminal_ && progress.stage != last_stage_;
  const auto interval = is_terminal_ ? Clock::duration(kTerminalInterval) : kQuietInterval;
  if (!is_new_stage && now - last_shown_ < interval) return;
  last_shown_ = now;
  last_stage_ = progress.stage;
  std::string text = StrCat(progress.stage);
  if (std::isfinite(progress.share)) {
    const std::string percent = StrCat(static_cast<int>(100 * progress.share), " %");
    text += is_terminal_ ? StrCat(" ", Bar(progress.share), " ", percent) : StrCat(" ", percent);
  }
  char numbers[64];
  if (std::isfinite(progress.kl_divergence)) {
    std::snprintf(numbers, sizeof numbers, ", KL %.3f", progress.kl_divergence);
    text += numbers;
  }
  std::snprintf(numbers, sizeof numbers, ", %.1f s",
                std::chrono::duration<double>(now - start_).count());
  text += numbers;
  std::fprintf(stderr, "%s%s%s", is_terminal_ ? "\r\033[K" : "", text.c_str(),
               is_terminal_ ? "" : "\n");
  is_open_ = is_terminal_;
}

void MapProgressLine::Note(const std::string& note) {
  End();
  std::fprintf(stderr, "spirogram: %s\n", ToPrintable(note).c_str());
}

void MapProgressLine::End() {
  if (is_open_) std::fputs("\r\033[K", stderr);
  is_open_ = false;
}

}  // namespace spirogram::app
