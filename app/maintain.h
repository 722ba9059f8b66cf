// spirogram backup, check and compact: the care of a data directory.
#pragma once

#include <string>

namespace spirogram::app {

struct BackupCommand {
  std::string data_dir;
  std::string out;
  bool force = false;
};

struct CheckCommand {
  std::string data_dir;
  std::string logdir;
  bool json = false;
};

// Return the program's exit code. Check's is kExitFailure when something is wrong.
int Backup(const BackupCommand& command);
int Check(const CheckCommand& command);
int Compact(const std::string& data_dir);

}  // namespace spirogram::app
