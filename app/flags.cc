#include "app/flags.h"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "app/config_file.h"
#include "app/exit_code.h"
#include "app/nearest_word.h"
#include "app/tensorboard_flags.h"

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

// What is wrong with the file of --config: "FILE, line 3: WHAT".
std::string ExplainConfig(const CLI::App& program, const std::string& what) {
  // The library's word for a line that names no flag, and for the begin of a section.
  constexpr std::string_view kUnknown = "INI was not able to parse ";
  constexpr std::string_view kSectionBegin = ".++";
  const std::string file = ToPrintable(program.get_config_ptr()->as<std::string>());
  if (!what.starts_with(kUnknown)) return StrCat(file, ", ", ToPrintable(what));
  std::string name = what.substr(kUnknown.size());
  const auto* config = dynamic_cast<const ConfigFile*>(program.get_config_formatter().get());
  const std::string where = StrCat(file, ", line ", config == nullptr ? 0 : config->LineOf(name));
  if (name.ends_with(kSectionBegin)) {
    name.resize(name.size() - kSectionBegin.size());
    return StrCat(where, ": there is no sub-command for a section [", ToPrintable(name), "]",
                  Suggestion(name, CommandsOf(program)));
  }
  return StrCat(where, ": sets ", ToPrintable(name), ", which is no flag");
}

// In our words what the library says in its own.
std::string ExplainValue(const CLI::ParseError& error) {
  std::string what = error.what();
  const std::string name = what.substr(0, what.find(':'));
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ArgumentMismatch)) {
    if (what.ends_with(" missing")) return StrCat(name, ": want a value behind it");
    if (what.starts_with(name + ": At Most 1 ")) return name + " is given more than once";
  }
  constexpr std::string_view kNoBoolean = "Could not convert: ";
  if (!what.starts_with(kNoBoolean)) return what;
  const std::string flag = what.substr(kNoBoolean.size());
  const size_t name_end = flag.find(" = ");
  if (name_end == std::string::npos) return what;
  return StrCat(flag.substr(0, name_end), ": got \"", ToPrintable(flag.substr(name_end + 3)),
                "\", want true or false");
}

// The library names first what is missing, and a misspelt flag not at all then.
std::string Explain(const CLI::App& program, const CLI::App& command,
                    const CLI::ParseError& error) {
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ConfigError)) {
    return ExplainConfig(program, error.what());
  }
  const std::vector<std::string> rest = program.remaining(true);
  const bool takes_command = !CommandsOf(command).empty();
  for (const std::string& word : rest) {
    const std::string flag = word.substr(0, word.find('='));
    if (flag.starts_with('-') && flag != "-" && flag != "--") {
      const std::string_view instead = InPlaceOfTensorBoards(flag);
      return StrCat("no flag ", ToPrintable(flag),
                    instead.empty() ? Suggestion(flag, FlagsOf(command)) : StrCat(": ", instead));
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
  return ExplainValue(error);
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

CLI::Validator UnderHome() {
  const auto put_home = [](std::string& path) {
    const char* home = std::getenv("HOME");
    const bool is_under = path == "~" || path.starts_with("~/");
    if (is_under && home != nullptr && *home != '\0') path.replace(0, 1, home);
    return std::string();
  };
  return CLI::Validator(put_home, "", "path");
}

CLI::Validator HasName() {
  return CLI::Validator(
      [](std::string& name) { return name.empty() ? "the folder's name is empty" : ""; }, "",
      "named");
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
