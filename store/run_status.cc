#include "store/run_status.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/str.h"

namespace spirogram::store {
namespace {

constexpr double kSilenceMinS = 60;
constexpr double kGapsOfSilence = 10;
// A run that was alive within this time may yet go on; after it, it has stopped.
constexpr double kAliveMinS = 3600;
constexpr double kGapsAlive = 100;

std::string Amount(double amount, const char* unit) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, amount, std::chars_format::general,
                                 amount < 10 ? 2 : 3);
  return StrCat(std::string_view(buffer, static_cast<size_t>(end.ptr - buffer)), " ", unit);
}

// "0.25 s", "42 s", "5 min", "2.5 h", "3 days": a reader wants the size, not the digits.
std::string Words(double seconds) {
  if (seconds < 120) return Amount(seconds < 10 ? seconds : std::round(seconds), "s");
  if (seconds < 7200) return Amount(std::round(seconds / 60), "min");
  if (seconds < 172'800) return Amount(std::round(seconds / 360) / 10, "h");
  return StrCat(static_cast<int64_t>(std::min(seconds / 86'400, 1e9)), " days");
}

std::string Gap(const RunEvidence& evidence) {
  if (evidence.usual_gap_s <= 0) return "its usual gap between steps is not known";
  return StrCat("its usual gap between steps is ", Words(evidence.usual_gap_s));
}

// Nothing where the run said nothing, or went on after it had.
std::optional<RunVerdict> JudgeEnd(const RunEvidence& evidence) {
  if (evidence.end == RunEnd::kNotSaid) return std::nullopt;
  if (evidence.end_time) {
    if (evidence.newest_session_start > *evidence.end_time) return std::nullopt;
    if (evidence.last_wall_time - *evidence.end_time > kSilenceMinS) return std::nullopt;
  }
  switch (evidence.end) {
    case RunEnd::kFailure:
      return RunVerdict{RunStatus::kFailed, "It said that it failed (hparams session end)."};
    case RunEnd::kUnknown:
      return RunVerdict{RunStatus::kStopped,
                        "It was stopped: it said that it ended, but neither that it succeeded nor "
                        "that it failed (hparams session end)."};
    case RunEnd::kStop:
      return RunVerdict{RunStatus::kFinished, "Its writer closed the session (SessionLog STOP)."};
    default:
      return RunVerdict{RunStatus::kFinished, "It said that it succeeded (hparams session end)."};
  }
}

std::string WentOn(const RunEvidence& evidence) {
  return evidence.end == RunEnd::kNotSaid ? "" : " It went on after it had said that it ended.";
}

}  // namespace

bool IsSessionEnd(RunEnd end) {
  return end == RunEnd::kSuccess || end == RunEnd::kFailure || end == RunEnd::kUnknown;
}

double SilenceLimit(const RunEvidence& evidence) {
  return std::max(kSilenceMinS, kGapsOfSilence * evidence.usual_gap_s);
}

RunVerdict JudgeRun(const RunEvidence& evidence, WallTime now) {
  if (!evidence.has_events) return {RunStatus::kStopped, "It has no event yet."};
  if (auto said = JudgeEnd(evidence)) return *std::move(said);
  const double silence = now - evidence.last_wall_time;
  const double limit = SilenceLimit(evidence);
  if (silence < -limit) {
    return {RunStatus::kStopped,
            StrCat("Its last event is dated ", Words(-silence),
                   " ahead of this machine's clock, so its silence cannot be told.")};
  }
  if (silence <= limit) {
    return {RunStatus::kRunning, StrCat("Its last event is ", Words(std::max(0.0, silence)),
                                        " old; ", Gap(evidence), ".", WentOn(evidence))};
  }
  if (!evidence.torn_file.empty()) {
    return {RunStatus::kCrashed, StrCat("Silent for ", Words(silence), ", and ", evidence.torn_file,
                                        " ends within a record: ", evidence.torn_bytes,
                                        " bytes of it at offset ", evidence.torn_offset, ".")};
  }
  const double alive = std::max(kAliveMinS, kGapsAlive * evidence.usual_gap_s);
  if (silence <= alive) {
    return {RunStatus::kStalled, StrCat("Silent for ", Words(silence), "; ", Gap(evidence),
                                        ", and it did not say that it ended.", WentOn(evidence))};
  }
  return {RunStatus::kStopped, StrCat("Silent for ", Words(silence),
                                      ", and it did not say that it ended.", WentOn(evidence))};
}

}  // namespace spirogram::store
