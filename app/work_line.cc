#include "app/work_line.h"

#include <unistd.h>

#include <cstdio>

#include "base/str.h"

namespace spirogram::app {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kInterval{250};

}  // namespace

std::string Mebibytes(uint64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f MiB", static_cast<double>(bytes) / (1 << 20));
  return text;
}

WorkLine::WorkLine()
    : is_terminal_(isatty(STDERR_FILENO) != 0), last_shown_(steady_clock::now() - kInterval) {}

WorkLine::~WorkLine() {
  if (is_shown_) std::fputs("\r\033[K", stderr);
}

bool WorkLine::IsDue() const {
  return is_terminal_ && steady_clock::now() - last_shown_ >= kInterval;
}

void WorkLine::Show(const std::string& text) {
  if (!IsDue()) return;
  std::fprintf(stderr, "\r%s\033[K", text.c_str());
  std::fflush(stderr);
  last_shown_ = steady_clock::now();
  is_shown_ = true;
}

void WorkLine::ShowBytes(const std::string& what, uint64_t done, uint64_t of) {
  if (!IsDue()) return;
  Show(StrCat(what, ": ", Mebibytes(done), of > 0 ? " of " + Mebibytes(of) : std::string()));
}

}  // namespace spirogram::app
