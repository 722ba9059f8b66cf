#include "app/flags.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <vector>

#include "app/exit_code.h"
#include "app/nearest_word.h"

namespace spirogram::app {
namespace {

// The sub-command that was named last: of `train mnist` that is mnist.
const CLI::App& ChosenCommand(const CLI::App& program) {
  const CLI::App* command = &program;
  while (!command->get_subcommands().empty()) command = command->get_subcommands().front();
  return *command;
}

std::string Path(const CLI::App& command) {
  const CLI::App* parent = command.get_parent();
  return parent == nullptr ? command.get_name() : Path(*parent) + " " + command.get_name();
}

std::vector<std::string> FlagsOf(const CLI::App& command) {
  std::vector<std::string> flags;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
  }
  return flags;
}

std::vector<std::string> CommandsOf(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::App* sub : command.get_subcommands(nullptr)) names.push_back(sub->get_name());
  return names;
}

std::string Suggestion(std::string_view word, const std::vector<std::string>& known) {
  const std::string* nearest = NearestWord(word, known);
  return nearest == nullptr ? "" : StrCat("; did you mean ", *nearest, "?");
}

std::string Join(const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
  return all;
}

// The library names first what is missing, and a misspelt flag not at all then.
std::string Explain(const CLI::App& program, const CLI::App& command,
                    const CLI::ParseError& error) {
  const std::vector<std::string> rest = program.remaining(true);
  const bool takes_command = !CommandsOf(command).empty();
  for (const std::string& word : rest) {
    const std::string flag = word.substr(0, word.find('='));
    if (flag.starts_with('-') && flag != "-" && flag != "--") {
      return StrCat("no flag ", ToPrintable(flag), Suggestion(flag, FlagsOf(command)));
    }
  }
  if (takes_command && rest.empty()) return "want one of " + Join(CommandsOf(command));
  if (takes_command) {
    return StrCat("no sub-command \"", ToPrintable(rest[0]), "\"",
                  Suggestion(rest[0], CommandsOf(command)));
  }
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError)) {
    return StrCat("does not know what \"", ToPrintable(rest.empty() ? "" : rest[0]), "\" is for");
  }
  // The library's word for a line of the file that names no flag.
  constexpr std::string_view kUnknownLine = "INI was not able to parse ";
  const std::string_view what = error.what();
  if (!what.starts_with(kUnknownLine)) return std::string(what);
  std::string_view line = what.substr(kUnknownLine.size());
  constexpr std::string_view kSectionEnd = ".++";
  if (line.ends_with(kSectionEnd)) {
    line.remove_suffix(kSectionEnd.size());
    return StrCat("the file of --config has a section [", ToPrintable(line),
                  "], which is no sub-command", Suggestion(line, CommandsOf(program)));
  }
  return StrCat("the file of --config sets ", ToPrintable(line), ", which is no flag");
}

}  // namespace

std::string VariableOf(std::string_view flag) {
  std::string variable = "SPIROGRAM_";
  for (const char c : flag) {
    variable.push_back(c == '-' ? '_'
                                : static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
  }
  return variable;
}

CLI::Validator OneOf(const std::vector<std::string>& words) {
  const std::string all = Join(words);
  return CLI::Validator(
      [words, all](std::string& text) {
        if (std::find(words.begin(), words.end(), text) != words.end()) return std::string();
        const std::string* nearest = NearestWord(text, words);
        return StrCat("got \"", ToPrintable(text), "\", want one of ", all,
                      nearest == nullptr ? "" : StrCat("; did you mean ", *nearest, "?"));
      },
      "{" + all + "}", "word");
}

int AnswerParseError(const CLI::App& program, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) return program.exit(error);
  const CLI::App& command = ChosenCommand(program);
  const std::string path = Path(command);
  std::fprintf(stderr, "%s: %s (%s --help says more)\n", path.c_str(),
               Explain(program, command, error).c_str(), path.c_str());
  return kExitUsage;
}

}  // namespace spirogram::app
