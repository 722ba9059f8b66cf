// Errors as values. std::expected is not in g++ 12 and nvcc 13 has no C++23, so this is ours:
// small, C++20, and usable from .cu files.
//
// A function that can fail for a reason outside the program returns Result<T> (or Status where
// there is no value). Mistakes of our own are CHECKs (base/check.h), never Errors.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace spirogram {

enum class ErrorCode {
  kInvalidArgument,  // the caller's input is wrong
  kNotFound,         // the thing named does not exist
  kCorruption,       // bytes that are not what their format promises
  kUnavailable,      // try later: port in use, network away, file locked
  kExhausted,        // a bound was reached: disk, memory, queue, body size
  kPermission,       // the system or a rule forbids it
  kCancelled,        // the caller asked to stop
  kConflict,         // the thing is in another state than the request needs
  kInternal,         // anything else; a defect if seen
};

// The name of a code as messages and the API print it, e.g. "not_found".
const char* ErrorCodeName(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  // One sentence that names the thing and both sides: "run.tfevents: bad length: got 7, want 12".
  std::string message;

  // "not_found: no run with id 7"
  std::string ToString() const;
};

inline Error InvalidArgument(std::string m) {
  return {ErrorCode::kInvalidArgument, std::move(m)};
}
inline Error NotFound(std::string m) {
  return {ErrorCode::kNotFound, std::move(m)};
}
inline Error Corruption(std::string m) {
  return {ErrorCode::kCorruption, std::move(m)};
}
inline Error Unavailable(std::string m) {
  return {ErrorCode::kUnavailable, std::move(m)};
}
inline Error Exhausted(std::string m) {
  return {ErrorCode::kExhausted, std::move(m)};
}
inline Error Permission(std::string m) {
  return {ErrorCode::kPermission, std::move(m)};
}
inline Error Cancelled(std::string m) {
  return {ErrorCode::kCancelled, std::move(m)};
}
inline Error Conflict(std::string m) {
  return {ErrorCode::kConflict, std::move(m)};
}
inline Error Internal(std::string m) {
  return {ErrorCode::kInternal, std::move(m)};
}

// An error from errno: "open /x/y: Permission denied". Maps ENOENT, EACCES, ENOSPC, EAGAIN.
Error ErrnoError(const std::string& what, int errno_value);

// A value or the Error that explains its absence. Accessing the wrong one aborts (std::get throws,
// and nothing catches it).
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const& { return std::get<1>(state_); }
  Error&& error() && { return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Error> state_;
};

// Success, or the Error that explains why not.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Error error) : error_(std::move(error)) {}  // NOLINT: implicit

  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  const Error& error() const& { return *error_; }
  Error&& error() && { return *std::move(error_); }

 private:
  std::optional<Error> error_;
};

}  // namespace spirogram

#define SPIROGRAM_CONCAT_(a, b) a##b
#define SPIROGRAM_CONCAT(a, b) SPIROGRAM_CONCAT_(a, b)

// RETURN_IF_ERROR(expression): returns the Error of a Status or Result from the enclosing function.
#define RETURN_IF_ERROR(expression)                       \
  do {                                                    \
    auto status_ = (expression);                          \
    if (!status_.ok()) return std::move(status_).error(); \
  } while (false)

// ASSIGN_OR_RETURN(auto x, F()): x is F()'s value, or the enclosing function returns its Error.
#define ASSIGN_OR_RETURN(declaration, expression) \
  ASSIGN_OR_RETURN_IMPL_(SPIROGRAM_CONCAT(result_, __LINE__), declaration, expression)
#define ASSIGN_OR_RETURN_IMPL_(result, declaration, expression) \
  auto result = (expression);                                   \
  if (!result.ok()) return std::move(result).error();           \
  declaration = std::move(result).value()
