// How sub-commands declare their flags, and what a wrong command line is told.
#pragma once

#include <CLI/CLI.hpp>
#include <concepts>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/printable.h"
#include "base/str.h"

namespace spirogram::app {

// "data-dir" as the variable SPIROGRAM_DATA_DIR.
std::string VariableOf(std::string_view flag);

// Adds an option that is spelled with '-' or '_' and can come from SPIROGRAM_NAME.
template <typename T>
CLI::Option* AddOption(CLI::App* command, const std::string& name, T* value,
                       const std::string& help) {
  std::string underscored = name;
  for (char& c : underscored) {
    if (c == '-') c = '_';
  }
  const std::string spelled = underscored == name ? "--" + name : "--" + name + ",--" + underscored;
  CLI::Option* option;
  if constexpr (std::is_same_v<T, bool>) {
    option = command->add_flag(spelled, *value, help);
  } else {
    option = command->add_option(spelled, *value, help)->capture_default_str();
  }
  return option->envname(VariableOf(name));
}

// Puts the user's home in the place of a `~` that a path begins with. Shells leave it alone behind
// `--logdir=`, and nobody looks at it in a configuration file.
CLI::Validator UnderHome();

// Refuses a folder whose name is empty, as a shell's variable that is not set leaves it.
CLI::Validator HasName();

// An option that names a file or a folder.
template <typename T>
CLI::Option* AddPathOption(CLI::App* command, const std::string& name, T* value,
                           const std::string& help) {
  return AddOption(command, name, value, help)->transform(UnderHome());
}

namespace internal {

template <typename T>
CLI::Validator NumberIn(T low, T high, const std::string& range, const std::string& shown) {
  const std::string kind = std::integral<T> ? "a whole number" : "a number";
  return CLI::Validator(
      [=](std::string& text) {
        const auto number = ParseNumber<T>(text);
        if (number && *number >= low && *number <= high) return std::string();  // no NaN either
        return StrCat("got \"", ToPrintable(text), "\", want ", kind, range);
      },
      shown, "number");
}

}  // namespace internal

// The parser's own checks take -1 for the greatest unsigned number, and name only the bounds of
// what is not a number at all.
template <typename T>
CLI::Validator Between(T low, T high) {
  return internal::NumberIn(low, high, StrCat(" from ", low, " to ", high),
                            StrCat(low, " to ", high));
}

// Finite; the help leaves out a bound that is the type's own.
template <typename T>
CLI::Validator AtLeast(T low) {
  constexpr T kHigh = std::numeric_limits<T>::max();
  const std::string range =
      std::integral<T> ? StrCat(" from ", low, " to ", kHigh) : StrCat(" of at least ", low);
  return internal::NumberIn(low, kHigh, range, "");
}

// One of a few words.
CLI::Validator OneOf(const std::vector<std::string>& words);

// Prints what is wrong with a command line, or the help or version that was asked for. Returns the
// program's exit code.
int AnswerParseError(const CLI::App& program, const CLI::ParseError& error);

}  // namespace spirogram::app
