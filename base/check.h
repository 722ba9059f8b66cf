// CHECK(condition): a mistake of our own aborts with file, line and the condition. Never for input:
// what comes from outside is an Error (base/result.h).
#pragma once

namespace spirogram {

// Prints "file:line: CHECK failed: condition" to stderr and aborts.
[[noreturn]] void CheckFailed(const char* file, int line, const char* condition);

}  // namespace spirogram

#define CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::spirogram::CheckFailed(__FILE__, __LINE__, #condition))
