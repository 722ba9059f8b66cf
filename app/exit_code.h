// The exit codes of every sub-command, as `spirogram --help` documents them; those of a program
// that a signal stopped are SignalStop's.
#pragma once

#include "base/result.h"

namespace spirogram::app {

inline constexpr int kExitOk = 0;
inline constexpr int kExitFailure = 1;      // anything not listed below
inline constexpr int kExitUsage = 2;        // unknown flag, missing or wrong value
inline constexpr int kExitNotFound = 3;     // logdir, file or data set missing
inline constexpr int kExitPermission = 4;   // not readable or not writable
inline constexpr int kExitUnavailable = 5;  // port in use, data directory held by another server
inline constexpr int kExitCorruption = 6;   // damaged database or data set
inline constexpr int kExitFindings = 10;    // doctor --fail-on: findings of that severity

// Prints "spirogram: <message>" to stderr and returns the code for the error.
int ReportError(const Error& error);

// Writes what stdout holds back. What could not be printed was not done: the code then says so, as
// for a report on a full disk.
int FlushStdout();

}  // namespace spirogram::app
