// The TOML file of --config: sections named like sub-commands, keys named like flags.
#pragma once

#include <CLI/CLI.hpp>
#include <istream>
#include <map>
#include <string>
#include <vector>

namespace spirogram::app {

// Reads what flags need of TOML 1.0: comments, [sections] (dots lead to sub-commands of
// sub-commands), keys, strings on one line, numbers, true and false, arrays. A word may stand
// without quotes. The library's own reader takes every line for something, so that one with a slip
// in it became a flag of that name.
class ConfigFile : public CLI::ConfigTOML {
 public:
  // Throws CLI::ConfigError, "line 3: WHAT", for what is malformed or set twice.
  std::vector<CLI::ConfigItem> from_config(std::istream& input) const override;

  // Where the last file sets the flag of that full name ("serve.port") or begins the section
  // ("serve.++"); 0: nowhere.
  int LineOf(const std::string& name) const;

 private:
  mutable std::map<std::string, int> lines_;
};

}  // namespace spirogram::app
