// Leveled log lines. Libraries never print: they call these, and the program decides where the
// lines go. The default sink writes "2026-11-24T12:00:00.123Z W message" to stderr.
#pragma once

#include <functional>
#include <string_view>

namespace spirogram {

enum class LogLevel { kInfo, kWarning, kError };

using LogSink = std::function<void(LogLevel, std::string_view message)>;

// Replaces the sink; an empty function restores the default. Call it before threads start.
void SetLogSink(LogSink sink);

// Thread-safe; the sink is called under a lock, so lines never mix. Waits for no thread of the
// process that this one forked from.
void Log(LogLevel level, std::string_view message);
inline void LogInfo(std::string_view message) {
  Log(LogLevel::kInfo, message);
}
inline void LogWarning(std::string_view message) {
  Log(LogLevel::kWarning, message);
}
inline void LogError(std::string_view message) {
  Log(LogLevel::kError, message);
}

}  // namespace spirogram
